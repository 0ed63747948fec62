import type { Accelerator, Kernel, Store } from '../design/design.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { bandwidth, count } from '../format.ts';
import { elementBits } from '../kernels/word.ts';
import { oneProduct } from './one-product-spec.ts';
import { estimateRule } from './rule.ts';
import { quoted } from './words.ts';

/** Widths that a loader of weights has. */
const WIDTHS = [64, 128, 256, 512] as const;

/** A shortfall that no figure of three digits shows. */
const UNSEEN = 1.005;

export const portTooNarrow = estimateRule({
  code: 'port-too-narrow',
  severity: 'warning',
  page: {
    summary: 'A memory port is narrower than what its kernel asks for and its channel would give.',
    why: 'A port moves one beat a cycle: bits / 8 · clock. A pseudo-channel of an U280 gives 14.4 GB/s, which at 245 MHz takes 512 bits; what a narrower port leaves of it no other port of the kernel can have.',
    failing: oneProduct('  port 64 bit'),
    mended: oneProduct('  port 256 bit'),
    remedies: [
      'Use a wider port (the quick fix takes the narrowest that is enough).',
      'Leave `port` out: it is as wide as the memory’s.',
    ],
  },
  *find(estimate) {
    const { accelerator } = estimate;
    for (const kernel of accelerator.kernels) {
      const short = kernel.weights && shortfall(kernel, kernel.weights.value, estimate);
      if (!short || !kernel.weights?.span) continue;
      const { rate, asked, gives, enough, bits } = short;
      yield {
        span: kernel.weights.span,
        message: `A port of ${count(bits)} bits brings ${quoted(kernel.name)} at most ${bandwidth(rate)}; it asks for ${bandwidth(asked)}, and the channel gives ${bandwidth(gives)}. ${count(enough)} bits would be enough.`,
        subject: { enough: String(enough), kernel: kernel.name },
      };
    }
  },
  fix({ span, subject }, { text }) {
    const newText = text(span).replace(/\bport\s+\d[\d_]*/, `port ${subject.enough}`);
    return newText === text(span)
      ? []
      : [{ title: `Use a port of ${subject.enough} bits`, edits: [{ span, newText }], preferred: true }];
  },
});

interface Shortfall {
  readonly bits: number;
  /** Bytes a second: of the port, of what it takes to keep the array busy, of a channel. */
  readonly rate: number;
  readonly asked: number;
  readonly gives: number;
  readonly enough: number;
}

/** Of a port whose width is written, and which holds its kernel up where a wider one would not. */
function shortfall(kernel: Kernel, store: Store, { accelerator, netlist }: AcceleratorEstimate): Shortfall | undefined {
  const { portBits: bits } = store;
  const loaders = netlist.units.filter(({ kernel: name, role }) => name === kernel.name && role === 'weights');
  const [loader] = loaders;
  const memory = accelerator.device.memories.find(({ name }) =>
    Object.values(loader?.channels ?? {}).some((refs) => refs.some((ref) => ref.memory === name)),
  );
  if (bits === undefined || !loader || !memory) return undefined;
  const rateOf = (width: number): number => (width / 8) * loader.clock;
  const gives = Math.min(memory.bandwidth, rateOf(memory.portBits));
  // What is kept on the chip is there as soon as memory has brought it.
  const asked = store.kind === 'on-chip' ? gives : wordBytes(kernel, accelerator) * (loader.clock / loaders.length);
  const need = Math.min(asked, gives);
  if (rateOf(bits) * UNSEEN >= need) return undefined;
  const enough = WIDTHS.find((width) => width <= memory.portBits && rateOf(width) * UNSEEN >= need);
  return enough === undefined || enough <= bits ? undefined : { bits, rate: rateOf(bits), asked, gives, enough };
}

/** Weights that the array takes a cycle. */
function wordBytes({ array, pack }: Kernel, { precision }: Accelerator): number {
  const { outputs, dot } = array?.value ?? { outputs: 0, dot: 0 };
  return (outputs * pack.value * dot * elementBits[precision.weights]) / 8;
}
