// grouped_linear: linear.h for weights whose scale is that of GROUP rows of a column, not of the whole column (W4A8 with
// groups of 128, as GPTQ and AWQ have them).
//
// The array is that of linear.h. It hands its sums over at the end of each group of a tile; the epilogue multiplies them with
// the multiplier of column and group and adds them up in fp32, in a memory of a word a column.
//
//   for block in ROWS / R, for tile in COLUMNS / (A * PACK), for group in REDUCTION / GROUP, for step in GROUP / D     (II = 1)
//
// Streams, one word a line:
//   in       R tokens x D columns        block, step of REDUCTION / D       (read in the first tile of a block)
//   weights  D x (A * PACK) weights      block, tile, group, step; index = d * A * PACK + column
//   scales   multiplier, bias            block, tile, group, column         fp32; the bias counts in the first group
//   out      R tokens x 1 column         block, column
//
// result = FUNCTION(((sum[0] * multiplier[0] + bias) + sum[1] * multiplier[1]) + ...): the order of the groups is part of the
// result. GROUP is a multiple of D; a last group that is shorter takes as many steps, with weights of zero and no words of `in`.
//
// Cost, in cycles, streams always ready (law.ts):
//   blocks * tiles * groups * (GROUP / D + o) + drain                       o = array_overhead(D, 0): 7 at D = 1
//   one column a cycle is added up, and what is kept of it comes back after the adder: a group takes at least
//   max(A * PACK, adder + 2)
// DSP: those of linear.h; the adder of the bias is that of the groups.
#ifndef WEFT_GROUPED_LINEAR_H
#define WEFT_GROUPED_LINEAR_H

#include "dataflow.h"
#include "epilogue.h"
#include "storage.h"
#include "streamed_array.h"
#include "word.h"

namespace weft {

/// Columns of a group and the slots that the adder needs beside them, where they are few.
template <int WIDE>
struct group_pace {
  static const int value = greatest(WIDE, stages::fadd + 2);
};

template <int JOBS, int TILES, int GROUPS, int WIDE, int COLUMNS, int R, class SUM, class OUT, class FUNCTION>
void finish_groups(column_stream<R, SUM> (&columns)[WIDE], hls::stream<word<fp32, 2>> &scales,
                   hls::stream<word<OUT, R>> &out, float steps) {
#pragma HLS INLINE off
  const int pace = group_pace<WIDE>::value;
  word<fp32, R> partial[WIDE];
  storage_for<WIDE>::bind(partial);
  int slot = 0;
  int group = 0;
  int first = 0;  // column of the tile
  WEFT_LATENCY((epilogue_depth<SUM, OUT>(true, activation_depth<FUNCTION, OUT>()) + 1));
  for (int i = 0; i < JOBS * TILES * GROUPS * pace; i++) {
#pragma HLS PIPELINE II=1 style=flp
#pragma HLS DEPENDENCE variable=partial type=inter direction=RAW distance=pace dependent=true
    if (slot < WIDE) {
      const column_word<R, SUM> sums = take_column<R, SUM, WIDE>(columns, slot);
      const word<fp32, 2> scale = scales.read();
      const word<fp32, R> before = partial[slot];
      word<fp32, R> kept;
      word<OUT, R> result;
      for (int r = 0; r < R; r++) {
#pragma HLS UNROLL
        const float scaled = sums_of<SUM>::template total<R>(sums, r) * scale[0];
#pragma HLS BIND_OP variable=scaled op=fmul impl=maxdsp
        const float added = scaled + (group == 0 ? scale[1] : before[r]);
#pragma HLS BIND_OP variable=added op=fadd impl=fulldsp
        kept[r] = added;
        const float activated = FUNCTION::apply(added);
        const float stepped = scales_result<FUNCTION, OUT>::value ? activated * steps : activated;
#pragma HLS BIND_OP variable=stepped op=fmul impl=maxdsp
        result[r] = quantise<OUT>(stepped);
      }
      partial[slot] = kept;
      if (group == GROUPS - 1 && first + slot < COLUMNS) out.write(result);
    }
    if (slot == pace - 1) {
      slot = 0;
      if (group == GROUPS - 1) first = first + WIDE >= COLUMNS ? 0 : first + WIDE;
      group = group == GROUPS - 1 ? 0 : group + 1;
    } else {
      slot++;
    }
    WEFT_TICK(1);
  }
}

template <int ROWS, int REDUCTION, int COLUMNS, int R, int A, int D, int PACK, class IN, class WEIGHT, class OUT,
          class FUNCTION, int GROUP>
void grouped_linear(hls::stream<word<IN, R * D>> &in, hls::stream<word<WEIGHT, A * PACK * D>> &weights,
                    hls::stream<word<fp32, 2>> &scales, hls::stream<word<OUT, R>> &out, float out_inverse_scale) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  static_assert(GROUP % D == 0, "a group is a whole number of dot products");
  const int blocks = ceil_div(ROWS, R);
  const int tiles = ceil_div(COLUMNS, A * PACK);
  const int groups = ceil_div(REDUCTION, GROUP);
  const int steps = GROUP / D;
  const int words = ceil_div(REDUCTION, D);
  typedef sum_type<IN, WEIGHT> sum;
  column_stream<R, sum> columns[A * PACK];
#pragma HLS STREAM variable=columns depth=sums_depth
#pragma HLS ARRAY_PARTITION variable=columns type=complete dim=1

  DF_BEGIN
  DF_CALL((streamed_array<blocks, tiles, steps, R, A, D, PACK, IN, WEIGHT, groups, words>), in, weights, columns)
  DF_CALL((finish_groups<blocks, tiles, groups, A * PACK, COLUMNS, R, sum, OUT, FUNCTION>), columns, scales, out,
          out_inverse_scale)
  DF_END
}

}  // namespace weft

#endif
