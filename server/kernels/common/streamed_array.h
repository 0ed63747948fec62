// An output-stationary array of R x A x D multipliers with PACK products each whose second operand streams through it: the
// weights of linear.h, K and V of attend.h.
//
//   for job, for tile, for step    one step a cycle; a word of `in` is read in the first tile of a job and kept for the others
//
// in        word<IN, R * D>               job, step
// operands  word<WEIGHT, A * PACK * D>    job, tile, step; index = d * A * PACK + column
// columns   the sums of a tile, handed over in one cycle
#ifndef WEFT_STREAMED_ARRAY_H
#define WEFT_STREAMED_ARRAY_H

#include "dataflow.h"
#include "epilogue.h"
#include "multiply.h"
#include "storage.h"
#include "word.h"

namespace weft {

template <int JOBS, int TILES, int STEPS, int R, int A, int D, int PACK, class IN, class WEIGHT>
void streamed_array(hls::stream<word<IN, R * D>> &in, hls::stream<word<WEIGHT, A * PACK * D>> &operands,
                    column_stream<R, sum_type<IN, WEIGHT>> (&columns)[A * PACK]) {
#pragma HLS INLINE off
  const int wide = A * PACK;
  word<IN, R * D> block[STEPS];
  storage_for<STEPS>::bind(block);
  typedef sum_type<IN, WEIGHT> sum;
  sum sums[R][wide];
#pragma HLS ARRAY_PARTITION variable=sums type=complete dim=0

  for (int job = 0; job < JOBS; job++) {
    for (int tile = 0; tile < TILES; tile++) {
#pragma HLS LOOP_FLATTEN off
      clear<R, wide>(sums);
      for (int step = 0; step < STEPS; step++) {
#pragma HLS PIPELINE II=1
#pragma HLS DEPENDENCE variable=block type=inter dependent=false
        word<IN, R * D> rows;
        if (tile == 0) {
          rows = in.read();
          block[step] = rows;
        } else {
          rows = block[step];
        }
        array_step<R, A, D, PACK, IN, WEIGHT>(rows, operands.read(), sums);
        WEFT_TICK(1);
      }
      WEFT_TICK((array_overhead<IN, WEIGHT>(D, 0) - 1));
      hand_over<R, wide>(sums, columns);
      WEFT_TICK(1);
    }
  }
}

}  // namespace weft

#endif
