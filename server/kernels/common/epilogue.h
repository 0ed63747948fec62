// From the sums of an output-stationary array to its result stream: one column of R tokens a cycle, tile after tile, in
// step with the array's next tile.
//
//   hand_over      the array's side: all columns of a tile in one cycle, a FIFO each (two deep)
//   scale_sums     result = sum * scale, one scalar scale: scores and context
//   finish_columns result = f(sum * multiplier[column] + bias[column]) * steps: linear
//
// fp32 throughout (multiply, then add: two roundings, never fused), then int8 by rounding half to even and
// saturation, or fp32 as it is. Columns that pad the last tile are taken and dropped.
//
// The loops are flushable pipelines (style=flp): when the array has nothing ready, the columns under way still leave.
#ifndef WEFT_EPILOGUE_H
#define WEFT_EPILOGUE_H

#include "dataflow.h"
#include "multiply.h"
#include "stages.h"
#include "word.h"

namespace weft {

/// Tiles that the array may be ahead of its epilogue.
const int sums_depth = 2;

/// A column of R sums, part by part.
template <int R, class SUM>
using column_word = hls::vector<typename sums_of<SUM>::part, R * sums_of<SUM>::parts>;
template <int R, class SUM>
using column_stream = hls::stream<column_word<R, SUM>, sums_depth>;

template <int R, int WIDE, class SUM>
void hand_over(const SUM sums[R][WIDE], column_stream<R, SUM> (&columns)[WIDE]) {
#pragma HLS INLINE
  for (int c = 0; c < WIDE; c++) {
#pragma HLS UNROLL
    column_word<R, SUM> column;
    for (int r = 0; r < R; r++) {
#pragma HLS UNROLL
      for (int p = 0; p < sums_of<SUM>::parts; p++) {
#pragma HLS UNROLL
        column[p * R + r] = sums_of<SUM>::get(sums[r][c], p);
      }
    }
    columns[c].write(column);
  }
}

/// The FIFO that the column counter points at: a multiplexer in hardware, so that every FIFO has one constant reader.
template <int R, class SUM, int WIDE>
column_word<R, SUM> take_column(column_stream<R, SUM> (&columns)[WIDE], int wanted) {
#pragma HLS INLINE
  column_word<R, SUM> taken = (typename sums_of<SUM>::part)0;
  for (int c = 0; c < WIDE; c++) {
#pragma HLS UNROLL
    if (c == wanted) taken = columns[c].read();
  }
  return taken;
}

/// No activation.
struct identity {
  static const int depth = 0;
  static fp32 apply(fp32 value) {
#pragma HLS INLINE
    return value;
  }
};

struct relu;

/// Whether the result has a scale of its own behind the function. f(s x) = s f(x) for the identity and relu, so that
/// their multipliers and biases fold the scale of the result.
template <class FUNCTION, class OUT>
struct scales_result {
  static const bool value = element<OUT>::integer;
};
template <class OUT>
struct scales_result<identity, OUT> {
  static const bool value = false;
};
template <class OUT>
struct scales_result<relu, OUT> {
  static const bool value = false;
};

/// Stages before the write: read and select a column, to fp32 (add its parts up), scale, bias, activation and its scale,
/// round.
template <class SUM, class OUT>
constexpr int epilogue_depth(bool bias, int activation) {
  return stages::read + 1 + sums_of<SUM>::to_fp32 + stages::fmul + (bias ? stages::fadd : 0) + activation +
         stages::rounding<OUT>();
}
template <class FUNCTION, class OUT>
constexpr int activation_depth() {
  return FUNCTION::depth + (scales_result<FUNCTION, OUT>::value ? stages::fmul : 0);
}

/// Counters of a flat loop over tiles of WIDE columns of which COLUMNS are real.
template <int TILES, int WIDE, int COLUMNS>
struct column_counter {
  int column;
  int index;  // of the column in its block
  column_counter() : column(0), index(0) {}
  bool real() const {
#pragma HLS INLINE
    return index < COLUMNS;
  }
  void advance() {
#pragma HLS INLINE
    column = column == WIDE - 1 ? 0 : column + 1;
    index = index == TILES * WIDE - 1 ? 0 : index + 1;
  }
};

template <int JOBS, int TILES, int WIDE, int COLUMNS, int R, class SUM, class OUT>
void scale_sums(column_stream<R, SUM> (&columns)[WIDE], hls::stream<word<OUT, R>> &out, float scale) {
#pragma HLS INLINE off
  column_counter<TILES, WIDE, COLUMNS> at;
  WEFT_LATENCY((epilogue_depth<SUM, OUT>(false, 0) + 1));
  for (int i = 0; i < JOBS * TILES * WIDE; i++) {
#pragma HLS PIPELINE II=1 style=flp
    const column_word<R, SUM> sums = take_column<R, SUM, WIDE>(columns, at.column);
    if (at.real()) {
      word<OUT, R> result;
      for (int r = 0; r < R; r++) {
#pragma HLS UNROLL
        const float scaled = sums_of<SUM>::template total<R>(sums, r) * scale;
#pragma HLS BIND_OP variable=scaled op=fmul impl=maxdsp
        result[r] = quantise<OUT>(scaled);
      }
      out.write(result);
    }
    at.advance();
    WEFT_TICK(1);
  }
}

template <int JOBS, int TILES, int WIDE, int COLUMNS, int R, class SUM, class OUT, class FUNCTION>
void finish_columns(column_stream<R, SUM> (&columns)[WIDE], hls::stream<word<fp32, 2>> &scales,
                    hls::stream<word<OUT, R>> &out, float steps) {
#pragma HLS INLINE off
  column_counter<TILES, WIDE, COLUMNS> at;
  WEFT_LATENCY((epilogue_depth<SUM, OUT>(true, activation_depth<FUNCTION, OUT>()) + 1));
  for (int i = 0; i < JOBS * TILES * WIDE; i++) {
#pragma HLS PIPELINE II=1 style=flp
    const column_word<R, SUM> sums = take_column<R, SUM, WIDE>(columns, at.column);
    const word<fp32, 2> scale = scales.read();
    if (at.real()) {
      word<OUT, R> result;
      for (int r = 0; r < R; r++) {
#pragma HLS UNROLL
        const float scaled = sums_of<SUM>::template total<R>(sums, r) * scale[0];
#pragma HLS BIND_OP variable=scaled op=fmul impl=maxdsp
        const float shifted = scaled + scale[1];
#pragma HLS BIND_OP variable=shifted op=fadd impl=fulldsp
        const float activated = FUNCTION::apply(shifted);
        const float stepped = scales_result<FUNCTION, OUT>::value ? activated * steps : activated;
#pragma HLS BIND_OP variable=stepped op=fmul impl=maxdsp
        result[r] = quantise<OUT>(stepped);
      }
      out.write(result);
    }
    at.advance();
    WEFT_TICK(1);
  }
}

}  // namespace weft

#endif
