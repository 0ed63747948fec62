// Layer normalisation of rows: y = (x - mean) / sqrt(variance + epsilon) * gain + bias.
//
// in          word<IN, T * C>     block of T rows -> C columns a word; int8 is multiplied by in_scale
// parameters  word<fp32, 2 * C>   once a pass: gain and bias of C columns a word, gain first (index = column * 2 + which)
// out, out2   word<OUT, T * C>    the order of in; int8: y * inverse_scale rounded half to even. out2: the same values
//                                 in another type, where a second consumer wants one
//
// The variance is that of the centred values (two passes), so that a large mean costs no digits. The last word of a row may
// hold fewer than C columns: the lanes behind it are ignored and come out as 0.
//
//   in -> sums -> row, partial_sum -> means -> mean -> deviations -> centred, partial_square -> factors -> factor
//      -> normalise -> out
//
// W = COLUMNS / C words a row; the five processes work on different rows at a time, so that a word enters and leaves
// every II cycles:  cycles = (ROWS / T - 1) * max(W * II, mean, factor) + fill  (see law.ts).
// DSP: (T * C / II) * (subtract 2 + square 3) + 2 * T * (C - 1) / II * 2 + 10 + T * C * 8, and 3 a lane for each int8 side.
#ifndef WEFT_LAYERNORM_H
#define WEFT_LAYERNORM_H

#include "dataflow.h"
#include "reduce.h"
#include "requantise.h"
#include "rsqrt.h"
#include "stages.h"
#include "word.h"

namespace weft {
namespace layernorm_parts {

/// Sum to mean: times 1 / columns.
struct mean_of_sum {
  static const int depth = stages::fmul;
  float per_column;
  float operator()(float sum) const {
#pragma HLS INLINE
    return sum * per_column;
  }
};

/// Sum of squares to the factor of its row: 1 / sqrt(variance + epsilon).
struct factor_of_squares {
  static const int depth = stages::fmul + stages::fadd + stages::rsqrt;
  float per_column;
  float epsilon;
  float operator()(float sum) const {
#pragma HLS INLINE
    const float variance = sum * per_column;
    return rsqrt(variance + epsilon);
  }
};

template <int ROWS, int COLUMNS, int T, int C, int II>
struct shape {
  static const int rows = ceil_div(ROWS, T);
  static const int words = ceil_div(COLUMNS, C);
  static const int partials = partial_words(II, words);
  static const int slack = 16;
  static const int row_depth = words + reduction_cycles(partials, T, mean_of_sum::depth) + slack;
  static const int centred_depth = words + reduction_cycles(partials, T, factor_of_squares::depth) + slack;
  static const int partial_depth = 2 * partial_sums(II);

