import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Design } from '../../../server/design/design.ts';
import type { Binding } from '../../../server/design/problem.ts';
import { annotated } from '../../kit/annotated.ts';
import { designOf, MAIN } from '../../kit/sources.ts';

const example = readFileSync('examples/bert_u280.weft', 'utf8');

/** What the marked names stand for, as 'sort name in file'. */
function targets(source: string): string[] {
  const { text, ranges } = annotated(source);
  const { bindings } = designOf(text);
  return ranges.map(({ start, end }) => {
    const binding = bindings.find(({ span }) => span.start === start && span.end === end);
    if (!binding) return 'nothing';
    const { sort, name, span } = binding.target;
    return `${sort} ${name} in ${span.file.split('/').at(-1)}`;
  });
}

const within = (statements: string): string =>
  `accelerator a { device ^u280^ model ^bert_base^ phase forward(tokens: 8) region r on ^slr0^ { kernel ^q^ } ${statements} }`;

test('cards, models, dies and operators lead into the library', () => {
  expect(targets(within(''))).toEqual([
    'device u280 in u280.weft',
    'model bert_base in bert.weft',
    'die slr0 in u280.weft',
    'operator q in bert.weft',
  ]);
});

test.each([
  ['kernel up : ^up^ + ^act^', ['operator up in bert.weft', 'operator act in bert.weft']],
  ['kernel k weights ^hbm^[1]', ['memory hbm in u280.weft']],
  ['kernel ffn : up + act  stream ^ffn^ -> ^down^', ['kernel ffn in main.weft', 'operator down in bert.weft']],
  ['stream ^hbm^[0] -> ^q^', ['memory hbm in u280.weft', 'kernel q in main.weft']],
  ['require ^block^.latency < 3 ms', ['layer block in bert.weft']],
  ['require ^r^.latency < 3 ms', ['region r in main.weft']],
  ['require use(^slr1^.dsp) < 30%', ['die slr1 in u280.weft']],
  ['require bandwidth(^hbm^) < 30%', ['memory hbm in u280.weft']],
  ['compare ^a100^', ['baseline a100 in a100.weft']],
  ['let n = 8  kernel k array ^n^ x 8', ['let n in main.weft']],
  ['choose n from 4, 8  kernel k array ^n^ x 8', ['choice n in main.weft']],
  ['reserve ^slr2^.dsp 3%', ['die slr2 in u280.weft']],
  ['copies 2 of ^block^', ['layer block in bert.weft']],
  ['kernel k for ^block^[0..5]', ['layer block in bert.weft']],
  ['kernel k : ^block^.k', ['layer block in bert.weft']],
])('%s', (statements, expected) => {
  expect(targets(within(statements)).slice(4)).toEqual(expected);
});

test('names of a model of one’s own', () => {
  const source = `model m(^hidden^, ffn = 4 * ^hidden^) {
  input x : [tokens, ^hidden^]
  layer l(^x^) repeat 2 { y = linear(^x^, ^ffn^)  z = linear(^y^, ^hidden^)  output ^z^ }
  output ^l^
}
model small = ^m^(hidden: 8)`;
  expect(targets(source).map((target) => target.replace(' in main.weft', ''))).toEqual([
    ...['nothing', 'parameter hidden', 'parameter hidden', 'input x', 'input x', 'parameter ffn', 'operator y'],
    ...['parameter hidden', 'operator z', 'layer l', 'model m'],
  ]);
});

test('labels lead to the parameters of the model', () => {
  const source =
    'accelerator a { device u280 model gpt2(^layers^: 2, hidden: 8, heads: 2, ffn: 8) phase decode(past: 8) }';
  expect(targets(source)).toEqual(['parameter layers in gpt2.weft']);
});

test('definitions carry their documentation and one line that says most', () => {
  const { definitions } = designOf(`/// Wide.\nlet wide = 2 * 8\n${example}`);
  const detail = (name: string) => definitions.find((definition) => definition.name === name)?.detail;
  expect(definitions[0]).toMatchObject({ sort: 'let', name: 'wide', doc: 'Wide.', detail: '= 16' });
  expect(detail('bert_u280')).toBe('bert_base · forward · u280');
  expect(detail('project')).toBe('3 kernels');
  expect(detail('softmax')).toBe('softmax');
});

const targetOf = (design: Design, text: string, name: string): Binding['target'] | undefined =>
  design.bindings.find(({ span }) => text.slice(span.start, span.end) === name)?.target;

test('what a hover shows of a name: card, operator with its shapes, memory', () => {
  const design = designOf(example);
  expect(targetOf(design, example, 'u280')?.detail).toBe('3 dies · 9,024 DSP · 32 HBM channels · 2 DDR channels');
  expect(targetOf(design, example, 'u280')?.doc).toContain('Alveo U280');
  expect(targetOf(design, example, 'up')?.detail).toBe('linear [512, 768] → [512, 3072]');
  expect(targetOf(design, example, 'hbm')?.detail).toBe('32 channels of 256 MiB, 14.38 GB/s');
  expect(targetOf(design, example, 'bert_base')?.detail).toBe('bert(layers: 12, hidden: 768, heads: 12, ffn: 3072)');
});

test('every name of the example that stands for something is bound once, in order', () => {
  const { bindings } = designOf(example);
  const starts = bindings.map(({ span }) => span.start);
  expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b));
  for (const { span, target } of bindings) {
    expect(span.file).toBe(MAIN);
    expect(example.slice(span.start, span.end)).toBe(target.name);
  }
  // card, model, three dies, 14 kernels, 6 channels of weights, 12 ends of streams, 2 scopes and 2 baselines
  expect(bindings).toHaveLength(41);
});

test('operators and inputs of a model that nobody uses are bound too', () => {
  expect(targets('model m { input x : [tokens, 8]  y = gelu(^x^)  output ^y^ }')).toEqual([
    'input x in main.weft',
    'operator y in main.weft',
  ]);
});
