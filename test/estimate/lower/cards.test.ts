import { describe, expect, test } from 'vitest';
import type { AcceleratorEstimate } from '../../../server/estimate/estimate.ts';
import { measure } from '../../../server/estimate/metrics.ts';
import { acceleratorJson } from '../../../server/report/json.ts';
import { estimateText } from '../../../server/report/text.ts';
import { analysisOf } from '../../kit/analyses.ts';

const bert = 'bert(layers: 4, hidden: 256, heads: 8, ffn: 1024)';
const kernels = ['q', 'k', 'v', 'proj', 'up', 'down'].map(
  (name, i) => `kernel ${name} array 4 x 8 pack 2 weights hbm[${i + 1}]`,
);
const hardware = `${kernels.join('\n')} kernel scores array 4 x 4  kernel context array 4 x 4`;

function on(
  device: string,
  { model = bert, phase = 'forward(tokens: 128)', lines = hardware, own = '' } = {},
): AcceleratorEstimate {
  const { estimate, diagnostics } = analysisOf(
    `${own} accelerator a { device ${device} model ${model} phase ${phase} precision W8A8 ${lines} }`,
  );
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return estimate.accelerators[0]!;
}

const cyclesOf = ({ kernels }: AcceleratorEstimate, name: string): number =>
  kernels.find((kernel) => kernel.name === name)!.cycles;

describe('a stream into a link', () => {
  const plain = on('2 x u280 at 245 MHz link qsfp split tensor 2');
  const [exchange] = plain.cards!.collectives;
  const streamed = (what: string, unit = exchange!.operator) =>
    on('2 x u280 at 245 MHz link qsfp split tensor 2', { lines: `${hardware} stream ${unit} -> qsfp ${what}` });

  test('lets no more than its width cross in a cycle', () => {
    const narrow = streamed('2 x int8');
    const more = exchange!.sent / (2 * 245e6) - exchange!.sent / rateOf(plain);
    expect(narrow.cards!.seconds - plain.cards!.seconds).toBeCloseTo(more, 12);
    expect(narrow.timing.perLayer).toBeGreaterThan(plain.timing.perLayer);
    expect(narrow.cards!.formula.numeric).toContain(`${exchange!.operator} at 0.490 GB/s by the width of its stream`);
    expect(streamed('4096 x int8').cards).toEqual(plain.cards);
  });

  test('is in the type that it says', () => {
    const whole = streamed('4096 x fp32');
    expect(whole.cards!.collectives[0]!.sent).toBe(4 * exchange!.sent);
    expect(whole.cards!.collectives.slice(1)).toEqual(plain.cards!.collectives.slice(1));
  });

  test('and one out of it counts at the other end', () => {
    const lines = `${hardware} stream qsfp -> add1 2 x int8`;
    const narrow = on('2 x u280 at 245 MHz link qsfp split tensor 2', { lines });
    expect(exchange!.operator).toBe('proj');
    expect(narrow.cards!.seconds).toBeCloseTo(streamed('2 x int8').cards!.seconds, 12);
  });

  test('narrows the hop of a pipeline, too', () => {
    const device = '2 x u280 at 245 MHz link qsfp split pipeline 2';
    const hop = on(device, { lines: `${hardware} stream norm2 -> qsfp 1 x int8` }).cards!.hop;
    expect(hop - (on(device).accelerator.link!.latency ?? 0)).toBeCloseTo((128 * 256) / 245e6, 12);
  });
});

/** Bytes a second of the link as a spec gets them. */
function rateOf({ accelerator: { link } }: AcceleratorEstimate): number {
  return link!.bandwidth * link!.efficiency;
}

