/** Checkpoints under the names of each architecture become the values of the model's operators; what is amiss is said. */
import { describe, expect, test } from 'vitest';
import { createAnalyst } from '../../server/analysis.ts';
import type { ModelGraph, Operator } from '../../server/design/workload.ts';
import { Checkpoint, CheckpointError } from '../../server/weights/checkpoint.ts';
import type { Matrix } from '../../server/weights/quantise.ts';
import { MAIN, sourceSet } from '../kit/sources.ts';
import { bytesOn, safetensors, type Tensor } from './safetensors-file.ts';

function modelOf(model: string): ModelGraph {
  const text = `accelerator a { device u280  model ${model}  phase forward(tokens: 8) }`;
  return createAnalyst().analyse(MAIN, sourceSet({ [MAIN]: text }))!.design.accelerators[0]!.model;
}

const bert = modelOf('bert(layers: 1, hidden: 4, heads: 1, ffn: 6)');
const gpt2 = modelOf('gpt2(layers: 1, hidden: 4, heads: 1, ffn: 6)');
const llama = modelOf('llama(layers: 1, hidden: 4, heads: 2, kv_heads: 1, ffn: 6)');

type Tensors = Record<string, Tensor>;
let next = 0;
/** Values that differ from tensor to tensor and within one. */
const tensor = (...shape: number[]): Tensor => {
  const length = shape.reduce((product, extent) => product * extent, 1);
  next = (next + 1000) % 30_000;
  const first = next;
  return { shape, values: Array.from({ length }, (_, index) => first + index) };
};
const dense = (name: string, columns: number, reduction: number): Tensors => ({
  [`${name}.weight`]: tensor(columns, reduction),
  [`${name}.bias`]: tensor(columns),
});
const norm = (name: string): Tensors => ({ [`${name}.weight`]: tensor(4), [`${name}.bias`]: tensor(4) });

const bertFile: Tensors = {
  ...['query', 'key', 'value'].reduce(
    (all, name) => Object.assign(all, dense(`bert.encoder.layer.0.attention.self.${name}`, 4, 4)),
    {} as Tensors,
  ),
  ...dense('bert.encoder.layer.0.attention.output.dense', 4, 4),
  'bert.encoder.layer.0.attention.output.LayerNorm.gamma': tensor(4),
  'bert.encoder.layer.0.attention.output.LayerNorm.beta': tensor(4),
  ...dense('bert.encoder.layer.0.intermediate.dense', 6, 4),
  ...dense('bert.encoder.layer.0.output.dense', 4, 6),
  ...norm('bert.encoder.layer.0.output.LayerNorm'),
  'bert.embeddings.word_embeddings.weight': tensor(3, 4),
};
const conv1d = (name: string, reduction: number, columns: number): Tensors => ({
  [`${name}.weight`]: tensor(reduction, columns),
  [`${name}.bias`]: tensor(columns),
});
const gpt2File: Tensors = {
  ...norm('h.0.ln_1'),
  ...conv1d('h.0.attn.c_attn', 4, 12),
  ...conv1d('h.0.attn.c_proj', 4, 4),
  ...norm('h.0.ln_2'),
  ...conv1d('h.0.mlp.c_fc', 4, 6),
  ...conv1d('h.0.mlp.c_proj', 6, 4),
};
const llamaAt = (name: string): string => `model.layers.0.${name}.weight`;
const llamaFile: Tensors = {
  [llamaAt('input_layernorm')]: tensor(4),
  [llamaAt('self_attn.q_proj')]: tensor(4, 4),
  [llamaAt('self_attn.k_proj')]: tensor(2, 4),
  [llamaAt('self_attn.v_proj')]: tensor(2, 4),
  [llamaAt('self_attn.o_proj')]: tensor(4, 4),
  [llamaAt('post_attention_layernorm')]: tensor(4),
  [llamaAt('mlp.gate_proj')]: tensor(6, 4),
  [llamaAt('mlp.up_proj')]: tensor(6, 4),
  [llamaAt('mlp.down_proj')]: tensor(4, 6),
};

function open(tensors: Tensors, model: ModelGraph): Checkpoint {
  const file = safetensors(tensors);
  return new Checkpoint('model.safetensors', () => bytesOn(file), model);
}
const operator = (model: ModelGraph, name: string): Operator => model.layer.operators.find((one) => one.name === name)!;
const at = ({ values, across, along }: Matrix, k: number, n: number): number => values[n * across + k * along]!;
/** The matrix row by row of the result: columns × reduction, as PyTorch has it. */
const rows = (matrix: Matrix): number[][] =>
  Array.from({ length: matrix.columns }, (_, n) =>
    Array.from({ length: matrix.reduction }, (_, k) => at(matrix, k, n)),
  );

