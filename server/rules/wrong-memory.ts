import type { Setting, StorageKind, Store } from '../design/design.ts';
import type { Span } from '../diagnostic.ts';
import { fifoResources, fifoStorage } from '../estimate/cost/fifo.ts';
import { chooseStorage, memoryResources } from '../estimate/cost/memory.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { amount, count, enumeration } from '../format.ts';
import type { Resources } from '../kernels/kernel.ts';
import { wordBits } from '../kernels/word.ts';
import { feedForwardSpec } from './feed-forward-spec.ts';
import { estimateRule } from './rule.ts';

/**
 * Words of one block of each kind at its widest (UG573: UltraRAM 4096 × 72, half a block RAM 512 × 36); of LUT memory, what a
 * register file of it has at most before its multiplexer is more than the memory (16 LUTs of 64 words deep).
 */
const depths: Readonly<Partial<Record<StorageKind, number>>> = { uram: 4096, bram: 512 };
const DEEPEST_LUTRAM = 1024;

/** A block of which less than this is used holds mostly nothing. */
const USED = 1 / 16;

/** A memory whose primitive somebody wrote. */
interface Bound {
  readonly what: string;
  readonly words: number;
  readonly bits: number;
  readonly storage: StorageKind;
  readonly span: Span;
  /** What the estimator would take. */
  readonly better: string;
  readonly cost: Resources;
  readonly instead: Resources;
}

export const wrongMemory = estimateRule({
  code: 'wrong-memory',
  severity: 'warning',
  page: {
    summary: 'A memory is bound to a primitive of quite another size.',
    why: 'An UltraRAM has 4,096 words of 72 bits and nothing else, a block RAM 512 of 72 or more that are narrower: a memory of a few words leaves the block empty, and the card has few of them. The other way round, every 64 words of LUT memory are a LUT for each bit and a longer multiplexer.',
    failing: feedForwardSpec({ tokens: 128, stream: '8 x int8  depth 96  in uram' }),
    mended: feedForwardSpec({ tokens: 128, stream: '8 x int8  depth 96  in lutram' }),
    remedies: [
      'Use the primitive that the message names (the quick fix).',
      'Leave it out, or write `auto`: it is chosen by size.',
    ],
  },
  *find(estimate) {
    for (const { what, words, bits, storage, span, better, cost, instead } of boundIn(estimate)) {
      const depth = depths[storage];
      const wasted = depth === undefined ? storage === 'lutram' && words > DEEPEST_LUTRAM : words < USED * depth;
      if (!wasted || better === storage) continue;
      const fill = depth === undefined ? '' : `, of which it fills ${count(words)} of ${count(depth)} words`;
      yield {
        span,
        message: `${what} is ${count(words)} ${words === 1 ? 'word' : 'words'} of ${count(bits)} bits in ${names[storage]}: ${resourcesText(cost)}${fill}. In ${names[better as StorageKind] ?? better} it takes ${resourcesText(instead)}.`,
        subject: { storage, better },
      };
    }
  },
  fix({ span, subject: { storage = '', better = '' } }, { text }) {
    if (!Object.hasOwn(names, better)) return [];
    const newText = text(span).replace(new RegExp(`\\b${storage}\\b`), better);
    return [{ title: `Use \`${newText}\``, edits: [{ span, newText }], preferred: true }];
  },
});

const names: Readonly<Record<StorageKind, string>> = {
  uram: 'UltraRAM',
  bram: 'block RAM',
  lutram: 'LUT memory',
  srl: 'shift registers',
};

function* boundIn({ accelerator, netlist, fifos }: AcceleratorEstimate): Generator<Bound> {
  const hasUram = accelerator.device.dies.some(({ resources }) => resources.uram > 0);
  const seen = new Set<string>();
  for (const { fifo, depth, resources } of fifos) {
    const { storage } = fifo.edge ?? {};
    const span = storage && writtenAt(storage);
    if (!span || storage?.value === 'auto' || storage === undefined || seen.has(`${span.start}`)) continue;
    const bits = wordBits(fifo.word);
    const chosen = fifoStorage(depth, 'auto', bits, hasUram);
    const better = chosen === 'registers' ? 'srl' : chosen; // the word of the language for both
    seen.add(`${span.start}`);
    const what = `The FIFO to ‘${netlist.units.find(({ id }) => id === fifo.to.unit)?.kernel}’`;
    const instead = fifoResources(depth, bits, better);
    yield { ...{ what, words: depth, bits, storage: storage.value, span, better }, cost: resources, instead };
  }
  for (const kernel of accelerator.kernels) {
    for (const store of [kernel.weights, kernel.cache]) {
      const span = store && writtenAt(store);
      const storage = store && primitiveOf(store.value);
      if (!span || storage === undefined || seen.has(`${span.start}`)) continue;
      const isKept = store.value.kind === 'on-chip';
      const shape = netlist.units
        .filter((unit) => unit.kernel === kernel.name)
        .flatMap(({ instance }) =>
          instance.law.memories.filter(({ name }) => (isKept ? name === 'cache' || name === 'kept' : name === 'beats')),
        )[0];
      if (!shape) continue;
      const { words, bits } = shape;
      seen.add(`${span.start}`);
      const better = chooseStorage(words, bits, hasUram);
      const cost = memoryResources(shape, hasUram);
      const instead = memoryResources({ ...shape, storage: better }, hasUram);
      yield { ...{ what: `Each memory of ‘${kernel.name}’`, words, bits, storage, span, better }, cost, instead };
    }
  }
}

/** What somebody bound: the memory that keeps, or the one that stages. */
function primitiveOf(store: Store): StorageKind | undefined {
  return store.kind === 'on-chip' ? store.storage : store.via;
}

function writtenAt({ origin, span }: Setting<unknown>): Span | undefined {
  return origin === 'auto' ? undefined : span;
}

function resourcesText({ bram36, uram, lut }: Resources): string {
  const parts = [
    uram.used > 0 ? `${amount(uram)} URAM` : '',
    bram36.used > 0 ? `${amount(bram36)} BRAM` : '',
    lut.used > 0 ? `${amount(lut)} LUT` : '',
  ].filter((part) => part !== '');
  return parts.length > 0 ? enumeration(parts) : 'nothing';
}
