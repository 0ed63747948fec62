// scores of N instances of scores.h side by side, each with HEADS / N heads of q and KV_HEADS / N of k.
//
// Streams: words and their order are those of scores.h; heads are dealt out and gathered as heads.h says.
//
// Cost, in cycles, streams always ready (law.ts): all of k, a word a cycle, then the heads of an instance, or all results at a
// word a cycle where that is more; then the runs of the last round that are still kept.
// DSP: N times those of scores.h.
#ifndef WEFT_SCORES_HEADS_H
#define WEFT_SCORES_HEADS_H

#include "heads.h"
#include "scores.h"

namespace weft {

template <int N, int ROWS, int KEYS, int HEADS, int KV_HEADS, int HEAD_DIM, int R, int A, int D, int PACK, int KEY_TOKENS,
          class IN, class OUT, class CACHE>
void scores_heads(hls::stream<word<IN, R * D>> &q, hls::stream<word<IN, KEY_TOKENS * D>> &k,
                  hls::stream<word<OUT, R>> &out, float scale) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  static_assert(KV_HEADS % N == 0, "every instance has as many heads of k");
  const int shares = HEADS / KV_HEADS;
  const int rounds = ceil_div(ROWS, R) * KV_HEADS / N;
  const int key_rounds = ceil_div(KEYS, KEY_TOKENS) * KV_HEADS / N;
  const int steps = HEAD_DIM / D;
  const int q_depth = run_depth(shares * steps);
  const int k_depth = run_depth(steps);
  const int out_depth = run_depth(shares * KEYS);
  run_stream<word<IN, R * D>, shares * steps> qs[N];
#pragma HLS STREAM variable=qs depth=q_depth
  run_stream<word<IN, KEY_TOKENS * D>, steps> ks[N];
#pragma HLS STREAM variable=ks depth=k_depth
  run_stream<word<OUT, R>, shares * KEYS> outs[N];
#pragma HLS STREAM variable=outs depth=out_depth
  storage_for<q_depth>::bind_fifo(qs);
  storage_for<k_depth>::bind_fifo(ks);
  storage_for<out_depth>::bind_fifo(outs);

  DF_BEGIN
  DF_CALL((deal_heads<rounds, N, shares * steps, word<IN, R * D>>), q, qs)
  DF_CALL((deal_heads<key_rounds, N, steps, word<IN, KEY_TOKENS * D>>), k, ks)
  for (int i = 0; i < N; i++) {
#pragma HLS UNROLL
    DF_CALL_OF(i, (scores<ROWS, KEYS, HEADS / N, KV_HEADS / N, HEAD_DIM, R, A, D, PACK, KEY_TOKENS, IN, OUT, CACHE>),
               qs[i], ks[i], outs[i], scale)
  }
  DF_CALL((gather_heads<rounds, N, shares * KEYS, word<OUT, R>>), outs, out)
  DF_END
}

}  // namespace weft

#endif
