import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isProblem, readConfiguration } from '../../../server/design/model/configuration.ts';
import type { ModelGraph } from '../../../server/design/workload.ts';
import { acceleratorOf, designOf } from '../../kit/sources.ts';

const published = (name: string): string => readFileSync(`test/fixtures/configs/${name}.json`, 'utf8');
const folder = 'file:///workspace/models';

const spec = (phase: string) => `model m = import "models/config.json"
accelerator a { device u280 model m phase ${phase} }`;

/** The design of a spec whose model is that configuration. */
const designWith = (text: string, phase = 'prefill(tokens: 64)') =>
  designOf(spec(phase), { [`${folder}/config.json`]: text });

/** With some fields changed, or removed where they are undefined. */
const changed = (name: string, fields: object): string => JSON.stringify({ ...JSON.parse(published(name)), ...fields });

/** What is computed, whatever it is called. */
const work = ({ layer, outside }: ModelGraph) => ({ layer, outside });

test.each([
  ['bert-base-uncased', 'bert_base'],
  ['roberta-base', 'roberta_base'],
  ['distilbert-base-uncased', 'distilbert'],
  ['gpt2-medium', 'gpt2_medium'],
  ['opt-1.3b', 'opt_1_3b'],
  ['llama-2-7b', 'llama2_7b'],
  ['llama-3-8b', 'llama3_8b'],
  ['llama-3.2-1b', 'llama3_2_1b'],
  ['mistral-7b', 'mistral_7b'],
  ['qwen2-0.5b', 'qwen2_0_5b'],
  ['qwen3-0.6b', 'qwen3_0_6b'],
  ['phi-3-mini-4k', 'phi3_mini'],
  ['gemma-2-2b', 'gemma2_2b'],
  ['vit-base-patch16-224', 'vit_base'],
])('the configuration of %s is %s', (config, model) => {
  const phase = model === 'vit_base' ? 'forward' : 'prefill(tokens: 64)';
  const { accelerators, problems } = designWith(published(config), phase);
  expect(problems.filter((problem) => problem.code !== 'not-modelled')).toEqual([]);
  const known = acceleratorOf(`accelerator a { device u280 model ${model} phase ${phase} }`).model;
  expect(accelerators[0] && work(accelerators[0].model)).toEqual(work(known));
});

test('a configuration may be named in the accelerator itself, and its model reads as what it is', () => {
  const text = 'accelerator a { device u280 model import "models/config.json" phase decode(past: 8) }';
  const { accelerators, problems } = designOf(text, { [`${folder}/config.json`]: published('llama-2-7b') });
  expect(problems).toEqual([]);
  expect(accelerators[0]?.model.layer.repeat).toBe(32);
  const { definitions } = designWith(published('llama-3.2-1b'));
  expect(definitions[0]?.detail).toBe(
    'llama(layers: 16, hidden: 2048, heads: 32, ffn: 8192, kv_heads: 8, vocab: 128256, head: 64)',
  );
});

test('a model of a configuration takes arguments like any other', () => {
  const text = spec('prefill(tokens: 64)').replace('model m phase', 'model m(layers: 3) phase');
  const { accelerators, problems } = designOf(text, { [`${folder}/config.json`]: published('llama-2-7b') });
  expect(problems).toEqual([]);
  expect(accelerators[0]?.model.layer.repeat).toBe(3);
});

test('a spec that declares a model of the library’s name changes no configuration', () => {
  const own = 'model llama(layers) { input x : [tokens, 8]  y = gelu(x)  output y }\n';
  const { accelerators } = designOf(own + spec('prefill(tokens: 8)'), {
    [`${folder}/config.json`]: published('llama-2-7b'),
  });
  expect(accelerators[0]?.model.layer.repeat).toBe(32);
});

test.each([
  ['bert-base-uncased', { hidden_act: 'gelu' }, undefined],
  ['bert-base-uncased', { hidden_act: 'gelu_new' }, true],
  ['gpt2-medium', { activation_function: 'gelu' }, undefined],
  ['gpt2-medium', { activation_function: undefined }, true],
  ['gemma-2-2b', { hidden_activation: 'gelu_pytorch_tanh' }, true],
])('the form of gelu is that of the configuration: %s, %o', (config, fields, tanh) => {
  const { layer } = designWith(changed(config, fields)).accelerators[0]!.model;
  expect(layer.operators.find(({ kind }) => kind === 'gelu')?.tanh).toBe(tanh);
});

test('what an older file leaves out is what its library assumes', () => {
  const model = (text: string, phase?: string) => designWith(text, phase).accelerators[0]?.model;
  const heads = model(changed('llama-2-7b', { num_key_value_heads: undefined }))?.layer.operators;
  expect(heads?.find(({ kind }) => kind === 'scores')).toMatchObject({ heads: 32, kvHeads: 32 });
  const inner = model(changed('gpt2-medium', { n_inner: null, activation_function: undefined }))?.layer.operators;
  expect(inner?.find(({ name }) => name === 'up')?.columns).toBe(4096);
  expect(model(changed('vit-base-patch16-224', { image_size: 384 }), 'forward')?.layer.operators[0]?.rows).toBe(577);
});

test('a window counts where the pass outgrows it', () => {
  const codes = (phase: string) => designWith(published('mistral-7b'), phase).problems.map(({ code }) => code);
  expect(codes('decode(past: 4095)')).toEqual([]);
  expect(codes('decode(past: 4096)')).toEqual(['not-modelled']);
  const { problems } = designWith(published('gemma-2-2b'), 'decode(past: 5000)');
  expect(problems.map((problem) => problem.code === 'not-modelled' && problem.subject)).toEqual([
    'the tanh that caps scores (attn_logit_softcapping)',
    'the tanh that caps logits (final_logit_softcapping)',
    'attention within a window of 4,096 tokens',
  ]);
  expect(designWith(changed('qwen2-0.5b', { sliding_window: 8 })).problems).toEqual([]);
  expect(designWith(changed('qwen2-0.5b', { sliding_window: 8, use_sliding_window: true })).problems).toHaveLength(1);
});

