// linear: activations [ROWS, REDUCTION] times trained weights [REDUCTION, COLUMNS], plus bias, plus activation
// function.
//
// An output-stationary array of R x A x D multipliers with PACK products each: R tokens, A * PACK columns, dot
// products of D. The R rows of a block are kept while every tile of columns passes; weights are streamed again for
// every block.
//
//   for block in ROWS / R, for tile in COLUMNS / (A * PACK), for step in REDUCTION / D     one step a cycle (II = 1)
//
// Streams, one word a line:
//   in       R tokens x D columns        block, step                        (read in the first tile of a block)
//   weights  D x (A * PACK) weights      block, tile, step; index = d * A * PACK + column, weight of row step * D + d
//   scales   multiplier, bias            block, tile, column                fp32, for padded columns too
//   out      R tokens x 1 column         block, column                      OUT = fp32, or rounded and saturated int8
//
// result = FUNCTION(sum * multiplier[column] + bias[column]). The multiplier folds the scales of weights and input,
// and that of the output where FUNCTION is the identity or relu; otherwise an int8 result is multiplied by
// out_inverse_scale. Edges: a last block, tile or step that is not full is padded with zeros; padded columns are not
// written, padded rows are.
//
// Cost, in cycles, streams always ready (law.ts):
//   blocks * tiles * (REDUCTION / D + o) + drain                            o = array_overhead(D, 0): 7 at D = 1
//   one column a cycle leaves, so a tile takes at least A * PACK cycles
// DSP: R * A * D, and R lanes of fp32 multiply and add (3 + 2 on UltraScale+).
#ifndef WEFT_LINEAR_H
#define WEFT_LINEAR_H

#include "dataflow.h"
#include "epilogue.h"
#include "streamed_array.h"
#include "word.h"

namespace weft {

template <int ROWS, int REDUCTION, int COLUMNS, int R, int A, int D, int PACK, class IN, class WEIGHT, class OUT,
          class FUNCTION>
void linear(hls::stream<word<IN, R * D>> &in, hls::stream<word<WEIGHT, A * PACK * D>> &weights,
            hls::stream<word<fp32, 2>> &scales, hls::stream<word<OUT, R>> &out, float out_inverse_scale) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  const int blocks = ceil_div(ROWS, R);
  const int tiles = ceil_div(COLUMNS, A * PACK);
  const int steps = ceil_div(REDUCTION, D);
  typedef sum_type<IN, WEIGHT> sum;
  column_stream<R, sum> columns[A * PACK];
#pragma HLS STREAM variable=columns depth=sums_depth
#pragma HLS ARRAY_PARTITION variable=columns type=complete dim=1

  DF_BEGIN
  DF_CALL((streamed_array<blocks, tiles, steps, R, A, D, PACK, IN, WEIGHT>), in, weights, columns)
  DF_CALL((finish_columns<blocks, tiles, A * PACK, COLUMNS, R, sum, OUT, FUNCTION>), columns, scales, out,
          out_inverse_scale)
  DF_END
}

}  // namespace weft

#endif
