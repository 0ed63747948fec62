import { expect, test } from 'vitest';
import { acceleratorOf, designOf } from '../../kit/sources.ts';

const graphOf = (model: string, phase: string, files = '') =>
  acceleratorOf(`${files}accelerator a { device u280 model ${model} phase ${phase} }`).model;

test('BERT-base: twelve layers of fourteen operators, and as many weights as the paper says', () => {
  const { layer, outside, name } = graphOf('bert_base', 'forward(tokens: 512)');
  expect(name).toBe('bert_base');
  expect(layer).toMatchObject({ name: 'block', repeat: 12, inputs: [{ name: 'x', columns: 768 }], output: 'norm2' });
  expect(layer.operators).toHaveLength(14);
  expect(outside).toEqual([]);
  const weights = layer.operators.reduce((sum, operator) => sum + operator.weights, 0);
  expect(weights).toBe(4 * 768 ** 2 + 2 * 768 * 3072);
  const up = layer.operators.find((operator) => operator.name === 'up');
  expect(up).toMatchObject({
    kind: 'linear',
    rows: 512,
    columns: 3072,
    reduction: 768,
    macs: 512 * 768 * 3072,
    layer: 'block',
  });
});

test('decode is one row that looks back on the past', () => {
  const { layer, outside } = graphOf('gpt2_medium', 'decode(past: 1024)');
  const [q, scores] = ['q', 'scores'].map((name) => layer.operators.find((operator) => operator.name === name));
  expect(q).toMatchObject({ rows: 1, macs: 1024 ** 2 });
  expect(scores).toMatchObject({ keys: 1025, macs: 1025 * 1024 });
  expect(outside.map((operator) => operator.name)).toEqual(['x', 'last', 'lm_head']);
  expect(outside[2]?.weights).toBe(1024 * 50_257);
});

test('grouped heads scale keys and values', () => {
  const llama = `model l(heads, kv_heads) {
    input x : [tokens, 256]
    layer block(x) repeat 2 {
      q = linear(x, 256)  k = linear(x, 256 * kv_heads / heads)  v = linear(x, 256 * kv_heads / heads)
      s = scores(q, k, heads: heads, kv_heads: kv_heads)  c = context(s, v, heads: heads, kv_heads: kv_heads)
      output c
    }
    output block
  }
  `;
  const { layer } = graphOf('l(heads: 8, kv_heads: 2)', 'prefill(tokens: 16)', llama);
  const shapes = Object.fromEntries(layer.operators.map((operator) => [operator.name, operator.shape]));
  expect(shapes).toMatchObject({ k: [16, 64], s: [8, 16, 16], c: [16, 256] });
  expect(layer.operators.find(({ name }) => name === 's')).toMatchObject({ heads: 8, kvHeads: 2 });
});

test('a model without a repeated part is a layer of its own that is passed once', () => {
  const mlp = 'model mlp(hidden) { input x : [batch, 617]  f = linear(x, hidden)  r = relu(f)  output r }\n';
  const { accelerators, problems } = designOf(
    `${mlp}accelerator a { device u280 model mlp(hidden: 256) phase forward(batch: 4) }`,
  );
  expect(problems).toEqual([]);
  const [accelerator] = accelerators;
  expect(accelerator?.model.layer).toMatchObject({
    name: 'mlp',
    repeat: 1,
    output: 'r',
    inputs: [{ name: 'x', columns: 617 }],
  });
  expect(accelerator?.model.layer.operators[0]).toMatchObject({ rows: 4, layer: 'mlp' });
  // The rows count the batch; nobody else may.
  expect(accelerator?.phase).toMatchObject({ batch: 1, tokens: 4, results: 4 });
});

test('a model of images has no tokens: a pass has one result an image', () => {
  const phaseOf = (phase: string) => {
    const { accelerators, problems } = designOf(`accelerator a { device u280 model vgg16 phase ${phase} }`);
    return { ...accelerators[0]?.phase, problems };
  };
  expect(phaseOf('forward(batch: 4)')).toMatchObject({ tokens: 1, results: 1, batch: 4, problems: [] });
  expect(phaseOf('forward(tokens: 64)').problems).toMatchObject([
    { code: 'invalid-value', subject: 'tokens', found: '64', expected: 'no ‘tokens’: the model says its rows itself' },
  ]);
});

test('arguments of an instance replace those that it was made with', () => {
  expect(graphOf('bert_base(layers: 2)', 'forward(tokens: 8)').layer.repeat).toBe(2);
});

test('parameters may have defaults that use other parameters, bodies their own constants', () => {
  const own =
    'model m(hidden, ffn = 4 * hidden) { input x : [tokens, hidden]  half = ffn / 2  y = linear(x, half)  output y }\n';
  expect(graphOf('m(hidden: 64)', 'forward(tokens: 8)', own).layer.operators[0]?.columns).toBe(128);
});

test('constants of a body may call functions; a call of anything else is an operator', () => {
  const own =
    'model m(image) { side = floor(image / 16)  rows = max(1, side * side)  input x : [rows, 8]  y = gelu(x)  output y }\n';
  expect(graphOf('m(image: 50)', 'forward', own).layer.operators[0]?.rows).toBe(9);
  const { problems } = designOf('model m { n = flor(3)  input x : [tokens, 8]  y = gelu(x)  output y }\n');
  expect(problems).toMatchObject([{ code: 'unknown-name', sort: 'operator kind', name: 'flor' }]);
});

test('a tensor may have a second name', () => {
  const own = 'model m { input x : [tokens, 8]  y = x  z = gelu(y)  output z }\n';
  const { accelerators, problems } = designOf(`${own}accelerator a { device u280 model m phase forward(tokens: 4) }`);
  expect(problems).toEqual([]);
  expect(accelerators[0]?.model.layer.operators[0]?.inputs).toEqual([{ name: 'x', shape: [4, 8], external: true }]);
});

test('an operator with a mistake leaves the others as they are', () => {
  const own = 'model m { input x : [tokens, 8]  y = linear(x, 16)  z = liner(y, 4)  output y }\n';
  const { accelerators, problems } = designOf(`${own}accelerator a { device u280 model m phase forward(tokens: 4) }`);
  expect(problems).toHaveLength(1);
  expect(accelerators[0]?.model.layer.operators.map((operator) => operator.name)).toEqual(['y']);
});

test('a repeat that is out of bounds counts once', () => {
  const own = 'model m { input x : [tokens, 8]  layer l(x) repeat 1_000_000_000 { y = gelu(x) output y }  output l }\n';
  expect(graphOf('m', 'forward(tokens: 4)', own).layer.repeat).toBe(1);
});

test('a circle of instances ends', () => {
  const own = 'model a = b\nmodel b = a\n';
  const { problems } = designOf(`${own}accelerator x { device u280 model a phase forward(tokens: 4) }`);
  expect(problems).toMatchObject([{ code: 'invalid-value', subject: 'model' }]);
});
