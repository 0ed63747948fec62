import { describe, expect, test } from 'vitest';
import bert from '../../examples/bert_u280.weft';
import { explanationsFor, explanationsOf } from '../../server/report/explain.ts';
import { explanationText } from '../../server/report/explanation.ts';
import { acceleratorJson } from '../../server/report/json.ts';
import { specText } from '../estimate/example.ts';
import { analysisOf } from '../kit/analyses.ts';

const specs: Readonly<Record<string, string>> = {
  bert,
  gpt2_decode: specText('gpt2_decode'),
  llama_hybrid: specText('llama_hybrid'),
  dfx_overlay: specText('dfx_overlay'),
  vgg16: specText('vgg16_zcu102'),
  engines: `accelerator a { device vck5000 model bert_tiny phase forward(tokens: 16)
    kernel up array 4 x 8 x 4 on engines  kernel down array 4 x 8 on engines }`,
  parts: `accelerator a { device u280 model gpt2_small(layers: 4) phase generate(prompt: 16, output: 3)
    kernel up array 4 x 8  kernel fast : down array 4 x 16 for block[1..2]  kernel slow : down array 4 x 4 for block[0], block[3] }`,
  stretches: `accelerator a { device u280 model bert_tiny phase forward(tokens: 16)
    kernel fast : down array 4 x 16 for block[0]  kernel slow : down array 4 x 4 for block[1] }`,
  dealt: `accelerator a { device 2 x u280 link qsfp split pipeline 2 model bert_tiny phase forward(tokens: 16, batch: 2)
    kernel fast : down array 4 x 16 for block[0]  kernel slow : down array 4 x 4 for block[1] }`,
  cards: `accelerator a { device 4 x u280 split tensor 2, pipeline 2  model gpt2_small(layers: 4)
    phase generate(prompt: 16, output: 30)  compare a100, t4, b }
    accelerator b { device u280 at 800 MHz model gpt2_small(layers: 4) phase generate(prompt: 16, output: 30) }`,
};

const estimatesOf = (text: string) => analysisOf(text).estimate.accelerators;

/** A place of a list goes by the name of what stands there. */
function nameOf(item: Record<string, unknown>): string {
  const { name, kernel, kind, between, past, operator, on, subject, resource } = item;
  if (on !== undefined) return `${kernel === undefined ? '' : `${kernel} `}${on} ${kind}`;
  if (subject !== undefined) return [kind, subject, ...(resource === undefined ? [] : [resource])].join(' ');
  if (name !== undefined) return kind === undefined ? `${name}` : `${name} ${kind}`;
  if (between !== undefined) return (between as string[]).join('–');
  return `${operator ?? past}`;
}

/** Every number of the JSON with its path; of a band, the figure that is its middle. */
function* figures(value: unknown, path: readonly string[] = []): Generator<[path: string, value: number]> {
  if (typeof value === 'number') yield [path.join('.'), value];
  else if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object') yield* figures(item, [...path, nameOf(item)]);
  } else if (typeof value === 'object' && value !== null) {
    const { explanations: _, ...rest } = value as Record<string, unknown>;
    const { used, low } = rest as { used?: number; low?: number };
    if (used !== undefined && low !== undefined) yield [path.join('.'), used];
    else for (const [key, inner] of Object.entries(rest)) yield* figures(inner, [...path, key]);
  }
}

