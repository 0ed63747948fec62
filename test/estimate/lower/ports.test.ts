/** Memory ports of weights: how many, and over how many channels each. */
import { expect, test } from 'vitest';
import { weightPorts } from '../../../server/design/defaults/ports.ts';
import { emitted, estimateOf, fileOf, projectOf } from '../../emit/projects.ts';

test.each([
  // columns of a tile, channels, channels needed for the room → ports, channels of each
  [32, 4, 1, { ports: 4, span: 1 }],
  [32, 6, 4, { ports: 4, span: 1 }],
  [32, 6, 5, { ports: 2, span: 3 }],
  [32, 6, 6, { ports: 2, span: 3 }],
  [32, 3, 3, { ports: 1, span: 3 }],
  [24, 3, 3, { ports: 3, span: 1 }],
  [32, 12, 12, { ports: 4, span: 3 }],
  [1, 5, 2, { ports: 1, span: 2 }],
  [32, 4, 9, { ports: 4, span: 1 }], // nothing has the room: hbm-capacity says so
])('a tile of %i columns on %i channels of which %i are full', (columns, channels, need, expected) => {
  expect(weightPorts(columns, channels, need)).toEqual(expected);
});

/** 65,536 · 8,192 weights: two channels of 256 MiB. */
const wide = (weights: string, device = 'u280'): string => `
  model wide { input x : [tokens, 8192]  up = linear(x, 65536)  output up }
  accelerator a {
    device ${device}
    model  wide
    phase  forward(tokens: 8)
    kernel up  array 8 x 1  pack 1  weights ${weights}
  }`;

test('a port spans the channels that its weights fill, at the bandwidth of one of them', () => {
  const text = wide('hbm[4..6]');
  const { netlist, channels, memories } = estimateOf(text);
  const loaders = netlist.units.filter(({ role }) => role === 'weights');
  expect(loaders.map((unit) => unit.channels.memory)).toEqual([
    [4, 5, 6].map((channel) => ({ memory: 'hbm', channel })),
  ]);
  const of = (name: string) => channels.find((channel) => channel.name === name)!.demand;
  const [port] = loaders[0]!.instance.law.traffic;
  expect(of('hbm[5]')).toBe(of('hbm[6]'));
  expect(of('hbm[5]')).toBeCloseTo((port!.bytes / port!.cycles) * loaders[0]!.clock, -3);
  const kept = memories.filter(({ channel }) => channel >= 4).map(({ bytes }) => bytes);
  expect(Math.max(...kept)).toBeLessThan(256 * 2 ** 20);
  expect(fileOf(projectOf(text), 'link/u280.cfg')).toMatch(/^sp=.*up_weights_mem:HBM\[4:6\]$/m);
});

test('channels that do not follow each other are no range for the linker', () => {
  const project = emitted(wide('hbm[4, 8, 9]'));
  expect('refused' in project && project.refused.join()).toContain('spans hbm[4], hbm[8], hbm[9]: the linker ties');
});
