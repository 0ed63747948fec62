import { describe, expect, test } from 'vitest';
import type { Accelerator, Kernel } from '../../../server/design/design.ts';
import { resolve } from '../../../server/design/resolve.ts';
import { builtKernels } from '../../../server/estimate/lower/pieces.ts';
import { annotated } from '../../kit/annotated.ts';
import { acceleratorOf, designOf, MAIN, sourceSet } from '../../kit/sources.ts';

const gpt2 = (statements: string, device = 'u280', phase = 'generate(prompt: 64, output: 33)'): string =>
  `accelerator a { device ${device} model gpt2_small phase ${phase} ${statements} }`;
const forward = (statements: string, device = 'u280'): string =>
  `accelerator a { device ${device} model bert_base phase forward(tokens: 512) ${statements} }`;
const partsOf = (text: string): Accelerator[] => {
  const first = acceleratorOf(text);
  return [first, ...first.further];
};
/** The pass over the prompt, and that of the last token. */
const bothPasses = (text: string): [Accelerator, Accelerator] => {
  const whole = acceleratorOf(text);
  return [whole, whole.decoding!.at(-1)!];
};
/** Kernels of a `generate` that serve its prompt. */
const ofPrompt = ({ kernels }: Accelerator): string[] =>
  kernels.filter(({ phases }) => !phases?.every((phase) => phase === 'decode')).map(({ name }) => name);
const named = ({ kernels }: Accelerator, name: string): Kernel | undefined =>
  kernels.find((kernel) => kernel.name === name);
const written = ({ kernels }: Accelerator): string[] => kernels.filter(({ auto }) => !auto).map(({ name }) => name);

describe('generate', () => {
  test('is a prompt and tokens behind growing pasts, some of which are looked at', () => {
    const whole = acceleratorOf(gpt2(''));
    expect(whole).toMatchObject({ phase: { name: 'generate', tokens: 64, past: 0 }, further: [] });
    const pasts = whole.decoding!.map(({ phase }) => phase.past);
    expect([pasts[0], pasts.length, pasts.at(-1)]).toEqual([64, 9, 95]);
    const last = whole.decoding!.at(-1)!;
    expect(last.model.layer.operators.find(({ name }) => name === 'scores')).toMatchObject({ rows: 1, keys: 96 });
    expect(named(last, 'scores')?.turns[0]?.[0]).toMatchObject({ rows: 1, keys: 96 });
    expect(named(whole.decoding![0]!, 'scores')?.turns[0]?.[0]).toMatchObject({ rows: 1, keys: 65 });
    expect(acceleratorOf(gpt2('', 'u280', 'generate(prompt: 64, output: 1)'))).not.toHaveProperty('decoding');
  });

  test('a kernel that serves both is the same hardware in both', () => {
    const [whole, last] = bothPasses(gpt2('kernel q array 4 x 8 kernel up'));
    expect(whole.kernels.map(({ name }) => name)).toEqual(last.kernels.map(({ name }) => name));
    for (const kernel of whole.kernels) {
      const { turns: _, ...same } = named(last, kernel.name)!;
      expect(kernel).toMatchObject(same);
    }
    // K and V of the prompt outlive its pass.
    expect(named(whole, 'scores')?.cache?.value.kind).toBe('channels');
  });

  test('a kernel for one of them serves that one', () => {
    const [whole, last] = bothPasses(gpt2('kernel q for prefill kernel gemv : q, k for decode kernel up for generate'));
    expect(written(whole)).toEqual(['q', 'up', 'gemv']);
    expect(written(last)).toEqual(['gemv', 'up']);
    // K has hardware of its own for the prompt, and the matrix unit for the tokens.
    expect(named(whole, 'k')?.auto).toBe(true);
    expect(named(last, 'k')).toBeUndefined();
  });

  test('two kernels of one name may serve one of them each', () => {
    const text = gpt2('kernel gemm : q, k for prefill array 8 x 8  kernel gemm : q, k for decode array 1 x 8');
    const [whole, last] = bothPasses(text);
    expect(written(whole)).toEqual(['gemm', 'gemm_2']);
    expect(written(last)).toEqual(['gemm_2']);
    expect(designOf(text).problems).toEqual([]);
  });

  test('arrays of both share the DSP blocks', () => {
    const whole = acceleratorOf(gpt2('region r for decode { kernel gemv : q, k, v, proj, up, down }'));
    expect(ofPrompt(whole)).not.toContain('gemv');
    const blocks = whole.kernels.reduce((sum, { array, replicate }) => {
      const { tokens, outputs, dot } = array?.value ?? { tokens: 0, outputs: 0, dot: 0 };
      return sum + tokens * outputs * dot * replicate.value;
    }, 0);
    expect(named(whole, 'gemv')?.array?.value.outputs).toBeGreaterThan(0);
    expect(blocks).toBeLessThanOrEqual(9024);
  });
});

