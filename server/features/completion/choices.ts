/** What the clause of a kernel or stream may say, each choice with its price. */
import { CompletionItemKind } from 'vscode-languageserver-protocol';
import type { Kernel, Setting, StorageKind, Store } from '../../design/design.ts';
import { isMatrixProduct } from '../../design/operators.ts';
import type { OnChip } from '../../design/sheets/places.ts';
import type { Operator } from '../../design/workload.ts';
import { fifoResources, fifoStorage } from '../../estimate/cost/fifo.ts';
import type { AcceleratorEstimate, FifoEstimate } from '../../estimate/estimate.ts';
import type { Price } from '../../estimate/price.ts';
import { amount, count, frequency, middle, resourceLabels, share, time } from '../../format.ts';
import type { Resources } from '../../kernels/kernel.ts';
import { wordBits } from '../../kernels/word.ts';
import { arrayText, storeText } from '../refactorings/explicit.ts';
import type { Snapshot } from '../snapshot.ts';
import { enginesOf, fifoStorages, type Proposal, proposal, storages } from '../vocabulary.ts';

/** The kernel whose line is being typed in, as the accelerator has it. */
export interface Typed {
  readonly snapshot: Snapshot;
  readonly estimate: AcceleratorEstimate;
  readonly kernel: Kernel;
}

/** The kernel that is written on the line of an offset, or last began before it. */
export function typedKernel(snapshot: Snapshot, estimate: AcceleratorEstimate, offset: number): Typed | undefined {
  const { text } = snapshot.analysis;
  const name = [...text.slice(0, offset).matchAll(/\bkernel\s+(\w+)/g)].at(-1)?.[1];
  const kernel = estimate.accelerator.kernels.find((one) => one.name === name);
  return kernel && { snapshot, estimate, kernel };
}

const set = <T>(value: T): Setting<T> => ({ value, origin: 'written' });

function priced({ snapshot, estimate }: Typed, kernel: Kernel): Price {
  return snapshot.price(estimate.accelerator, kernel);
}

/** '128 DSP · 4.86 ms' */
function priceText({ resources, seconds, refused }: Price, shown: readonly (keyof typeof resourceLabels)[]): string {
  const cost = costText(resources, shown);
  return [...cost, time(seconds), ...(refused ? ['by arithmetic alone: the library has none'] : [])].join(' · ');
}

function costText(resources: Resources, shown: readonly (keyof typeof resourceLabels)[]): string[] {
  return shown
    .filter((name) => resources[name].used > 0)
    .map((name) => `${middle(resources[name])} ${resourceLabels[name]}`);
}

/** `auto` first: with what it stands for now. */
function autoChoice(now: string | undefined): Proposal {
  return proposal('auto', CompletionItemKind.Keyword, { detail: now === undefined ? 'a default' : `now ${now}` });
}

/** Factors that arrays are built with: powers of two, and those times three. */
const SIDES = [1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64];
/** A list that nobody scrolls through to its end. */
const MOST = 24;

/** Array shapes that divide every product of the kernel and fit on a die, small to large, with DSPs and time of this kernel. */
export function arrays(typed: Typed): Proposal[] {
  const { kernel, estimate } = typed;
  const products = kernel.turns.flat().filter(({ kind }) => isMatrixProduct(kind));
  if (products.length === 0) return [];
  const most = Math.max(...estimate.dies.map(({ available }) => available.dsp));
  const { value: pack } = kernel.pack;
  const divides = (of: (operator: Operator) => number, side: number) => products.every((one) => of(one) % side === 0);
  const columns = ({ kind, columns: all, heads }: Operator) => (kind === 'context' ? all / heads : all);
  const tokens = [1, 4, 8, 16].filter((side) => divides(({ rows }) => rows, side));
  const shapes = tokens.flatMap((rows) => {
    // A dot product wider than one is for products with few rows; others share what they read by their rows.
    const dots =
      rows >= 4 || tokens.length > 1
        ? [1]
        : [1, 4, 16, 64].filter((side) => divides(({ reduction }) => reduction, side));
    return dots.flatMap((dot) =>
      SIDES.filter((side) => side * rows * dot >= 8 && divides(columns, side * pack) && side * rows * dot <= most).map(
        (outputs) => ({ tokens: rows, outputs, dot }),
      ),
    );
  });
  const size = (shape: (typeof shapes)[number]) => shape.tokens * shape.outputs * shape.dot;
  const sorted = [...shapes].sort((a, b) => size(a) - size(b));
  // Those nearest to what is there now, where there are too many.
  const now = kernel.array ? size(kernel.array.value) : 0;
  const nearest = [...sorted]
    .sort((a, b) => Math.abs(Math.log2(size(a) / now)) - Math.abs(Math.log2(size(b) / now)))
    .slice(0, MOST);
  return [
    autoChoice(kernel.array && arrayText(kernel.array.value).replace('array ', '')),
    ...sorted
      .filter((shape) => nearest.includes(shape))
      .map((shape) =>
        proposal(arrayText(shape).replace('array ', ''), CompletionItemKind.Value, {
          detail: priceText(priced(typed, { ...kernel, array: set(shape) }), ['dsp']),
        }),
      ),
  ];
}

/** Lanes that divide the rows of the kernel. */
export function lanes(typed: Typed): Proposal[] {
  const { kernel } = typed;
  const rows = kernel.turns.flat().filter(({ kind }) => !isMatrixProduct(kind));
  const fitting = [1, 2, 4, 8, 16, 32, 64].filter((value) => rows.every(({ columns }) => columns % value === 0));
  return [
    autoChoice(kernel.lanes && String(kernel.lanes.value)),
    ...fitting.map((value) =>
      proposal(String(value), CompletionItemKind.Value, {
        detail: priceText(priced(typed, { ...kernel, lanes: set(value) }), ['dsp', 'lut']),
      }),
    ),
  ];
}