describe('tensor parallel', () => {
  const one = on('u280');
  const two = on('2 x u280 link qsfp split tensor 2');

  test('halves the work of products and attention, and leaves rows whole', () => {
    for (const name of ['q', 'k', 'v', 'proj', 'up', 'down', 'scores', 'context'])
      expect(cyclesOf(one, name) / cyclesOf(two, name)).toBeCloseTo(2, 0.5);
    for (const name of ['add1', 'norm1', 'add2', 'norm2']) expect(cyclesOf(two, name)).toBe(cyclesOf(one, name));
    expect(two.timing.perLayer).toBeLessThan(one.timing.perLayer);
    const work = (estimate: AcceleratorEstimate) =>
      estimate.kernels.reduce((sum, { operations }) => sum + operations, 0);
    expect(work(two)).toBeCloseTo(work(one) / 2, -2);
  });

  test('sums up behind the products whose reduction is cut, in T_comm = l·d·b_A/(α·B) each', () => {
    expect(two.cards!.collectives.map(({ operator, kind }) => `${kind} ${operator}`)).toEqual([
      'all-reduce proj',
      'all-reduce down',
    ]);
    expect(two.cards!.seconds).toBeCloseTo((2 * 128 * 256) / 12.5e9, 12);
    expect(measure({ name: 'bandwidth', memory: 'qsfp' }, two)).toBeCloseTo(
      two.cards!.seconds / two.timing.perLayer,
      9,
    );
  });

  test('counts nothing that the host computes', () => {
    const gpt2 = on('2 x u280', { model: 'gpt2(layers: 2, hidden: 256, heads: 4, ffn: 512)', lines: '' });
    expect(gpt2.accelerator.host.map(({ name }) => name)).toContain('lm_head');
    expect(gpt2.cards!.collectives.map(({ operator }) => operator)).toEqual(['proj', 'down']);
  });

  test('keeps half of the weights on each card', () => {
    const weights = ({ memories }: AcceleratorEstimate) =>
      memories.flatMap(({ contents }) => contents).filter(({ what }) => what.startsWith('weights'));
    const sum = (estimate: AcceleratorEstimate) => weights(estimate).reduce((all, { bytes }) => all + bytes, 0);
    expect(sum(one) / sum(two)).toBeGreaterThan(1.9);
    expect(sum(one) / sum(two)).toBeLessThan(2.05);
  });

  test('streams rows through the link: no slower than exchanges that block, no faster than none', () => {
    const slow = on('2 x slow link wire', { own: slowCard('0.5 GB/s') });
    const fast = on('2 x slow link wire', { own: slowCard('100 GB/s') });
    expect(slow.timing.perLayer).toBeGreaterThan(fast.timing.perLayer);
    expect(slow.timing.perLayer).toBeGreaterThanOrEqual(slow.cards!.seconds / 2);
    for (const { cards, timing } of [slow, fast, two]) {
      expect(timing.perLayer).toBeLessThanOrEqual(cards!.blocking * 1.001);
      expect(timing.perLayer).toBeGreaterThanOrEqual((cards!.blocking - cards!.seconds) * 0.999);
    }
  });

  test('pays for the network on every card', () => {
    const [alone, both] = [on('u280', { lines: '' }), on('2 x u280', { lines: '' })];
    expect(alone.cards).toBeUndefined();
    expect(both.cards!.resources.dsp.used).toBe(2 * both.resources.dsp.used);
    expect(both.dies[2]!.resources.lut.low).toBeGreaterThan(35_000);
  });

  test('of a link that is half as efficient takes twice as long', () => {
    const [whole, half] = ['100%', '50%'].map((efficiency) => on('2 x slow', { own: slowCard('10 GB/s', efficiency) }));
    expect(half!.cards!.seconds).toBeCloseTo(2 * whole!.cards!.seconds, 12);
  });

  test('cuts grouped K and V into no more parts than they have heads', () => {
    const llama = 'llama(layers: 2, hidden: 256, heads: 8, kv_heads: 2, ffn: 512, vocab: 1000)';
    const estimate = on('4 x u280', { model: llama, lines: '' });
    const single = on('u280', { model: llama, lines: '' });
    const operations = (of: AcceleratorEstimate, name: string) =>
      of.kernels.find((kernel) => kernel.name === name)!.operations;
    expect(operations(single, 'q') / operations(estimate, 'q')).toBeCloseTo(4);
    expect(operations(single, 'k') / operations(estimate, 'k')).toBeCloseTo(2);
    expect(operations(single, 'scores') / operations(estimate, 'scores')).toBeCloseTo(4);
  });

  test('says so where heads cannot be dealt out', () => {
    const estimate = on('3 x u280', { lines: '' });
    expect(estimate.caveats.join('\n')).toContain('8 heads (8 of K and V) cannot be dealt out to 3 cards');
  });
});

describe('pipeline parallel', () => {
  const one = on('u280');
  const two = on('2 x u280 split pipeline 2');

  test('shares the layers out: a pass is as long, and each card keeps half of the weights', () => {
    expect(two.timing.perLayer).toBeCloseTo(one.timing.perLayer, 9);
    expect(two.timing.passes).toBe(one.timing.passes / 2);
    expect(two.cards!.hop).toBeCloseTo((128 * 256) / 12.5e9, 12);
    expect(two.timing.model).toBeCloseTo(one.timing.model + two.cards!.hop, 9);
    expect(two.timing.interval).toBeLessThan(one.timing.interval);
  });

  test('of a batch overlaps its sequences', () => {
    const batch = 'forward(tokens: 128, batch: 4)';
    const [alone, piped] = [on('u280', { phase: batch }), on('2 x u280 split pipeline 2', { phase: batch })];
    // Five stages of two layers instead of eight.
    expect((piped.timing.model - piped.cards!.hop) / alone.timing.model).toBeCloseTo(5 / 8, 6);
  });
});

test('several cards are in the report and in the JSON', () => {
  const estimate = on('4 x u280 split tensor 2, pipeline 2', { phase: 'generate(prompt: 16, output: 4)' });
  const text = estimateText(estimate);
  expect(text).toMatch(/^Cards +4: each operator cut over 2, layers over 2/m);
  expect(text).toMatch(/^Exchange .* over qsfp .*all-reduce behind proj, all-reduce behind down/m);
  expect(acceleratorJson(estimate)).toMatchObject({ cards: { cards: 4, tensor: 2, pipeline: 2, link: 'qsfp' } });
});

function slowCard(bandwidth: string, efficiency = '100%'): string {
  return `device slow { clock: 250 MHz, family: ultrascale_plus
    die a { lut: 1_300_000, ff: 2_600_000, dsp: 9_024, bram: 2_016, uram: 960 }
    memory hbm { channels: 0..31, capacity: 256 MiB, bandwidth: 14 GB/s, port: 512 bit }
    link wire { ports: [0, 1], bandwidth: ${bandwidth}, efficiency: ${efficiency} } }`;
}
