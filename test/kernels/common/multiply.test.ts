import { describe, expect, it } from 'vitest';
import { greatestPack } from '../../../server/kernels/common/array.ts';
import { run, workshop } from '../../csim/compiler.ts';

const { build } = workshop();

/** Every operand of every type: products one by one in C's int, packed ones out of multiply.h; prints how many differ. */
const exhaustive = `
#include "multiply.h"
#include <cstdio>
using namespace weft;
template <class SHARED, class PACKED, int PACK> static long differing() {
  typedef packed_multiply<SHARED, PACKED, PACK> unit;
  const int low = -(1 << (unit::packed_bits - 1)), high = -low, step = high - low;
  long combinations = 1, wrong = 0;
  for (int p = 0; p < PACK; p++) combinations *= step;
  for (long all = 0; all < combinations; all++) {
    typename unit::weight weights[PACK];
    long rest = all;
    for (int p = 0; p < PACK; p++, rest /= step) weights[p] = (typename unit::weight)(low + rest % step);
    const typename unit::operand packed = unit::pack(weights);
    for (int x = -128; x < 128; x++) {
      int32 products[PACK];
      unit::multiply(packed, (SHARED)x, products);
      for (int p = 0; p < PACK; p++) wrong += products[p] != (int)weights[p] * x;
    }
  }
  return wrong;
}
int main() {
  std::printf("%ld %ld %ld %ld\\n", differing<int8, int4, 2>(), differing<int8, int8, 2>(), differing<int8, int2, 3>(),
              differing<int8, int8, 1>());
  return 0;
}
`;

describe('packed multiplies', () => {
  it('give every product of every pair of weights with every activation', async () => {
    const outcome = await run(await build({ text: exhaustive }, { flags: ['-O2'] }));
    expect(outcome).toEqual({ code: 0, stdout: '0 0 0 0\n', stderr: '' });
  });

  it.each([
    ['int4', 'int8', 'DSP48E2', 2],
    ['int8', 'int8', 'DSP48E2', 2],
    ['int2', 'int8', 'DSP48E2', 3],
    ['int4', 'int16', 'DSP48E2', 2],
    ['int4', 'int4', 'DSP48E2', 4],
    ['int2', 'int4', 'DSP48E2', 5],
    ['fp16', 'fp16', 'DSP58', 1],
    ['int16', 'int16', 'DSP48E2', 1],
    ['int8', 'int8', 'DSP48E1', 2],
    ['int8', 'int8', 'DSP58', 2],
  ] as const)('%s weights, %s activations on a %s: at most %i', (weights, activations, dspKind, most) => {
    expect(greatestPack(weights, activations, dspKind)).toBe(most);
  });

  it.each([
    ['int8, int8, 3', 'do not fit the 27-bit operand'],
    ['int8, int4, 3', 'do not fit the 27-bit operand'],
    ['int32, int8, 1', 'must fit the 18-bit operand'],
    ['fp32, int8, 1', 'only integers share a DSP block'],
  ])('are refused by the compiler where they do not fit: %s', async (types, words) => {
    const text = `#include "multiply.h"\nusing namespace weft;\ntemplate struct weft::packed_multiply<${types}>;\n`;
    await expect(build({ text }, { flags: ['-c'] })).rejects.toThrow(words);
  });
});
