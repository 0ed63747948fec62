/** Kernels that take operators in turn: what one piece of hardware works is the sum of its turns. */
import { expect, test } from 'vitest';
import chat from '../../examples/llama_chat_u280.weft';
import { analysisOf } from '../kit/analyses.ts';

const estimateOf = (text: string) => analysisOf(text).estimate.accelerators[0]!;

const bert = (kernels: string) =>
  estimateOf(`accelerator a {
    device u280 at 250 MHz  model bert_tiny  phase forward(tokens: 64)  precision W8A8
    ${kernels}
  }`);

test('one array for three linears is as busy as three arrays together, and a result takes as long', () => {
  const others = ['scores', 'context', 'proj', 'up', 'down'].map((name) => `kernel ${name} array 8 x 16`).join('  ');
  const turns = bert(`kernel m : q, k, v  array 1 x 4  ${others}`);
  const apart = bert(`kernel q array 1 x 4  kernel k array 1 x 4  kernel v array 1 x 4  ${others}`);
  const busy = ({ kernels, timing }: typeof turns, names: readonly string[]) =>
    kernels.filter(({ name }) => names.includes(name)).reduce((sum, kernel) => sum + kernel.busy, 0) * timing.perLayer;
  expect(busy(turns, ['m'])).toBeGreaterThan(0);
  expect(busy(turns, ['m'])).toBeCloseTo(busy(apart, ['q', 'k', 'v']), 9);
  expect(turns.bottleneck?.kernel).toBe('m');
  // Its turns are no wait for itself.
  expect(turns.kernels.find(({ name }) => name === 'm')!.waits.filter(({ on }) => on === 'm')).toEqual([]);
  const seconds = turns.kernels.find(({ name }) => name === 'm')!.seconds;
  expect(turns.timing.interval / turns.timing.passes / seconds).toBeGreaterThan(0.95);
});

test('a die whose kernels are off the timeline takes their time; one without kernels takes none', () => {
  const { dies, kernels } = bert(`
    kernel matrix : q, k, v, scores, context, proj, up, down  array 4 x 8  on slr0
    kernel vector : softmax, add1, norm1, act, add2, norm2    lanes 8      on slr1`);
  const seconds = kernels.map((kernel) => kernel.seconds);
  expect(Math.min(...seconds)).toBeGreaterThan(0);
  expect(dies.map(({ latency }) => latency)).toEqual([seconds[0], seconds[1], 0].map((one) => expect.closeTo(one!, 9)));
});

test('a die that works for tokens alone has the latency of the last token', () => {
  const { dies, generation } = estimateOf(chat);
  const slr2 = dies.find(({ name }) => name === 'slr2');
  const last = generation?.last?.dies.find(({ name }) => name === 'slr2');
  expect(slr2?.latency).toBeGreaterThan(0);
  expect(slr2?.latency).toBe(last?.latency);
});

test('arithmetic alone takes no less than memory takes to bring its weights, and says so where that is longer', () => {
  const gpt2 = (shape: string, more = '') =>
    estimateOf(`accelerator a {
      device u250  model gpt2_xl  phase decode(past: 64)  precision W8A8
      kernel matrix : q, k, v, scores, context, proj, up, act, down  array ${shape} ${more}
      kernel vector : norm1, masked, softmax, add1, norm2, add2  lanes 64
    }`);
  const said = ({ caveats }: ReturnType<typeof gpt2>) => caveats.filter((caveat) => caveat.includes('sets its time'));
  const [wide, narrow, one] = [gpt2('1 x 64 x 64'), gpt2('1 x 8 x 8'), gpt2('1 x 64 x 64', 'weights ddr[0]')];
  const bytes = 1600 * 1600 * 4 + 1600 * 6400 * 2;
  const seconds = (estimate: typeof wide) => estimate.kernels.find(({ name }) => name === 'matrix')!.seconds;
  expect(seconds(wide)).toBeGreaterThan(bytes / 76.8e9);
  expect(seconds(wide)).toBeLessThan((1.5 * bytes) / 76.8e9);
  expect(seconds(one)).toBeGreaterThan(bytes / 19.2e9);
  expect(seconds(narrow)).toBeGreaterThan(bytes / 128 / 250e6);
  expect(said(wide)).toEqual([
    'matrix: memory sets its time: its multipliers would take weights at 502.0 GB/s, of which ddr gives 77.0 GB/s',
  ]);
  expect(said(narrow)).toEqual([]);
  // The multipliers of an array are counted; what its gelu, the norms and a softmax take is not known.
  expect(wide.kernels.map(({ uncounted }) => uncounted)).toEqual([true, true]);
});

test('the closed form counts the turns of an array once: no design is faster than its own', () => {
  const { timing } = bert('kernel m : q, k, v, proj, up + act, down  array 1 x 16 x 4');
  expect(timing.closedForm!.seconds).toBeLessThan(timing.perLayer);
});
