import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resolve } from '../../server/design/resolve.ts';
import { designOf, MAIN, sourceSet } from '../kit/sources.ts';
import { summaryOf } from '../kit/summary.ts';

const example = readFileSync('examples/bert_u280.weft', 'utf8');
const folder = 'test/fixtures/specs';
const specs = readdirSync(folder).map((name) => [name, readFileSync(`${folder}/${name}`, 'utf8')] as const);

test('the BERT example, line by line', async () => {
  const design = designOf(example);
  expect(design.problems).toEqual([]);
  await expect(summaryOf(design)).toMatchFileSnapshot('../golden/design/bert_u280.txt');
});

test('three lines are a whole spec', async () => {
  const design = designOf(`accelerator gpt2_on_u280 {
  device u280
  model  gpt2_medium
  phase  decode(past: 1024)
}`);
  expect(design.problems).toEqual([]);
  await expect(summaryOf(design)).toMatchFileSnapshot('../golden/design/three_lines.txt');
});

describe('specs of all kinds resolve', () => {
  test.each(specs)('%s', async (name, text) => {
    const design = designOf(text);
    expect(design.accelerators).toHaveLength(1);
    // What is said of them is what is not modelled, never a mistake of theirs.
    expect(design.problems.filter(({ code }) => code !== 'not-modelled')).toEqual([]);
    await expect(summaryOf(design)).toMatchFileSnapshot(`../golden/design/specs/${name.replace('.weft', '.txt')}`);
  });
});

test('the same text has the same design, whatever was resolved before', () => {
  const sources = sourceSet({ [MAIN]: example });
  const first = resolve(MAIN, sources);
  designOf(example.replace('8 x 16', '64 x 64'));
  expect(resolve(MAIN, sources)).toEqual(first);
});

test('a line removed from a region takes its kernel and nothing else', () => {
  const design = designOf(example.replace(/ {4}kernel proj.*\n/, ''));
  expect(design.problems).toEqual([]);
  const [accelerator] = design.accelerators;
  expect(accelerator?.unmapped.map(({ name }) => name)).toEqual(['proj']);
  const whole = designOf(example).accelerators[0]!;
  const others = (kernels: typeof whole.kernels) =>
    kernels.filter(({ name }) => name !== 'proj').map(({ name, array, lanes }) => [name, array?.value, lanes?.value]);
  expect(others(accelerator!.kernels)).toEqual(others(whole.kernels));
});

test('an accelerator with mistakes is still there, beside others', () => {
  const { accelerators } = designOf(
    `${example.replace('8 x 16', '0 x 16').replace('245 MHz', '245 GB/s')}\n${example}`,
  );
  expect(accelerators).toHaveLength(2);
  expect(accelerators[0]?.kernels).toHaveLength(14);
});

test('nothing but comments: no accelerator, no problem', () => {
  expect(designOf('// later\n')).toMatchObject({ accelerators: [], problems: [] });
});

/** Texts with characters taken out, put in and moved about. */
const damage = fc.record({
  text: fc.constantFrom(example, ...specs.map(([, text]) => text)),
  cuts: fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.integer({ min: 0, max: 40 }),
      instead: fc.constantFrom(
        '',
        ' ',
        '}',
        '{',
        '(',
        '0',
        '-1',
        '1e309',
        '2.5',
        'auto',
        'q',
        'x',
        'kernel q',
        'repeat',
        '8 ms',
        '"',
        '..',
        'stream',
        ':',
        ',',
        '§',
      ),
    }),
    { minLength: 1, maxLength: 6 },
  ),
});

test('damaged specs never throw, and every span lies in its text', () => {
  fc.assert(
    fc.property(damage, ({ text, cuts }) => {
      let broken = text;
      for (const { at, length, instead } of cuts) {
        const start = Math.floor(at * broken.length);
        broken = broken.slice(0, start) + instead + broken.slice(start + length);
      }
      const design = designOf(broken);
      const spans = [...design.problems, ...design.bindings, ...design.definitions].map(({ span }) => span);
      for (const { file, start, end } of spans) {
        expect(file).toBe(MAIN);
        expect(start).toBeGreaterThanOrEqual(0);
        expect(end).toBeGreaterThanOrEqual(start);
        expect(end).toBeLessThanOrEqual(broken.length);
      }
      for (const { kernels } of design.accelerators)
        expect(new Set(kernels.map(({ name }) => name)).size).toBe(kernels.length);
    }),
    { numRuns: 250 },
  );
});

describe('what would take for ever elsewhere', () => {
  const body = (operations: string): string => `model m { input x : [tokens, 8]\n${operations}\noutput x }\n`;
  const long = (count: number, line: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => line(index)).join('\n');
  test.each([
    ['a repeat of 10^9', body('layer l(x) repeat 1_000_000_000 { y = gelu(x) output y }')],
    [
      'channels without end',
      'accelerator a { device u280 model bert_base phase forward(tokens: 8) kernel q weights hbm[0..1_000_000_000] }',
    ],
    [
      'choices without end',
      'accelerator a { device u280 model bert_base phase forward(tokens: 8) choose n from 1..1_000_000_000 kernel q array n x 8 }',
    ],
    [
      'memory channels without end',
      'device d { clock: 1 MHz die a { dsp: 1 } memory m { channels: 0..1_000_000_000 } }',
    ],
    [
      'an array of 10^9 by 10^9',
      'accelerator a { device u280 model bert_base phase forward(tokens: 8) kernel q array 1_000_000_000 x 1_000_000_000 }',
    ],
    ['constants in the wrong order', long(5000, (index) => `let a${index} = a${index + 1}`)],
  ])('%s is a problem', (_, text) => {
    expect(designOf(text).problems.length).toBeGreaterThan(0);
  });

  test('a model of very many operators, one kernel for each', () => {
    const text = `${body(`y0 = linear(x, 8)\n${long(3000, (index) => `y${index + 1} = linear(y${index}, 8)`)}`)}
accelerator a { device u280 model m phase forward(tokens: 8) ${long(3000, (index) => `kernel y${index} array 1 x 1`)} }`;
    const { accelerators, problems } = designOf(text);
    expect(problems).toEqual([]);
    expect(accelerators[0]?.kernels).toHaveLength(3001);
  });
});
