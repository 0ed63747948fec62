// An output-stationary array of R x A x D multipliers with PACK products each whose second operand streams through it: the
// weights of linear.h, K and V of attend.h.
//
//   for job, for tile, for group, for step    one step a cycle; a word of `in` is read in the first tile of a job and kept for the others
//
// in        word<IN, R * D>               job, step: WORDS of them
// operands  word<WEIGHT, A * PACK * D>    job, tile, group, step; index = d * A * PACK + column
// columns   the sums of a group of a tile, handed over in one cycle
//
// One group unless said. The words of a job may end within the last group: its steps go on with operands of zero. In
// tiled_linear.h the groups are blocks of rows; the last job may have fewer of them, LAST.
#ifndef WEFT_STREAMED_ARRAY_H
#define WEFT_STREAMED_ARRAY_H

#include "dataflow.h"
#include "epilogue.h"
#include "multiply.h"
#include "storage.h"
#include "word.h"

namespace weft {

template <int JOBS, int TILES, int STEPS, int R, int A, int D, int PACK, class IN, class WEIGHT, int GROUPS = 1,
          int WORDS = STEPS, int LAST = GROUPS>
void streamed_array(hls::stream<word<IN, R * D>> &in, hls::stream<word<WEIGHT, A * PACK * D>> &operands,
                    column_stream<R, sum_type<IN, WEIGHT>> (&columns)[A * PACK]) {
#pragma HLS INLINE off
  const int wide = A * PACK;
  word<IN, R * D> block[WORDS];
  storage_for<WORDS>::bind(block);
  typedef sum_type<IN, WEIGHT> sum;
  sum sums[R][wide];
#pragma HLS ARRAY_PARTITION variable=sums type=complete dim=0

  for (int job = 0; job < JOBS; job++) {
    const int groups = job == JOBS - 1 ? LAST : GROUPS;
    int first = 0;  // of the words of a group in the block
    for (int round = 0; round < TILES * groups; round++) {
#pragma HLS LOOP_FLATTEN off
      clear<R, wide>(sums);
      for (int step = 0; step < STEPS; step++) {
#pragma HLS PIPELINE II=1
#pragma HLS DEPENDENCE variable=block type=inter dependent=false
        word<IN, R * D> rows;
        const int at = first + step;
        const bool real = GROUPS * STEPS == WORDS || at < WORDS;
        if (round < groups && real) {
          rows = in.read();
          block[at] = rows;
        } else {
          rows = block[real ? at : 0];
        }
        array_step<R, A, D, PACK, IN, WEIGHT>(rows, operands.read(), sums);
        WEFT_TICK(1);
      }
      WEFT_TICK((array_overhead<IN, WEIGHT>(D, 0) - 1));
      hand_over<R, wide>(sums, columns);
      first = first + STEPS >= groups * STEPS ? 0 : first + STEPS;
      WEFT_TICK(1);
    }
  }
}

}  // namespace weft

#endif
