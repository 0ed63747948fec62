/** What `tile`, `as`, and `port` and `via` of K and V do to an estimate. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AcceleratorEstimate } from '../../server/estimate/estimate.ts';
import { hindrances } from '../../server/estimate/not-exported.ts';
import { analysisOf } from '../kit/analyses.ts';
import '../kit/dice.ts';

const model = (columns: number) => `model two {
  input x : [tokens, 256]
  layer block(x) repeat 4 {
    norm = layernorm(x)
    up   = linear(norm, ${columns})
    down = linear(up, 256)
    output down
  }
  output block
}`;

function estimated(lines: string, phase = 'forward(tokens: 128)', columns = 512): AcceleratorEstimate {
  const text = `${model(columns)} accelerator a { device u280 at 245 MHz model two phase ${phase} kernel norm lanes 8 ${lines} }`;
  const { estimate, diagnostics } = analysisOf(text);
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return estimate.accelerators[0]!;
}

const down = 'kernel down array 8 x 16 weights hbm[2]';
const up = (more = '') => `kernel up array 8 x 16 weights hbm[1] ${more} ${down}`;

/** Bytes of weights that a kernel reads in a pass. */
function readBy(one: AcceleratorEstimate, kernel: string): number {
  const loaders = one.netlist.units.filter((unit) => unit.kernel === kernel && unit.role === 'weights');
  return loaders.flatMap(({ instance }) => instance.law.traffic).reduce((sum, { bytes }) => sum + bytes, 0);
}

const channel = (one: AcceleratorEstimate, name: string) => one.channels.find((channel) => channel.name === name)!;
const kernel = (one: AcceleratorEstimate, name: string) => one.kernels.find((kernel) => kernel.name === name)!;
const scalesOf = (columns: number) => columns * 8;

describe('a tile of rows', () => {
  const plain = estimated(up());
  const tiled = estimated(up('tile 64'));

  test('reads the weights once, not once a block of the array', () => {
    const once = (readBy(plain, 'up') - scalesOf(512)) / 16;
    expect(once).toBe(256 * 512);
    expect(readBy(tiled, 'up')).toBe(scalesOf(512) + 2 * once);
    expect(readBy(tiled, 'down')).toBe(readBy(plain, 'down'));
    expect(channel(tiled, 'hbm[1]').demand).toBeLessThan(channel(plain, 'hbm[1]').demand / 6);
  });

  test('takes the cycles of its products, and the last tile’s way out', () => {
    expect(kernel(tiled, 'up').cycles).toBe(kernel(plain, 'up').cycles + 2 + 8 * 512);
    expect(tiled.timing.perLayer).toBeGreaterThan(plain.timing.perLayer);
    expect(kernel(tiled, 'up').resources.dsp).toEqual(kernel(plain, 'up').resources.dsp);
  });

  test('costs what it keeps: two halves of weights and of results, and all rows', () => {
    const unit = tiled.netlist.units.find(({ id }) => id === 'up')!;
    const memories = Object.fromEntries(unit.instance.law.memories.map((memory) => [memory.name, memory]));
    expect(memories.kept).toMatchObject({ words: 256, bits: 16 * 2 * 8, parts: 2 });
    for (const name of ['results', 'held'])
      expect(memories[name]).toMatchObject({ words: 8 * 512, bits: 8 * 8, parts: 1 });
    expect(memories.block).toMatchObject({ words: 8 * 256, bits: 8 * 8 });
    expect(kernel(tiled, 'up').resources.bram36.used + kernel(tiled, 'up').resources.uram.used).toBeGreaterThan(
      kernel(plain, 'up').resources.bram36.used + kernel(plain, 'up').resources.uram.used,
    );
  });

  test('makes a narrow channel enough', () => {
    const wide = (more: string) => `kernel up array 8 x 64 x 2 weights hbm[1] ${more} ${down}`;
    expect(channel(estimated(wide('')), 'hbm[1]').demand).toBeGreaterThan(channel(plain, 'hbm[1]').limit);
    expect(channel(estimated(wide('tile 64')), 'hbm[1]').demand).toBeLessThan(channel(plain, 'hbm[1]').limit);
  });

  test('of the array’s own height, or as high as the pass, is what it is', () => {
    expect(estimated(up('tile 8')).timing).toEqual(plain.timing);
    expect(hindrances(estimated(up('tile 8')))).toEqual([]);
    expect(readBy(estimated(up('tile 4096')), 'up')).toBe(scalesOf(512) + 256 * 512);
  });

  test.each([
    ['tile 60', 'no multiple of the 8 tokens'],
    ['tile 64 x 256', 'a tile has the 32 columns of its array, not 256'],
    ['tile 64 x 32 x 64', 'a tile has the whole reduction of 256, not 64'],
    ['tile auto x 32', 'write ‘tile 64’'],
  ])('%s is priced by arithmetic alone, and says why', (tile, reason) => {
    expect(estimated(up(tile)).netlist.refused).toEqual([{ kernel: 'up', reason: expect.stringContaining(reason) }]);
  });

  test('ends, whatever its height: every row comes out', () => {
    const some = fc.record({
      rows: fc.integer({ min: 1, max: 90 }),
      blocks: fc.integer({ min: 1, max: 12 }),
      columns: fc.integer({ min: 8, max: 200 }),
    });
    fc.assert(
      fc.property(some, ({ rows, blocks, columns }) => {
        const one = estimated(up(`tile ${8 * blocks}`), `forward(tokens: ${rows})`, columns);
        expect(one.deadlock).toBeUndefined();
        const { cycles } = kernel(one, 'up');
        expect(one.timing.perLayer * 245e6).toBeGreaterThanOrEqual(0.99 * cycles);
        expect(one.timing.perLayer).toBeLessThan(1e-2);
        const reads = (readBy(one, 'up') - headOf(columns)) / bodyOf(columns);
        expect(reads).toBeCloseTo(Math.ceil(Math.ceil(rows / 8) / blocks), 9);
      }),
      { numRuns: 15 },
    );
  });
});