  static bool real(int column) {
#pragma HLS INLINE
    return column < COLUMNS;
  }
};

template <class SHAPE, int T, int C, int II, class IN>
void sums(hls::stream<word<IN, T * C> > &in, hls::stream<word<fp32, T * C> > &row,
          hls::stream<word<fp32, T> > &partial_sum, float in_scale) {
#pragma HLS INLINE off
  running_sums<partial_sums(II), T> total;
#pragma HLS ARRAY_PARTITION variable=total.held type=complete dim=0
  WEFT_LATENCY(stages::read + stages::input<IN>() + ceil_log2(C) * stages::fadd + stages::carried_sum + 1);
  for (int r = 0; r < SHAPE::rows; r++) {
    for (int w = 0; w < SHAPE::words; w++) {
#pragma HLS PIPELINE II=II
      const word<IN, T * C> x = in.read();
      word<fp32, T * C> result;
      float values[C * T];
#pragma HLS ARRAY_PARTITION variable=values type=complete
      for (int i = 0; i < T * C; i++) {
#pragma HLS UNROLL
        values[i] = SHAPE::real(w * C + i / T) ? dequantise<IN>(x[i], in_scale) : 0.0f;
        result[i] = values[i];
      }
      float columns[T];
#pragma HLS ARRAY_PARTITION variable=columns type=complete
      for (int t = 0; t < T; t++) {
#pragma HLS UNROLL
        columns[t] = adder_tree<C, T>::sum(values + t);
      }
      const word<fp32, T> sum = total.add(w, columns);
      row.write(result);
      if (w >= SHAPE::words - SHAPE::partials) partial_sum.write(sum);
      WEFT_TICK(II);
    }
  }
}

template <class SHAPE, int T, int C, int II>
void deviations(hls::stream<word<fp32, T * C> > &row, hls::stream<word<fp32, T> > &mean,
                hls::stream<word<fp32, T * C> > &centred, hls::stream<word<fp32, T> > &partial_square) {
#pragma HLS INLINE off
  running_sums<partial_sums(II), T> total;
#pragma HLS ARRAY_PARTITION variable=total.held type=complete dim=0
  word<fp32, T> mean_of_row;
  WEFT_LATENCY(stages::read + stages::fadd + stages::fmul + ceil_log2(C) * stages::fadd + stages::carried_sum + 1);
  for (int r = 0; r < SHAPE::rows; r++) {
    for (int w = 0; w < SHAPE::words; w++) {
#pragma HLS PIPELINE II=II
      if (w == 0) mean_of_row = mean.read();
      const word<fp32, T * C> x = row.read();
      word<fp32, T * C> result;
      float squares[C * T];
#pragma HLS ARRAY_PARTITION variable=squares type=complete
      for (int i = 0; i < T * C; i++) {
#pragma HLS UNROLL
        const float deviation = x[i] - mean_of_row[i % T];
        const float square = deviation * deviation;
        squares[i] = SHAPE::real(w * C + i / T) ? square : 0.0f;
        result[i] = deviation;
      }
      float columns[T];
#pragma HLS ARRAY_PARTITION variable=columns type=complete
      for (int t = 0; t < T; t++) {
#pragma HLS UNROLL
        columns[t] = adder_tree<C, T>::sum(squares + t);
      }
      const word<fp32, T> sum = total.add(w, columns);
      centred.write(result);
      if (w >= SHAPE::words - SHAPE::partials) partial_square.write(sum);
      WEFT_TICK(II);
    }
  }
}

/// Gain and bias stay on chip for the pass.
template <class SHAPE, int C>
void read_gains(hls::stream<word<fp32, 2 * C> > &parameters, word<fp32, 2 * C> (&gains)[SHAPE::words]) {
#pragma HLS INLINE
  for (int w = 0; w < SHAPE::words; w++) {
#pragma HLS PIPELINE II=1
    gains[w] = parameters.read();
    WEFT_TICK(1);
  }
}

template <class SHAPE, int T, int C>
word<fp32, T * C> normal(int w, const word<fp32, T * C> &deviation, const word<fp32, T> &factor,
                         const word<fp32, 2 * C> &gain) {
#pragma HLS INLINE
  word<fp32, T * C> result;
  for (int i = 0; i < T * C; i++) {
#pragma HLS UNROLL
    const float unit = deviation[i] * factor[i % T];
    const float scaled = unit * gain[i / T * 2];
    const float shifted = scaled + gain[i / T * 2 + 1];
    result[i] = SHAPE::real(w * C + i / T) ? shifted : 0.0f;
  }
  return result;
}

const int normal_depth = stages::read + 2 * stages::fmul + stages::fadd;

template <class SHAPE, int T, int C, class OUT>
void normalise(hls::stream<word<fp32, T * C> > &centred, hls::stream<word<fp32, T> > &factor,
               hls::stream<word<fp32, 2 * C> > &parameters, hls::stream<word<OUT, T * C> > &out, float inverse_scale) {
#pragma HLS INLINE off
  word<fp32, 2 * C> gains[SHAPE::words];
#pragma HLS BIND_STORAGE variable=gains type=ram_s2p impl=bram
  read_gains<SHAPE, C>(parameters, gains);
  word<fp32, T> factor_of_row;
  WEFT_LATENCY(normal_depth + stages::output<OUT>() + 1);
  for (int r = 0; r < SHAPE::rows; r++) {
    for (int w = 0; w < SHAPE::words; w++) {
#pragma HLS PIPELINE II=1
      if (w == 0) factor_of_row = factor.read();
      const word<fp32, T * C> y = normal<SHAPE, T, C>(w, centred.read(), factor_of_row, gains[w]);
      out.write(requantised<T * C, OUT>(y, inverse_scale));
      WEFT_TICK(1);
    }
  }
}

template <class SHAPE, int T, int C, class OUT, class OUT2>
void normalise_twice(hls::stream<word<fp32, T * C> > &centred, hls::stream<word<fp32, T> > &factor,
                     hls::stream<word<fp32, 2 * C> > &parameters, hls::stream<word<OUT, T * C> > &out,
                     hls::stream<word<OUT2, T * C> > &out2, float inverse_scale, float inverse_scale2) {
#pragma HLS INLINE off
  word<fp32, 2 * C> gains[SHAPE::words];
#pragma HLS BIND_STORAGE variable=gains type=ram_s2p impl=bram
  read_gains<SHAPE, C>(parameters, gains);
  word<fp32, T> factor_of_row;
  WEFT_LATENCY(normal_depth + greatest(stages::output<OUT>(), stages::output<OUT2>()) + 1);
  for (int r = 0; r < SHAPE::rows; r++) {
    for (int w = 0; w < SHAPE::words; w++) {
#pragma HLS PIPELINE II=1
      if (w == 0) factor_of_row = factor.read();
      const word<fp32, T * C> y = normal<SHAPE, T, C>(w, centred.read(), factor_of_row, gains[w]);
      out.write(requantised<T * C, OUT>(y, inverse_scale));
      out2.write(requantised<T * C, OUT2>(y, inverse_scale2));
      WEFT_TICK(1);
    }
  }
}

}  // namespace layernorm_parts

template <int ROWS, int COLUMNS, int T, int C, int II, class IN, class OUT>
void layernorm(hls::stream<word<IN, T * C> > &in, hls::stream<word<fp32, 2 * C> > &parameters,
               hls::stream<word<OUT, T * C> > &out, float epsilon, float in_scale, float inverse_scale) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  typedef layernorm_parts::shape<ROWS, COLUMNS, T, C, II> shape;
  hls::stream<word<fp32, T * C>, shape::row_depth> row("row");
#pragma HLS STREAM variable=row depth=shape::row_depth
#pragma HLS BIND_STORAGE variable=row type=fifo impl=bram
  hls::stream<word<fp32, T>, shape::partial_depth> partial_sum("partial_sum");
#pragma HLS STREAM variable=partial_sum depth=shape::partial_depth
#pragma HLS BIND_STORAGE variable=partial_sum type=fifo impl=srl
  hls::stream<word<fp32, T>, 2> mean("mean");
#pragma HLS STREAM variable=mean depth=2
#pragma HLS BIND_STORAGE variable=mean type=fifo impl=srl
  hls::stream<word<fp32, T * C>, shape::centred_depth> centred("centred");
#pragma HLS STREAM variable=centred depth=shape::centred_depth
#pragma HLS BIND_STORAGE variable=centred type=fifo impl=bram
  hls::stream<word<fp32, T>, shape::partial_depth> partial_square("partial_square");
#pragma HLS STREAM variable=partial_square depth=shape::partial_depth
#pragma HLS BIND_STORAGE variable=partial_square type=fifo impl=srl
  hls::stream<word<fp32, T>, 2> factor("factor");
#pragma HLS STREAM variable=factor depth=2
#pragma HLS BIND_STORAGE variable=factor type=fifo impl=srl
  const layernorm_parts::mean_of_sum to_mean = {1.0f / COLUMNS};
  const layernorm_parts::factor_of_squares to_factor = {1.0f / COLUMNS, epsilon};