describe('passes of a layer', () => {
  test('kernels for some of them cut the work into parts', () => {
    const parts = partsOf(forward('kernel q for block[0..3]  kernel fast : q for block[4..7, 9]  kernel up'));
    expect(parts.map(({ passes: { first, last } }) => `${first}..${last}`)).toEqual([
      '0..3',
      '4..7',
      '8..8',
      '9..9',
      '10..11',
    ]);
    // The first has those that work behind it alone at its end.
    expect(parts.map((part) => written(part).join())).toEqual(['q,up,fast', 'fast,up', 'up', 'fast,up', 'up']);
    const builtIn = (part: Accelerator) => builtKernels(part).filter(({ auto }) => !auto);
    expect(builtIn(parts[0]!).map(({ name }) => name)).toEqual(['q', 'up']);
    // Nobody serves q in passes 8, 10 and 11: one kernel of its own does.
    expect(parts.slice(1).map((part) => named(part, 'q_2')?.auto)).toEqual([undefined, true, undefined, true]);
    expect(named(parts[0]!, 'q_2')?.passes?.map(({ first, last }) => `${first}..${last}`)).toEqual(['8..8', '10..11']);
    expect(parts[0]!.unmapped.map(({ name }) => name)).toContain('q');
  });

  test('there is an end to the stretches', () => {
    const kernels = Array.from({ length: 200 }, (_, pass) => `kernel k${pass} : q for block[${pass}]`).join('\n');
    const text = `accelerator a { device u280 model bert_base(layers: 400) phase forward(tokens: 8) ${kernels} }`;
    const { accelerators, problems } = designOf(text);
    const parts = [accelerators[0]!, ...accelerators[0]!.further];
    expect(parts).toHaveLength(64);
    expect(parts.at(-1)?.passes).toEqual({ layer: 'block', first: 63, last: 399 });
    const leftOut = problems.filter(
      (problem) => problem.code === 'not-modelled' && problem.consequence.includes('left out'),
    );
    expect(leftOut).toHaveLength(200 - 63);
  });

  test('what stands around the layers is in the first part only', () => {
    const parts = partsOf(gpt2('kernel q for block[0..3]', 'u280', 'prefill(tokens: 64)'));
    expect(parts.map(({ model }) => model.outside.length)).toEqual([3, 0]);
    expect(parts.map(({ host }) => host.length)).toEqual([3, 0]);
  });
});

describe('several layers and outputs', () => {
  const twins = `model twins(hidden) {
    input x : [tokens, hidden]
    layer enc(x) repeat 4 { a = linear(x, hidden) b = gelu(a) output b }
    layer dec(enc) repeat 2 { c = linear(enc, hidden) d = relu(c) output d, c }
    last = layernorm(dec)
    output last, enc
  }
  accelerator a { device u280 model twins(hidden: 64) phase forward(tokens: 8) KERNELS }`;

  test('each repeated layer is a part', () => {
    const [enc, dec, ...more] = partsOf(twins.replace('KERNELS', 'kernel gemm : enc.a, c  kernel last'));
    expect(more).toEqual([]);
    expect([enc, dec].map((part) => part!.passes)).toEqual([
      { layer: 'enc', first: 0, last: 3 },
      { layer: 'dec', first: 0, last: 1 },
    ]);
    expect(
      [enc, dec].map((part) =>
        named(part!, 'gemm')!
          .turns.flat()
          .map(({ name }) => name),
      ),
    ).toEqual([['a'], ['c']]);
    expect(enc!.model.outputs).toEqual(['last', 'enc']);
    expect(enc!.kernels.map(({ name }) => name)).toContain('last');
  });

  test('every output of a layer leaves the chip, and keeps its operator from being fused', () => {
    const [, dec] = partsOf(twins.replace('KERNELS', ''));
    const leaving = dec!.edges.filter(({ to }) => to.kind === 'memory').map(({ tensor }) => tensor);
    expect(leaving.sort()).toEqual(['c', 'd']);
    expect(dec!.kernels.map(({ name }) => name)).toEqual(['c', 'd']);
  });

  test('so does every output of a model without a layer', () => {
    const text = `model m { input x : [tokens, 8] y = linear(x, 8) z = linear(y, 8) output z, y }
      accelerator a { device u280 model m phase forward(tokens: 8) }`;
    const leaving = acceleratorOf(text).edges.filter(({ to }) => to.kind === 'memory');
    expect(leaving.map(({ tensor }) => tensor)).toEqual(['y', 'z']);
    expect(designOf(text).problems).toEqual([]);
  });
});

