// Softmax of every head's row: p = exp(x - max x) / sum exp(x - max x).
//
// in   word<fp32, T * C>   scores: block of T query rows -> head -> C keys a word
// out  word<OUT, T * C>    the same order; integers: p * 127 (int8) rounded half to even, others: p
//
// The last word of a row may hold fewer than C keys: the lanes behind it are ignored and come out as 0. CAUSAL: query row r
// sees keys 0 ... past + r; what it does not see comes out as 0.
//
//   in -> row_maximum -> row, maximum -> exponentials -> exponential, partial -> reduce -> inverse -> normalise -> out
//
// W = KEYS / C words a row; the four processes work on different rows at a time, so that a word enters and leaves every II
// cycles:  cycles = (ROWS / T * HEADS - 1) * max(W * II, inverse) + fill  (see law.ts).
// DSP: (T * C / II) * (subtract 2 + exp 4) + T * (C - 1) / II * 2 + 2 + T * C * 3, and 3 for int8's factor of 127.
#ifndef WEFT_SOFTMAX_H
#define WEFT_SOFTMAX_H

#include "dataflow.h"
#include "exp.h"
#include "reciprocal.h"
#include "reduce.h"
#include "stages.h"
#include "word.h"

namespace weft {
namespace softmax_parts {

/// Steps of the result that make up 1: integers end at their greatest.
template <class OUT, bool INTEGER = element<OUT>::integer>
struct full_scale;
template <class OUT>
struct full_scale<OUT, false> {
  static const int depth = stages::reciprocal;
  static float of(float inverse) {
#pragma HLS INLINE
    return inverse;
  }
};
template <class OUT>
struct full_scale<OUT, true> {
  static const int depth = stages::reciprocal + stages::fmul;
  static float of(float inverse) {
#pragma HLS INLINE
    return inverse * (float)((1 << (element<OUT>::bits - 1)) - 1);
  }
};

/// Sum of exponentials to the factor of its row.
template <class OUT>
struct inverse {
  static const int depth = full_scale<OUT>::depth;
  float operator()(float sum) const {
#pragma HLS INLINE
    return full_scale<OUT>::of(reciprocal(sum));
  }
};

/// Which keys a query row sees, and the sizes that the processes share.
template <int ROWS, int HEADS, int KEYS, int T, int C, int II, int CAUSAL, class OUT>
struct shape {
  static const int blocks = ceil_div(ROWS, T);
  static const int rows = blocks * HEADS;
  static const int words = ceil_div(KEYS, C);
  static const int partials = partial_words(II, words);
  static const int inverse_cycles = reduction_cycles(partials, T, inverse<OUT>::depth);
  static const int slack = 16;
  static const int partial_depth = 2 * partial_sums(II);
  static const int row_depth = words + slack;
  static const int exponential_depth = words + inverse_cycles + slack;

