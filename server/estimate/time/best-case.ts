/**
 * The best balanced design of a card by the closed form of Chen et al. (arXiv 2312.15159): how fast a model could be on it, and
 * which of the three roofs that is. No pipelines, no FIFOs, no routing: the curves of the paper's figure 6a.
 */
import type { Accelerator } from '../../design/design.ts';
import type { Device } from '../../design/hardware.ts';
import type { Operator } from '../../design/workload.ts';
import { elementBits } from '../../kernels/word.ts';
import {
  balanced,
  bandwidthBound,
  type Card,
  computeBound,
  decode,
  dspMacs,
  engineMacs,
  portBound,
  prefill,
  type Transformer,
  type Widths,
} from '../closed-form.ts';

export interface BestCase {
  readonly seconds: number;
  /** Multiply-accumulates a cycle of one projection. */
  readonly m: number;
  readonly bound: 'multipliers' | 'memory bandwidth' | 'block-memory ports';
}

/** Undefined where the model is no transformer, or the card has not what the form asks for. */
export function bestCase({ device, model, phase, precision }: Accelerator): BestCase | undefined {
  const { layer } = model;
  const products = layer.operators.filter(({ kind }) => kind === 'linear');
  const attends = layer.operators.some(({ kind }) => kind === 'scores');
  const hidden = layer.inputs[0]?.columns ?? 0;
  const ffn = Math.max(0, ...products.map(({ columns }) => columns));
  const card = cardOf(device);
  if (!attends || !(hidden > 0 && ffn > 0 && card.macs > 0 && card.bandwidth > 0)) return undefined;
  const transformer: Transformer = { layers: layer.repeat, hidden, ffn };
  const widths: Widths = { weights: elementBits[precision.weights], activations: elementBits[precision.activations] };
  const one = phase.name === 'decode';
  const rows = one ? phase.past + 1 : phase.tokens;
  const bounds = [
    { bound: 'multipliers' as const, m: computeBound(card.macs, transformer, rows) },
    { bound: 'memory bandwidth' as const, m: bandwidthBound(card, transformer, widths) },
    { bound: 'block-memory ports' as const, m: portBound(card.bram36, transformer, rows, widths) },
  ];
  const { bound, m } = bounds.reduce((a, b) => (b.m < a.m ? b : a));
  if (!(m > 0)) return undefined;
  const macs = balanced(m, transformer, rows);
  if (!one) return { seconds: prefill(transformer, rows, macs, card.clock) * phase.batch, m, bound };
  const seconds = decode(transformer, phase.past, macs, card.clock);
  // The form balances attention with the past and leaves out that K and V come from memory, once for every token.
  const roof = (layer.repeat * bytesOfToken(layer.operators, rows, widths)) / card.bandwidth;
  return { seconds: Math.max(seconds, roof) * phase.batch, m, bound: roof > seconds ? 'memory bandwidth' : bound };
}

/** Bytes that one token needs of a layer's weights, and of K and V over `rows` tokens. */
function bytesOfToken(operators: readonly Operator[], rows: number, widths: Widths): number {
  const bits = operators.map(({ kind, weights, inputs }) => {
    if (kind === 'linear') return weights * widths.weights;
    return kind === 'scores' || kind === 'context' ? rows * (inputs[1]?.shape.at(-1) ?? 0) * widths.activations : 0;
  });
  return bits.reduce((a, b) => a + b, 0) / 8;
}

/** The roofs of a card: its multipliers at two products each or its engines, block memory, and the fastest of its memories. */
function cardOf(device: Device): Card {
  const sum = (of: (die: Device['dies'][number]) => number): number =>
    device.dies.reduce((all, die) => all + of(die), 0);
  const { clock, engines } = device;
  const bandwidths = device.memories.map(({ bandwidth, channels }) => bandwidth * (channels.last - channels.first + 1));
  return {
    macs: engines
      ? engineMacs(engines.count, engines.macsPerCycle, engines.clock, clock)
      : dspMacs(sum(({ resources }) => resources.dsp)),
    bram36: sum(({ resources }) => resources.bram36),
    bandwidth: Math.max(0, ...bandwidths),
    clock,
  };
}
