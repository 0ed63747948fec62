/** Points of a front, as the editor's list and the table of `weft tune` show them. */
import { expect, test } from 'vitest';
import { pointText } from '../../server/report/tune.ts';
import type { Axis } from '../../server/tune/front.ts';

const point = (tokens: number, ...figures: number[]) => ({
  tokens,
  figures,
  edits: [],
  statements: [],
  changes: [],
  streams: [],
});

test.each<[Axis, number, number, string, string]>([
  [
    'dsp',
    4120,
    2060,
    '640 µs · 4,120 DSP',
    'one row side by side; 200% of the latency and 50% of the DSP of the first',
  ],
  ['bram', 96.5, 48.25, '640 µs · 97 BRAM36', '200% of the latency and 50% of the BRAM36'],
  ['uram', 0, 0, '640 µs · 0 URAM', '; 200% of the latency of the first'],
  ['lut', 58_123, 29_061.5, '640 µs · ≈58k LUT', '50% of the LUT'],
  ['energy', 0.0032, 0.0016, '640 µs · 3.2 mJ a result', '50% of the energy'],
  ['power', 62.4, 31.2, '640 µs · 62.4 W', '50% of the power'],
])('latency against %s, in one line', (axis, first, second, title, detail) => {
  const front = { axes: ['latency', axis] as const, points: [point(8, 64e-5, first), point(1, 128e-5, second)] };
  expect(pointText(front, 0)).toEqual({ title, detail: '8 rows side by side' });
  expect(pointText(front, 1).detail).toContain(detail);
});