  DF_BEGIN
  DF_CALL((layernorm_parts::sums<shape, T, C, II, IN>), in, row, partial_sum, in_scale)
  DF_CALL((reduce<shape::rows, shape::partials, T>), partial_sum, mean, to_mean)
  DF_CALL((layernorm_parts::deviations<shape, T, C, II>), row, mean, centred, partial_square)
  DF_CALL((reduce<shape::rows, shape::partials, T>), partial_square, factor, to_factor)
  DF_CALL((layernorm_parts::normalise<shape, T, C, OUT>), centred, factor, parameters, out, inverse_scale)
  DF_END
}

/// The same values on two streams.
template <int ROWS, int COLUMNS, int T, int C, int II, class IN, class OUT, class OUT2>
void layernorm(hls::stream<word<IN, T * C> > &in, hls::stream<word<fp32, 2 * C> > &parameters,
               hls::stream<word<OUT, T * C> > &out, hls::stream<word<OUT2, T * C> > &out2, float epsilon, float in_scale,
               float inverse_scale, float inverse_scale2) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  typedef layernorm_parts::shape<ROWS, COLUMNS, T, C, II> shape;
  hls::stream<word<fp32, T * C>, shape::row_depth> row("row");
#pragma HLS STREAM variable=row depth=shape::row_depth
#pragma HLS BIND_STORAGE variable=row type=fifo impl=bram
  hls::stream<word<fp32, T>, shape::partial_depth> partial_sum("partial_sum");
#pragma HLS STREAM variable=partial_sum depth=shape::partial_depth
#pragma HLS BIND_STORAGE variable=partial_sum type=fifo impl=srl
  hls::stream<word<fp32, T>, 2> mean("mean");
#pragma HLS STREAM variable=mean depth=2
#pragma HLS BIND_STORAGE variable=mean type=fifo impl=srl
  hls::stream<word<fp32, T * C>, shape::centred_depth> centred("centred");
#pragma HLS STREAM variable=centred depth=shape::centred_depth
#pragma HLS BIND_STORAGE variable=centred type=fifo impl=bram
  hls::stream<word<fp32, T>, shape::partial_depth> partial_square("partial_square");
#pragma HLS STREAM variable=partial_square depth=shape::partial_depth
#pragma HLS BIND_STORAGE variable=partial_square type=fifo impl=srl
  hls::stream<word<fp32, T>, 2> factor("factor");
#pragma HLS STREAM variable=factor depth=2
#pragma HLS BIND_STORAGE variable=factor type=fifo impl=srl
  const layernorm_parts::mean_of_sum to_mean = {1.0f / COLUMNS};
  const layernorm_parts::factor_of_squares to_factor = {1.0f / COLUMNS, epsilon};

  DF_BEGIN
  DF_CALL((layernorm_parts::sums<shape, T, C, II, IN>), in, row, partial_sum, in_scale)
  DF_CALL((reduce<shape::rows, shape::partials, T>), partial_sum, mean, to_mean)
  DF_CALL((layernorm_parts::deviations<shape, T, C, II>), row, mean, centred, partial_square)
  DF_CALL((reduce<shape::rows, shape::partials, T>), partial_square, factor, to_factor)
  DF_CALL((layernorm_parts::normalise_twice<shape, T, C, OUT, OUT2>), centred, factor, parameters, out, out2,
          inverse_scale, inverse_scale2)
  DF_END
}

}  // namespace weft

#endif