describe('values', () => {
  test('of bert, behind a prefix and with gamma and beta for gain and bias', () => {
    const found = open(bertFile, bert);
    expect(found.architecture).toBe('bert');
    const up = found.linear(operator(bert, 'up'), 0);
    const source = bertFile['bert.encoder.layer.0.intermediate.dense.weight']!;
    expect(rows(up.matrix).flat()).toEqual(source.values);
    expect([...up.bias]).toEqual(bertFile['bert.encoder.layer.0.intermediate.dense.bias']!.values);
    const { gain, bias } = found.norm(operator(bert, 'norm1'), 0);
    expect([...gain]).toEqual(bertFile['bert.encoder.layer.0.attention.output.LayerNorm.gamma']!.values);
    expect([...bias]).toEqual(bertFile['bert.encoder.layer.0.attention.output.LayerNorm.beta']!.values);
  });

  test('of gpt2: transposed, and q, k and v out of one tensor', () => {
    const found = open(gpt2File, gpt2);
    const fused = gpt2File['h.0.attn.c_attn.weight']!.values;
    for (const [part, name] of ['q', 'k', 'v'].entries()) {
      const { matrix, bias } = found.linear(operator(gpt2, name), 0);
      expect(rows(matrix)).toEqual([0, 1, 2, 3].map((n) => [0, 1, 2, 3].map((k) => fused[k * 12 + part * 4 + n])));
      expect([...bias]).toEqual(Array.from(gpt2File['h.0.attn.c_attn.bias']!.values).slice(part * 4, part * 4 + 4));
    }
  });

  test('of llama: no biases, fewer heads of keys and values', () => {
    const found = open(llamaFile, llama);
    expect(found.architecture).toBe('llama, qwen2, mistral');
    const { matrix, bias } = found.linear(operator(llama, 'k'), 0);
    expect([matrix.columns, matrix.reduction]).toEqual([2, 4]);
    expect(bias.every((value) => value === 0)).toBe(true);
    expect([...found.norm(operator(llama, 'norm2'), 0).gain]).toEqual(
      llamaFile[llamaAt('post_attention_layernorm')]!.values,
    );
  });

  test('of int8 with one scale an output channel', () => {
    const name = 'model.layers.0.mlp.down_proj';
    const values = Array.from({ length: 24 }, (_, index) => index - 12);
    const tensors = {
      ...llamaFile,
      [`${name}.weight`]: { shape: [4, 6], values, type: 'I8' as const },
      [`${name}.weight_scale`]: { shape: [4, 1], values: [0.5, 1, 2, 4] },
    };
    const { matrix } = open(tensors, llama).linear(operator(llama, 'down'), 0);
    expect(rows(matrix).flat()).toEqual(values.map((value, index) => value * 0.5 * 2 ** Math.floor(index / 6)));
  });

  test('of convolutions: tap by tap, the batch norm behind them folded in', () => {
    const network = `model resnet_block { input image : [2, 4, 4]
        conv1 = conv2d(image, 3, size: 3, pad: 1)  s2_1_conv1 = conv2d(conv1, 2, size: 1)  output s2_1_conv1 }`;
    const text = `${network}\naccelerator a { device u280  model resnet_block  phase forward() }`;
    const model = createAnalyst().analyse(MAIN, sourceSet({ [MAIN]: text }))!.design.accelerators[0]!.model;
    const vector = (...values: number[]): Tensor => ({ shape: [values.length], values });
    const file: Tensors = {
      'conv1.weight': tensor(3, 2, 3, 3),
      'bn1.weight': vector(2, 1, 0.5),
      'bn1.bias': vector(7, 8, 9),
      'bn1.running_mean': vector(1, 2, 3),
      'bn1.running_var': vector(4 - 1e-5, 1 - 1e-5, 0.25 - 1e-5),
      'layer1.0.conv1.weight': tensor(2, 3, 1, 1),
      'layer1.0.conv1.bias': vector(5, 6),
    };
    const found = open(file, model);
    expect(found.architecture).toBe('resnet, torchvision');
    const { matrix, bias } = found.conv2d(operator(model, 'conv1'), 0);
    const first = file['conv1.weight']!.values[0]!;
    // The third output channel, gain 0.5 over a deviation of 0.5: at tap 4, channel 1.
    expect(rows(matrix)[2]![4 * 2 + 1]).toBeCloseTo(first + 2 * 18 + 9 + 4, 2);
    expect([...bias].map((value) => Math.round(value * 1e3) / 1e3)).toEqual([6, 6, 6]);
    // A convolution with a bias and without a batch norm: it has been folded already.
    const plain = found.conv2d(operator(model, 's2_1_conv1'), 0);
    expect([...plain.bias]).toEqual([5, 6]);
    expect(rows(plain.matrix).flat()).toEqual(file['layer1.0.conv1.weight']!.values);
  });

  test('of a product behind a flattened image: pixel by pixel', () => {
    const network = 'model small { input image : [2, 2, 3]  flat = flatten(image)  fc6 = linear(flat, 2)  output fc6 }';
    const text = `${network}\naccelerator a { device u280  model small  phase forward() }`;
    const model = createAnalyst().analyse(MAIN, sourceSet({ [MAIN]: text }))!.design.accelerators[0]!.model;
    const file: Tensors = { 'classifier.0.weight': tensor(2, 12), 'classifier.0.bias': tensor(2) };
    const { matrix } = open(file, model).linear(operator(model, 'fc6'), 0);
    const first = file['classifier.0.weight']!.values[0]!;
    const order = [0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11];
    expect(rows(matrix)).toEqual([0, 12].map((row) => order.map((place) => first + row + place)));
  });

  test('of several files with an index', () => {
    const names = Object.keys(llamaFile);
    const half = (keep: (index: number) => boolean): Uint8Array =>
      safetensors(Object.fromEntries(names.filter((_, index) => keep(index)).map((name) => [name, llamaFile[name]!])));
    const files: Record<string, Uint8Array> = {
      'm/a.safetensors': half((index) => index % 2 === 0),
      'm/b.safetensors': half((index) => index % 2 === 1),
      'm/index.json': new TextEncoder().encode(
        JSON.stringify({
          weight_map: Object.fromEntries(names.map((name, i) => [name, `${'ab'[i % 2]}.safetensors`])),
        }),
      ),
    };
    const found = new Checkpoint('m/index.json', (path) => bytesOn(files[path]!), llama);
    expect(rows(found.linear(operator(llama, 'gate'), 0).matrix).flat()).toEqual(
      llamaFile[llamaAt('mlp.gate_proj')]!.values,
    );
  });

  test('under Weft’s own names, for a model of one’s own', () => {
    const own = createAnalyst().analyse(
      MAIN,
      sourceSet({
        [MAIN]: `model mine() { input x : [tokens, 4]  layer l(x) repeat 2 { fc = linear(x, 4, bias: 0)  output fc }  output l }
          accelerator a { device u280  model mine()  phase forward(tokens: 8) }`,
      }),
    )!.design.accelerators[0]!.model;
    const tensors = { 'l.0.fc.weight': tensor(4, 4), 'l.1.fc.weight': tensor(4, 4) };
    const { matrix } = open(tensors, own).linear(operator(own, 'fc'), 1);
    expect(rows(matrix).flat()).toEqual(tensors['l.1.fc.weight']!.values);
  });
});

