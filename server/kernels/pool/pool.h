// maxpool, avgpool: the greatest, or the mean, of each window of an image [CHANNELS, HEIGHT, WIDTH], channel by channel.
//
//   in   word<IN, T * D>   block of T pixels -> D of CHANNELS channels a word
//   out  word<OUT, R * D>    block of R pixels of the result -> D of CHANNELS channels a word
//
// greatest: int8, the steps of the input; what lies outside of the image never wins.
// mean: sum of SIZE * SIZE values (outside: 0) times `scale`, which folds 1 / (SIZE * SIZE) and the steps of input and
// result; fp32, or rounded half to even and saturated int8. A window as large as the image is a global pooling.
//
// Cost, in cycles, streams always ready (law.ts): the pixels of the first block come in, then
//   sum over blocks of max(SIZE * SIZE * groups * SEGMENTS, words in) + window_overhead, then the last result leaves
// DSP: none for the greatest; a fp32 multiply a lane for the mean. Memory: the ring of window.h.
#ifndef WEFT_POOL_H
#define WEFT_POOL_H

#include "dataflow.h"
#include "stages.h"
#include "window.h"
#include "word.h"

namespace weft {

/// Greatest of a window.
template <class IN>
struct pool_greatest {
  static const int padding = -(1 << (element<IN>::bits - 1));
  static const int depth = stages::read + stages::maximum;
  static int32 first() { return padding; }
  static int32 next(int32 so_far, typename element<IN>::value value) {
#pragma HLS INLINE
    return value > so_far ? value : so_far;
  }
  template <class OUT>
  static typename element<OUT>::value finish(int32 greatest, float) {
#pragma HLS INLINE
    return (typename element<OUT>::value)greatest;
  }
};

/// Mean of a window, what lies outside of the image counted as 0.
template <class IN>
struct pool_mean {
  static const int padding = 0;
  static const int depth = stages::read + 1 + stages::to_float + stages::fmul;
  static int32 first() { return 0; }
  static int32 next(int32 so_far, typename element<IN>::value value) {
#pragma HLS INLINE
    return so_far + value;
  }
  template <class OUT>
  static typename element<OUT>::value finish(int32 sum, float scale) {
#pragma HLS INLINE
    const float mean = (float)sum * scale;
#pragma HLS BIND_OP variable=mean op=fmul impl=maxdsp
    return quantise<OUT>(mean);
  }
};

template <int WORDS, int TAPS, int N, class KIND, class IN, class OUT>
void pool_windows(hls::stream<word<IN, N>> &windows, hls::stream<word<OUT, N>> &out, float scale) {
#pragma HLS INLINE off
  int32 so_far[N];
#pragma HLS ARRAY_PARTITION variable=so_far type=complete dim=1
  int tap = 0;
  WEFT_LATENCY(KIND::depth + (KIND::padding == 0 ? stages::rounding<OUT>() : 0) + 1);
  for (int i = 0; i < WORDS * TAPS; i++) {
#pragma HLS PIPELINE II=1 style=flp
    const word<IN, N> values = windows.read();
    word<OUT, N> result;
    for (int n = 0; n < N; n++) {
#pragma HLS UNROLL
      so_far[n] = KIND::next(tap == 0 ? KIND::first() : so_far[n], values[n]);
      result[n] = KIND::template finish<OUT>(so_far[n], scale);
    }
    if (tap == TAPS - 1) out.write(result);
    tap = tap == TAPS - 1 ? 0 : tap + 1;
    WEFT_TICK(1);
  }
}

template <int HEIGHT, int WIDTH, int CHANNELS, int SIZE, int STRIDE, int PAD, int T, int R, int D, int RING_ROWS,
          int SEGMENTS, class KIND, class IN, class OUT>
void pool(hls::stream<word<IN, T * D>> &in, hls::stream<word<OUT, R * D>> &out, float scale) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  typedef window_ring<HEIGHT, WIDTH, CHANNELS, SIZE, STRIDE, PAD, T, R, D, RING_ROWS> shape;
  hls::stream<word<IN, R * D>, 2> windows("windows");
#pragma HLS STREAM variable=windows depth=2
#pragma HLS BIND_STORAGE variable=windows type=fifo impl=srl

  DF_BEGIN
  DF_CALL((slide_windows<shape, SEGMENTS, KIND::padding, true, IN>), in, windows)
  DF_CALL((pool_windows<shape::blocks * shape::groups, shape::taps, R * D, KIND, IN, OUT>), windows, out, scale)
  DF_END
}

}  // namespace weft

#endif
