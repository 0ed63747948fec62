// overlay: one array of linear.h that computes several matrix products in turn, from a schedule that is fixed when it is built.
//
// A SCHEDULE lists the products. Each has its own rows, from whoever computes them, and its own results, for whoever reads them;
// weights and scales of all of them come through one stream each, in the order of the schedule. Between two products nothing
// overlaps in the array; the rows of a product wait in their stream for its turn, and so do the weights of the next one. Since results of a product may come back as rows of a later one, the overlay is a kernel of its
// own for the linker (streams between kernels may form circles, tasks of a DATAFLOW region may not).
//
//   overlay_product<REDUCTION, COLUMNS, FUNCTION, OUT>     FUNCTION: overlay_none, overlay_relu, and of a schedule
//                                                          one of overlay_gelu_erf, overlay_gelu_tanh, overlay_silu
//
// Streams, one word a line, as linear.h has them; all in_p come first, all out_p last:
//   in_p     R rows x D columns      block, step
//   weights  D x (A * PACK)          product, block, tile, step
//   scales   multiplier, bias        product, block, tile, column
//   out_p    R rows x 1 column       block, column       OUT = fp32, or rounded and saturated int8
// result = FUNCTION(sum * multiplier + bias) * steps_p; steps_p is 1 where the multiplier folds the scale of the result.
//
//   overlay_collect   rows of the products, one after the other, into one stream
//   overlay_array     for product, for block, for tile, for step       one step a cycle (II = 1)
//   overlay_epilogue  a column a cycle, with the functions that any of the products has
//   overlay_deal      results to the streams of their products
//
// Cost, in cycles, streams always ready (law.ts): the sum over products of blocks * tiles * (REDUCTION / D + o), where a
// tile takes at least A * PACK cycles, and the way in and out. DSP: one array and one epilogue for all products.
#ifndef WEFT_OVERLAY_H
#define WEFT_OVERLAY_H

#include "dataflow.h"
#include "epilogue.h"
#include "gelu.h"
#include "multiply.h"
#include "relu.h"
#include "silu.h"
#include "storage.h"
#include "word.h"

