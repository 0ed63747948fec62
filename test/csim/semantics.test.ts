import { describe, expect, it } from 'vitest';
import { findClang, run, workshop } from './compiler.ts';

const { build } = workshop();
const clang = await findClang();
const semantics = { file: 'semantics.cpp' };

const builds = [
  { name: 'g++, C++14, address and undefined-behaviour sanitizers', flags: ['-g1', '-fsanitize=address,undefined'] },
  { name: 'g++, C++17, optimised', standard: 'c++17', flags: ['-O3'] },
  ...(clang ? [{ name: `${clang}, C++14`, compiler: clang, flags: ['-O1'] }] : []),
] as const;

describe.each(builds)('arithmetic with $name', (how) => {
  it('means what the user guide says', async () => {
    expect(await run(await build(semantics, how))).toEqual({ code: 0, stdout: '0 failures\n', stderr: '' });
  });
});

describe('mistakes that show at run time', () => {
  const executable = build(semantics);

  it.each([
    ['bit', 'bit 8 of a word of 8 bits'],
    ['range', 'range(3, 8) of a word of 8 bits; expected 7 >= high >= low >= 0'],
    ['divide', 'division by zero'],
    ['lane', 'lane 8 of an hls::vector of 4 lanes'],
    ['list', 'an hls::vector of 4 lanes was given 3 values'],
  ])('%s: end the program and say what is wrong', async (mistake, message) => {
    expect(await run(await executable, [mistake])).toMatchObject({
      code: 64,
      stderr: `weft csim: error: ${message}\n`,
    });
  });
});

describe('a value that was never written', () => {
  const program = (initialiser: string) => ({
    text: `
#include <ap_int.h>
#include <cstdio>
int main(int argc, char**) {
  ap_int<8> buffer[4]${initialiser};
  buffer[argc] = 5;
  ap_int<10> sum = 0;
  for (int i = 0; i < 4; ++i) sum += buffer[i];
  std::printf("%d\\n", sum.to_int());
}`,
  });
  const printed = async (initialiser: string, poison: string) =>
    (await run(await build(program(initialiser), { flags: ['-O1', `-DWEFT_POISON=${poison}`] }))).stdout;

  it('makes the result depend on the poison', async () => {
    expect([await printed('', '0x00'), await printed('', '0x11')]).toEqual(['5\n', '56\n']);
  });
  it('and one that was written does not', async () => {
    expect([await printed(' = {0, 0, 0, 0}', '0x00'), await printed(' = {0, 0, 0, 0}', '0x11')]).toEqual([
      '5\n',
      '5\n',
    ]);
  });
});
