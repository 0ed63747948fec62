// A function of one element, word by word: gelu.h, silu.h, relu.h.
//
// in   word<IN, LANES>    int8 is multiplied by in_scale
// out  word<OUT, LANES>   int8: FUNCTION * inverse_scale, rounded half to even and saturated
//
// cycles = WORDS + depth, one word a cycle. DSP: LANES * (FUNCTION + 3 for each int8 side).
#ifndef WEFT_ELEMENTWISE_H
#define WEFT_ELEMENTWISE_H

#include "dataflow.h"
#include "requantise.h"
#include "stages.h"
#include "word.h"

namespace weft {

template <int WORDS, int LANES, class FUNCTION, class IN, class OUT>
void elementwise(hls::stream<word<IN, LANES> > &in, hls::stream<word<OUT, LANES> > &out, float in_scale,
                 float inverse_scale) {
#pragma HLS INLINE off
  WEFT_LATENCY(stages::read + stages::input<IN>() + FUNCTION::depth + stages::output<OUT>() + 1);
  for (int w = 0; w < WORDS; w++) {
#pragma HLS PIPELINE II=1
    const word<IN, LANES> x = in.read();
    word<OUT, LANES> result;
    for (int i = 0; i < LANES; i++) {
#pragma HLS UNROLL
      result[i] = requantise<OUT>(FUNCTION::apply(dequantise<IN>(x[i], in_scale)), inverse_scale);
    }
    out.write(result);
    WEFT_TICK(1);
  }
}

}  // namespace weft

#endif