namespace weft {

enum overlay_function { overlay_none, overlay_relu, overlay_gelu_erf, overlay_gelu_tanh, overlay_silu };

template <int REDUCTION, int COLUMNS, int FUNCTION, class OUT>
struct overlay_product {
  static const int reduction = REDUCTION;
  static const int columns = COLUMNS;
  static const int function = FUNCTION;
  typedef OUT result;
};

constexpr int greatest_of(int value) { return value; }
template <class... MORE>
constexpr int greatest_of(int value, int next, MORE... more) {
  return greatest_of(greatest(value, next), more...);
}

/// What a schedule says of product p, as tables that are indexed when it runs.
template <int ROWS, int R, int A, int D, int PACK, class... PRODUCTS>
struct schedule {
  static const int products = sizeof...(PRODUCTS);
  static const int blocks = ceil_div(ROWS, R);
  static const int wide = A * PACK;
  static const int greatest_steps = greatest_of(ceil_div(PRODUCTS::reduction, D)...);
  static const int greatest_function = greatest_of(PRODUCTS::function...);
  static int steps(int p) {
#pragma HLS INLINE
    const int table[] = {ceil_div(PRODUCTS::reduction, D)...};
    return table[p];
  }
  static int columns(int p) {
#pragma HLS INLINE
    const int table[] = {PRODUCTS::columns...};
    return table[p];
  }
  static int tiles(int p) {
#pragma HLS INLINE
    const int table[] = {ceil_div(PRODUCTS::columns, wide)...};
    return table[p];
  }
  static int function(int p) {
#pragma HLS INLINE
    const int table[] = {PRODUCTS::function...};
    return table[p];
  }
};

/// Types of the ports of a product: all products of a schedule have the same but for the result.
template <class PRODUCT, class TYPE>
struct port_of {
  typedef TYPE type;
};

template <class WORD>
void pass_words(hls::stream<WORD> &in, hls::stream<WORD> &out, int words) {
#pragma HLS INLINE
  WEFT_LATENCY(stages::read);
  for (int i = 0; i < words; i++) {
#pragma HLS PIPELINE II=1 style=flp
    out.write(in.read());
    WEFT_TICK(1);
  }
}

/// Rows of each product's stream, in turn.
template <class SCHEDULE, int P, class WORD>
void collect_from(hls::stream<WORD> &) {
#pragma HLS INLINE
}
template <class SCHEDULE, int P, class WORD, class... MORE>
void collect_from(hls::stream<WORD> &out, hls::stream<WORD> &in, MORE &...more) {
#pragma HLS INLINE
  pass_words<WORD>(in, out, SCHEDULE::blocks * SCHEDULE::steps(P));
  collect_from<SCHEDULE, P + 1, WORD>(out, more...);
}
template <class SCHEDULE, class WORD, class... MORE>
void overlay_collect(hls::stream<WORD> &out, MORE &...in) {
#pragma HLS INLINE off
  collect_from<SCHEDULE, 0, WORD>(out, in...);
}

template <int R, class OUT>
void deal_words(hls::stream<word<fp32, R>> &in, hls::stream<word<OUT, R>> &out, int words) {
#pragma HLS INLINE
  WEFT_LATENCY(stages::read + stages::rounding<OUT>());
  for (int i = 0; i < words; i++) {
#pragma HLS PIPELINE II=1 style=flp
    const word<fp32, R> values = in.read();
    word<OUT, R> result;
    for (int r = 0; r < R; r++) {
#pragma HLS UNROLL
      result[r] = quantise<OUT>(values[r]);
    }
    out.write(result);
    WEFT_TICK(1);
  }
}
template <class SCHEDULE, int P, int R>
void deal_to(hls::stream<word<fp32, R>> &) {
#pragma HLS INLINE
}
template <class SCHEDULE, int P, int R, class WORD, class... MORE>
void deal_to(hls::stream<word<fp32, R>> &in, hls::stream<WORD> &out, MORE &...more) {
#pragma HLS INLINE
  deal_words<R, typename WORD::value_type>(in, out, SCHEDULE::blocks * SCHEDULE::columns(P));
  deal_to<SCHEDULE, P + 1, R>(in, more...);
}
template <class SCHEDULE, int R, class... OUTS>
void overlay_deal(hls::stream<word<fp32, R>> &in, OUTS &...outs) {
#pragma HLS INLINE off
  deal_to<SCHEDULE, 0, R>(in, outs...);
}

template <class SCHEDULE, int R, int A, int D, int PACK, class IN, class WEIGHT>
void overlay_array(hls::stream<word<IN, R * D>> &in, hls::stream<word<WEIGHT, A * PACK * D>> &weights,
                   column_stream<R, sum_type<IN, WEIGHT>> (&columns)[A * PACK]) {
#pragma HLS INLINE off
  const int wide = A * PACK;
  word<IN, R * D> block[SCHEDULE::greatest_steps];
  storage_for<SCHEDULE::greatest_steps>::bind(block);
  typedef sum_type<IN, WEIGHT> sum;
  sum sums[R][wide];
#pragma HLS ARRAY_PARTITION variable=sums type=complete dim=0

  for (int p = 0; p < SCHEDULE::products; p++) {
    const int tiles = SCHEDULE::tiles(p);
    const int steps = SCHEDULE::steps(p);
    for (int b = 0; b < SCHEDULE::blocks; b++) {
      for (int tile = 0; tile < tiles; tile++) {
#pragma HLS LOOP_FLATTEN off
        clear<R, wide>(sums);
        for (int step = 0; step < steps; step++) {
#pragma HLS PIPELINE II=1
#pragma HLS DEPENDENCE variable=block type=inter dependent=false
          word<IN, R * D> rows;
          if (tile == 0) {
            rows = in.read();
            block[step] = rows;
          } else {
            rows = block[step];
          }
          array_step<R, A, D, PACK, IN, WEIGHT>(rows, weights.read(), sums);
          WEFT_TICK(1);
        }
        WEFT_TICK((array_overhead<IN, WEIGHT>(D, 0) - 1));
        hand_over<R, wide>(sums, columns);
        WEFT_TICK(1);
      }
    }
  }
}

/// The greatest function of a schedule: the one beside relu, where there is one.
template <int FUNCTION>
struct overlay_type {
  typedef relu type;
};
template <>
struct overlay_type<overlay_gelu_erf> {
  typedef gelu_erf type;
};
template <>
struct overlay_type<overlay_gelu_tanh> {
  typedef gelu_tanh type;
};
template <>
struct overlay_type<overlay_silu> {
  typedef silu type;
};

/// The functions that any product of a schedule has; relu is a sign and costs nothing.
template <int GREATEST>
struct overlay_activation {
  typedef typename overlay_type<GREATEST>::type widest;
  static const int depth = widest::depth;
  static float apply(float x, int function) {
#pragma HLS INLINE
    return function == overlay_none ? x : function == overlay_relu ? relu::apply(x) : widest::apply(x);
  }
};

template <class SCHEDULE, int R, class SUM>
void overlay_epilogue(column_stream<R, SUM> (&columns)[SCHEDULE::wide], hls::stream<word<fp32, 2>> &scales,
                      hls::stream<word<fp32, R>> &out, const float (&steps)[SCHEDULE::products]) {
#pragma HLS INLINE off
  typedef overlay_activation<SCHEDULE::greatest_function> activation;
  for (int p = 0; p < SCHEDULE::products; p++) {
    const int function = SCHEDULE::function(p);
    const int real = SCHEDULE::columns(p);
    const int padded = SCHEDULE::tiles(p) * SCHEDULE::wide;
    int column = 0;
    int index = 0;
    WEFT_LATENCY(stages::read + 1 + sums_of<SUM>::to_fp32 + 2 * stages::fmul + stages::fadd + activation::depth + 1);
    for (int i = 0; i < SCHEDULE::blocks * padded; i++) {
#pragma HLS PIPELINE II=1 style=flp
      const column_word<R, SUM> sums = take_column<R, SUM, SCHEDULE::wide>(columns, column);
      const word<fp32, 2> scale = scales.read();
      if (index < real) {
        word<fp32, R> result;
        for (int r = 0; r < R; r++) {
#pragma HLS UNROLL
          const float scaled = sums_of<SUM>::template total<R>(sums, r) * scale[0];
#pragma HLS BIND_OP variable=scaled op=fmul impl=maxdsp
          const float shifted = scaled + scale[1];
#pragma HLS BIND_OP variable=shifted op=fadd impl=fulldsp
          const float stepped = activation::apply(shifted, function) * steps[p];
#pragma HLS BIND_OP variable=stepped op=fmul impl=maxdsp
          result[r] = stepped;
        }
        out.write(result);
      }
      column = column == SCHEDULE::wide - 1 ? 0 : column + 1;
      index = index == padded - 1 ? 0 : index + 1;
      WEFT_TICK(1);
    }
  }
}

template <int ROWS, int R, int A, int D, int PACK, class IN, class WEIGHT, class... PRODUCTS>
void overlay(typename port_of<PRODUCTS, hls::stream<word<IN, R * D>> &>::type... in,
             hls::stream<word<WEIGHT, A * PACK * D>> &weights, hls::stream<word<fp32, 2>> &scales,
             hls::stream<word<typename PRODUCTS::result, R>> &...out,
             typename port_of<PRODUCTS, float>::type... result_steps) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  typedef schedule<ROWS, R, A, D, PACK, PRODUCTS...> plan;
  const float steps[plan::products] = {result_steps...};
#pragma HLS ARRAY_PARTITION variable=steps type=complete dim=1
  hls::stream<word<IN, R * D>, 2> rows("rows");
#pragma HLS STREAM variable=rows depth=2
#pragma HLS BIND_STORAGE variable=rows type=fifo impl=srl
  hls::stream<word<fp32, R>, 2> results("results");
#pragma HLS STREAM variable=results depth=2
#pragma HLS BIND_STORAGE variable=results type=fifo impl=srl
  typedef sum_type<IN, WEIGHT> sum;
  column_stream<R, sum> columns[A * PACK];
#pragma HLS STREAM variable=columns depth=sums_depth
#pragma HLS ARRAY_PARTITION variable=columns type=complete dim=1

  DF_BEGIN
  DF_CALL((overlay_collect<plan, word<IN, R * D>>), rows, in...)
  DF_CALL((overlay_array<plan, R, A, D, PACK, IN, WEIGHT>), rows, weights, columns)
  DF_CALL((overlay_epilogue<plan, R, sum>), columns, scales, results, steps)
  DF_CALL((overlay_deal<plan, R>), results, out...)
  DF_END
}

}  // namespace weft

#endif
