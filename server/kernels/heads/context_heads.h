// context of N instances of context.h side by side, each with HEADS / N heads of probabilities and KV_HEADS / N of v.
//
// Streams: words and their order are those of context.h; heads are dealt out and gathered as heads.h says.
//
// Cost, in cycles, streams always ready (law.ts): all of v, a word a cycle, then the heads of an instance, or all probabilities
// at a word a cycle where that is more; then the runs of the last round that are still kept.
// DSP: N times those of context.h.
#ifndef WEFT_CONTEXT_HEADS_H
#define WEFT_CONTEXT_HEADS_H

#include "context.h"
#include "heads.h"

namespace weft {

template <int N, int ROWS, int KEYS, int HEADS, int KV_HEADS, int HEAD_DIM, int R, int A, int D, int PACK,
          int VALUE_TOKENS, class IN, class OUT, class CACHE>
void context_heads(hls::stream<word<IN, R * D>> &in, hls::stream<word<IN, VALUE_TOKENS>> &v,
                   hls::stream<word<OUT, R>> &out, float scale) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  static_assert(KV_HEADS % N == 0, "every instance has as many heads of v");
  const int shares = HEADS / KV_HEADS;
  const int rounds = ceil_div(ROWS, R) * KV_HEADS / N;
  const int value_rounds = ceil_div(KEYS, VALUE_TOKENS) * KV_HEADS / N;
  const int steps = ceil_div(KEYS, D);
  const int in_depth = run_depth(shares * steps);
  const int v_depth = run_depth(HEAD_DIM);
  const int out_depth = run_depth(shares * HEAD_DIM);
  run_stream<word<IN, R * D>, shares * steps> ins[N];
#pragma HLS STREAM variable=ins depth=in_depth
  run_stream<word<IN, VALUE_TOKENS>, HEAD_DIM> vs[N];
#pragma HLS STREAM variable=vs depth=v_depth
  run_stream<word<OUT, R>, shares * HEAD_DIM> outs[N];
#pragma HLS STREAM variable=outs depth=out_depth
  storage_for<in_depth>::bind_fifo(ins);
  storage_for<v_depth>::bind_fifo(vs);
  storage_for<out_depth>::bind_fifo(outs);

  DF_BEGIN
  DF_CALL((deal_heads<rounds, N, shares * steps, word<IN, R * D>>), in, ins)
  DF_CALL((deal_heads<value_rounds, N, HEAD_DIM, word<IN, VALUE_TOKENS>>), v, vs)
  for (int i = 0; i < N; i++) {
#pragma HLS UNROLL
    DF_CALL_OF(i,
               (context<ROWS, KEYS, HEADS / N, KV_HEADS / N, HEAD_DIM, R, A, D, PACK, VALUE_TOKENS, IN, OUT, CACHE>),
               ins[i], vs[i], outs[i], scale)
  }
  DF_CALL((gather_heads<rounds, N, shares * HEAD_DIM, word<OUT, R>>), outs, out)
  DF_END
}

}  // namespace weft

#endif
