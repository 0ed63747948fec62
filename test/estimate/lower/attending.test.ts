/** K and V in memory, and attention a tile of keys at a time: what is built, and why not. */
import { expect, test } from 'vitest';
import { emitted, estimateOf } from '../../emit/projects.ts';

const whole = 'attend : scores + masked + softmax + context';

function spec(attention: string, phase = 'prefill(tokens: 64)'): string {
  return `accelerator a {
    device u280
    model  gpt2(layers: 2, hidden: 128, heads: 4, ffn: 256)
    phase  ${phase}
    kernel cpu : embed, last, lm_head  on host
    kernel products : norm1  kernel q array 8 x 8 kernel k array 8 x 8 kernel v array 8 x 8
    ${attention}
    kernel proj array 8 x 8  kernel add1 kernel norm2 kernel up array 8 x 8 kernel act kernel down array 8 x 8 kernel add2
  }`;
}

const unitsOf = (text: string) => new Map(estimateOf(text).netlist.units.map((unit) => [unit.id, unit]));
const refusedBy = (text: string) =>
  estimateOf(text)
    .netlist.refused.map(({ reason }) => reason)
    .join('; ');

test('a tile of whole attention is one unit between two caches, K in the first half of the channels, V in the second', () => {
  const units = unitsOf(spec(`kernel ${whole}  array 8 x 16  tile 8 x 32  cache hbm[8..10]`));
  expect(units.get('attend')).toMatchObject({ instance: { kernel: 'attention' }, operators: { length: 4 } });
  expect([...units.keys()].filter((id) => /scores|softmax|context/.test(id))).toEqual([]);
  const channels = (id: string) => units.get(id)?.channels.memory?.map(({ channel }) => channel);
  expect([channels('attend_keys0'), channels('attend_keys1'), channels('attend_values')]).toEqual([[8], [9], [10]]);
});

test('without a tile the same kernel is a unit each, with a row of scores between them', () => {
  const units = unitsOf(spec(`kernel ${whole}  array 8 x 16  cache hbm[8]`));
  const kernels = [...units.values()]
    .filter(({ kernel }) => kernel === 'attend')
    .map(({ instance }) => instance.kernel);
  expect(kernels).toEqual(expect.arrayContaining(['scores', 'softmax', 'context', 'spill']));
});

test.each([
  ['array 8 x 16  tile 8 x 32', 'say where they are kept'],
  ['array 8 x 16  tile 8  cache hbm[8]', 'write ‘tile auto x 128’'],
  ['array 8 x 16  tile 4 x 32  cache hbm[8]', 'the 8 tokens of its array, not 4'],
  ['array 8 x 16  tile 8 x 32 x 64  cache hbm[8]', 'the 32 columns of a head, not 64'],
  ['array 8 x 16  tile 8 x 40  cache hbm[8]', 'does not hold whole tiles of 16'],
  ['array 8 x 16 x 3  tile 8 x 48  cache hbm[8]', 'dot products of 3 do not divide'],
])('%s is refused with the reason, priced by both products, and not exported', (clauses, reason) => {
  const text = spec(`kernel ${whole}  pack 1  ${clauses}`);
  expect(refusedBy(text)).toContain(reason);
  const { kernels, accelerator } = estimateOf(text);
  const { tokens, outputs, dot } = accelerator.kernels.find(({ name }) => name === 'attend')!.array!.value;
  expect(kernels.find(({ name }) => name === 'attend')!.resources.dsp.used).toBe(2 * tokens * outputs * dot);
  expect(emitted(text)).toHaveProperty('refused');
});

test('a decode step needs no tile', () => {
  const text = spec(`kernel ${whole}  array 1 x 16  tile 1 x 32  cache hbm[8]`, 'decode(past: 63)');
  expect(refusedBy(text)).toContain('leave ‘tile’ out');
});

test('a prompt leaves room for what generate writes, and a prefill for itself', () => {
  const attention =
    'kernel scores array 8 x 16 cache hbm[8] kernel softmax : masked + softmax kernel context array 8 x 16 cache hbm[9]';
  const bytes = (phase: string) => unitsOf(spec(attention, phase)).get('scores_cache')?.instance.memories[0]?.bytes;
  expect(bytes('prefill(tokens: 64)')).toBe(64 * 128);
  expect(bytes('generate(prompt: 64, output: 65)')).toBe(128 * 128);
});

test('keys and values of more rows take more time and no more memory on the chip', () => {
  const at = (tokens: number) => {
    const attention = `kernel ${whole}  array 8 x 16  tile 8 x 32  cache hbm[8..9]`;
    const { kernels, timing } = estimateOf(spec(attention, `prefill(tokens: ${tokens})`));
    return { ...kernels.find(({ name }) => name === 'attend')!.resources, time: timing.perLayer };
  };
  const [short, long] = [at(64), at(512)];
  expect(long.bram36.used).toBeLessThanOrEqual(short.bram36.used);
  expect(long.time).toBeGreaterThan(8 * short.time);
});
