// attend: one product of attention whose second operand comes on a stream, out of a cache in memory (cache.h).
//
// An output-stationary array of R x A x D multipliers with PACK products each, as in linear.h:
//
//   for job (row block, head), for tile in COLUMNS / (A * PACK), for step in REDUCTION / D          one step a cycle
//
//   scores   REDUCTION = columns of a head, COLUMNS = keys         context   REDUCTION = keys, COLUMNS = columns of a head
//
// Streams, one word a line:
//   in     R tokens x D columns        job, step                     (read in the first tile of a job)
//   cache  D x (A * PACK) elements     job, tile, step; index = d * A * PACK + column
//   out    R tokens x 1 column         job, column                   OUT = fp32, or rounded and saturated int8
//
// Cost, in cycles, streams always ready (law.ts): jobs * tiles * (REDUCTION / D + o) + drain, o = array_overhead(D, 0)
// DSP: R * A * D, and R lanes of fp32 multiply (3 on UltraScale+).
#ifndef WEFT_ATTEND_H
#define WEFT_ATTEND_H

#include "dataflow.h"
#include "epilogue.h"
#include "streamed_array.h"
#include "word.h"

namespace weft {

template <int JOBS, int REDUCTION, int COLUMNS, int R, int A, int D, int PACK, class IN, class OUT>
void attend(hls::stream<word<IN, R * D>> &in, hls::stream<word<IN, A * PACK * D>> &cache, hls::stream<word<OUT, R>> &out,
            float scale) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  const int tiles = ceil_div(COLUMNS, A * PACK);
  const int steps = ceil_div(REDUCTION, D);
  typedef sum_type<IN, IN> sum;
  column_stream<R, sum> columns[A * PACK];
#pragma HLS STREAM variable=columns depth=sums_depth
#pragma HLS ARRAY_PARTITION variable=columns type=complete dim=1

  DF_BEGIN
  DF_CALL((streamed_array<JOBS, tiles, steps, R, A, D, PACK, IN, IN>), in, cache, columns)
  DF_CALL((scale_sums<JOBS, tiles, A * PACK, COLUMNS, R, sum, OUT>), columns, out, scale)
  DF_END
}

}  // namespace weft

#endif
