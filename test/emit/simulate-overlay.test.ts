/** One array for all products of a layer: a top of its own that data comes back to. */
import { expect, test } from 'vitest';
import { findClang } from '../csim/compiler.ts';
import { estimateOf, fileOf, folders, projectOf } from './projects.ts';

const clang = await findClang();
const disk = folders();
const minutes = 60_000;
const spec = `
  model tiny = bert(layers: 2, hidden: 96, heads: 4, ffn: 200)
  accelerator one_array {
    device    u280 at 245 MHz
    model     tiny
    phase     forward(tokens: 20)
    precision W8A8
    kernel gemm : q, k, v, proj, up + act, down  array 4 x 8  pack 2  weights hbm[3]  on slr0
    kernel scores  array 4 x 4  cache bram  on slr0
    kernel softmax lanes 4  on slr0
    kernel context array 4 x 4  cache bram  on slr0
    kernel add1  lanes 4  on slr0
    kernel norm1 lanes 4  on slr0
    kernel add2  lanes 4  on slr0
    kernel norm2 lanes 4  on slr0
  }`;

test('one array is counted once, and its turns follow each other on the timeline', () => {
  const { netlist, kernels, timing, accelerator } = estimateOf(spec);
  expect(netlist.refused).toEqual([]);
  const gemm = kernels.find(({ name }) => name === 'gemm')!;
  expect(gemm.operators).toEqual(['q', 'k', 'v', 'proj', 'up', 'act', 'down']);
  expect(gemm.resources.dsp.used).toBe(4 * 8 + 4 * (2 * 3 + 2 + 5)); // array; a lane: two multiplies, an add, gelu
  expect(timing.perLayer * accelerator.clock.value).toBeGreaterThan(gemm.cycles);
});

test('its products share a loader a channel, which stands in the top of the array', () => {
  const project = projectOf(spec.replace('hbm[3]', 'hbm[3..4]'));
  const source = fileOf(project, 'src/gemm_array.cpp');
  const ports = [...source.matchAll(/INTERFACE m_axi port=(\w+)/g)].map(([, name]) => name);
  expect(ports).toEqual(['gemm_weights0_mem', 'gemm_weights1_mem']);
  expect(source.match(/weft::matrix<\d+, \d+>/g)).toHaveLength(2 * 6);
  // Of the tops' streams none is a word of weights.
  expect(source).not.toMatch(/INTERFACE axis port=(weights|out)_/);
});

test(
  'a layer on one array builds without a warning, simulates and matches',
  async () => {
    const folder = await disk.write(projectOf(spec));
    const { code, output } = await folder.makeQuickly('csim');
    expect(output).not.toMatch(/warning|FAILED|deadlock/);
    for (const name of ['gemm_q linear int8', 'gemm_k linear int8', 'gemm_v linear int8', 'gemm_down linear fp32'])
      expect(output).toContain(`${name} bit-exact 1920 of 1920\n`);
    expect(output).toMatch(/gemm_up linear \+ gelu int8 within 0.51 steps: 4000 of 4000,/);
    expect(output).toMatch(/PASSED: \d+ checks$/m);
    expect(code).toBe(0);
    if (clang) expect(await folder.clang(clang)).toBe('');
  },
  5 * minutes,
);
