import { describe, expect, it } from 'vitest';
import { fifoResources, fifoStorage, printedFifo, roundDepth } from '../../../server/estimate/cost/fifo.ts';
import { ramb18Halves } from '../../../server/estimate/cost/memory.ts';
import rows from '../../facts/micro-fifo.json' with { type: 'json' };

describe('FIFOs against published synthesis reports', () => {
  // Rows of 2023.2 deeper than 512 are wrong in the report (one block whatever the depth); 2022.2 builds FIFOs differently.
  const usable = rows.entries.filter(({ tool, params }) => !tool.includes('2022.2') && params.depth <= 512);

  it.each(usable.map((row) => [row.id, row] as const))('%s: memory exact, LUT and FF within 10 %%', (_, row) => {
    const { depth, bits } = row.params;
    const printed = printedFifo(depth, bits, fifoStorage(depth, 'auto'));
    const { BRAM_18K, LUT, FF } = row.results.csynth;
    expect(printed.ramb18).toBe(BRAM_18K);
    expect(Math.abs(printed.lut / LUT - 1)).toBeLessThanOrEqual(0.1);
    expect(Math.abs(printed.ff / FF - 1)).toBeLessThanOrEqual(0.1);
  });

  it('has rows to compare with', () => expect(usable.length).toBeGreaterThanOrEqual(7));
});

describe('a FIFO', () => {
  it('moves to bigger storage as it gets deeper, unless the spec says where', () => {
    expect([2, 3, 32, 33, 128, 129].map((depth) => fifoStorage(depth, 'auto'))).toEqual([
      'registers',
      'srl',
      'srl',
      'lutram',
      'lutram',
      'bram',
    ]);
    expect(fifoStorage(2, 'uram')).toBe('uram');
  });

  it('of 3072 words of 64 bits in URAM takes one block, and the word shapes decide in block RAM', () => {
    expect(fifoResources(3072, 64, 'uram').uram.used).toBe(1);
    expect(fifoResources(3072, 64, 'bram').bram36.used).toBe(ramb18Halves(3072, 64) / 2);
  });

  it('is rounded up to what costs the same', () => {
    expect([0, 2, 3, 100, 129, 2310].map(roundDepth)).toEqual([2, 2, 4, 128, 512, 2560]);
  });
});
