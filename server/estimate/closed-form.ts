/**
 * The closed form of Chen et al., "Understanding the Potential of FPGA-Based Spatial Acceleration for LLM Inference"
 * (arXiv 2312.15159, ACM TRETS 18(1):5): section 4's constraints and latencies. It sees no pipelines and no FIFOs; it is
 * the first guess of a design and the yardstick that the field knows.
 *
 * Names follow the paper: l tokens, d hidden size, f FFN size, N layers of the model, C layers on the chip, M multiply-
 * accumulates a cycle of one projection (q, k, v, proj), M_f of an FFN product, M_a of an attention product.
 */

export interface Transformer {
  /** N */
  readonly layers: number;
  /** d */
  readonly hidden: number;
  /** f */
  readonly ffn: number;
}

/** Bits of a weight, and of an activation. */
export interface Widths {
  readonly weights: number;
  readonly activations: number;
}

/** The roofs of a card, as the paper counts them. */
export interface Card {
  /** M_tot: multiply-accumulates a cycle at the clock of the logic. */
  readonly macs: number;
  /** RAMB36 blocks. */
  readonly bram36: number;
  /** Bytes a second of the memory that weights stream from. */
  readonly bandwidth: number;
  /** Hz */
  readonly clock: number;
}

/** Multiply-accumulates a cycle given to each operator. */
export interface Parallelism {
  readonly projection: number;
  readonly attention: number;
  readonly ffn: number;
}

/** M_tot of a card of DSPs: two products a DSP where both share an operand. */
export function dspMacs(dsps: number, perDsp = 2): number {
  return dsps * perDsp;
}

/** M_tot of engines with a clock of their own, rescaled to that of the logic (VCK5000: 400 · 128 · 1 GHz / 250 MHz). */
export function engineMacs(count: number, macsPerCycle: number, engineClock: number, clock: number): number {
  return clock > 0 ? (count * macsPerCycle * engineClock) / clock : 0;
}

/** M_q = M_k = M_v = M_p = (d/l)·M_a = (d/f)·M_f: every stage takes equally long. */
export function balanced(projection: number, model: Transformer, tokens: number): Parallelism {
  return {
    projection,
    attention: (projection * tokens) / model.hidden,
    ffn: (projection * model.ffn) / model.hidden,
  };
}

/** The largest balanced M that the multipliers allow: four projections, two attention and two FFN products share them. */
export function computeBound(macs: number, model: Transformer, tokens: number): number {
  return Math.floor(macs / (4 + (2 * tokens) / model.hidden + (2 * model.ffn) / model.hidden));
}

/** The largest M whose weights arrive in time, when two rows of a block share each weight (r = 2). Not a whole number. */
export function bandwidthBound(card: Pick<Card, 'bandwidth' | 'clock'>, model: Transformer, widths: Widths): number {
  return (2 * card.bandwidth) / (card.clock * (widths.weights / 8) * (4 + (2 * model.ffn) / model.hidden));
}

/**
 * The largest M whose buffers find enough block-memory ports: k = ⌊packing bits / type bits⌋ values to a word, a block a
 * word, weights twice (double buffered), and two blocks for each of the two attention operands.
 */
