// Heads dealt out among N instances of a kernel and put together again: what `replicate N over heads` adds to the kernel.
//
//   in -> deal_heads -> N instances, each with every N-th head of k or v and the heads that meet it -> gather_heads -> out
//
// deal_heads    RUN words of `in` to the first of N streams, RUN to the second, …, and from the first again
// gather_heads  RUN words of the first of N streams to `out`, RUN of the second, …, and from the first again
//
// Words are those of the kernel (scores_heads.h, context_heads.h, softmax_heads.h), as is the order; a run is what a head has of
// them, or the heads that share one of k or v, which stay together. A FIFO holds a run, so that an instance is fed, and its
// results are kept, while it is the turn of another: heads are dealt out one after the other, and computed side by side.
//
// cycles = words + 1 for each of them, one word a cycle: N instances give at most a word a cycle together. No DSP.
#ifndef WEFT_HEADS_H
#define WEFT_HEADS_H

#include "dataflow.h"
#include "stages.h"
#include "storage.h"
#include "word.h"

namespace weft {

/// Words of a FIFO that holds a run.
constexpr int run_depth(int run) { return run < 2 ? 2 : run; }

template <class WORD, int RUN>
using run_stream = hls::stream<WORD, run_depth(RUN)>;

template <int ROUNDS, int N, int RUN, class WORD>
void deal_heads(hls::stream<WORD> &in, run_stream<WORD, RUN> (&out)[N]) {
#pragma HLS INLINE off
  WEFT_LATENCY(stages::read + 1);
  for (int round = 0; round < ROUNDS; round++) {
    for (int turn = 0; turn < N; turn++) {
      for (int w = 0; w < RUN; w++) {
#pragma HLS PIPELINE II=1
        const WORD value = in.read();
        for (int i = 0; i < N; i++) {
#pragma HLS UNROLL
          if (i == turn) out[i].write(value);
        }
        WEFT_TICK(1);
      }
    }
  }
}

template <int ROUNDS, int N, int RUN, class WORD>
void gather_heads(run_stream<WORD, RUN> (&in)[N], hls::stream<WORD> &out) {
#pragma HLS INLINE off
  WEFT_LATENCY(stages::read + 1);
  for (int round = 0; round < ROUNDS; round++) {
    for (int turn = 0; turn < N; turn++) {
      for (int w = 0; w < RUN; w++) {
#pragma HLS PIPELINE II=1
        WORD value = WORD();
        for (int i = 0; i < N; i++) {
#pragma HLS UNROLL
          if (i == turn) value = in[i].read();
        }
        out.write(value);
        WEFT_TICK(1);
      }
    }
  }
}

}  // namespace weft

#endif
