import { expect, test } from 'vitest';
import { libraryNames } from '../../server/library/index.ts';
import { acceleratorOf, designOf } from '../kit/sources.ts';

const graphOf = (model: string) =>
  acceleratorOf(`accelerator a { device u280 model ${model} phase prefill(tokens: 8) }`).model;

/** Trained values of a model's operators. */
function counted(model: string): number {
  const { layer, outside } = graphOf(model);
  const sum = (operators: typeof outside) =>
    operators.reduce((total, operator) => total + operator.weights + operator.parameters, 0);
  return sum(outside) + layer.repeat * sum(layer.operators);
}

/** Of a BERT: word, position and type embeddings with their norm, which stay outside of the model, and the pooler. */
const bertRest = (hidden: number, rows: number, pooler = true) =>
  rows * hidden + 2 * hidden + (pooler ? hidden * hidden + hidden : 0);
/** Of a ViT: patch embedding, class token, positions and classifier. */
const vitRest = (hidden: number) =>
  3 * 16 * 16 * hidden + hidden + hidden + 197 * hidden + 1001 * hidden - hidden + 1000;
const bertRows = 30_522 + 512 + 2;
const robertaRows = 50_265 + 514 + 1;
/** A head that uses the weights of the word embedding is counted once. */
const tied = (vocab: number, hidden: number) => -vocab * hidden;

// Published totals: the sum over the tensors of the published checkpoint. The last column is what the model leaves outside.
test.each([
  ['bert_base', 109_482_240, bertRest(768, bertRows)],
  ['bert_large', 335_141_888, bertRest(1024, bertRows)],
  ['bert_tiny', 4_385_920, bertRest(128, bertRows)],
  ['roberta_base', 124_645_632, bertRest(768, robertaRows)],
  ['roberta_large', 355_359_744, bertRest(1024, robertaRows)],
  ['distilbert', 66_362_880, bertRest(768, 30_522 + 512, false)],
  ['minilm_l6', 22_713_216, bertRest(384, bertRows)],
  ['minilm_l12', 33_360_000, bertRest(384, bertRows)],
  ['gpt2_small', 124_439_808, tied(50_257, 768)],
  ['gpt2_medium', 354_823_168, tied(50_257, 1024)],
  ['gpt2_large', 774_030_080, tied(50_257, 1280)],
  ['gpt2_xl', 1_557_611_200, tied(50_257, 1600)],
  ['distilgpt2', 81_912_576, tied(50_257, 768)],
  ['opt_125m', 125_239_296, tied(50_272, 768)],
  ['opt_1_3b', 1_315_758_080, tied(50_272, 2048)],
  ['opt_2_7b', 2_651_596_800, tied(50_272, 2560)],
  ['opt_6_7b', 6_658_473_984, tied(50_272, 4096)],
  ['opt_13b', 12_853_473_280, tied(50_272, 5120)],
  ['llama_7b', 6_738_415_616, 0],
  ['llama_13b', 13_015_864_320, 0],
  ['llama2_7b', 6_738_415_616, 0],
  ['llama2_13b', 13_015_864_320, 0],
  ['llama2_70b', 68_976_648_192, 0],
  ['llama3_8b', 8_030_261_248, 0],
  ['llama3_2_1b', 1_235_814_400, tied(128_256, 2048)],
  ['llama3_2_3b', 3_212_749_824, tied(128_256, 3072)],
  ['vicuna_7b', 6_738_415_616, 0],
  ['vicuna_13b', 13_015_864_320, 0],
  ['tinyllama', 1_100_048_384, 0],
  ['mistral_7b', 7_241_732_096, 0],
  ['phi3_mini', 3_821_079_552, 0],
  ['qwen2_0_5b', 494_032_768, tied(151_936, 896)],
  ['qwen2_1_5b', 1_543_714_304, tied(151_936, 1536)],
  ['qwen2_7b', 7_615_616_512, 0],
  ['qwen3_0_6b', 596_049_920, tied(151_936, 1024)],
  ['qwen3_8b', 8_190_735_360, 0],
  ['gemma2_2b', 2_614_341_888, tied(256_000, 2304)],
  ['gemma2_9b', 9_241_705_984, tied(256_000, 3584)],
  ['vit_base', 86_567_656, vitRest(768)],
  ['vit_large', 304_326_632, vitRest(1024)],
  ['deit_tiny', 5_717_416, vitRest(192)],
  ['deit_small', 22_050_664, vitRest(384)],
  ['alexnet', 61_100_840, 0],
  ['vgg16', 138_357_544, 0],
  // 26,560 channels are normalised: of the two values of each, the gain is folded into the weights.
  ['resnet50', 25_557_032, 26_560],
])('%s has %d parameters', (model, published, rest) => {
  expect(counted(model) + rest).toBe(published);
});

