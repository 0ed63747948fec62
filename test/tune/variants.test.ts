/** What is open of a spec as a whole: the search over all variants finds what a search of each by itself finds. */
import highs from 'highs';
import { describe, expect, test } from 'vitest';
import { applyEdits, createAnalyst } from '../../server/analysis.ts';
import { readSource, withLibrary } from '../../server/sources.ts';
import type { Tuned } from '../../server/tune/tune.ts';
import { latencyOf, variantsOf } from '../../server/tune/variants.ts';
import { MAIN } from '../kit/sources.ts';

const solver = await highs();

function tuned(text: string, choose = {}) {
  const analyst = createAnalyst(choose);
  const source = readSource(text);
  const sources = withLibrary({ get: (uri) => (uri === MAIN ? source : undefined) });
  const analysis = analyst.analyse(MAIN, sources)!;
  const [now] = analysis.estimate.accelerators;
  const result = analyst.tune(now!, analysis, sources, solver);
  return { analysis, now: now!, result };
}

function found(text: string, choose = {}): Tuned {
  const { result } = tuned(text, choose);
  if (!('edits' in result)) throw new Error(result.reason);
  return result;
}

/** Seconds of the work of a spec as it stands. */
const secondsOf = (text: string): number => latencyOf(tuned(text).now, 'model');

/** Of a spec without anything open as a whole: of what the tuner makes of it. */
function secondsAlone(text: string): number {
  const { result, now } = tuned(text);
  return 'edits' in result ? secondsOf(applyEdits(text, result.edits, MAIN)) : latencyOf(now, 'model');
}

const chain = (statements: string, array: string) => `model ffn {
  input x : [tokens, 64]
  layer block(x) repeat 6 {
    up   = linear(x, 128)
    act  = gelu(up)
    down = linear(act, 64)
    output down
  }
  output block
}
accelerator a {
  device    u280 at 245 MHz
  model     ffn
  phase     forward(tokens: 32)
  precision W8A8
  ${statements}
  kernel up    ${array}  weights hbm[4]
  kernel act
  kernel down  ${array}  weights hbm[5]
}`;

const cards = (split: string) =>
  `accelerator a { device 2 x u280 ${split} model gpt2(layers: 4, hidden: 96, heads: 3, ffn: 192) phase forward(tokens: 16, batch: 8) }`;

describe.each([
  {
    what: 'a knob',
    text: chain('choose rows from 2, 4, 16', 'array rows x auto'),
    each: [2, 4, 16].map((rows) => chain('', `array ${rows} x auto`)),
    statement: /^rows = (4|16)$/,
    written: /choose rows from (4, 2, 16|16, 2, 4)\n/,
  },
  {
    what: 'copies',
    text: chain('copies auto', 'array 4 x 8'),
    each: [1, 2, 3, 6].map((copies) => chain(`copies ${copies}`, 'array 4 x 8')),
    statement: /^copies [236]$/,
    written: /copies [236]\n/,
  },
  {
    what: 'the split of a model over cards',
    text: cards('split tensor auto'),
    each: ['tensor 2, pipeline 1', 'tensor 1, pipeline 2'].map((ways) => cards(`split ${ways}`)),
    statement: /^split tensor 1, pipeline 2$/,
    written: /device 2 x u280 split tensor 1, pipeline 2 model/,
  },
])('$what', ({ text, each, statement, written }) => {
  const result = found(text);
  const after = applyEdits(text, result.edits, MAIN);

  test('is as fast as the best of the variants by itself, and the spec says so', () => {
    expect(result.per).toBe('model');
    expect(secondsOf(after)).toBe(result.after);
    expect(result.after).toBe(Math.min(...each.map(secondsAlone)));
  });

  test('is written where it is open', () => {
    expect(result.statements).toHaveLength(1);
    expect(result.statements[0]).toMatch(statement);
    expect(after).toMatch(written);
  });

  test('is never below its bound, and neither are the others', () => {
    expect(result.bound).toBeGreaterThan(0);
    for (const one of [after, ...each]) expect(secondsOf(one)).toBeGreaterThanOrEqual(result.bound);
  });
});

test('a knob whose value is named by the caller stays', () => {
  const text = chain('choose rows from 2, 4', 'array rows x auto');
  expect(found(text, { rows: 2 })).toMatchObject({ per: 'layer', statements: [], tokens: 2 });
});

test('a split that is not written at all is written behind the card', () => {
  const { now } = tuned(cards(''));
  const { variants } = variantsOf(
    now,
    () => false,
    () => undefined,
  );
  expect(variants.map(({ edits }) => applyEdits(cards(''), edits, MAIN))).toEqual([
    cards(''),
    cards('').replace('u280', 'u280  split tensor 1, pipeline 2'),
  ]);
});

describe('a prompt and the tokens behind it', () => {
  const spec = (phase: string, more = '') =>
    `accelerator a { device u280 model gpt2(layers: 2, hidden: 32, heads: 2, ffn: 64) phase ${phase} ${more} }`;
  const generate = 'generate(prompt: 8, output: 24)';
  const inAll = (text: string): number => latencyOf(tuned(text).now, 'generation');
  const both = found(spec(generate));

  test('are made short together, by how many there are of each', () => {
    expect(both).toMatchObject({ per: 'generation', before: inAll(spec(generate)) });
    expect(both.after).toBe(inAll(applyEdits(spec(generate), both.edits, MAIN)));
    expect(both.bound).toBeLessThanOrEqual(both.after);
    expect(both.notSearched.join()).not.toContain('token');
  });

  test('what is best for the prompt alone is no better for both', () => {
    const prompt = spec('prefill(tokens: 8)');
    const best = applyEdits(prompt, found(prompt).edits, MAIN).replace('prefill(tokens: 8)', generate);
    expect(inAll(best)).toBeGreaterThan(both.after);
  });

  test('tokens that have kernels of their own stay as they are, and that is said', () => {
    const own = found(spec(generate, 'kernel gemv : q, k, v, proj, up, down array 1 x 4 x 8 for decode'));
    expect(own.per).toBe('layer');
    expect(own.notSearched).toContain('the token passes of generate');
  });
});