describe('cards', () => {
  test('hold kernels, and streams lead to others', () => {
    const text = forward(
      'kernel q on card[1].slr0, card[2].slr0  kernel k on card[0..1]  stream norm2 -> qsfp 64 x int8 depth 512 in uram',
      '4 x u280',
    );
    const accelerator = acceleratorOf(text);
    expect(named(accelerator, 'q')).toMatchObject({ cards: [1, 2], dies: { value: ['slr0'], origin: 'written' } });
    expect(named(accelerator, 'k')).toMatchObject({ cards: [0, 1], dies: { origin: 'auto' } });
    expect(named(accelerator, 'v')).not.toHaveProperty('cards');
    expect(accelerator.linkStreams).toMatchObject([
      {
        direction: 'out',
        unit: 'norm2',
        link: 'qsfp',
        width: { value: 64 },
        element: { value: 'int8' },
        depth: { value: 512 },
      },
    ]);
  });
});

test('what a kernel is replicated over', () => {
  const over = (clauses: string, name: string) =>
    named(acceleratorOf(forward(`kernel ${name} ${clauses}`)), name)?.over;
  expect(over('replicate 4 over heads', 'scores')).toMatchObject({ value: 'heads', origin: 'written' });
  expect(over('replicate 4', 'scores')).toEqual({ value: 'heads', origin: 'auto' });
  expect(over('replicate 2', 'q')).toEqual({ value: 'outputs', origin: 'auto' });
  expect(over('replicate 2', 'norm1')).toEqual({ value: 'tokens', origin: 'auto' });
});

test('a kernel’s ‘on’, ‘for’ and ‘replicate’ stand as a whole before those of its region', () => {
  const region = 'region r on card[1].slr1 for block[0..3] replicate 4 over heads';
  const inside = (clauses: string) =>
    named(acceleratorOf(forward(`${region} { kernel scores ${clauses} }`, '2 x u280')), 'scores')!;
  expect(inside('')).toMatchObject({ cards: [1], dies: { value: ['slr1'], origin: 'region' }, passes: [{ last: 3 }] });
  expect(inside('on slr0')).not.toHaveProperty('cards');
  expect(inside('on card[0]')).toMatchObject({ cards: [0], dies: { origin: 'auto' } });
  expect(inside('for forward')).toMatchObject({ phases: ['forward'] });
  expect(inside('for forward')).not.toHaveProperty('passes');
  expect(inside('replicate 2').over).toMatchObject({ value: 'heads', origin: 'auto' });
});

test('a tile keeps what it says', () => {
  const tile = (sides: string) => named(acceleratorOf(forward(`kernel q tile ${sides}`)), 'q')?.tile?.value;
  expect(tile('128 x 256')).toEqual({ tokens: 128, outputs: 256, reduction: undefined });
  expect(tile('auto x 256 x 64')).toEqual({ tokens: undefined, outputs: 256, reduction: 64 });
});

