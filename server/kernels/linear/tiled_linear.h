// tiled_linear: linear.h whose weights are kept for several blocks of rows, so that a pass reads them once for BLOCKS * R rows
// instead of once for R: what a narrow memory needs. BLOCKS is at least two.
//
//   for job in tiles of rows, for tile of columns, for block of the job, for step in REDUCTION / D       (II = 1)
//
// Streams, one word a line; `in` and `out` are those of linear.h, so that its neighbours need not know:
//   in       R tokens x D columns        block, step
//   weights  D x (A * PACK) weights      job, tile, step; index = d * A * PACK + column
//   scales   multiplier, bias            job, tile, column
//   out      R tokens x 1 column         block, column
//
// Processes:
//   keep    weights, and another one scales: sends one half for every block of a tile while the next tile's words come into the
//           other half, evenly spread. The very first tile is sent as it comes.
//   array   that of linear.h; the rows of all blocks of a job are kept for all of its tiles
//   finish  the epilogue of linear.h, of all columns, those that pad the last tile too
//   send    takes the results of a job, tile by tile, and sends them block by block. What comes meanwhile waits in its FIFO.
//
// Cost, in cycles, streams always ready (law.ts):
//   blocks * tiles * (REDUCTION / D + o) + drain + the results of the last job; where results are many (A * PACK more than half of
//   REDUCTION / D + o), taking and sending them is slower than the array
// DSP: those of linear.h.
#ifndef WEFT_TILED_LINEAR_H
#define WEFT_TILED_LINEAR_H

#include "dataflow.h"
#include "epilogue.h"
#include "storage.h"
#include "streamed_array.h"
#include "word.h"

namespace weft {

/// JOBS tiles of rows: BLOCKS blocks each, the last one LAST of them. WORDS words a tile of columns.
template <int JOBS, int TILES, int BLOCKS, int LAST, int WORDS, class WORD>
void keep_tiles(hls::stream<WORD> &in, hls::stream<WORD> &out) {
#pragma HLS INLINE off
  WORD kept[2][WORDS];
#pragma HLS ARRAY_PARTITION variable=kept type=complete dim=1
  storage_for<WORDS>::bind(kept);
  int job = 0;
  int tile = 0;
  int block = 0;
  int at = 0;
  bool half = false;  // that is sent
  int taken = 0;      // of the next tile
  int wait = 0;       // iterations before its next word
  for (int i = 0; i < TILES * WORDS * (BLOCKS * (JOBS - 1) + LAST); i++) {
#pragma HLS PIPELINE II=1
#pragma HLS DEPENDENCE variable=kept type=inter direction=RAW distance=WORDS dependent=true
    const int blocks = job == JOBS - 1 ? LAST : BLOCKS;
    const bool first_tile = job == 0 && tile == 0;
    const bool last_tile = job == JOBS - 1 && tile == TILES - 1;
    const bool comes = first_tile && block == 0;
    const bool due = comes || (!last_tile && taken < WORDS && wait == 0);
    WORD word = kept[half ? 1 : 0][at];
    if (due) {
      const WORD fresh = in.read();
      kept[half != comes ? 0 : 1][comes ? at : taken] = fresh;
      if (comes) word = fresh;
    }
    out.write(word);
    if (!comes) {
      const int pace = first_tile ? blocks - 1 : blocks;
      taken = due ? taken + 1 : taken;
      wait = wait == 0 ? pace - 1 : wait - 1;
    }
    const bool block_ends = at == WORDS - 1;
    const bool tile_ends = block_ends && block == blocks - 1;
    const bool job_ends = tile_ends && tile == TILES - 1;
    at = block_ends ? 0 : at + 1;
    block = tile_ends ? 0 : block_ends ? block + 1 : block;
    tile = job_ends ? 0 : tile_ends ? tile + 1 : tile;
    job = job_ends ? job + 1 : job;
    if (tile_ends) {
      half = !half;
      taken = 0;
      wait = 0;
    }
    WEFT_TICK(1);
  }
}

template <int JOBS, int TILES, int BLOCKS, int LAST, int WIDE, int COLUMNS, class WORD>
void send_blocks(hls::stream<WORD> &results, hls::stream<WORD> &out) {
#pragma HLS INLINE off
  const int words = BLOCKS * COLUMNS;
  WORD held[words];
  storage_for<words>::bind(held);
  for (int job = 0; job < JOBS; job++) {
    const int blocks = job == JOBS - 1 ? LAST : BLOCKS;
    int first = 0;  // column of the tile
    int block = 0;
    int column = 0;
    for (int i = 0; i < TILES * blocks * WIDE; i++) {
#pragma HLS PIPELINE II=1
      const WORD result = results.read();
      if (first + column < COLUMNS) held[block * COLUMNS + first + column] = result;
      const bool block_ends = column == WIDE - 1;
      const bool tile_ends = block_ends && block == blocks - 1;
      column = block_ends ? 0 : column + 1;
      block = tile_ends ? 0 : block_ends ? block + 1 : block;
      first = tile_ends ? first + WIDE : first;
      WEFT_TICK(1);
    }
    for (int i = 0; i < blocks * COLUMNS; i++) {
#pragma HLS PIPELINE II=1
      out.write(held[i]);
      WEFT_TICK(1);
    }
  }
}

template <int ROWS, int REDUCTION, int COLUMNS, int R, int A, int D, int PACK, class IN, class WEIGHT, class OUT,
          class FUNCTION, int BLOCKS>
void tiled_linear(hls::stream<word<IN, R * D>> &in, hls::stream<word<WEIGHT, A * PACK * D>> &weights,
                  hls::stream<word<fp32, 2>> &scales, hls::stream<word<OUT, R>> &out, float out_inverse_scale) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  const int wide = A * PACK;
  const int all = ceil_div(ROWS, R);
  const int jobs = ceil_div(all, BLOCKS);
  const int last = all - (jobs - 1) * BLOCKS;
  const int tiles = ceil_div(COLUMNS, wide);
  const int steps = ceil_div(REDUCTION, D);
  const int waiting = BLOCKS * tiles * wide;  // results of a job
  typedef sum_type<IN, WEIGHT> sum;
  typedef word<WEIGHT, wide * D> weight_word;
  hls::stream<weight_word, 2> kept("kept");
#pragma HLS STREAM variable=kept depth=2
  hls::stream<word<fp32, 2>, 2> kept_scales("kept_scales");
#pragma HLS STREAM variable=kept_scales depth=2
  column_stream<R, sum> columns[wide];
#pragma HLS STREAM variable=columns depth=sums_depth
#pragma HLS ARRAY_PARTITION variable=columns type=complete dim=1
  hls::stream<word<OUT, R>, waiting> results("results");
#pragma HLS STREAM variable=results depth=waiting
  storage_for<waiting>::bind_fifo(results);

  DF_BEGIN
  DF_CALL((keep_tiles<jobs, tiles, BLOCKS, last, steps, weight_word>), weights, kept)
  DF_CALL((keep_tiles<jobs, tiles, BLOCKS, last, wide, word<fp32, 2>>), scales, kept_scales)
  DF_CALL((streamed_array<jobs, tiles, steps, R, A, D, PACK, IN, WEIGHT, BLOCKS, BLOCKS * steps, last>), in, kept, columns)
  DF_CALL((finish_columns<1, tiles * all, wide, tiles * all * wide, R, sum, OUT, FUNCTION>), columns, kept_scales, results,
          out_inverse_scale)
  DF_CALL((send_blocks<jobs, tiles, BLOCKS, last, wide, COLUMNS, word<OUT, R>>), results, out)
  DF_END
}

}  // namespace weft

#endif
