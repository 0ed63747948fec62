// Two tensors into one, word by word: the residual addition (sum), the gate of a feed-forward (product).
//
// a    word<A, LANES>     int8 is multiplied by a_scale
// b    word<B, LANES>     int8 is multiplied by b_scale
// out  word<OUT, LANES>   int8: OPERATION(a, b) * inverse_scale, rounded half to even and saturated
//
// cycles = WORDS + depth, one word a cycle. DSP: LANES * (2 of a sum, 3 of a product + 3 for each int8 side).
#ifndef WEFT_COMBINE_H
#define WEFT_COMBINE_H

#include "dataflow.h"
#include "requantise.h"
#include "stages.h"
#include "word.h"

namespace weft {

struct sum {
  static const int depth = stages::fadd;
  static float apply(float a, float b) {
#pragma HLS INLINE
    return a + b;
  }
};

struct product {
  static const int depth = stages::fmul;
  static float apply(float a, float b) {
#pragma HLS INLINE
    return a * b;
  }
};

template <int WORDS, int LANES, class OPERATION, class A, class B, class OUT>
void combine(hls::stream<word<A, LANES> > &a, hls::stream<word<B, LANES> > &b, hls::stream<word<OUT, LANES> > &out,
             float a_scale, float b_scale, float inverse_scale) {
#pragma HLS INLINE off
  WEFT_LATENCY(stages::read + greatest(stages::input<A>(), stages::input<B>()) + OPERATION::depth +
               stages::output<OUT>() + 1);
  for (int w = 0; w < WORDS; w++) {
#pragma HLS PIPELINE II=1
    const word<A, LANES> x = a.read();
    const word<B, LANES> y = b.read();
    word<OUT, LANES> result;
    for (int i = 0; i < LANES; i++) {
#pragma HLS UNROLL
      const float value = OPERATION::apply(dequantise<A>(x[i], a_scale), dequantise<B>(y[i], b_scale));
      result[i] = requantise<OUT>(value, inverse_scale);
    }
    out.write(result);
    WEFT_TICK(1);
  }
}

}  // namespace weft

#endif
