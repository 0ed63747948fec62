// softmax of N instances of softmax.h side by side, each with HEADS / N heads.
//
// Streams: words and their order are those of softmax.h; heads are dealt out and gathered as heads.h says. Instances that take a
// word every II cycles give one a cycle together where there are II of them.
//
// Cost, in cycles, streams always ready (law.ts): the heads of an instance, or all words at one a cycle where that is more; then
// the runs of the last round that are still kept.
// DSP: N times those of softmax.h.
#ifndef WEFT_SOFTMAX_HEADS_H
#define WEFT_SOFTMAX_HEADS_H

#include "heads.h"
#include "softmax.h"

namespace weft {

template <int N, int ROWS, int HEADS, int KEYS, int T, int C, int II, int CAUSAL, class OUT>
void softmax_heads(hls::stream<word<fp32, T * C>> &in, hls::stream<word<OUT, T * C>> &out, int past) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  static_assert(HEADS % N == 0, "every instance has as many heads");
  const int rounds = ceil_div(ROWS, T) * HEADS / N;
  const int words = ceil_div(KEYS, C);
  const int depth = run_depth(words);
  run_stream<word<fp32, T * C>, words> ins[N];
#pragma HLS STREAM variable=ins depth=depth
  run_stream<word<OUT, T * C>, words> outs[N];
#pragma HLS STREAM variable=outs depth=depth
  storage_for<depth>::bind_fifo(ins);
  storage_for<depth>::bind_fifo(outs);

  DF_BEGIN
  DF_CALL((deal_heads<rounds, N, words, word<fp32, T * C>>), in, ins)
  for (int i = 0; i < N; i++) {
#pragma HLS UNROLL
    DF_CALL_OF(i, (softmax<ROWS, HEADS / N, KEYS, T, C, II, CAUSAL, OUT>), ins[i], outs[i], past)
  }
  DF_CALL((gather_heads<rounds, N, words, word<OUT, T * C>>), outs, out)
  DF_END
}

}  // namespace weft

#endif
