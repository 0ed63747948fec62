/** The closed form against the figures that its paper prints. */
import {
  arrayCycles,
  balancedPrefill,
  type Card,
  computeBound,
  dspMacs,
  engineMacs,
  largestM,
  portBound,
  prefill,
  type Transformer,
} from '../../../server/estimate/closed-form.ts';
import type { Question, Row } from '../data.ts';
import { type Family, type Prediction, result } from '../score.ts';

export interface Paper {
  readonly devices: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly models: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly fig6a: Readonly<Record<string, unknown>>;
  readonly fig8_max_m: Readonly<Record<string, unknown>>;
  readonly bert_u280: Readonly<Record<string, unknown>>;
  readonly table5: Readonly<Record<string, unknown>>;
}

/** Every printed figure as a row: what it is of among the parameters, the figure itself among the results. */
export function paperRows({ devices, models, fig6a, fig8_max_m, bert_u280, table5 }: Paper): Row[] {
  const rows: Row[] = [];
  const add = (name: string, params: Record<string, unknown>, printed: unknown): void => {
    const id = `paper/${name}`;
    const question = {
      id,
      family: 'closed-form',
      device: '',
      part: '',
      tool: '',
      clockNs: undefined,
      params,
      loops: [],
      reportOf: '',
    };
    rows.push({ question, answers: { paper: { printed } } });
  };
  const tokens = fig6a.tokens as number[];
  for (const device of ['u280', 'vck5000', 'vhk158']) {
    (fig6a[device] as number[]).forEach((ms, i) => {
      const params = { figure: 'fig6a', device: devices[device], model: models.bert_base, tokens: tokens[i] };
      add(`fig6a/${device}/${tokens[i]}`, params, ms);
    });
  }
  const ports = { figure: 'fig8', device: devices.u280, model: models.gpt2_medium, tokens: 128 };
  for (const [name, weights] of [
    ['W4A8', 4],
    ['W8A8', 8],
    ['W16A16', 16],
  ] as const)
    add(`fig8/${name}`, { ...ports, weights, activations: Math.max(8, weights), packing: 72 }, fig8_max_m[name]);
  for (const [packing, m] of Object.entries(fig8_max_m.by_packing_bits_W4A8 as Record<string, number>))
    add(`fig8/W4A8/${packing} bits`, { ...ports, weights: 4, activations: 8, packing: Number(packing) }, m);
  add('fig8/compute bound', { ...ports, figure: 'fig8 compute' }, fig8_max_m.compute_bound);
  add('bert_u280', { figure: 'bert_u280', model: models.bert_base }, bert_u280.closed_form_ms);
  add('table5', { figure: 'table5', clockNs: table5.clock_ns }, table5.theoretical_ms);
  return rows;
}

const clock = 250e6; // found by recomputing the curves, not printed there
const w4a8 = { weights: 4, activations: 8 };

function cardOf(device: Readonly<Record<string, number>>): Card {
  const { dsp = 0, ai_engines, bram36, bram18 = 0, hbm_GBps, ddr_GBps = 0 } = device;
  return {
    // 128 int8 multiply-accumulates a cycle of an engine's 1 GHz.
    macs: ai_engines ? engineMacs(ai_engines, 128, 1e9, clock) : dspMacs(dsp),
    bram36: bram36 ?? bram18 / 2,
    bandwidth: (hbm_GBps ?? ddr_GBps) * 1e9,
    clock,
  };
}

function predictFigure({ params }: Question): Prediction {
  const {
    figure,
    weights = 4,
    activations = 8,
    packing = 72,
    tokens = 0,
    clockNs = 0,
  } = params as Record<string, number>;
  const model = params.model as Transformer;
  const card = cardOf((params.device ?? {}) as Record<string, number>);
  switch (String(figure)) {
    case 'fig6a':
      return { value: balancedPrefill(model, tokens, largestM(card, model, tokens, w4a8), clock) * 1e3 };
    case 'fig8':
      return { value: portBound(card.bram36, model, tokens, { weights, activations }, packing) };
    case 'fig8 compute':
      return { value: computeBound(card.macs, model, tokens) };
    case 'bert_u280': {
      // One layer, 512 tokens, 245 MHz: arrays of 8 × 16 with two products a DSP, 8 × 8 for attention.
      const macs = { projection: 8 * 16 * 2, attention: 8 * 8, ffn: 8 * 16 * 2 };
      return { value: prefill({ ...model, layers: 1 }, 512, macs, 245e6) * 1e3 };
    }
    case 'table5':
      // (512, 768) × (768, 3072) on a 16 × 16 array.
      return { value: arrayCycles(512, 768, 3072, 16 * 16) * clockNs * 1e-6 };
    default:
      return { refused: 'an unknown figure' };
  }
}

export const closedForm: Family = {
  name: 'closed-form',
  quantity: 'printed figures',
  goal: 'within 0.1 %, figure 8 exactly',
  tolerance: 0.001,
  model:
    'The closed form of Chen et al. (arXiv 2312.15159) against the points of its own figure 6a, figure 8, table 5 and the layer ' +
    'of BERT on a U280.',
  predict: predictFigure,
  measured: (answers) => result(answers, 'paper', 'printed'),
};