describe.each(Object.keys(specs))('every figure of %s', (name) => {
  const estimates = estimatesOf(specs[name]!);

  test('has an explanation of that value, with a formula, its inputs and a source', () => {
    expect(estimates.length).toBeGreaterThan(0);
    for (const estimate of estimates) {
      const json = acceleratorJson(estimate);
      const known = new Map(json.explanations.map((one) => [one.figure, one]));
      let count = 0;
      for (const [path, value] of figures(json)) {
        const why = known.get(path);
        expect(why, path).toBeDefined();
        expect(why!.value, path).toBe(value);
        for (const text of [why!.formula, why!.inputs, why!.source, why!.unit]) expect(text, path).not.toBe('');
        expect(`${why!.formula} ${why!.inputs} ${why!.source}`, path).not.toMatch(/undefined|NaN|Infinity/);
        count++;
      }
      expect(count).toBeGreaterThan(30);
    }
  });

  test('has one explanation, and nothing else is explained', () => {
    for (const estimate of estimates) {
      const paths = new Set([...figures(acceleratorJson(estimate))].map(([path]) => path));
      const explained = explanationsOf(estimate).map((one) => one.figure);
      expect(explained.filter((path) => !paths.has(path))).toEqual([]);
      expect(explained.length).toBe(new Set(explained).size);
    }
  });
});

describe('what is asked for', () => {
  const [estimate] = estimatesOf(bert);
  const about = (asked?: string): string[] => explanationsFor(estimate!, asked).map((one) => one.figure);

  test.each([
    ['q.lut', ['kernels.q.lut']],
    ['kernels.q.cycles', ['kernels.q.cycles']],
    ['latency', ['latencyMs']],
    ['bert_u280.interval', ['intervalMs']],
    ['slr1.dsp', ['dies.slr1.resources.dsp']],
    ['slr1.latency', ['dies.slr1.latencyMs']],
    ['hbm[3].demand', ['channels.hbm[3].demandGBps']],
    ['power.watts', ['power.watts']],
    ['nonsense', []],
    ['q.nonsense', []],
  ])('‘%s’', (asked, found) => {
    expect(about(asked)).toEqual(found);
  });

  test('a kernel is all of its figures', () => {
    expect(about('softmax')).toEqual(expect.arrayContaining(['kernels.softmax.cycles', 'kernels.softmax.dsp']));
    expect(about('softmax').every((path) => path.startsWith('kernels.softmax.'))).toBe(true);
  });

  test('nothing is everything', () => {
    expect(about().length).toBe(explanationsOf(estimate!).length);
  });

  test('of a band says from where to where, and of an exact figure what it is', () => {
    const [lut] = explanationsFor(estimate!, 'q.lut');
    const q = estimate!.kernels.find(({ name }) => name === 'q')!.resources;
    expect(lut).toMatchObject({ low: q.lut.low, value: q.lut.used, high: q.lut.high });
    expect(explanationText(lut!)).toMatch(/^kernels\.q\.lut = \d+k…\d+k LUT\n/);
    const [dsp] = explanationsFor(estimate!, 'q.dsp');
    expect(dsp).not.toHaveProperty('low');
    expect(explanationText(dsp!)).toMatch(new RegExp(`^kernels\\.q\\.dsp = ${q.dsp.used} DSP\n`));
  });

  test('of a kernel in a generate says of which pass its share is, and what it is of all of them', () => {
    const [whole] = estimatesOf('accelerator a { device u280 model bert_tiny phase generate(prompt: 16, output: 3) }');
    const inputs = (figure: string) => explanationsOf(whole!).find((one) => one.figure === figure)!.inputs;
    expect(inputs('kernels.q.busy')).toMatch(/, in the pass over the prompt$/);
    expect(inputs('generate.kernels.q.busy')).toMatch(/^prompt \S+ of .*, last token \S+, all tokens /);
  });

  test('is printed with its formula, the numbers, what is assumed and the source', () => {
    const [cycles] = explanationsFor(estimate!, 'q.cycles');
    expect(explanationText(cycles!)).toBe(
      [
        'kernels.q.cycles = 1,190,451 cycles',
        '  = blocks · tiles · (K/D + o) + drain',
        '  = 64 · 24 · (768 + 7) + 51',
        '  assumed: no vendor tool was run: loops reach the intervals that their pragmas ask for',
        '  from: loops of linear.h',
      ].join('\n'),
    );
  });
});
