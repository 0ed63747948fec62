// attention: scores, softmax and context of every head in one unit, a tile of keys at a time (online softmax).
//
// No buffer holds a row of scores: of the keys that have passed, a row keeps its greatest score m, the sum l of its
// probabilities and HEAD_DIM columns of its context c, in fp32. The next TILE scores s move the maximum to m', and
//
//   p = round(127 * exp(s - m'))    l = l * exp(m - m') + sum p    c = c * exp(m - m') + p * V     result = c / l * scale
//
// p is int8 relative to the greatest score so far, so its steps do not get coarser with the length of a row; what it loses in
// rounding is missing in l too. Sums of p and p * V within a tile are whole numbers: exact.
//
// Streams, one word a line; a job is a block of R rows of a head:
//   q        R tokens x D columns       job, step                              (HEAD_DIM / D steps)
//   keys     D x (A * PACK) elements    job, tile of A * PACK keys, step       index = d * A * PACK + key
//   values   D x (A * PACK) elements    job, TILE keys, tile of columns, step of D keys; index = d * A * PACK + column
//   out      R tokens x 1 column        job, column                            OUT = int8 rounded and saturated, or fp32
// Keys come in whole TILEs: what lies behind the last of KEYS may be anything. CAUSAL: row r sees keys 0 ... r.
//
//   q, keys -> array -> scale_sums -> tile_maximum -> row, maximum -> exponentials -> p -> array <- values
//                                                      exponentials -> rescaling, total -> rescale <- sums of the array
//                                                      rescale -> weighted, row_sum -> reduce -> normalise -> out
//
// Two arrays of R x A x D multipliers with PACK products each, one for each product. Cost, in cycles (law.ts):
// jobs * ceil(KEYS / TILE) * (the slowest of: TILE / AP * (HEAD_DIM / D + o), TILE + 1, HEAD_DIM / AP * (TILE / D + o),
// HEAD_DIM + 1) + fill.  o as in multiply.h.
// DSP: 2 * R * A * D, and R lanes of: scale 3, subtract 2 + exp 4 + steps 3, rescale 3 + 2, normalise 3; 2 + 3 for 1 / l.
#ifndef WEFT_ATTENTION_H
#define WEFT_ATTENTION_H

#include "dataflow.h"
#include "epilogue.h"
#include "exp.h"
#include "reciprocal.h"
#include "reduce.h"
#include "softmax.h"
#include "stages.h"
#include "storage.h"
#include "streamed_array.h"
#include "word.h"

namespace weft {
namespace attention_parts {

/// What the processes share.
template <int ROWS, int KEYS, int HEADS, int HEAD_DIM, int TILE, int R, int WIDE, int D, int CAUSAL>
struct shape {
  static const int blocks = ceil_div(ROWS, R);
  static const int jobs = blocks * HEADS;
  static const int tiles = ceil_div(KEYS, TILE);
  static const int columns = padded(HEAD_DIM, WIDE);
  static const int slack = 16;
  static const int row_depth = TILE + slack;
  static const int p_depth = TILE / D + 2;
  static const int ahead = 4;  // tiles that the exponentials may be ahead of their products