/** Bytes of scales and of weights of a loader with beats of 32 bytes. */
const beats = (bytes: number) => Math.ceil(bytes / 32) * 32;
const headOf = (columns: number) => beats(Math.ceil(columns / 32) * 32 * 8);
const bodyOf = (columns: number) => Math.ceil(columns / 32) * 256 * 32;

describe('as, of a product', () => {
  test('is the type that its array multiplies, and that its rows come in', () => {
    const narrow = estimated(up());
    const wide = estimated(up('as int16'));
    expect(kernel(narrow, 'up').resources.dsp.used).toBe(8 * 16 + 8 * 5);
    // No two products of int8 by int16 share a block.
    expect(wide.accelerator.kernels.find(({ name }) => name === 'up')!.pack.value).toBe(1);
    const stream = wide.fifos.find(({ fifo }) => fifo.to.unit === 'up' && fifo.to.port === 'in')!;
    expect(stream.fifo.word.element).toBe('int16');
    expect(wide.netlist.refused).toEqual([]);
    expect(hindrances(wide)).toEqual([]);
    expect(hindrances(estimated(up('as fp16')))).toContainEqual({
      part: 'kernel up',
      reason: expect.stringContaining('multiplies fp16 among int8'),
    });
  });

  test('does not turn what memory holds into another type', () => {
    const { refused } = estimated(up()).netlist;
    expect(refused).toEqual([]);
    const text = `model one { input x : [tokens, 64]  y = linear(x, 64)  output y }
      accelerator a { device u280 model one phase forward(tokens: 16) kernel y array 4 x 4 as int16 }`;
    const [one] = analysisOf(text).estimate.accelerators;
    expect(one!.netlist.refused).toEqual([
      {
        kernel: 'y',
        reason: 'its array multiplies int16, and its rows come as int8; leave ‘as int16’ out',
      },
    ]);
    expect(hindrances(one!).map(({ part }) => part)).toEqual(['kernel y']);
  });
});

describe('K and V in memory', () => {
  const attention = (more: string, phase = 'decode(past: 255)') => {
    const text = `model small = gpt2(layers: 2, hidden: 256, heads: 4, ffn: 256)
      accelerator a { device u280 at 245 MHz model small phase ${phase}
        kernel scores array 1 x 16 x 2 cache hbm[8] ${more}  kernel context array 1 x 16 x 2 cache hbm[9] }`;
    return analysisOf(text).estimate.accelerators[0]!;
  };
  const unit = (one: AcceleratorEstimate) =>
    one.netlist.units.find(({ kernel, role }) => kernel === 'scores' && role === 'cache')!;

  test('come through a port as wide as a word, or as it says', () => {
    const [own, same, wide, narrow] = ['', 'port 256 bit', 'port 512 bit', 'port 64 bit'].map((more) =>
      attention(more),
    );
    expect(unit(own!).instance.memories.map(({ bits }) => bits)).toEqual([256, 256]);
    expect(same!.timing).toEqual(own!.timing);
    expect(hindrances(same!)).toEqual(hindrances(own!));
    expect(wide!.timing).toEqual(own!.timing);
    expect(unit(wide!).instance.memories.map(({ bits }) => bits)).toEqual([512, 512]);
    // A word takes four beats.
    const cycles = (one: AcceleratorEstimate) =>
      unit(one).instance.law.processes.find(({ name }) => name === 'read')!.active;
    expect(cycles(narrow!)).toBe(4 * cycles(own!));
    expect(narrow!.timing.perLayer).toBeGreaterThan(own!.timing.perLayer);
    for (const one of [wide!, narrow!]) expect(hindrances(one).map(({ part }) => part)).toContain('kernel scores');
  });

  test.each(['decode(past: 255)', 'forward(tokens: 64)'])('are staged in what ‘via’ names: %s', (phase) => {
    const staged = attention('via bram double', phase);
    const beats = unit(staged).instance.law.memories.find(({ storage }) => storage === 'bram')!;
    // Two heads of 64 columns, 32 words a tile of 16 keys.
    expect(beats.words).toBe(2 * 32 * (phase.startsWith('decode') ? 16 : 4));
    expect(staged.deadlock).toBeUndefined();
    expect(staged.timing.perLayer).toBeLessThanOrEqual(attention('', phase).timing.perLayer * 1.01);
    expect(hindrances(staged)).toEqual(hindrances(attention('', phase)));
  });
});