  static bool visible(int row, int key, int past) {
#pragma HLS INLINE
    return key < KEYS && (!CAUSAL || key <= past + row);
  }
};

/// Bits of a float as an integer of the same order, and back; the lowest integer stands for "nothing".
inline int ordered(float value) {
#pragma HLS INLINE
  const int bits = (int)bits_of(value);
  return bits < 0 ? bits ^ 0x7fffffff : bits;
}
inline float unordered(int value) {
#pragma HLS INLINE
  return float_of((unsigned)(value < 0 ? value ^ 0x7fffffff : value));
}
const int lowest = (int)0x80000000;

template <int COUNT, int STRIDE>
struct maximum_tree {
  static int of(const int *values) {
#pragma HLS INLINE
    const int low = maximum_tree<COUNT / 2, STRIDE>::of(values);
    const int high = maximum_tree<COUNT - COUNT / 2, STRIDE>::of(values + COUNT / 2 * STRIDE);
    return low > high ? low : high;
  }
};
template <int STRIDE>
struct maximum_tree<1, STRIDE> {
  static int of(const int *values) {
#pragma HLS INLINE
    return values[0];
  }
};

template <class SHAPE, int HEADS, int T, int C>
void row_maximum(hls::stream<word<fp32, T * C> > &in, hls::stream<word<fp32, T * C> > &row,
                 hls::stream<word<fp32, T> > &maximum, int past) {
#pragma HLS INLINE off
  int running[T];
#pragma HLS ARRAY_PARTITION variable=running type=complete
  WEFT_LATENCY(stages::read + (ceil_log2(C) + 1) * stages::maximum + 1);
  for (int block = 0; block < SHAPE::blocks; block++) {
    for (int head = 0; head < HEADS; head++) {
      for (int w = 0; w < SHAPE::words; w++) {
#pragma HLS PIPELINE II=1
        const word<fp32, T * C> x = in.read();
        int keys[C * T];
#pragma HLS ARRAY_PARTITION variable=keys type=complete
        for (int i = 0; i < T * C; i++) {
#pragma HLS UNROLL
          keys[i] = SHAPE::visible(block * T + i % T, w * C + i / T, past) ? ordered(x[i]) : lowest;
        }
        word<fp32, T> result;
        for (int t = 0; t < T; t++) {
#pragma HLS UNROLL
          const int greatest_here = maximum_tree<C, T>::of(keys + t);
          const int before = w == 0 ? lowest : running[t];
          running[t] = greatest_here > before ? greatest_here : before;
          result[t] = unordered(running[t]);
        }
        row.write(x);
        if (w == SHAPE::words - 1) maximum.write(result);
        WEFT_TICK(1);
      }
    }
  }
}

template <class SHAPE, int HEADS, int T, int C, int II>
void exponentials(hls::stream<word<fp32, T * C> > &row, hls::stream<word<fp32, T> > &maximum,
                  hls::stream<word<fp32, T * C> > &exponential, hls::stream<word<fp32, T> > &partial, int past) {
#pragma HLS INLINE off
  running_sums<partial_sums(II), T> sums;
#pragma HLS ARRAY_PARTITION variable=sums.held type=complete dim=0
  word<fp32, T> greatest_of_row;
  WEFT_LATENCY(stages::read + stages::fadd + stages::exp + ceil_log2(C) * stages::fadd + stages::carried_sum + 1);
  for (int block = 0; block < SHAPE::blocks; block++) {
    for (int head = 0; head < HEADS; head++) {
      for (int w = 0; w < SHAPE::words; w++) {
#pragma HLS PIPELINE II=II
        if (w == 0) greatest_of_row = maximum.read();
        const word<fp32, T * C> x = row.read();
        word<fp32, T * C> result;
        float values[C * T];
#pragma HLS ARRAY_PARTITION variable=values type=complete
        for (int i = 0; i < T * C; i++) {
#pragma HLS UNROLL
          const float e = exp(x[i] - greatest_of_row[i % T]);
          values[i] = SHAPE::visible(block * T + i % T, w * C + i / T, past) ? e : 0.0f;
          result[i] = values[i];
        }
        float columns[T];
#pragma HLS ARRAY_PARTITION variable=columns type=complete
        for (int t = 0; t < T; t++) {
#pragma HLS UNROLL
          columns[t] = adder_tree<C, T>::sum(values + t);
        }
        const word<fp32, T> sum = sums.add(w, columns);
        exponential.write(result);
        if (w >= SHAPE::words - SHAPE::partials) partial.write(sum);
        WEFT_TICK(II);
      }
    }
  }
}

template <class SHAPE, int T, int C, class OUT>
void normalise(hls::stream<word<fp32, T * C> > &exponential, hls::stream<word<fp32, T> > &inverse,
               hls::stream<word<OUT, T * C> > &out) {
#pragma HLS INLINE off
  word<fp32, T> factor;
  WEFT_LATENCY(stages::read + stages::fmul + stages::rounding<OUT>() + 1);
  for (int row = 0; row < SHAPE::rows; row++) {
    for (int w = 0; w < SHAPE::words; w++) {
#pragma HLS PIPELINE II=1
      if (w == 0) factor = inverse.read();
      const word<fp32, T * C> e = exponential.read();
      word<OUT, T * C> result;
      for (int i = 0; i < T * C; i++) {
#pragma HLS UNROLL
        result[i] = quantise<OUT>(e[i] * factor[i % T]);
      }
      out.write(result);
      WEFT_TICK(1);
    }
  }
}

}  // namespace softmax_parts

template <int ROWS, int HEADS, int KEYS, int T, int C, int II, int CAUSAL, class OUT>
void softmax(hls::stream<word<fp32, T * C> > &in, hls::stream<word<OUT, T * C> > &out, int past) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  typedef softmax_parts::shape<ROWS, HEADS, KEYS, T, C, II, CAUSAL, OUT> shape;
  hls::stream<word<fp32, T * C>, shape::row_depth> row("row");
#pragma HLS STREAM variable=row depth=shape::row_depth
#pragma HLS BIND_STORAGE variable=row type=fifo impl=bram
  hls::stream<word<fp32, T>, 2> maximum("maximum");
#pragma HLS STREAM variable=maximum depth=2
#pragma HLS BIND_STORAGE variable=maximum type=fifo impl=srl
  hls::stream<word<fp32, T * C>, shape::exponential_depth> exponential("exponential");
#pragma HLS STREAM variable=exponential depth=shape::exponential_depth
#pragma HLS BIND_STORAGE variable=exponential type=fifo impl=bram
  hls::stream<word<fp32, T>, shape::partial_depth> partial("partial");
#pragma HLS STREAM variable=partial depth=shape::partial_depth
#pragma HLS BIND_STORAGE variable=partial type=fifo impl=srl
  hls::stream<word<fp32, T>, 2> inverse("inverse");
#pragma HLS STREAM variable=inverse depth=2
#pragma HLS BIND_STORAGE variable=inverse type=fifo impl=srl

  DF_BEGIN
  DF_CALL((softmax_parts::row_maximum<shape, HEADS, T, C>), in, row, maximum, past)
  DF_CALL((softmax_parts::exponentials<shape, HEADS, T, C, II>), row, maximum, exponential, partial, past)
  DF_CALL((reduce<shape::rows, shape::partials, T>), partial, inverse, softmax_parts::inverse<OUT>())
  DF_CALL((softmax_parts::normalise<shape, T, C, OUT>), exponential, inverse, out)
  DF_END
}

}  // namespace weft

#endif