export function packs(typed: Typed): Proposal[] {
  const { kernel } = typed;
  return [
    autoChoice(String(kernel.pack.value)),
    ...[1, 2, 4].map((value) =>
      proposal(String(value), CompletionItemKind.Value, {
        detail: priceText(priced(typed, { ...kernel, pack: set(value) }), ['dsp']),
      }),
    ),
  ];
}

/** Memories on the chip for weights, or for K and V, with the blocks that they would take. */
export function stores(typed: Typed, clause: 'weights' | 'cache'): Proposal[] {
  const now = typed.kernel[clause];
  return [
    autoChoice(now && storeText(now.value)),
    ...storages.map((one) => {
      const store: Store = { kind: 'on-chip', storage: one.label as OnChip, double: now?.value.double ?? false };
      const { resources } = priced(typed, { ...typed.kernel, [clause]: set(store) });
      return { ...one, detail: [one.detail, ...costText(resources, ['bram36', 'uram'])].join(' · ') };
    }),
  ];
}

/** Cards that a person is likely to mean one of. */
const MOST_CARDS = 8;

/** Dies with how full they are; of several cards, the cards. */
export function dies({ dies: all, accelerator, cards }: AcceleratorEstimate): Proposal[] {
  const names = ['dsp', 'bram36', 'uram', 'lut'] as const;
  return [
    ...all.map(({ name, resources, available }) =>
      proposal(name, CompletionItemKind.EnumMember, {
        detail: names
          .filter((one) => available[one] > 0)
          .map((one) => `${resourceLabels[one]} ${share(resources[one].used / available[one])}`)
          .join(' · '),
        doc: names
          .map((one) => `${amount(resources[one])} of ${count(available[one])} ${resourceLabels[one]}`)
          .join('  \n'),
      }),
    ),
    ...Array.from({ length: cards ? Math.min(accelerator.cards, MOST_CARDS) : 0 }, (_, card) =>
      proposal(`card[${card}]`, CompletionItemKind.EnumMember, { detail: `one of ${accelerator.cards} cards` }),
    ),
    ...enginesOf(accelerator),
    proposal('host', CompletionItemKind.EnumMember, { detail: 'not on the card: listed, not estimated' }),
  ];
}

/** FIFOs of the stream statement that an offset is in. */
function typedFifos({ analysis }: Snapshot, { fifos }: AcceleratorEstimate, offset: number): FifoEstimate[] {
  const start = analysis.text.lastIndexOf('stream', offset);
  return fifos.filter(({ fifo: { edge } }) => edge?.span?.file === analysis.file && edge.span.start === start);
}

/** Depths with the memory that they take; `auto` with what the timeline needs. */
export function depths(snapshot: Snapshot, estimate: AcceleratorEstimate, offset: number): Proposal[] {
  const built = typedFifos(snapshot, estimate, offset);
  const [largest] = [...built].sort((a, b) => b.depth - a.depth);
  if (!largest) return [autoChoice(undefined)];
  const { fifo, peak, depth } = largest;
  const hasUram = estimate.accelerator.device.dies.some(({ resources }) => resources.uram > 0);
  const bits = wordBits(fifo.word);
  const now = fifo.asked === 'auto' ? count(depth) : `written ${count(depth)}`;
  return [
    autoChoice(now),
    ...[2, 16, 32, 64, 128, 512, 1024, 2048, 4096, 8192].map((words) => {
      const storage = fifoStorage(words, fifo.storage, bits, hasUram);
      const cost = costText(fifoResources(words, bits, storage), ['bram36', 'uram', 'lut']).join(' · ');
      const fills = words < peak ? ` · ${count(peak)} words come together now` : '';
      return proposal(String(words), CompletionItemKind.Value, { detail: `${cost} in ${storage}${fills}` });
    }),
  ];
}

/** Memories of a FIFO, with what its depth takes in each. */
export function fifoMemories(snapshot: Snapshot, estimate: AcceleratorEstimate, offset: number): Proposal[] {
  const [built] = [...typedFifos(snapshot, estimate, offset)].sort((a, b) => b.depth - a.depth);
  if (!built) return fifoStorages;
  const bits = wordBits(built.fifo.word);
  return fifoStorages.map((one) => {
    const cost = costText(fifoResources(built.depth, bits, one.label as StorageKind), ['bram36', 'uram', 'lut']);
    return { ...one, detail: `${cost.join(' · ')} for ${count(built.depth)} words · ${one.detail}` };
  });
}

/** The card's usual clock and its ceiling, and what lies between. */
export function clocks({ accelerator: { device, clock } }: AcceleratorEstimate): Proposal[] {
  const usual = [device.clock / 1e6, 200, 245, 250, 300, 350, 400, 450];
  const fitting = [...new Set(usual)].filter((mega) => mega * 1e6 <= (device.clockCeiling ?? Infinity));
  return fitting
    .sort((a, b) => a - b)
    .map((mega) =>
      proposal(`${mega} MHz`, CompletionItemKind.Value, {
        detail: [
          `${time(1 / (mega * 1e6))} a cycle`,
          ...(mega * 1e6 === device.clock ? [`the default of ${device.name}`] : []),
          ...(mega * 1e6 === clock.value ? ['now'] : []),
        ].join(' · '),
        doc: device.clockCeiling ? `The data sheet ends at ${frequency(device.clockCeiling)}.` : undefined,
      }),
    );
}
