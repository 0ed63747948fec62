// Rotated positions: columns i and i + HEAD_DIM / 2 of a head are turned by the angle of their row and pair,
//
//   low' = low * cos - high * sin,  high' = high * cos + low * sin          i = 0 ... HEAD_DIM / 2 - 1
//
// the half-rotation in which checkpoints of Hugging Face hold Llama and its kin. (The interleaved form, pairs of
// neighbours, is the same on weights whose columns are permuted.)
//
// in     word<IN, T * C>         block of T rows -> head -> C columns a word; int8 is multiplied by in_scale
// turns  word<fp32, T * 2 * C>   block -> C pairs a word, of each its cosine and its sine; the host knows base and position
// out    word<OUT, T * C>        the order of in; int8: y * inverse_scale, rounded half to even and saturated
//
//   in -> pairs -> pair -> rotate -> out
//
// `pairs` keeps the lower half of a head until its upper half comes; `rotate` gives the lower half at once and keeps what
// it needs for the upper. A word enters and leaves every cycle; the turns of a block are read with its first head and kept:
// cycles = ROWS / T * HEADS * HEAD_DIM / C + HEAD_DIM / C / 2 + depth  (law.ts). C divides HEAD_DIM / 2.
// DSP: T * C * 8 (two multiplies, one addition), and 3 a lane for int8 out, 6 for int8 in.
#ifndef WEFT_ROPE_H
#define WEFT_ROPE_H

#include "dataflow.h"
#include "requantise.h"
#include "stages.h"
#include "storage.h"
#include "word.h"

namespace weft {

template <int HEADS, int HALF, int N, class IN>
void rope_pairs(hls::stream<word<IN, N> > &in, hls::stream<word<IN, 2 * N> > &pair) {
#pragma HLS INLINE off
  word<IN, N> low[HALF];
  storage_for<HALF>::bind(low);
  WEFT_LATENCY(stages::read + 1);
  for (int head = 0; head < HEADS; head++) {
    for (int w = 0; w < 2 * HALF; w++) {
#pragma HLS PIPELINE II=1
#pragma HLS DEPENDENCE variable=low type=inter dependent=false
      const word<IN, N> x = in.read();
      if (w < HALF) {
        low[w] = x;
      } else {
        const word<IN, N> first = low[w - HALF];
        word<IN, 2 * N> both;
        for (int i = 0; i < N; i++) {
#pragma HLS UNROLL
          both[i] = first[i];
          both[N + i] = x[i];
        }
        pair.write(both);
      }
      WEFT_TICK(1);
    }
  }
}

template <int BLOCKS, int HEADS, int HALF, int T, int C, class IN, class OUT>
void rope_rotate(hls::stream<word<IN, 2 * T * C> > &pair, hls::stream<word<fp32, T * 2 * C> > &turns,
                 hls::stream<word<OUT, T * C> > &out, float in_scale, float inverse_scale) {
#pragma HLS INLINE off
  word<IN, 2 * T * C> pairs[HALF];
  word<fp32, T * 2 * C> held[HALF];
  storage_for<HALF>::bind(pairs);
  storage_for<HALF>::bind(held);
  WEFT_LATENCY(stages::read + stages::input<IN>() + stages::fmul + stages::fadd + stages::output<OUT>() + 1);
  for (int block = 0; block < BLOCKS; block++) {
    for (int head = 0; head < HEADS; head++) {
      for (int w = 0; w < 2 * HALF; w++) {
#pragma HLS PIPELINE II=1
#pragma HLS DEPENDENCE variable=pairs type=inter dependent=false
#pragma HLS DEPENDENCE variable=held type=inter dependent=false
        const bool lower = w < HALF;
        const int at = lower ? w : w - HALF;
        word<IN, 2 * T * C> both;
        word<fp32, T * 2 * C> turn;
        if (lower) {
          both = pair.read();
          pairs[at] = both;
        } else {
          both = pairs[at];
        }
        if (lower && head == 0) {
          turn = turns.read();
          held[at] = turn;
        } else {
          turn = held[at];
        }
        word<fp32, T * C> result;
        for (int i = 0; i < T * C; i++) {
#pragma HLS UNROLL
          const float own = dequantise<IN>(lower ? both[i] : both[T * C + i], in_scale);
          const float other = dequantise<IN>(lower ? both[T * C + i] : both[i], in_scale);
          const float cosine = turn[i / T * 2 * T + i % T];
          const float sine = turn[(i / T * 2 + 1) * T + i % T];
          const float along = own * cosine;
          const float across = other * sine;
          result[i] = along + (lower ? -across : across);
        }
        out.write(requantised<T * C, OUT>(result, inverse_scale));
        WEFT_TICK(1);
      }
    }
  }
}

template <int ROWS, int HEADS, int HEAD_DIM, int T, int C, class IN, class OUT>
void rope(hls::stream<word<IN, T * C> > &in, hls::stream<word<fp32, T * 2 * C> > &turns,
          hls::stream<word<OUT, T * C> > &out, float in_scale, float inverse_scale) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  static_assert(HEAD_DIM % (2 * C) == 0, "a word must not reach from one half of a head into the other");
  const int blocks = ceil_div(ROWS, T);
  const int half = HEAD_DIM / (2 * C);
  hls::stream<word<IN, 2 * T * C>, 2> pair("pair");
#pragma HLS STREAM variable=pair depth=2
#pragma HLS BIND_STORAGE variable=pair type=fifo impl=srl

  DF_BEGIN
  DF_CALL((rope_pairs<blocks * HEADS, half, T * C, IN>), in, pair)
  DF_CALL((rope_rotate<blocks, HEADS, half, T, C, IN, OUT>), pair, turns, out, in_scale, inverse_scale)
  DF_END
}

}  // namespace weft

#endif
