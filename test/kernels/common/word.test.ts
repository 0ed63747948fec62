import { describe, expect, it } from 'vitest';
import { run, workshop } from '../../csim/compiler.ts';

const { build } = workshop();

/** Compares with the C library's nearbyint over floats of every exponent, ties and their neighbours; prints what differs. */
const rounding = `
#include "word.h"
#include <cmath>
#include <cstdio>
using namespace weft;
template <int BITS> static bool differs(float value) {
  const double limit = std::ldexp(1.0, BITS - 1), nearest = std::nearbyint((double)value);
  const double expected = nearest > limit - 1 ? limit - 1 : nearest < -limit ? -limit : nearest;
  return round_half_to_even<BITS>(value) != (int)expected;
}
static long wrong(float value) { return differs<4>(value) + differs<8>(value) + differs<16>(value); }
int main() {
  long floats = 0, ties = 0;
  for (unsigned long bits = 0; bits < 1ul << 32; bits += 61) {
    const float value = float_of((unsigned)bits);
    if (value == value) floats += wrong(value);
  }
  for (int halves = -70000; halves <= 70000; halves++) {
    const float tie = (float)halves * 0.5f;
    ties += wrong(tie) + wrong(std::nextafterf(tie, 1e9f)) + wrong(std::nextafterf(tie, -1e9f));
  }
  std::printf("%ld %ld\\n", floats, ties);
  std::printf("%d %d\\n", round_half_to_even<8>(INFINITY), round_half_to_even<8>(-INFINITY));
  return 0;
}
`;

/** Packs, unpacks and reads back from bytes. */
const packing = `
#include "word.h"
#include <cstdio>
using namespace weft;
template <class ELEMENT, int N> static int wrong(int least, int greatest) {
  int result = 0;
  for (int at = 0; at < N; at++)
    for (int value = least; value <= greatest; value++) {
      word<ELEMENT, N> packed = zeros<ELEMENT, N>();
      set<ELEMENT>(packed, at, (int8)value);
      for (int i = 0; i < N; i++) result += weft::get<ELEMENT>(packed, i) != (i == at ? value : 0);
    }
  return result;
}
int main() {
  const unsigned char bytes[4] = {0x21, 0xf8, 0x34, 0x12};
  const word<int4, 3> nibbles = word_from_bytes<int4, 3>(bytes);
  const word<int16, 2> shorts = word_from_bytes<int16, 2>(bytes);
  std::printf("%d %d %d\\n", wrong<int2, 5>(-2, 1), wrong<int4, 5>(-8, 7), wrong<int8, 3>(-128, 127));
  std::printf("%d %d %d\\n", (int)sizeof(word<int4, 32>), (int)sizeof(word<int4, 5>), (int)sizeof(word<int2, 8>));
  std::printf("%d %d %d\\n", get<int4>(nibbles, 0), get<int4>(nibbles, 1), get<int4>(nibbles, 2));
  std::printf("%d %d\\n", shorts[0], shorts[1]);
  return 0;
}
`;

describe('stream words', () => {
  it('round fp32 half to even and saturate', async () => {
    const outcome = await run(await build({ text: rounding }, { flags: ['-O2'] }));
    expect(outcome).toEqual({ code: 0, stdout: '0 0\n127 -128\n', stderr: '' });
  });

  it('hold integers of less than a byte without gaps, in any position', async () => {
    const outcome = await run(await build({ text: packing }, { flags: ['-O1'] }));
    expect(outcome).toEqual({ code: 0, stdout: '0 0 0\n16 3 2\n1 2 -8\n-2015 4660\n', stderr: '' });
  });
});
