import { expect, test } from 'vitest';
import {
  type Inference,
  isMisfit,
  OPERATOR_KINDS,
  OPERATORS,
  type Options,
  type Tensor,
  tensorOf,
} from '../../server/design/operators.ts';
import type { OperatorKind } from '../../server/design/workload.ts';

const tensor = (...shape: number[]): Tensor => tensorOf('t', shape);

function infer(kind: OperatorKind, inputs: Tensor[], options: Options = {}, past = 0): Inference {
  const defaults = Object.fromEntries(OPERATORS[kind].options.map((option) => [option.name, option.default ?? 0]));
  const result = OPERATORS[kind].infer(inputs, { ...defaults, ...options }, past);
  if (isMisfit(result)) throw new Error(`${result.left} does not fit ${result.right}`);
  return result;
}

test('a product with weights counts rows times both widths', () => {
  expect(infer('linear', [tensor(512, 768)], { columns: 3072 })).toMatchObject({
    shape: [512, 3072],
    reduction: 768,
    weights: 768 * 3072,
    parameters: 3072,
    macs: 512 * 768 * 3072,
  });
});

test('a product may go without a bias, an embedding may have positions', () => {
  expect(infer('linear', [tensor(4, 8)], { columns: 16, bias: 0 }).parameters).toBe(0);
  expect(infer('conv2d', [tensor(3, 8, 8)], { columns: 16, size: 3, bias: 0 }).parameters).toBe(0);
  expect(infer('embed', [tensor(4)], { vocab: 100, columns: 8, positions: 20 }).weights).toBe(120 * 8);
});

test('attention of a prompt, as section 1 of the paper counts it', () => {
  const scores = infer('scores', [tensor(512, 768), tensor(512, 768)], { heads: 12 });
  expect(scores).toMatchObject({ shape: [12, 512, 512], rows: 512, columns: 512, heads: 12, reduction: 64, keys: 512 });
  expect(scores.macs).toBe(512 * 512 * 768);
  const weights = { ...tensor(12, 512, 512), rows: 512, columns: 512, heads: 12 };
  const context = infer('context', [weights, tensor(512, 768)], { heads: 12 });
  expect(context).toMatchObject({ shape: [512, 768], reduction: 512, keys: 512, macs: 512 * 512 * 768 });
});

test('one token looks back on the past and on itself', () => {
  const scores = infer('scores', [tensor(1, 1024), tensor(1, 1024)], { heads: 16 }, 1024);
  expect(scores).toMatchObject({ keys: 1025, columns: 1025, macs: 1025 * 1024 });
});

test('heads may share keys and values', () => {
  const scores = infer('scores', [tensor(8, 2048), tensor(8, 512)], { heads: 32, kv_heads: 8 });
  expect(scores).toMatchObject({ heads: 32, kvHeads: 8, reduction: 64, macs: 8 * 8 * 2048 });
  expect(() => infer('scores', [tensor(8, 2048), tensor(8, 512)], { heads: 32, kv_heads: 16 })).toThrow('fit');
  expect(() => infer('scores', [tensor(8, 2048), tensor(8, 512)], { heads: 32, kv_heads: 5 })).toThrow('5 key heads');
});

test('images: a row a pixel, a column a channel', () => {
  const conv = infer('conv2d', [tensor(3, 224, 224)], { columns: 64, size: 3, pad: 1 });
  expect(conv).toMatchObject({
    shape: [64, 224, 224],
    rows: 224 * 224,
    columns: 64,
    reduction: 27,
    macs: 224 * 224 * 64 * 27,
  });
  expect(infer('maxpool', [tensor(64, 224, 224)], { size: 2 }).shape).toEqual([64, 112, 112]);
  expect(infer('conv2d', [tensor(3, 7, 7)], { columns: 4, size: 3, stride: 2 }).shape).toEqual([4, 3, 3]);
  expect(infer('flatten', [tensor(512, 7, 7)])).toMatchObject({ shape: [1, 25088], rows: 1, columns: 25088 });
  expect(infer('concat', [tensor(8, 4, 4), tensor(16, 4, 4)]).shape).toEqual([24, 4, 4]);
  expect(() => infer('conv2d', [tensor(512, 768)], { columns: 4, size: 3 })).toThrow('an image');
  expect(() => infer('maxpool', [tensor(3, 2, 2)], { size: 3 })).toThrow('a window of 3 × 3');
});

test('small parameters: gain and bias of a layer norm, gain of an RMS norm', () => {
  expect(infer('layernorm', [tensor(4, 768)])).toMatchObject({ shape: [4, 768], parameters: 1536 });
  expect(infer('rmsnorm', [tensor(4, 768)])).toMatchObject({ parameters: 768, heads: 1 });
  expect(infer('rmsnorm', [tensor(4, 768)], { heads: 12 })).toMatchObject({
    shape: [4, 768],
    parameters: 64,
    heads: 12,
  });
  expect(() => infer('rmsnorm', [tensor(4, 768)], { heads: 7 })).toThrow('7 heads');
});

test('shapes that do not fit name both sides', () => {
  expect(OPERATORS.add.infer([tensor(4, 8), tensor(4, 9)], {}, 0)).toEqual({ left: '‘t’ [4, 8]', right: '‘t’ [4, 9]' });
  expect(OPERATORS.matmul.infer([tensor(4, 8), tensor(9, 2)], {}, 0)).toHaveProperty('left', 'columns of ‘t’ [4, 8]');
  expect(OPERATORS.concat.infer([tensor(4, 8), tensor(5, 8)], {}, 0)).toHaveProperty('right', '‘t’ [5, 8]');
});

test('every kind gives as many elements as its rows, columns and heads say', () => {
  for (const kind of OPERATOR_KINDS) {
    const image = ['conv2d', 'maxpool', 'avgpool', 'flatten'].includes(kind);
    const input = image ? tensor(4, 8, 8) : kind === 'matmul' ? tensor(8, 8) : tensor(8, 16);
    const attention = { ...tensor(2, 8, 8), rows: 8, columns: 8, heads: 2 };
    const inputs = kind === 'context' ? [attention, tensor(8, 16)] : [input, input];
    const result = infer(kind, inputs, { columns: 16, heads: 2, vocab: 10, size: 2 });
    const elements = result.rows * result.columns * (kind === 'context' || kind === 'rmsnorm' ? 1 : result.heads);
    expect(
      result.shape.reduce((a, b) => a * b, 1),
      kind,
    ).toBe(elements);
  }
});
