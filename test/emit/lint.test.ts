import { describe, expect, test } from 'vitest';
import { lintSources } from '../../server/emit/lint.ts';

const messages = (text: string) =>
  lintSources([{ path: 'a.h', text }]).map((finding) => `${finding.line}: ${finding.message}`);

test('documented sources pass', () => {
  const text = `#include <ap_int.h>
#include "weft/common.h"
void f(hls::stream<int> &in) {
  int table[4]; // hls::nonsense in a comment, "ap_nothing" too
#pragma HLS ARRAY_PARTITION variable=table type=cyclic factor=N/2 dim=1
#pragma HLS INTERFACE m_axi port=in bundle=gmem offset=slave max_read_burst_length=64
  for (;;) {
#pragma HLS PIPELINE II=1
    ap_int<8> x = in.read();
  }
}
struct own { int half() const { return 1; } };
int g(own o) { return o.half(); }
`;
  expect(messages(text)).toEqual([]);
});

describe('what a compiler would let pass', () => {
  test.each([
    ['#pragma HLS PIPLINE II=1', 'PIPLINE is not a documented pragma'],
    ['#pragma hls PIPELINE II=1', '#pragma hls is not'],
    ['#pragma HLS PIPELINE ii=1', 'no option ii'],
    ['#pragma HLS PIPELINE II', 'not how II is written'],
    ['#pragma HLS INLINE off=1', 'not how off is written'],
    ['#pragma HLS BIND_STORAGE variable=x type=fifo impl=bramm', 'bramm is not a impl'],
    ['#pragma HLS INTERFACE maxi port=x', 'maxi is not a mode'],
    ['#pragma HLS STREAM depth=4', 'STREAM without variable='],
    ['#pragma HLS STREAM variable=typo depth=4', 'no variable typo'],
    ['#pragma omp parallel', 'omp is not'],
    ['#include <hls_math.h>', '<hls_math.h> is not a header'],
    ['#include <cmath>', '<cmath> is not a header'],
    ['y = hls::exp(x);', 'hls::exp is not on the list'],
    ['ap_axiu<8> y;', 'ap_axiu is not on the list'],
    ['y = x.get_bit(3);', '.get_bit() is not on the list'],
  ])('%s', (line, message) => {
    const found = messages(`int x;\n${line}\n`);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`2: `);
    expect(found[0]).toContain(message);
  });
});