// Published in millions only (Turc et al., arXiv 1908.08962, and its list of models).
test.each([
  ['bert_mini', 11.3, 256],
  ['bert_small', 29.1, 512],
  ['bert_medium', 41.7, 512],
])('%s has %d M parameters', (model, published, hidden) => {
  expect(Math.abs((counted(model) + bertRest(hidden, bertRows)) / 1e6 - published)).toBeLessThan(0.5);
});

test('every model of the library means something in every phase', () => {
  const generic = ['bert', 'gpt2', 'llama', 'qwen3', 'gemma2', 'opt', 'vit'];
  for (const name of libraryNames('model').filter((model) => !generic.includes(model))) {
    for (const phase of ['forward(tokens: 4)', 'decode(past: 16)']) {
      const { kernels } = acceleratorOf(`accelerator a { device u280 model ${name} phase ${phase} }`);
      expect(kernels.length, `${name} ${phase}`).toBeGreaterThan(10);
    }
  }
});

test('layers, widths and shared heads of a few', () => {
  expect(graphOf('bert_base').layer.repeat).toBe(12);
  expect(graphOf('gpt2_xl').layer.repeat).toBe(48);
  const { layer } = graphOf('llama3_8b');
  expect(layer.repeat).toBe(32);
  const shapes = Object.fromEntries(layer.operators.map(({ name, shape }) => [name, shape]));
  expect(shapes).toMatchObject({ k: [8, 1024], scores: [32, 8, 8], context: [8, 4096], gated: [8, 14_336] });
  const { layer: qwen } = graphOf('qwen3_0_6b');
  const norm = qwen.operators.find(({ name }) => name === 'q_norm');
  expect(norm).toMatchObject({ shape: [8, 2048], heads: 16, parameters: 128 });
});

test('ViT: rows are patches and the class, whatever the phase says', () => {
  const { layer, outside } = graphOf('vit_base');
  expect(layer.operators[0]?.rows).toBe(197);
  expect(graphOf('vit_base(image: 384)').layer.operators[0]?.rows).toBe(577);
  expect(outside.map(({ name }) => name)).toEqual(['last']);
});

test('ViT: a pass has the rows of the model and one result, whatever the phase says', () => {
  const phaseOf = (phase: string) => {
    const { accelerators, problems } = designOf(`accelerator a { device u280 model vit_base phase ${phase} }`);
    return { ...accelerators[0]?.phase, problems: problems.map(({ code }) => code) };
  };
  expect(phaseOf('forward')).toMatchObject({ tokens: 197, results: 1, batch: 1, problems: [] });
  expect(phaseOf('forward(batch: 4)')).toMatchObject({ tokens: 197, results: 1, batch: 4, problems: [] });
  expect(phaseOf('forward(tokens: 197)').problems).toEqual([]);
  expect(phaseOf('forward(tokens: 64)')).toMatchObject({ tokens: 197, problems: ['invalid-value'] });
  expect(phaseOf('forward(64)').problems).toEqual(['invalid-value']);
});

test('convolutional networks: multiply-accumulates of an image', () => {
  const macs = (model: string) => graphOf(model).layer.operators.reduce((sum, operator) => sum + operator.macs, 0);
  // torchvision's table of models says 0.71, 15.47 and 4.09 GFLOPS, of one multiply-accumulate each.
  expect(macs('alexnet') / 1e9).toBeCloseTo(0.71, 2);
  expect(macs('vgg16') / 1e9).toBeCloseTo(15.47, 2);
  expect(macs('resnet50') / 1e9).toBeCloseTo(4.09, 2);
});
