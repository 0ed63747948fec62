import { describe, expect, test } from 'vitest';
import { parse } from '../../grammar/parser.ts';
import { format } from '../../grammar/print.ts';
import type { Device } from '../../server/design/hardware.ts';
import { resolve } from '../../server/design/resolve.ts';
import { isLibrary, library, libraryDeclares, libraryFile, libraryNames } from '../../server/library/index.ts';
import { acceleratorOf, MAIN, sourceSet } from '../kit/sources.ts';

const deviceOf = (name: string): Device =>
  acceleratorOf(`accelerator a { device ${name} model bert_base phase forward(tokens: 8) }`).device;
const total = (device: Device, resource: 'dsp' | 'bram36' | 'uram' | 'lut' | 'ff'): number =>
  device.dies.reduce((sum, die) => sum + die.resources[resource], 0);
const devices = library.flatMap(({ uri }) => /devices\/(\w+)\.weft$/.exec(uri)?.[1] ?? []);

describe.each(library.map(({ uri, text }) => [uri, text] as const))('%s', (uri, text) => {
  test('reads and resolves without a problem', () => {
    expect(parse(text).problems).toEqual([]);
    expect(resolve(uri, sourceSet({})).problems).toEqual([]);
  });

  test('stands as the formatter would write it', () => {
    expect(format(text)).toBe(text);
  });

  test('documents every declaration', () => {
    for (const node of parse(text).tree.declarations) expect(node.kind !== 'import' && node.doc, uri).toBeTruthy();
  });

  test('is found by its URI', () => {
    expect(libraryFile(uri)?.text).toBe(text);
    expect(isLibrary(uri)).toBe(true);
  });
});

test('a file of the workspace is none of the library', () => {
  expect(libraryFile('file:///devices/u280.weft')).toBeUndefined();
  expect(isLibrary('file:///weft-library/u280.weft')).toBe(false);
});

// Totals as the vendor's tools report them: another way to the figures than by die.
test.each([
  ['u280', { lut: 1_303_680, ff: 2_607_360, bram36: 2016, uram: 960, dsp: 9024 }],
  ['u250', { lut: 1_728_000, ff: 3_456_000, bram36: 2688, uram: 1280, dsp: 12_288 }],
  ['u55c', { lut: 1_303_680, ff: 2_607_360, bram36: 2016, uram: 960, dsp: 9024 }],
  ['zcu102', { lut: 274_080, ff: 548_160, bram36: 912, uram: 0, dsp: 2520 }],
  ['vck5000', { lut: 899_840, ff: 1_799_680, bram36: 967, uram: 463, dsp: 1968 }],
  ['u200', { lut: 1_182_240, ff: 2_364_480, bram36: 2160, uram: 960, dsp: 6840 }],
  ['u50', { lut: 870_720, ff: 1_743_360, bram36: 1344, uram: 640, dsp: 5952 }],
  ['vck190', { lut: 899_840, ff: 1_799_680, bram36: 967, uram: 463, dsp: 1968 }],
  ['kv260', { lut: 117_120, ff: 234_240, bram36: 144, uram: 64, dsp: 1248 }],
  ['zcu104', { lut: 230_400, ff: 460_800, bram36: 312, uram: 96, dsp: 1728 }],
  ['zcu111', { lut: 425_280, ff: 850_560, bram36: 1080, uram: 80, dsp: 4272 }],
  ['ultra96', { lut: 70_560, ff: 141_120, bram36: 216, uram: 0, dsp: 360 }],
  ['pynq_z2', { lut: 53_200, ff: 106_400, bram36: 140, uram: 0, dsp: 220 }],
  ['vu11p', { lut: 1_296_000, ff: 2_592_000, bram36: 2016, uram: 960, dsp: 9216 }],
  ['vhk158', { lut: 1_753_984, ff: 3_507_968, bram36: 2541, uram: 1301, dsp: 7392 }],
] as const)('%s: the dies add up to the card', (name, expected) => {
  const device = deviceOf(name);
  for (const [resource, count] of Object.entries(expected)) {
    expect(total(device, resource as keyof typeof expected), resource).toBe(count);
  }
});

