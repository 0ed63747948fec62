import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { headers } from '../../../server/kernels/index.ts';
import { stages } from '../../../server/kernels/rows.ts';
import { run, workshop } from '../../csim/compiler.ts';
import { bitsOf, exp, floatOf, gelu, reciprocal, rsqrt, silu } from './golden.ts';
import { seeded } from './reference.ts';
import { tables } from './tables.ts';

const { build } = workshop();
let program: string;

beforeAll(async () => {
  const text = await readFile(new URL('functions.cpp', import.meta.url), 'utf8');
  program = await build({ text }, { flags: ['-O2', '-ffp-contract=off'] });
}, 60_000);

/** Initialisers of a header, in its order. */
function literals(header: string): number[][] {
  return [...headers[header]!.matchAll(/= \{\n([-\d,\s]+)\};/g)].map(([, numbers]) => numbers!.split(',').map(Number));
}

describe('the ROMs', () => {
  it.each([...new Set(tables.map((table) => table.header))])('of %s are the quadratics that it promises', (header) => {
    const expected = tables
      .filter((table) => table.header === header)
      .flatMap(({ rows }) => [0, 1, 2].map((column) => rows.map((row) => row[column]!)));
    expect(literals(header)).toEqual(expected);
  });

  it('fit the operands of the multipliers', () => {
    for (const { rows } of tables)
      for (const [, c1, c2] of rows) {
        expect(Math.abs(c2)).toBeLessThan(2 ** 17);
        expect(Math.abs(c1) + Math.abs(c2)).toBeLessThan(2 ** 26);
      }
  });
});

describe('the functions', () => {
  it('keep their bounds over floats of every magnitude', async () => {
    // every 1021st of all floats, a prime, so that all fractions turn up; step 1 takes two minutes and finds no worse
    const { stdout } = await run(program, ['bounds', '1021']);
    const errors = Object.fromEntries(stdout.split('\n').map((line) => line.split(' ')));
    expect(Object.keys(errors).filter(Boolean)).toEqual([
      'exp',
      'reciprocal',
      'rsqrt',
      'gelu_erf',
      'gelu_tanh',
      'silu',
    ]);
    for (const [name, error] of Object.entries(errors))
      if (name) expect(Number(error), name).toBeLessThan(name === 'silu' ? 2 ** -21 : 2 ** -22);
  });

  it('agree to the bit with their description, special values included', async () => {
    const random = seeded(7);
    const special = [0, 0x80000000, 1, 0x007fffff, 0x00800000, 0x7f7fffff, 0x7f800000, 0xff800000, 0x7fc00000];
    const near = [-88, -87.4, 88.7, 88.8, 128, -128, 1, 2, 4, 6, -6, 5.9999995, 0.5].map(bitsOf);
    const everywhere = Array.from({ length: 20_000 }, () => random(0, 2 ** 32 - 1));
    // where exponents and distributions have their shape
    const inside = Array.from({ length: 20_000 }, () => bitsOf(random(-(2 ** 24), 2 ** 24) / 2 ** 20));
    const inputs = [...special, ...near, ...everywhere, ...inside];
    const { stdout } = await run(program, ['values'], { input: inputs.join('\n') });
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(inputs.length);
    const same = (got: number, expected: number) => got === expected || (Number.isNaN(got) && Number.isNaN(expected));
    const wrong = inputs.filter((bits, i) => {
      const x = floatOf(bits);
      const results = [exp(x), reciprocal(x), rsqrt(x), gelu(x, 'erf'), gelu(x, 'tanh'), silu(x)];
      return !lines[i]!.split(' ').every((got, f) => same(floatOf(Number(got)), results[f]!));
    });
    expect(wrong).toEqual([]);
  });
});

it('simulates the stages that the laws are priced with', () => {
  const declared = [...headers['stages.h']!.matchAll(/^const int (\w+) = (\d+);/gm)];
  const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  expect(Object.fromEntries(declared.map(([, name, value]) => [camel(name!), Number(value)]))).toEqual(stages);
});