test('biases: counted where the model has them, said where it has not', () => {
  const { accelerators, problems } = designWith(changed('llama-2-7b', { attention_bias: true }));
  expect(problems).toMatchObject([{ code: 'not-modelled', subject: 'the bias behind the attention' }]);
  expect(accelerators[0]?.model.layer.operators[1]).toMatchObject({ name: 'q', parameters: 4096 });
});

// One problem each, on the path, and no echo of it elsewhere.
test.each([
  ['nothing', '', 'the configuration of ‘models/config.json’: text that is not JSON'],
  ['half a file', '{ "model_type": "bert",', 'the configuration of ‘models/config.json’: text that is not JSON'],
  ['a list', '[1, 2]', 'the configuration of ‘models/config.json’: a list'],
  ['a number', '3', 'the configuration of ‘models/config.json’: 3'],
  ['no architecture', '{}', '‘models/config.json’ lacks ‘model_type’, the name of an architecture'],
  ['an unknown architecture', '{ "model_type": "mamba" }', 'model_type of ‘models/config.json’: ‘mamba’'],
  ['an architecture of no name', '{ "model_type": 7 }', 'model_type of ‘models/config.json’: 7'],
  ['an inherited name', '{ "model_type": "toString" }', 'model_type of ‘models/config.json’: ‘toString’'],
  [
    'sizes left out',
    changed('llama-2-7b', { hidden_size: undefined, vocab_size: null }),
    '‘models/config.json’ lacks ‘hidden_size’, ‘vocab_size’',
  ],
  [
    'a text for a size',
    changed('bert-base-uncased', { hidden_size: '768' }),
    'hidden_size of ‘models/config.json’: ‘768’',
  ],
  [
    'half a head',
    changed('bert-base-uncased', { num_attention_heads: 1.5 }),
    'num_attention_heads of ‘models/config.json’: 1.5',
  ],
  ['no layer', changed('gpt2-medium', { n_layer: 0 }), 'n_layer of ‘models/config.json’: 0'],
  ['too many layers', changed('gpt2-medium', { n_layer: 1e6 }), 'n_layer of ‘models/config.json’: 1000000'],
  ['an object for a size', changed('opt-1.3b', { ffn_dim: { a: 1 } }), 'ffn_dim of ‘models/config.json’: an object'],
  [
    'heads that do not divide',
    changed('bert-base-uncased', { num_attention_heads: 7 }),
    'num_attention_heads of ‘models/config.json’: 7 heads',
  ],
  [
    'groups that do not divide',
    changed('llama-3-8b', { num_key_value_heads: 5 }),
    'num_key_value_heads of ‘models/config.json’: 5',
  ],
  [
    'another activation',
    changed('bert-base-uncased', { hidden_act: 'relu' }),
    'hidden_act of ‘models/config.json’: ‘relu’',
  ],
  [
    'another order of norms',
    changed('opt-1.3b', { do_layer_norm_before: false }),
    'do_layer_norm_before of ‘models/config.json’: false',
  ],
] as const)('%s: one clear problem', (_, text, expected) => {
  const { problems } = designWith(text);
  const said = problems.map((problem) =>
    problem.code === 'invalid-value'
      ? `${problem.subject}: ${problem.found.replace(/ \(line.*/, '')}`
      : problem.code === 'missing-part'
        ? `${problem.owner} lacks ${problem.part}`
        : problem.code,
  );
  expect(said).toEqual([expected]);
  const at = spec('prefill(tokens: 64)').indexOf('"models');
  expect(problems[0]?.span).toMatchObject({ file: 'file:///workspace/main.weft', start: at });
});

test('an unknown architecture: the known ones are listed', () => {
  const [problem] = designWith('{ "model_type": "mamba" }').problems;
  const known = 'bert, distilbert, gemma2, gpt2, llama, mistral, opt, phi3, qwen2, qwen3, roberta, vit';
  expect(problem).toMatchObject({ expected: `one of ${known}` });
});

test('a path that leads to no configuration', () => {
  const codes = (path: string) =>
    designOf(`model m = import "${path}"`, { [`${folder}/config.json`]: '{}' }).problems.map((problem) =>
      problem.code === 'import-failed' ? problem.reason : problem.code,
    );
  expect(codes('models/other.json')).toEqual(['not-found']);
  expect(codes('../../config.json')).toEqual(['outside-workspace']);
  expect(codes('models/config.yaml')).toEqual(['invalid-value']);
  expect(codes('models/config.json')).toEqual(['missing-part']);
});

test('any text is a configuration or one problem, in words', () => {
  const fields = fc.dictionary(
    fc.constantFrom(
      'model_type',
      'hidden_size',
      'num_hidden_layers',
      'num_attention_heads',
      'intermediate_size',
      'head_dim',
    ),
    fc.oneof(fc.jsonValue(), fc.integer({ min: 0, max: 64 }), fc.constantFrom('bert', 'llama', 'vit')),
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fields.map((json) => JSON.stringify(json)),
      ),
      (text) => {
        const found = readConfiguration(text);
        if (isProblem(found)) expect(Object.values(found).every((words) => words.length > 0)).toBe(true);
        else for (const value of found.arguments.values()) expect(value).toBeGreaterThan(0);
      },
    ),
  );
});
