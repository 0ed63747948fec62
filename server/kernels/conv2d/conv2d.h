// conv2d: an image [CHANNELS, HEIGHT, WIDTH] convolved with trained weights, plus bias, plus activation function.
//
// A convolution is the product of its windows, a row of SIZE * SIZE * CHANNELS values for each pixel of the result, with a
// matrix of weights. So the windows are cut out of a ring of pixels (window.h, the line buffer) and go through the array of
// streamed_array.h: R pixels of the result, A * PACK output channels, dot products of D input channels of a tap.
//
//   for block in pixels / R, for tile in COLUMNS / (A * PACK), for tap in SIZE * SIZE, for group in CHANNELS / D    II = 1
//
// Streams, one word a line:
//   in       T pixels x D channels       block, group                       pixels row by row
//   weights  D x (A * PACK) weights      block, tile, tap, group; index = d * A * PACK + column
//   scales   multiplier, bias            block, tile, column                fp32, for padded columns too
//   out      R pixels x 1 channel        block, column                      OUT = fp32, or rounded and saturated int8
//
// The weights are those of a linear whose reduction is SIZE * SIZE * padded(CHANNELS, D): row (tap_y * SIZE + tap_x) *
// padded(CHANNELS, D) + channel; rows of channels that there are not are zero. Scales and results are those of linear.h.
//
// Cost, in cycles, streams always ready (law.ts): the pixels of the first block come in, then
//   blocks * ((tiles - 1) * (STEPS + o) + SEGMENTS * STEPS + o) + drain        STEPS = SIZE * SIZE * CHANNELS / D
// or the windows' own pace where that is slower (window.h), or the epilogue's, A * PACK cycles a tile.
// DSP: R * A * D, and R lanes of fp32 multiply and add. Memory: the ring, and the windows of a block for the next tiles.
#ifndef WEFT_CONV2D_H
#define WEFT_CONV2D_H

#include "dataflow.h"
#include "epilogue.h"
#include "streamed_array.h"
#include "window.h"
#include "word.h"

namespace weft {

/// Words of windows that may wait for the array.
const int windows_depth = 2;

template <int HEIGHT, int WIDTH, int CHANNELS, int COLUMNS, int SIZE, int STRIDE, int PAD, int T, int R, int A, int D,
          int PACK, int RING_ROWS, int SEGMENTS, class IN, class WEIGHT, class OUT, class FUNCTION>
void conv2d(hls::stream<word<IN, T * D>> &in, hls::stream<word<WEIGHT, A * PACK * D>> &weights,
            hls::stream<word<fp32, 2>> &scales, hls::stream<word<OUT, R>> &out, float out_inverse_scale) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  typedef window_ring<HEIGHT, WIDTH, CHANNELS, SIZE, STRIDE, PAD, T, R, D, RING_ROWS> shape;
  const int tiles = ceil_div(COLUMNS, A * PACK);
  const int steps = shape::taps * shape::groups;
  hls::stream<word<IN, R * D>, windows_depth> windows("windows");
#pragma HLS STREAM variable=windows depth=windows_depth
#pragma HLS BIND_STORAGE variable=windows type=fifo impl=srl
  typedef sum_type<IN, WEIGHT> sum;
  column_stream<R, sum> columns[A * PACK];
#pragma HLS STREAM variable=columns depth=sums_depth
#pragma HLS ARRAY_PARTITION variable=columns type=complete dim=1

  DF_BEGIN
  DF_CALL((slide_windows<shape, SEGMENTS, 0, false, IN>), in, windows)
  DF_CALL((streamed_array<shape::blocks, tiles, steps, R, A, D, PACK, IN, WEIGHT>), windows, weights, columns)
  DF_CALL((finish_columns<shape::blocks, tiles, A * PACK, COLUMNS, R, sum, OUT, FUNCTION>), columns, scales, out,
          out_inverse_scale)
  DF_END
}

}  // namespace weft

#endif
