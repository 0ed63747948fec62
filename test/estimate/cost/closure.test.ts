import { describe, expect, test } from 'vitest';
import { measure } from '../../../server/estimate/metrics.ts';
import { wordBits } from '../../../server/kernels/word.ts';
import { analysisOf } from '../../kit/analyses.ts';

const spec = (array: string, clock: string, device = 'u280'): string => `model mlp {
  input x : [tokens, 768]
  up   = linear(x, 768)
  down = linear(up, 768)
  output down
}
accelerator a {
  device    ${device} at ${clock}
  model     mlp
  phase     forward(tokens: 512)
  precision W4A8
  kernel up    array ${array}  pack 2  weights hbm[1]  on slr1
  kernel down  array 8 x 16    pack 2  weights hbm[2]  on slr2
}`;

const estimated = (text: string) => analysisOf(text).estimate.accelerators[0]!;
const kinds = (text: string): string[] => estimated(text).closure.map(({ kind, subject }) => `${kind} ${subject}`);

describe('timing closure is unlikely', () => {
  test('of an array of 256 at 250 MHz, and not of one that closed or at a lower clock', () => {
    expect(kinds(spec('16 x 16', '250 MHz'))).toEqual(['array up']);
    expect(kinds(spec('8 x 16', '250 MHz'))).toEqual([]);
    expect(kinds(spec('16 x 16', '200 MHz'))).toEqual([]);
  });

  test('beyond the ceiling of the sheet', () => {
    expect(kinds(spec('8 x 16', '800 MHz'))).toEqual(['clock the accelerator']);
  });

  test('of a die beyond its planning figures, which are of what the shell leaves', () => {
    const card = (plan: string): string => `device planned { clock: 250 MHz, family: ultrascale_plus
      die slr1 { lut: 400_000, ff: 800_000, dsp: 9_000, bram: 2_000, uram: 900 ${plan} }
      die slr2 { lut: 400_000, ff: 800_000, dsp: 9_000, bram: 2_000, uram: 900 }
      shell { lut: 200_000, ff: 1_000, dsp: 4, bram: 10, uram: 0, on: slr1 }
      memory hbm { channels: 0..3, capacity: 256 MiB, bandwidth: 14 GB/s, port: 512 bit } }`;
    const on = (plan: string) => estimated(`${card(plan)} ${spec('8 x 16', '200 MHz', 'planned')}`);
    const { closure, dies } = on('plan { lut: 5_000 }');
    const [{ resources, shell }] = dies as [(typeof dies)[number]];
    expect(closure).toMatchObject([
      { kind: 'die', subject: 'slr1', resource: 'lut', value: resources.lut.used - shell.lut.used, limit: 5_000 },
    ]);
    // What the platform takes is not in the plan; without a plan it is in the 70 % of the die.
    expect(on('plan { lut: 150_000 }').closure).toEqual([]);
    expect(on('').closure).toEqual([]);
  });
});

describe('a boundary between dies', () => {
  test('is crossed by the bits of the streams that pass it, and two wires of handshake', () => {
    const { crossings, fifos } = estimated(spec('8 x 16', '250 MHz'));
    const over = fifos.filter(({ fifo }) => fifo.crossing?.join() === 'slr1,slr2');
    expect(over.length).toBeGreaterThan(0);
    const bits = over.reduce((sum, { fifo }) => sum + wordBits(fifo.word) + 2, 0);
    expect(crossings.map(({ between, used }) => [between.join(), used])).toEqual([
      ['slr0,slr1', 0],
      ['slr1,slr2', bits],
    ]);
  });

  test('is passed on the way from one end of the card to the other', () => {
    const { crossings } = estimated(spec('8 x 16', '250 MHz').replace('on slr1', 'on slr0'));
    expect(crossings[0]!.used).toBe(crossings[1]!.used);
    expect(crossings[0]!.used).toBeGreaterThan(0);
  });

  test('is what use(sll) asks for', () => {
    const estimate = estimated(spec('8 x 16', '250 MHz'));
    const [, boundary] = estimate.crossings;
    expect(measure({ name: 'use', resource: 'sll' }, estimate)).toBe(boundary!.used / 23_040);
    expect(measure({ name: 'use', resource: 'sll', die: 'slr0' }, estimate)).toBe(0);
  });
});
