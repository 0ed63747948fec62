// Normalisation by the root of the mean square: y = x / sqrt(mean(x * x) + epsilon) * gain.
//
// in          word<IN, T * C>    block of T rows -> C columns a word; int8 is multiplied by in_scale
// parameters  word<fp32, C>      once a pass: the gains of C columns a word
// out         word<OUT, T * C>   the order of in; int8: y * inverse_scale, rounded half to even and saturated
//
// The last word of a row may hold fewer than C columns: the lanes behind it are ignored and come out as 0.
//
//   in -> squares -> row, partial_square -> factors -> factor -> scale -> out
//
// W = COLUMNS / C words a row; the three processes work on different rows at a time, so that a word enters and leaves
// every II cycles:  cycles = (ROWS / T - 1) * max(W * II, factor) + fill  (see law.ts).
// DSP: (T * C / II) * 3 + T * (C - 1) / II * 2 + 7 + T * C * 6, and 3 a lane for each int8 side.
#ifndef WEFT_RMSNORM_H
#define WEFT_RMSNORM_H

#include "dataflow.h"
#include "reduce.h"
#include "requantise.h"
#include "rsqrt.h"
#include "stages.h"
#include "word.h"

namespace weft {
namespace rmsnorm_parts {

/// Sum of squares to the factor of its row: 1 / sqrt(mean + epsilon).
struct factor_of_squares {
  static const int depth = stages::fmul + stages::fadd + stages::rsqrt;
  float per_column;
  float epsilon;
  float operator()(float sum) const {
#pragma HLS INLINE
    const float mean = sum * per_column;
    return rsqrt(mean + epsilon);
  }
};

template <int ROWS, int COLUMNS, int T, int C, int II>
struct shape {
  static const int rows = ceil_div(ROWS, T);
  static const int words = ceil_div(COLUMNS, C);
  static const int partials = partial_words(II, words);
  static const int slack = 16;
  static const int row_depth = words + reduction_cycles(partials, T, factor_of_squares::depth) + slack;
  static const int partial_depth = 2 * partial_sums(II);

  static bool real(int column) {
#pragma HLS INLINE
    return column < COLUMNS;
  }
};

template <class SHAPE, int T, int C, int II, class IN>
void squares(hls::stream<word<IN, T * C> > &in, hls::stream<word<fp32, T * C> > &row,
             hls::stream<word<fp32, T> > &partial_square, float in_scale) {
#pragma HLS INLINE off
  running_sums<partial_sums(II), T> total;
#pragma HLS ARRAY_PARTITION variable=total.held type=complete dim=0
  WEFT_LATENCY(stages::read + stages::input<IN>() + stages::fmul + ceil_log2(C) * stages::fadd + stages::carried_sum + 1);
  for (int r = 0; r < SHAPE::rows; r++) {
    for (int w = 0; w < SHAPE::words; w++) {
#pragma HLS PIPELINE II=II
      const word<IN, T * C> x = in.read();
      word<fp32, T * C> result;
      float values[C * T];
#pragma HLS ARRAY_PARTITION variable=values type=complete
      for (int i = 0; i < T * C; i++) {
#pragma HLS UNROLL
        result[i] = SHAPE::real(w * C + i / T) ? dequantise<IN>(x[i], in_scale) : 0.0f;
        values[i] = result[i] * result[i];
      }
      float columns[T];
#pragma HLS ARRAY_PARTITION variable=columns type=complete
      for (int t = 0; t < T; t++) {
#pragma HLS UNROLL
        columns[t] = adder_tree<C, T>::sum(values + t);
      }
      const word<fp32, T> sum = total.add(w, columns);
      row.write(result);
      if (w >= SHAPE::words - SHAPE::partials) partial_square.write(sum);
      WEFT_TICK(II);
    }
  }
}

template <class SHAPE, int T, int C, class OUT>
void scale(hls::stream<word<fp32, T * C> > &row, hls::stream<word<fp32, T> > &factor,
           hls::stream<word<fp32, C> > &parameters, hls::stream<word<OUT, T * C> > &out, float inverse_scale) {
#pragma HLS INLINE off
  word<fp32, C> gains[SHAPE::words];  // stay on chip for the pass
#pragma HLS BIND_STORAGE variable=gains type=ram_s2p impl=bram
  for (int w = 0; w < SHAPE::words; w++) {
#pragma HLS PIPELINE II=1
    gains[w] = parameters.read();
    WEFT_TICK(1);
  }
  word<fp32, T> factor_of_row;
  WEFT_LATENCY(stages::read + 2 * stages::fmul + stages::output<OUT>() + 1);
  for (int r = 0; r < SHAPE::rows; r++) {
    for (int w = 0; w < SHAPE::words; w++) {
#pragma HLS PIPELINE II=1
      if (w == 0) factor_of_row = factor.read();
      const word<fp32, T * C> x = row.read();
      const word<fp32, C> gain = gains[w];
      word<fp32, T * C> result;
      for (int i = 0; i < T * C; i++) {
#pragma HLS UNROLL
        const float unit = x[i] * factor_of_row[i % T];
        const float scaled = unit * gain[i / T];
        result[i] = SHAPE::real(w * C + i / T) ? scaled : 0.0f;
      }
      out.write(requantised<T * C, OUT>(result, inverse_scale));
      WEFT_TICK(1);
    }
  }
}

}  // namespace rmsnorm_parts

template <int ROWS, int COLUMNS, int T, int C, int II, class IN, class OUT>
void rmsnorm(hls::stream<word<IN, T * C> > &in, hls::stream<word<fp32, C> > &parameters,
             hls::stream<word<OUT, T * C> > &out, float epsilon, float in_scale, float inverse_scale) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  typedef rmsnorm_parts::shape<ROWS, COLUMNS, T, C, II> shape;
  hls::stream<word<fp32, T * C>, shape::row_depth> row("row");
#pragma HLS STREAM variable=row depth=shape::row_depth
#pragma HLS BIND_STORAGE variable=row type=fifo impl=bram
  hls::stream<word<fp32, T>, shape::partial_depth> partial_square("partial_square");
#pragma HLS STREAM variable=partial_square depth=shape::partial_depth
#pragma HLS BIND_STORAGE variable=partial_square type=fifo impl=srl
  hls::stream<word<fp32, T>, 2> factor("factor");
#pragma HLS STREAM variable=factor depth=2
#pragma HLS BIND_STORAGE variable=factor type=fifo impl=srl
  const rmsnorm_parts::factor_of_squares to_factor = {1.0f / COLUMNS, epsilon};

  DF_BEGIN
  DF_CALL((rmsnorm_parts::squares<shape, T, C, II, IN>), in, row, partial_square, in_scale)
  DF_CALL((reduce<shape::rows, shape::partials, T>), partial_square, factor, to_factor)
  DF_CALL((rmsnorm_parts::scale<shape, T, C, OUT>), row, factor, parameters, out, inverse_scale)
  DF_END
}

}  // namespace weft

#endif