test.each(devices)('%s says where its figures come from, and which have no source', (name) => {
  const device = deviceOf(name);
  expect(device.sources.length).toBeGreaterThan(0);
  expect(device.unverified.length).toBeGreaterThan(0);
  if (device.clockCeiling !== undefined) expect(device.clock).toBeLessThan(device.clockCeiling);
  else expect(device.family).toMatch(/^(stratix|agilex)/);
  for (const memory of device.memories) expect(memory.bandwidth * memory.capacity).toBeGreaterThan(0);
  for (const { plan, resources } of device.dies) {
    for (const key of ['dsp', 'bram36', 'uram', 'lut', 'ff'] as const)
      if (plan) expect(plan[key]).toBeLessThanOrEqual(resources[key]);
  }
});

test('names are found without parsing: the index knows what the files declare, and nothing else', () => {
  const found = library.flatMap(({ uri, text }) =>
    parse(text).tree.declarations.flatMap((node) =>
      node.kind === 'import' || !node.name
        ? []
        : [{ uri, sort: node.kind === 'sheet' ? node.sort : node.kind, name: node.name.text }],
    ),
  );
  for (const { uri, sort, name } of found) expect(libraryDeclares(sort, name), name).toBe(uri);
  const sorts = ['let', 'model', 'device', 'baseline', 'precision'];
  expect(sorts.flatMap(libraryNames)).toHaveLength(found.length);
  expect(libraryDeclares('device', 'bert_base')).toBeUndefined();
});

test('a spec reads the library files that it names, and no other', () => {
  const { get } = sourceSet({
    [MAIN]: 'accelerator a { device u280 model vicuna_7b phase decode(past: 8) compare t4 }',
  });
  const read = new Set<string>();
  const design = resolve(MAIN, {
    get(uri) {
      read.add(uri);
      return get(uri);
    },
  });
  expect(design.problems).toEqual([]);
  expect([...read].filter(isLibrary).sort()).toEqual([
    'weft-library:/baselines/t4.weft',
    'weft-library:/devices/u280.weft',
    'weft-library:/models/llama.weft',
  ]);
});

test('the U280: HBM and shell on the first die, 460 GB/s over 32 channels', () => {
  const device = deviceOf('u280');
  const [hbm] = device.memories;
  expect(hbm).toMatchObject({ name: 'hbm', channels: { first: 0, last: 31 }, dies: ['slr0'], capacity: 2 ** 28 });
  expect(hbm!.bandwidth * 32).toBe(460e9);
  expect(device.shell).toEqual({ die: 'slr0', resources: { lut: 132_845, ff: 204_726, bram36: 197, dsp: 4, uram: 0 } });
  expect(device.crossings.map(({ wires, plan }) => [wires, plan])).toEqual([
    [23_040, 5000],
    [23_040, 5000],
  ]);
});

// 6,847, 11,721 and 18,960 M20K; two of them are a RAMB36. An ALM is two LUTs and four flip-flops.
test.each([
  ['s10_nx2100', { lut: 2 * 702_720, ff: 4 * 702_720, bram36: Math.floor(6847 / 2), dsp: 3960, uram: 0 }],
  ['s10_sx2800', { lut: 2 * 933_120, ff: 4 * 933_120, bram36: Math.floor(11_721 / 2), dsp: 5760, uram: 0 }],
  ['s10_mx1650', { lut: 2 * 569_200, ff: 4 * 569_200, dsp: 3326, uram: 0 }],
  ['agm039', { lut: 2 * 1_305_600, ff: 4 * 1_305_600, bram36: 18_960 / 2, dsp: 12_300, uram: 0 }],
] as const)('%s: the counts of another vendor in the words of this language', (name, expected) => {
  expect(deviceOf(name).dies).toMatchObject([{ resources: expected }]);
});

test('the Stratix 10 NX: 143 TOPS of its tensor blocks', () => {
  const { count, macsPerCycle, clock } = deviceOf('s10_nx2100').engines!;
  expect((count * macsPerCycle * 2 * clock) / 1e12).toBeCloseTo(142.6, 1);
});

test('the VCK5000: 400 engines of 128 products at 1 GHz', () => {
  expect(deviceOf('vck5000').engines).toEqual({ count: 400, macsPerCycle: 128, clock: 1e9 });
});
