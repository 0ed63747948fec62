/** Models whose passes are not all alike: each part on its own hardware, one behind the other. */
import { describe, expect, test } from 'vitest';
import type { AcceleratorEstimate, MemoryEstimate } from '../../../server/estimate/estimate.ts';
import { measure } from '../../../server/estimate/metrics.ts';
import { estimateText } from '../../../server/report/text.ts';
import { analysisOf } from '../../kit/analyses.ts';

const rest = `kernel q array 4 x 8 weights hbm[1] on slr0  kernel k array 4 x 8 weights hbm[2] on slr0
  kernel v array 4 x 8 weights hbm[3] on slr0  kernel proj array 4 x 8 weights hbm[4] on slr0
  kernel scores array 4 x 4 on slr0  kernel softmax lanes 4 on slr0  kernel context array 4 x 4 on slr0
  kernel add1 lanes 4 on slr0  kernel norm1 lanes 4 on slr0  kernel act lanes 8 on slr1
  kernel down array 4 x 16 weights hbm[6] on slr1  kernel add2 lanes 4 on slr1  kernel norm2 lanes 4 on slr1`;

function bert(lines: string, head = 'device u280 model bert_base(layers: 6)', batch = ''): AcceleratorEstimate {
  const text = `accelerator a { ${head} phase forward(tokens: 32${batch}) ${rest} ${lines} }`;
  const { estimate, diagnostics } = analysisOf(text);
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return estimate.accelerators[0]!;
}

const wide = (passes = '') => `kernel up array 4 x 16 weights hbm[5] on slr1 ${passes}`;
const narrow = (passes = '') => `kernel narrow : up array 4 x 4 weights hbm[7] on slr2 ${passes}`;

const stored = (memories: readonly MemoryEstimate[], kernel: string): number =>
  memories
    .flatMap(({ contents }) => contents.filter((one) => one.kernel === kernel))
    .reduce((sum, one) => sum + one.bytes, 0);