test('knobs stand for what a caller has chosen', () => {
  const text = forward('choose rows from 4, 8..10 choose fast from 200 MHz, 300 MHz kernel q array rows x 4 at fast');
  const resolved = (choose: Record<string, number>) => resolve(MAIN, sourceSet({ [MAIN]: text }), { choose });
  const array = (choose: Record<string, number>): unknown => {
    const { kernels, choices } = resolved(choose).accelerators[0]!;
    const { array, clock } = kernels[0]!;
    return [array?.value.tokens, clock.value / 1e6, ...choices.map(({ value }) => value)];
  };
  expect(array({})).toEqual([4, 200, 4, 200e6]);
  expect(array({ rows: 9 })).toEqual([9, 200, 9, 200e6]);
  expect(array({ 'a.fast': 300e6, 'b.rows': 9 })).toEqual([4, 300, 4, 300e6]);
  expect(resolved({ rows: 5 }).problems).toMatchObject([
    { code: 'invalid-value', subject: 'choose', found: '5', expected: 'one of 4, 8, 9, 10' },
  ]);
});

test('accelerators of a file are rivals', () => {
  const text = `${forward('compare b, a100, b')} ${forward('').replace('accelerator a', 'accelerator b')}`;
  const [a] = designOf(text).accelerators;
  expect(a!.rivals.map(({ name }) => name)).toEqual(['b']);
  expect(a!.compare.map(({ name }) => name)).toEqual(['a100']);
});

/** What is wrong, at the mark; that something is not priced yet is said beside it. */
const wrong: [what: string, source: string, problem: Record<string, unknown>][] = [
  ['a card that is not there', forward('kernel q on card[^4^].slr0', '4 x u280'), { found: '4' }],
  [
    'a card without a number',
    forward('kernel q on ^card^.slr0', '4 x u280'),
    { part: 'a number, ‘card[0]’ to ‘card[3]’' },
  ],
  ['a die of a die', forward('kernel q on ^slr0^.slr1'), { code: 'unknown-name', sort: 'card' }],
  ['a die with a number', forward('kernel q on ^slr0[1]^'), { expected: '‘slr0’ without a number' }],
  ['a pass that is not there', forward('kernel q for block[0..^12^]'), { subject: 'a pass of ‘block’', found: '12' }],
  ['passes that fall', forward('kernel q for block[^5..2^]'), { expected: 'a range that rises, within 0..11' }],
  ['a phase with a number', forward('kernel q for ^forward[1]^'), { expected: '‘forward’ without a number' }],
  ['neither phase nor layer', forward('kernel q for ^blok^'), { code: 'unknown-name', sort: 'phase or layer' }],
  ['a tile of four sides', forward('kernel q ^tile 1 x 2 x 3 x 4^'), { subject: 'tile' }],
  [
    'a dimension that is none',
    forward('kernel q replicate 2 over ^rows^'),
    { code: 'unknown-name', candidates: ['heads', 'tokens', 'outputs'] },
  ],
  [
    'more instances than heads',
    forward('kernel scores ^replicate 16 over heads^'),
    { found: '16 over heads', expected: 'at most 12: ‘scores’ has 12 heads' },
  ],
  ['heads of what has none', forward('kernel q ^replicate 2 over heads^'), { expected: 'at most 1: ‘q’ has 1 head' }],
  [
    'a link to a memory',
    forward('stream qsfp -> ^hbm[0]^'),
    { expected: 'a kernel or an operator at the other end of a link' },
  ],
  ['values of two units', forward('choose c from 200 MHz, ^3^'), { subject: 'choose' }],
  [
    'an answer without its length',
    gpt2('', 'u280', '^generate^(prompt: 8)'),
    { code: 'missing-part', part: '‘output:’' },
  ],
  ['an operator of no layer', gpt2('kernel gemm : ^blok^.q'), { code: 'unknown-name', name: 'blok' }],
  ['a word in no layer', gpt2('kernel gemm : q, ^qq^'), { code: 'unknown-name', sort: 'operator' }],
];

describe('one mistake, where it is', () => {
  test.each(wrong)('%s', (_, source, problem) => {
    const { text, ranges } = annotated(source);
    const problems = designOf(text).problems.filter(({ code }) => code !== 'not-modelled');
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject(problem);
    const { start, end } = problems[0]!.span;
    expect(text.slice(start, end)).toBe(text.slice(ranges[0]!.start, ranges[0]!.end));
    expect({ start, end }).toEqual(ranges[0]);
  });
});