export function portBound(bram36: number, model: Transformer, tokens: number, widths: Widths, packing = 72): number {
  const perWord = Math.max(1, Math.floor(packing / widths.weights));
  const perWordCache = Math.max(1, Math.floor(packing / widths.activations));
  const fits = (m: number): boolean => {
    const { attention, ffn } = balanced(m, model, tokens);
    const weights = 2 * (4 * Math.ceil(m / perWord) + 2 * Math.ceil(ffn / perWord));
    return weights + 4 * Math.ceil(attention / perWordCache) < bram36;
  };
  // The count grows with M, so the boundary is found by halving; beyond this M nothing fits (the weights alone).
  let low = 0;
  let high = Math.ceil((bram36 * perWord) / 8) + 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** What reproduces the paper's curves: C = 1, the least of the three bounds. */
export function largestM(card: Card, model: Transformer, tokens: number, widths: Widths): number {
  return Math.min(
    computeBound(card.macs, model, tokens),
    bandwidthBound(card, model, widths),
    portBound(card.bram36, model, tokens, widths),
  );
}

/** On-chip bytes that one layer must find: parameters where they stay, double-buffered K and V, stage FIFOs, bypass. */
export function capacity(model: Transformer, tokens: number, macs: Parallelism, widths: Widths, tile: number): number {
  const { hidden: d, ffn: f } = model;
  const perWeight = widths.weights / 8;
  const perActivation = widths.activations / 8;
  const parameters = (4 * d * d + 2 * d * f) * perWeight;
  const tiles = 2 * (4 * macs.projection + 2 * macs.ffn) * perWeight;
  const cache = 4 * tokens * d * perActivation;
  // 16·s for the FIFOs between stages, l·d for the residual bypass round the FFN: less, and the design deadlocks.
  const fifos = (16 * tile + tokens * d) * perActivation;
  return parameters + tiles + cache + fifos;
}

/**
 * Blocks for a buffer of `elements` read by `macs`/`reuse` units at a time: R = ⌈s·b/((M/r)·S)⌉ · M/r, where `blockWidth`
 * (b) is the smallest block width that holds a word, `blockBits` (S) the bits in a block, and `packed` weights share a word.
 */
export function bufferBlocks(
  elements: number,
  macs: number,
  reuse: number,
  blockWidth: number,
  blockBits: number,
  packed = 1,
): number {
  const parts = Math.ceil(macs / reuse / packed);
  return parts > 0 ? Math.ceil((elements * blockWidth) / packed / (parts * blockBits)) * parts : 0;
}

/** B = b_W · M/r · freq: bytes a second that a product asks its memory for; `reuse` units share a weight. */
export function weightBandwidth(macs: number, reuse: number, weightBits: number, clock: number): number {
  return ((weightBits / 8) * macs * clock) / reuse;
}

/** How the model is cut over cards: p1-way tensor parallel, p2-way pipeline parallel. */
export interface Split {
  readonly tensor: number;
  readonly pipeline: number;
  /** Bytes a second of a link, and the share of it that arrives. */
  readonly link: number;
  readonly efficiency: number;
}

/** One stage of the model in cycles: the terms of the maximum in T_prefill and T_decode. */
interface Stages {
  /** K and V must be complete before attention starts. */
  readonly first: number;
  readonly rest: readonly number[];
}

/** (N/C)·(first + C·max(rest)) cycles. */
function passes(model: Transformer, copies: number, stages: Stages): number {
  return (model.layers / copies) * (stages.first + copies * Math.max(...stages.rest));
}

function split(stages: Stages, words: number, activationBits: number, clock: number, over?: Split): Stages {
  if (!over) return stages;
  // T_comm = l·d·b_A/(α·B) joins the maximum.
  const communication = ((words * (activationBits / 8)) / (over.link * over.efficiency)) * clock;
  return {
    first: stages.first / over.tensor,
    rest: [...stages.rest.map((cycles) => cycles / over.tensor), communication],
  };
}

/** T_prefill of the whole model in seconds; `memory` is T_mem in cycles. */
export function prefill(
  model: Transformer,
  tokens: number,
  macs: Parallelism,
  clock: number,
  options: { copies?: number; memory?: number; widths?: Widths; split?: Split } = {},
): number {
  const { hidden: d, ffn: f } = model;
  const { copies = 1, memory = 0, widths = { weights: 8, activations: 8 } } = options;
  const projection = (tokens * d * d) / macs.projection;
  const stages: Stages = {
    first: projection,
    rest: [projection, (tokens * tokens * d) / macs.attention, (tokens * d * f) / macs.ffn, memory],
  };
  const cut = split(stages, tokens * d, widths.activations, clock, options.split);
  return passes({ ...model, layers: model.layers / (options.split?.pipeline ?? 1) }, copies, cut) / clock;
}

/** T_decode of one token that looks back on `past` others, in seconds. */
export function decode(
  model: Transformer,
  past: number,
  macs: Parallelism,
  clock: number,
  options: { copies?: number; memory?: number; widths?: Widths; split?: Split } = {},
): number {
  const { hidden: d, ffn: f } = model;
  const { copies = 1, memory = 0, widths = { weights: 8, activations: 8 } } = options;
  const projection = (d * d) / macs.projection;
  const stages: Stages = {
    first: projection,
    rest: [projection, ((past + 1) * d) / macs.attention, (d * f) / macs.ffn, memory],
  };
  const cut = split(stages, d, widths.activations, clock, options.split);
  return passes({ ...model, layers: model.layers / (options.split?.pipeline ?? 1) }, copies, cut) / clock;
}

/** T = (1/freq)·N·(1 + 1/C)·l·d²/M: prefill of a balanced design, in seconds. */
export function balancedPrefill(model: Transformer, tokens: number, m: number, clock: number, copies = 1): number {
  return (model.layers * (1 + 1 / copies) * tokens * model.hidden ** 2) / (m * clock);
}

/** Cycles of an R × A array, P products a DSP, on [S × K] by [K × N]: the arithmetic alone, no fill (table 5's "theoretical"). */
export function arrayCycles(rows: number, reduction: number, columns: number, macs: number): number {
  return (rows * reduction * columns) / macs;
}
