import { expect, test } from 'vitest';
import type { Device } from '../../../server/design/hardware.ts';
import { bitsOf, builtInPrecision, PRECISION_NAMES } from '../../../server/design/sheets/precision.ts';
import type { Precision } from '../../../server/design/workload.ts';
import { acceleratorOf, designOf } from '../../kit/sources.ts';

const card = `/// A card of our own.
device mycard {
  part: "xcvu37p-fsvh2892-2L-e", family: ultrascale_plus, clock: 300 MHz, idle: [28 W, 30 W]
  die slr0 { lut: 434_560, ff: 869_120, dsp: 3_008, bram: 672, uram: 320  plan { dsp: 2_800 } }
  die slr1 { lut: 434_560, ff: 869_120, dsp: 3_008, bram: 672, uram: 320 }
  crossing slr0, slr1 { wires: 23_040, plan: 5_000 }
  memory hbm { channels: 0..15, capacity: 256 MiB, bandwidth: 14.375 GB/s, port: 512 bit, on: slr0 }
  link qsfp { ports: [0, 1], bandwidth: 12.5 GB/s, efficiency: 50%, on: slr1 }
  shell { lut: 132_845, bram: 197, on: slr0 }
  source: "the drawer", unverified: [hbm]
}
`;
const use = 'accelerator a { device mycard model bert_base phase forward(tokens: 8) }';

function deviceOf(sheet: string): Device {
  return acceleratorOf(sheet + use).device;
}

test('a data sheet in base units', () => {
  expect(deviceOf(card)).toMatchObject({
    name: 'mycard',
    doc: 'A card of our own.',
    part: 'xcvu37p-fsvh2892-2L-e',
    dspKind: 'DSP48E2',
    clock: 300e6,
    idlePower: 29,
    crossings: [{ between: ['slr0', 'slr1'], wires: 23_040, plan: 5_000 }],
    links: [{ name: 'qsfp', ports: 2, bandwidth: 12.5e9, efficiency: 0.5 }],
    shell: { die: 'slr0', resources: { lut: 132_845, bram36: 197, dsp: 0, uram: 0, ff: 0 } },
    sources: ['the drawer'],
    unverified: ['hbm'],
  });
  const { dies, memories } = deviceOf(card);
  expect(dies[0]).toMatchObject({ resources: { dsp: 3008, bram36: 672 }, plan: { dsp: 2800 } });
  expect(dies[1]).not.toHaveProperty('plan');
  expect(memories[0]).toMatchObject({
    channels: { first: 0, last: 15 },
    capacity: 2 ** 28,
    bandwidth: 14.375e9,
    portBits: 512,
    dies: ['slr0'],
  });
});

test('the clock of a card counts where the accelerator has none, or a wrong one', () => {
  expect(acceleratorOf(card + use).clock).toEqual({ value: 300e6, origin: 'auto' });
  expect(acceleratorOf(card + use.replace('mycard', 'mycard at 200 MHz')).clock).toMatchObject({
    value: 200e6,
    origin: 'written',
  });
  expect(acceleratorOf(card + use.replace('mycard', 'mycard at 200 GB/s')).clock).toMatchObject({
    value: 300e6,
    origin: 'auto',
  });
});

test('a family that nobody knows is said to be a guess', () => {
  const device = deviceOf(card.replace('family: ultrascale_plus,', 'family: agilex,'));
  expect(device.unverified[0]).toContain('DSP48E2');
  expect(deviceOf(card.replace('ultrascale_plus', 'versal')).dspKind).toBe('DSP58');
});

test('an accelerator keeps its meaning on a card with a mistake', () => {
  const { accelerators, problems } = designOf(card.replace('14.375 GB/s', '14.375 GB') + use);
  expect(problems).toMatchObject([{ code: 'unit-mismatch', subject: 'bandwidth' }]);
  expect(accelerators[0]?.device.memories[0]).toMatchObject({ name: 'hbm', bandwidth: 1e15 });
});

test('baselines: dense peaks, bandwidth and what was measured', () => {
  const [a100] = acceleratorOf(
    'accelerator a { device u280 model bert_base phase forward(tokens: 8) compare a100 }',
  ).compare;
  expect(a100).toMatchObject({ name: 'a100', peaks: { fp16: 312e12, int8: 624e12 }, bandwidth: 1935e9, power: 300 });
  const point = a100?.measured.find(({ phase }) => phase.tokens === 512);
  expect(point).toMatchObject({ model: 'bert_base', seconds: 3.47 * 1e-3, phase: { name: 'forward' } });
});

test('precisions that need no declaration', () => {
  expect(builtInPrecision('W4A8')).toMatchObject({
    weights: 'int4',
    activations: 'int8',
    cache: 'int8',
    accumulator: 'int32',
    nonlinear: 'fp32',
  });
  expect(builtInPrecision('W4A8KV4')?.cache).toBe('int4');
  expect(builtInPrecision('fp16')).toMatchObject({ weights: 'fp16', activations: 'fp16', accumulator: 'fp32' });
  expect(builtInPrecision('W3A8')).toBeUndefined();
  for (const name of PRECISION_NAMES) expect(builtInPrecision(name), name).toBeDefined();
});

test('bits of an element', () => {
  expect(['int2', 'int4', 'uint8', 'bf16', 'fp32'].map((type) => bitsOf(type as Precision['weights']))).toEqual([
    2, 4, 8, 16, 32,
  ]);
});

test('a declared precision, and the one where nothing is said', () => {
  const own = 'precision mine { weights: int4, activations: int4, cache: int8, nonlinear: fp16, group: 128 }\n';
  const text = 'accelerator a { device u280 model bert_base phase forward(tokens: 8) precision mine }';
  expect(acceleratorOf(own + text).precision).toMatchObject({
    weights: 'int4',
    cache: 'int8',
    accumulator: 'int32',
    group: 128,
  });
  expect(acceleratorOf(text.replace('precision mine', '')).precision.name).toBe('W8A8');
  expect(acceleratorOf(text.replace('mine', 'auto')).precision.name).toBe('W8A8');
});
