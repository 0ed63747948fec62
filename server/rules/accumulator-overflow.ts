import { isMatrixProduct } from '../design/operators.ts';
import { multiplied } from '../design/sheets/precision.ts';
import type { ElementType, Operator, Precision } from '../design/workload.ts';
import { count } from '../format.ts';
import { elementBits } from '../kernels/word.ts';
import { acceleratorRule } from './rule.ts';

const spec = (accumulator: string) => `precision narrow {
  weights: int8, activations: int8, cache: int8, accumulator: ${accumulator}, nonlinear: fp32
}
model query {
  input x : [tokens, 768]
  q = linear(x, 768)
  output q
}
accelerator a {
  device    u280 at 245 MHz
  model     query
  phase     forward(tokens: 512)
  precision narrow
  kernel q  array 8 x 8  pack 2  weights hbm[3]
}`;

export const accumulatorOverflow = acceleratorRule({
  code: 'accumulator-overflow',
  severity: 'warning',
  page: {
    summary: 'A sum of products can be larger than its accumulator holds.',
    why: 'The bound is the worst case: every weight and every activation at the end of its range, K · 2^(w−1) · 2^(a−1). Trained values stay far below it, but nothing promises that they do; an accumulator that overflows wraps around, and the result has the wrong sign.',
    failing: spec('int16'),
    mended: spec('int32'),
    remedies: ['Take a wider accumulator: `accumulator: int32`.', 'Use narrower weights or activations.'],
  },
  *find({ name, kernels, precision, model, nameSpan }) {
    const worst = kernels
      .filter((kernel) => !kernel.onHost)
      .flatMap((kernel) => kernel.turns.flat().map((operator) => ({ kernel, operator })))
      .filter(({ operator }) => isMatrixProduct(operator.kind))
      .map((one) => ({ ...one, types: typesOf(one.operator, multiplied(one.kernel, precision), precision) }))
      .map((one) => ({ ...one, bits: bitsOf(one.operator, one.types) }))
      .sort((a, b) => b.bits - a.bits)[0];
    if (!worst || !isInteger(precision.accumulator) || worst.bits <= elementBits[precision.accumulator]) return;
    const { kernel, operator, types, bits } = worst;
    yield {
      span: kernel.auto ? nameSpan : kernel.nameSpan,
      message: `‘${operator.name}’ sums ${count(operator.reduction)} products of ${types.join(' by ')}: at worst that takes ${bits} bits, and the accumulator of ‘${precision.name}’ is ${precision.accumulator}.`,
      subject: {
        ...{ accelerator: name, operator: operator.name, model: model.name },
        ...{ precision: precision.name, bits: String(bits) },
      },
    };
  },
  fix({ span, subject }, { facts, text }) {
    const sheet = facts.design.definitions.find(({ sort, name }) => sort === 'precision' && name === subject.precision);
    const wider = ACCUMULATORS.find((type) => elementBits[type] >= Number(subject.bits));
    if (!sheet || wider === undefined || sheet.full.file !== span.file) return [];
    const found = /\baccumulator\s*:\s*(\w+)/.exec(text(sheet.full));
    if (!found) return [];
    const end = sheet.full.start + found.index + found[0].length;
    const edits = [{ span: { file: span.file, start: end - found[1]!.length, end }, newText: wider }];
    return [{ title: `Use an accumulator of ${wider}`, edits, preferred: true }];
  },
});

const ACCUMULATORS = ['int16', 'int32'] as const;

/** Bits of the largest sum in two's complement: −2^(w−1) · −2^(a−1), K times. */
function bitsOf(operator: Operator, types: readonly ElementType[]): number {
  if (!types.every(isInteger)) return 0;
  const magnitude =
    types.reduce((sum, type) => sum + elementBits[type] - 1, 0) + Math.log2(Math.max(1, operator.reduction));
  return Math.floor(magnitude) + 2;
}

/** Of both sides of a product; that of K and V is an activation. */
function typesOf({ weights }: Operator, activations: ElementType, precision: Precision): readonly ElementType[] {
  return [weights > 0 ? precision.weights : activations, activations];
}

function isInteger(type: ElementType): boolean {
  return type.startsWith('int') || type.startsWith('uint');
}