describe('kernels for some passes', () => {
  const all = bert(wide());
  const slow = bert(narrow());
  const both = bert(`${wide('for block[0..1]')} ${narrow('for block[2..5]')}`);

  test('take the time of each part on its hardware, one behind the other', () => {
    expect(all.timing.perLayer).toBeLessThan(slow.timing.perLayer);
    expect(both.timing.model).toBeCloseTo(2 * all.timing.perLayer + 4 * slow.timing.perLayer, 12);
    expect(both.timing).toMatchObject({ perLayer: all.timing.perLayer, passes: 6 });
    expect(both.timing.interval).toBeLessThanOrEqual(both.timing.model);
    expect(both.parts!.map(({ passes }) => passes)).toEqual([
      { layer: 'block', first: 0, last: 1 },
      { layer: 'block', first: 2, last: 5 },
    ]);
    expect(both.bottleneck?.reason).toMatch(/in block\[2\.\.5\]$/);
  });

  test('are both built, the others once', () => {
    const kernel = (estimate: AcceleratorEstimate, name: string) => estimate.kernels.find((one) => one.name === name)!;
    expect(both.kernels.map(({ name }) => name).sort()).toEqual(
      [...all.kernels.map(({ name }) => name), 'narrow'].sort(),
    );
    expect(kernel(both, 'narrow').resources).toEqual(kernel(slow, 'narrow').resources);
    expect(kernel(both, 'q').resources).toEqual(kernel(all, 'q').resources);
    const dsp = (estimate: AcceleratorEstimate) => estimate.resources.dsp.used;
    expect(dsp(both)).toBeCloseTo(dsp(all) + kernel(slow, 'narrow').resources.dsp.used, 9);
  });

  test('have in memory the layers that they serve, and together those of the model', () => {
    expect(stored(both.memories, 'q')).toBe(stored(all.memories, 'q'));
    expect(stored(both.memories, 'up')).toBe(stored(all.memories, 'up') / 3);
    expect(stored(both.memories, 'narrow')).toBe((stored(slow.memories, 'narrow') * 2) / 3);
  });

  test('that are alike change nothing', () => {
    const same = bert(
      `${wide('for block[0..2]')} ${narrow('for block[3..5]').replace('4 x 4', '4 x 16').replace('hbm[7] on slr2', 'hbm[5] on slr1')}`,
    );
    expect(same.timing.model).toBeCloseTo(all.timing.model, 12);
    expect(same.timing.interval).toBeCloseTo(all.timing.interval, 12);
    expect(same.channels.map(({ demand }) => demand)).toEqual(all.channels.map(({ demand }) => demand));
  });

  test('a requirement of the layer speaks of the slowest pass, of a kernel of the passes that it works in', () => {
    const latency = (sort: 'layer' | 'kernel', name: string) =>
      measure({ name: 'latency', scope: { sort, name } }, both)!;
    expect(latency('layer', 'block')).toBe(slow.timing.perLayer);
    expect(latency('kernel', 'narrow')).toBeLessThanOrEqual(slow.timing.perLayer);
    expect(latency('kernel', 'narrow')).toBeGreaterThan(latency('kernel', 'up'));
  });

  test('the report has the parts, and says where a kernel works', () => {
    const text = estimateText(both);
    expect(text).toMatch(
      /^In parts .* block\[0\.\.1\]: 2 passes of [\d.]+ ms\n.* block\[2\.\.5\]: 4 passes of [\d.]+ ms$/m,
    );
    expect(text).toMatch(/^narrow block\[2\.\.5\] +up/m);
  });

  test('are dealt out to the cards of a pipeline in their order', () => {
    const head = 'device 2 x u280 at 245 MHz link qsfp split pipeline 2 model bert_base(layers: 6)';
    const lines = `${wide('for block[0..1]')} ${narrow('for block[2..5]')}`;
    const [a, b] = [bert(wide(), head), bert(narrow(), head)].map(({ timing }) => timing.perLayer) as [number, number];
    const one = bert(lines, head);
    const hop = one.cards!.hop;
    expect(hop).toBeGreaterThan(0);
    // Three passes on each card: two wide ones and a narrow one, and three narrow ones.
    expect(one.timing.model).toBeCloseTo(2 * a + 4 * b + hop, 12);
    expect(one.timing.interval).toBeCloseTo(3 * b, 12);
    expect(one.timing.passes).toBe(3);
    expect(one.parts!.map(({ estimate }) => estimate.timing.model)).toEqual(
      [2 * a, 4 * b].map((each) => expect.closeTo(each, 12)),
    );
    const four = bert(lines, head, ', batch: 4');
    expect(four.timing.model).toBeCloseTo(2 * a + b + 3 * b + 3 * (3 * b) + hop, 10);
    // The first card has both kernels, and one layer of the narrow one; the second has the narrow one alone.
    expect(one.caveats.join()).toMatch(/dies, memories and totals are those of card\[0\], of which most is taken/);
    expect(stored(one.memories, 'narrow')).toBe(stored(slow.memories, 'narrow') / 6);
    const last = bert(narrow(), head);
    expect(one.cards!.resources.dsp.used).toBe(one.resources.dsp.used + last.resources.dsp.used);
    expect(one.kernels.map(({ name }) => name)).toEqual(expect.arrayContaining(['up', 'narrow']));
  });

  test('are one statement each: a tile of rows is of both parts', () => {
    const tiled = bert(`${wide('for block[0..1]')} ${narrow('for block[2..5]')}`.replaceAll('hbm[5]', 'hbm[5] tile 8'));
    expect(tiled.netlist.refused).toEqual([]);
    const all = rest.replace('kernel q array 4 x 8', 'kernel q tile 8 array 4 x 8');
    const { diagnostics } = analysisOf(
      `accelerator a { device u280 model bert_base(layers: 6) phase forward(tokens: 32) ${all} ${wide('for block[0..1]')} ${narrow('for block[2..5]')} }`,
    );
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test('‘on card[1]’ of a pipeline says which', () => {
    const head = 'device 2 x u280 at 245 MHz link qsfp split pipeline 2 model bert_base(layers: 6)';
    const placed = bert(
      `${wide().replace('on slr1', 'on card[0].slr1')} ${narrow().replace('on slr2', 'on card[1].slr2')}`,
      head,
    );
    const said = bert(`${wide('for block[0..2]')} ${narrow('for block[3..5]')}`, head);
    expect(placed.timing).toEqual(said.timing);
    expect(placed.resources).toEqual(said.resources);
    const alone = [wide(), narrow()].map((lines) => bert(lines, head).resources.dsp.used);
    expect(placed.resources.dsp.used).toBe(Math.max(...alone));
    expect(placed.cards!.resources.dsp.used).toBe(alone[0]! + alone[1]!);
  });
});

test('a second repeated layer is timed on its own hardware, behind the first', () => {
  const model = `model twins(hidden) {
    input x : [tokens, hidden]
    layer enc(x) repeat 4 { a = linear(x, hidden) b = gelu(a) output b }
    layer dec(enc) repeat 2 { c = linear(enc, 2 * hidden) d = linear(c, hidden) output d }
    output dec
  }
  model only(hidden) {
    input x : [tokens, hidden]
    layer dec(x) repeat 2 { c = linear(x, 2 * hidden) d = linear(c, hidden) output d }
    output dec
  }`;
  const of = (name: string, lines: string) =>
    analysisOf(`${model} accelerator a { device u280 model ${name}(hidden: 64) phase forward(tokens: 8) ${lines} }`);
  const dec = 'kernel c array 2 x 4 weights hbm[2] on slr0  kernel d array 2 x 4 weights hbm[3] on slr0';
  const { estimate, diagnostics } = of('twins', `kernel a array 2 x 4 weights hbm[1] on slr0  ${dec}`);
  const [both] = estimate.accelerators;
  const [alone] = of('only', dec).estimate.accelerators;
  expect(diagnostics.filter(({ code }) => code === 'not-modelled')).toEqual([]);
  const [enc, second] = both!.parts!;
  expect(second!.estimate.timing.model).toBeCloseTo(alone!.timing.model, 12);
  expect(both!.timing.model).toBeCloseTo(4 * enc!.estimate.timing.perLayer + alone!.timing.model, 12);
  expect(both!.kernels.map(({ name }) => name)).toEqual(expect.arrayContaining(['a', 'c', 'd']));
  expect(stored(both!.memories, 'c')).toBe(stored(alone!.memories, 'c'));
});

test('generate goes through the parts in each of its passes', () => {
  const of = (lines: string) =>
    analysisOf(`accelerator a { device u280 model gpt2(layers: 4, hidden: 64, heads: 4, ffn: 256)
      phase generate(prompt: 8, output: 3) ${lines} }`).estimate.accelerators[0]!;
  const cut = of('kernel up array 2 x 4 for block[0]  kernel slow : up array 1 x 1 for block[1..3]');
  expect(cut.parts!.map(({ passes: { first, last } }) => `${first}..${last}`)).toEqual(['0..0', '1..3']);
  const { firstToken, last } = cut.generation!;
  expect(firstToken).toBeCloseTo(
    cut.parts!.reduce((sum, { estimate }) => sum + estimate.timing.model, 0),
    12,
  );
  expect(last!.timing.model).toBeCloseTo(
    last!.parts!.reduce((sum, { estimate }) => sum + estimate.timing.model, 0),
    12,
  );
  expect(cut.timing.model).toBeGreaterThan(of('kernel up array 2 x 4').timing.model);
});