describe('what is amiss is named with what was expected', () => {
  const without = (tensors: Tensors, name: string): Tensors =>
    Object.fromEntries(Object.entries(tensors).filter(([key]) => key !== name));
  const q = 'bert.encoder.layer.0.attention.self.query';
  test.each<[string, Tensors, ModelGraph, RegExp]>([
    [
      'a tensor is missing',
      without(bertFile, `${q}.weight`),
      bert,
      /it lacks bert\.encoder\.layer\.0\.attention\.self\.query\.weight, which bert\(.*\) with 1 layers of bert needs/,
    ],
    ['a bias is missing', without(bertFile, `${q}.bias`), bert, /it lacks bert\..*query\.bias \[4\]/],
    [
      'another shape',
      { ...bertFile, [`${q}.weight`]: tensor(8, 4) },
      bert,
      /query\.weight has the shape \[8, 4\]; the model’s operator needs \[4, 4\]/,
    ],
    [
      'another type',
      { ...bertFile, [`${q}.weight`]: { shape: [4, 4], values: new Array(16).fill(1), type: 'I8' } },
      bert,
      /is of int8 without its scale: expected bert\..*weight_scale or .*SCB/,
    ],
    [
      'a value that is no number',
      { ...bertFile, [`${q}.weight`]: { shape: [4, 4], values: new Array(16).fill(Number.NaN) } },
      bert,
      /has a value that is NaN \(element 0\)/,
    ],
    [
      'a bias too many',
      { ...llamaFile, 'model.layers.0.self_attn.q_proj.bias': tensor(4) },
      llama,
      /it has a model\.layers\.0\.self_attn\.q_proj\.bias, and the model’s ‘q’ has no bias/,
    ],
    [
      'another architecture',
      gpt2File,
      bert,
      /none of its 12 tensors \(h\.0\.ln_1\.weight, .*, …\) has a name that is known for ‘q’; expected encoder\.layer\.0\.attention\.self\.query\.weight \(bert\) or .*block\.0\.q\.weight \(Weft’s own\)/,
    ],
  ])('%s', (_, tensors, model, words) => {
    const read = (): void => {
      const found = open(tensors, model);
      for (const one of model.layer.operators) if (one.kind === 'linear') found.linear(one, 0);
    };
    expect(read).toThrow(CheckpointError);
    expect(read).toThrow(words);
  });

  test('a file that is not there, and an index that is none', () => {
    const missing = () => new Checkpoint('model.safetensors', () => ({ problem: 'there is no such file' }), bert);
    expect(missing).toThrow('model.safetensors: there is no such file');
    const index = () => new Checkpoint('i.json', () => bytesOn(new TextEncoder().encode('{}')), bert);
    expect(index).toThrow('i.json: expected an index with a ‘weight_map’ from tensors to safetensors files');
  });
});