  static bool visible(int row, int key) {
#pragma HLS INLINE
    return key < KEYS && (!CAUSAL || key <= row);
  }
};

/// 1 / l times the scale of the result.
struct inverse {
  static const int depth = stages::reciprocal + stages::fmul;
  float scale;
  float operator()(float sum) const {
#pragma HLS INLINE
    return reciprocal(sum) * scale;
  }
};

/// Passes the scores on, and behind every tile the greatest of its job so far.
template <class SHAPE, int HEADS, int TILE, int R>
void tile_maximum(hls::stream<word<fp32, R> > &scores, hls::stream<word<fp32, R> > &row,
                  hls::stream<word<fp32, R> > &maximum) {
#pragma HLS INLINE off
  int running[R];
#pragma HLS ARRAY_PARTITION variable=running type=complete
  WEFT_LATENCY(stages::read + stages::maximum + 1);
  for (int block = 0; block < SHAPE::blocks; block++) {
    for (int head = 0; head < HEADS; head++) {
      for (int tile = 0; tile < SHAPE::tiles; tile++) {
        for (int k = 0; k < TILE; k++) {
#pragma HLS PIPELINE II=1
          const word<fp32, R> x = scores.read();
          word<fp32, R> result;
          for (int r = 0; r < R; r++) {
#pragma HLS UNROLL
            const int here =
                SHAPE::visible(block * R + r, tile * TILE + k) ? softmax_parts::ordered(x[r]) : softmax_parts::lowest;
            const int before = tile == 0 && k == 0 ? softmax_parts::lowest : running[r];
            running[r] = here > before ? here : before;
            result[r] = softmax_parts::unordered(running[r]);
          }
          row.write(x);
          if (k == TILE - 1) maximum.write(result);
          WEFT_TICK(1);
        }
      }
    }
  }
}

/// One iteration in front of a tile for exp(m - m'), then one a key, through the same lanes.
template <class SHAPE, int HEADS, int TILE, int R, int D, class IN>
void exponentials(hls::stream<word<fp32, R> > &row, hls::stream<word<fp32, R> > &maximum, hls::stream<word<IN, R * D> > &p,
                  hls::stream<word<fp32, R> > &rescaling, hls::stream<word<int32, R> > &total) {
#pragma HLS INLINE off
  word<fp32, R> greatest_so_far = zeros<fp32, R>();
  word<IN, R * D> gathered = zeros<IN, R * D>();
  word<int32, R> sum = zeros<int32, R>();
  WEFT_LATENCY(stages::read + stages::fadd + stages::exp + stages::fmul + stages::to_integer + 1);
  for (int block = 0; block < SHAPE::blocks; block++) {
    for (int head = 0; head < HEADS; head++) {
      for (int tile = 0; tile < SHAPE::tiles; tile++) {
        for (int k = 0; k <= TILE; k++) {
#pragma HLS PIPELINE II=1
          word<fp32, R> x = greatest_so_far;
          if (k == 0) {
            const word<fp32, R> moved = maximum.read();
            if (tile == 0) x = moved;
            greatest_so_far = moved;
          } else {
            x = row.read();
          }
          word<fp32, R> factor;
          for (int r = 0; r < R; r++) {
#pragma HLS UNROLL
            const float e = exp(x[r] - greatest_so_far[r]);
            factor[r] = e;
            const float steps = e * 127.0f;
            const IN rounded = SHAPE::visible(block * R + r, tile * TILE + k - 1) ? quantise<IN>(steps) : IN(0);
            sum[r] = k <= 1 ? rounded : sum[r] + rounded;
            gathered[(k + D - 1) % D * R + r] = rounded;
          }
          if (k == 0) {
            rescaling.write(factor);
          } else if (k % D == 0) {
            p.write(gathered);
          }
          if (k == TILE) total.write(sum);
          WEFT_TICK(1);
        }
      }
    }
  }
}

/// l and the columns of the context, tile upon tile; they leave with the last one.
template <class SHAPE, int HEAD_DIM, int R, int WIDE>
void rescale(column_stream<R, int32> (&columns)[WIDE], hls::stream<word<fp32, R> > &rescaling, hls::stream<word<int32, R> > &total,
             hls::stream<word<fp32, R> > &weighted, hls::stream<word<fp32, R> > &row_sum) {
#pragma HLS INLINE off
  word<fp32, R> held[SHAPE::columns + 1];
  storage_for<SHAPE::columns + 1>::bind(held);
  static_assert(SHAPE::columns + 1 >= stages::read + stages::to_float + stages::fmul + stages::fadd + 1,
                "a column must have left the adder before the next tile's comes");
  word<fp32, R> factor = zeros<fp32, R>();
  WEFT_LATENCY(stages::read + 1 + stages::to_float + stages::fmul + stages::fadd + 1);
  for (int job = 0; job < SHAPE::jobs; job++) {
    for (int tile = 0; tile < SHAPE::tiles; tile++) {
      int column = 0;  // of a tile of the array
      for (int c = 0; c <= SHAPE::columns; c++) {
#pragma HLS PIPELINE II=1 style=flp
#pragma HLS DEPENDENCE variable=held type=inter dependent=false
        word<int32, R> sums;
        if (c == 0) {
          factor = rescaling.read();
          sums = total.read();
        } else {
          sums = take_column<R, int32, WIDE>(columns, column);
          column = column == WIDE - 1 ? 0 : column + 1;
        }
        const word<fp32, R> before = held[c];
        word<fp32, R> result;
        for (int r = 0; r < R; r++) {
#pragma HLS UNROLL
          const float kept = before[r] * factor[r];
#pragma HLS BIND_OP variable=kept op=fmul impl=maxdsp
          const float added = (tile == 0 ? 0.0f : kept) + (float)sums[r];
#pragma HLS BIND_OP variable=added op=fadd impl=fulldsp
          result[r] = added;
        }
        held[c] = result;
        if (tile == SHAPE::tiles - 1) {
          if (c == 0) {
            row_sum.write(result);
          } else if (c <= HEAD_DIM) {
            weighted.write(result);
          }
        }
        WEFT_TICK(1);
      }
    }
  }
}

template <int JOBS, int HEAD_DIM, int R, class OUT>
void normalise(hls::stream<word<fp32, R> > &weighted, hls::stream<word<fp32, R> > &factor, hls::stream<word<OUT, R> > &out) {
#pragma HLS INLINE off
  word<fp32, R> of_row = zeros<fp32, R>();
  WEFT_LATENCY(stages::read + stages::fmul + stages::rounding<OUT>() + 1);
  for (int job = 0; job < JOBS; job++) {
    for (int column = 0; column < HEAD_DIM; column++) {
#pragma HLS PIPELINE II=1
      if (column == 0) of_row = factor.read();
      const word<fp32, R> x = weighted.read();
      word<OUT, R> result;
      for (int r = 0; r < R; r++) {
#pragma HLS UNROLL
        result[r] = quantise<OUT>(x[r] * of_row[r]);
      }
      out.write(result);
      WEFT_TICK(1);
    }
  }
}

}  // namespace attention_parts

template <int ROWS, int KEYS, int HEADS, int HEAD_DIM, int TILE, int R, int A, int D, int PACK, int CAUSAL, class IN,
          class OUT>
void attention(hls::stream<word<IN, R * D> > &q, hls::stream<word<IN, A * PACK * D> > &keys,
               hls::stream<word<IN, A * PACK * D> > &values, hls::stream<word<OUT, R> > &out, float score_scale,
               float scale) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  static_assert(HEAD_DIM % D == 0, "a dot product must not reach into the next head");
  static_assert(TILE % (A * PACK) == 0 && TILE % D == 0, "a tile of keys holds whole tiles and steps of the arrays");
  const int wide = A * PACK;
  typedef attention_parts::shape<ROWS, KEYS, HEADS, HEAD_DIM, TILE, R, wide, D, CAUSAL> shape;
  const int score_tiles = shape::tiles * (TILE / wide);
  const int inverse_cycles = reduction_cycles(1, R, attention_parts::inverse::depth);
  const int weighted_depth = inverse_cycles + shape::slack;
  column_stream<R, int32> score_columns[wide];
#pragma HLS STREAM variable=score_columns depth=sums_depth
#pragma HLS ARRAY_PARTITION variable=score_columns type=complete dim=1
  hls::stream<word<fp32, R>, 2> scores("scores");
#pragma HLS STREAM variable=scores depth=2
  hls::stream<word<fp32, R>, shape::row_depth> row("row");
#pragma HLS STREAM variable=row depth=shape::row_depth
#pragma HLS BIND_STORAGE variable=row type=fifo impl=bram
  hls::stream<word<fp32, R>, 2> maximum("maximum");
#pragma HLS STREAM variable=maximum depth=2
  hls::stream<word<IN, R * D>, shape::p_depth> p("p");
#pragma HLS STREAM variable=p depth=shape::p_depth
#pragma HLS BIND_STORAGE variable=p type=fifo impl=bram
  hls::stream<word<fp32, R>, shape::ahead> rescaling("rescaling");
#pragma HLS STREAM variable=rescaling depth=shape::ahead
#pragma HLS BIND_STORAGE variable=rescaling type=fifo impl=srl
  hls::stream<word<int32, R>, shape::ahead> total("total");
#pragma HLS STREAM variable=total depth=shape::ahead
#pragma HLS BIND_STORAGE variable=total type=fifo impl=srl
  column_stream<R, int32> context_columns[wide];
#pragma HLS STREAM variable=context_columns depth=sums_depth
#pragma HLS ARRAY_PARTITION variable=context_columns type=complete dim=1
  hls::stream<word<fp32, R>, weighted_depth> weighted("weighted");
#pragma HLS STREAM variable=weighted depth=weighted_depth
#pragma HLS BIND_STORAGE variable=weighted type=fifo impl=lutram
  hls::stream<word<fp32, R>, 2> row_sum("row_sum");
#pragma HLS STREAM variable=row_sum depth=2
  hls::stream<word<fp32, R>, 2> factor("factor");
#pragma HLS STREAM variable=factor depth=2
  const attention_parts::inverse finish = {scale};

  DF_BEGIN
  DF_CALL((streamed_array<shape::jobs, score_tiles, HEAD_DIM / D, R, A, D, PACK, IN, IN>), q, keys, score_columns)
  DF_CALL((scale_sums<shape::jobs, score_tiles, wide, shape::tiles * TILE, R, int32, fp32>), score_columns, scores, score_scale)
  DF_CALL((attention_parts::tile_maximum<shape, HEADS, TILE, R>), scores, row, maximum)
  DF_CALL((attention_parts::exponentials<shape, HEADS, TILE, R, D, IN>), row, maximum, p, rescaling, total)
  DF_CALL((streamed_array<shape::jobs * shape::tiles, shape::columns / wide, TILE / D, R, A, D, PACK, IN, IN>), p, values,
          context_columns)
  DF_CALL((attention_parts::rescale<shape, HEAD_DIM, R, wide>), context_columns, rescaling, total, weighted, row_sum)
  DF_CALL((reduce<shape::jobs, 1, R>), row_sum, factor, finish)
  DF_CALL((attention_parts::normalise<shape::jobs, HEAD_DIM, R, OUT>), weighted, factor, out)
  DF_END
}

}  // namespace weft

#endif
