/** LUT and FF after routing of published designs, from the parts that their parameters name: a band, never one figure. */
import type { Question } from '../data.ts';
import { type Family, type Prediction, result } from '../score.ts';

interface Logic {
  readonly lut: number;
  readonly ff: number;
}

const logic = (lut: number, ff: number): Logic => ({ lut, ff });

/** Cores after routing: medians of published hierarchical reports (xck26 at 10 ns; fmul and fadd: xcu280 at 2.5 ns). */
const cores = {
  fmul: logic(83, 134),
  fadd: logic(342, 344),
  fdiv: logic(776, 378),
  fexp: logic(690, 238),
  fsqrt: logic(416, 237),
  /** As printed (xcu280, 3.33 ns). */
  dmul: logic(127, 388),
  /** int32 ↔ fp32, as printed by 2019.2: the releases since then print 0. */
  convert: logic(283, 168),
} as const;

/**
 * A processing element by its registers and adders. LUT: two FIFOs in shift registers with their addresses, an accumulator of
 * 32 bits a product, the correction of a packed product, a counter of 31 bits that is compared, handshakes. FF: accumulators,
 * the results that are held for draining, the counter, operands at both ends of the multiplier, FIFO addresses, state.
 */
function elementOf(products: number, operandBits: number): Logic {
  const fifos = operandBits / 2 + 2 * 14;
  const lut = fifos + 32 * products + 16 * products + 47 + 25;
  const ff = 2 * 32 * products + 31 + 3 * operandBits + 14 + 10;
  return logic(lut, ff);
}

/** An m_axi adapter by the width of its port: from 16 bits (889 LUT, 1,476 FF routed) to 512 (5,000 and 6,500). */
function adapterOf(bits: number): Logic {
  const share = (bits - 16) / (512 - 16);
  return logic(889 + share * (5_000 - 889), 1_476 + share * (6_500 - 1_476));
}

function sum(parts: readonly (readonly [number, Logic])[]): Logic {
  return parts.reduce((all, [count, { lut, ff }]) => logic(all.lut + count * lut, all.ff + count * ff), logic(0, 0));
}

const count = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** What one module is made of. */
function moduleLogic({ params }: Question): Logic | undefined {
  const op = String(params.op);
  const lanes = count(params.lanes);
  if (Array.isArray(params.array)) {
    const [rows, columns] = params.array.map(count) as [number, number];
    const products = /2\*/.test(String(params.pe)) ? 2 : 1;
    const results = rows * 32 * products;
    const scales = count(params.scale_fmul);
    // Scores are scaled in double precision: two multiplies a row, and conversions of twice the width.
    const doubles = /QK/.test(op) ? 2 * rows : 0;
    return sum([
      [rows * columns, elementOf(products, 8 + 8 * products)],
      // A row of results is chosen out of all columns: a multiplexer of that many inputs a bit, four to a LUT.
      [results * Math.ceil(columns / 4), logic(1, 0)],
      [results, logic(0, 2)],
      [scales, cores.fmul],
      [doubles, cores.dmul],
      [2 * scales + 2 * doubles, cores.convert],
    ]);
  }
  if (/softmax/.test(op)) {
    const exponentials = Math.ceil(lanes / (count(params.accum_II) || 1));
    return sum([
      [exponentials, cores.fexp],
      [lanes, cores.fdiv],
      [lanes, cores.fmul],
      [lanes, cores.convert],
      [lanes, cores.fadd],
    ]);
  }
  if (/layernorm/.test(op))
    return sum([
      [lanes, cores.fdiv],
      [2 * lanes, cores.fmul],
      [4 * lanes, cores.fadd],
      [lanes, cores.fsqrt],
    ]);
  if (/gelu/i.test(op)) return undefined;
  if (/add/.test(op)) return sum([[lanes, cores.fadd]]);
  const ports = Number(/(\d+) parallel/.exec(op)?.[1] ?? 1);
  const width = Number(/(\d+)b /.exec(op)?.[1] ?? (/load/.test(op) ? 256 : 0));
  return sum([
    [/load|m_axi/.test(op) ? ports : 0, adapterOf(width)],
    [count(params.fmul), cores.fmul],
    [count(params.fmul), cores.convert],
  ]);
}

/** Half an octave to each side: the ends are a factor of two apart. */
const spread = Math.SQRT2;

const predict =
  (pick: keyof Logic) =>
  (question: Question, siblings: readonly Question[]): Prediction => {
    const modules = siblings.filter(({ id }) => id.startsWith(`${question.id}/`));
    if (modules.length === 0) return { refused: 'the modules of the design are not among the rows' };
    const parts = modules.map(moduleLogic);
    if (parts.includes(undefined)) return { refused: 'the operators of one of its modules are not given' };
    const value = parts.reduce((all, part) => all + (part?.[pick] ?? 0), 0);
    return { value, low: value / spread, high: value * spread };
  };

const family = (pick: keyof Logic, name: 'LUT' | 'FF'): Family => ({
  name: 'allo-llm',
  quantity: `${name}, routed`,
  goal: 'inside a band with high/low ≤ 2 in 90 % of the rows',
  tolerance: 0,
  model:
    'A region of a published accelerator as the sum of its modules: processing elements by their registers and adders, ' +
    'floating-point cores and m_axi adapters as they were routed elsewhere. Not modelled: control, FIFOs between modules.',
  predict: predict(pick),
  measured: (answers) => result(answers, 'post_route', name),
});

/** Rows that have routed figures, but name only the program that was synthesised. */
const withoutStructure = (name: string, why: string): Family[] =>
  (['LUT', 'FF'] as const).map((quantity) => ({
    name,
    quantity: `${quantity}, routed`,
    goal: 'inside a band with high/low ≤ 2 in 90 % of the rows whose parameters give the structure',
    tolerance: 0,
    model: `Refused: ${why}.`,
    predict: () => ({ refused: why }),
    measured: (answers) => result(answers, 'post_route', quantity),
  }));

export const routedLogic: readonly Family[] = [
  family('lut', 'LUT'),
  family('ff', 'FF'),
  ...withoutStructure('polybench-pnr', 'the parameters name a program and a generator, no loops and no operators'),
  ...withoutStructure('bf16-activation-kv260', 'the parameters name functions in words, no loops and no operators'),
  ...withoutStructure('vendor-doc', 'the parameters name a library, no loops and no operators'),
];
