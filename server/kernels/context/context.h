// context: probabilities [ROWS, KEYS] of every head times v [KEYS, KV_HEADS * HEAD_DIM], times a scale.
//
// V is stored whole before the first probabilities are multiplied. Then, on an output-stationary array of R x A x D
// multipliers with PACK products each (R tokens, A * PACK columns, dot products of D keys):
//
//   for block in ROWS / R, for head, for tile in HEAD_DIM / (A * PACK), for step in KEYS / D         one step a cycle
//
// Streams, one word a line:
//   v    VALUE_TOKENS rows x 1 column    block of rows, column            (KV_HEADS * HEAD_DIM columns)
//   in   R tokens x D keys               block, head, step                (read in the first tile of a head)
//   out  R tokens x 1 column             block, head, column              OUT = int8 rounded and saturated, or fp32
// Head h meets head h / (HEADS / KV_HEADS) of v.
//
// Cache: v comes by columns and is read by rows, so every column of a tile has a bank of its own (bank = column of
// the head mod A * PACK). A cache word is a word of v: VALUE_TOKENS rows of one column. The array takes D of them a
// cycle, reading the same word for VALUE_TOKENS / D cycles; where D is more, D / VALUE_TOKENS rows of banks stand
// side by side. Keys beyond KEYS in the last step count as zero. CACHE = ping_pong<uram>, single<uram>, …: as in
// scores.h.
//
// Cost, in cycles, streams always ready (law.ts):
//   store: KEYS / VALUE_TOKENS * KV_HEADS * HEAD_DIM, then blocks * HEADS * tiles * (KEYS / D + o) + drain
//   o = array_overhead<IN, IN>(D, stages of the cache + 1 where rows of a word are selected): 9 at D = 1 out of URAM
// DSP: R * A * D, and R lanes of fp32 multiply (3 on UltraScale+).
#ifndef WEFT_CONTEXT_H
#define WEFT_CONTEXT_H

#include "dataflow.h"
#include "epilogue.h"
#include "multiply.h"
#include "storage.h"
#include "word.h"

namespace weft {

template <int VALUE_BLOCKS, int KV_HEADS, int HEAD_DIM, int TILES, int WIDE, int ROW_BANKS, int DEPTH, int VALUE_TOKENS,
          class IN>
void context_store(hls::stream<word<IN, VALUE_TOKENS>> &v, word<IN, VALUE_TOKENS> cache[ROW_BANKS][WIDE][DEPTH],
                   hls::stream<bool> &stored) {
#pragma HLS INLINE off
  int row_bank = 0;
  int base = 0;  // first cache row of the block of rows: head by head, within it tile by tile
  for (int block = 0; block < VALUE_BLOCKS; block++) {
    int row = base;
    int bank = 0;
    int column = 0;
    for (int i = 0; i < KV_HEADS * HEAD_DIM; i++) {
#pragma HLS PIPELINE II=1
      const word<IN, VALUE_TOKENS> values = v.read();
      for (int b = 0; b < ROW_BANKS; b++) {
#pragma HLS UNROLL
        for (int c = 0; c < WIDE; c++) {
#pragma HLS UNROLL
          if (b == row_bank && c == bank) cache[b][c][row] = values;
        }
      }
      if (block == VALUE_BLOCKS - 1 && i == KV_HEADS * HEAD_DIM - 1) stored.write(true);
      const bool next_row = bank == WIDE - 1 || column == HEAD_DIM - 1;
      row = next_row ? row + 1 : row;
      bank = next_row ? 0 : bank + 1;
      column = column == HEAD_DIM - 1 ? 0 : column + 1;
      WEFT_TICK(1);
    }
    base = row_bank == ROW_BANKS - 1 ? base + KV_HEADS * TILES : base;
    row_bank = row_bank == ROW_BANKS - 1 ? 0 : row_bank + 1;
  }
}

template <int BLOCKS, int KEYS, int HEADS, int KV_HEADS, int TILES, int ROW_BANKS, int DEPTH, int VALUE_TOKENS, int R,
          int A, int D, int PACK, class IN, int CACHE_STAGES>
void context_array(hls::stream<word<IN, R * D>> &in,
                   const word<IN, VALUE_TOKENS> cache[ROW_BANKS][A * PACK][DEPTH], hls::stream<bool> &stored,
                   column_stream<R, sum_type<IN, IN>> (&columns)[A * PACK]) {
#pragma HLS INLINE off
  const int wide = A * PACK;
  const int steps = ceil_div(KEYS, D);
  const int steps_per_word = VALUE_TOKENS > D ? VALUE_TOKENS / D : 1;
  word<IN, R * D> rows_of_head[steps];
  storage_for<steps>::bind(rows_of_head);
  typedef typename element<IN>::value value;
  typedef sum_type<IN, IN> sum;
  sum sums[R][wide];
#pragma HLS ARRAY_PARTITION variable=sums type=complete dim=0

  stored.read();
  for (int block = 0; block < BLOCKS; block++) {
    for (int head = 0; head < HEADS; head++) {
      const int kv_head = head / (HEADS / KV_HEADS);
      for (int tile = 0; tile < TILES; tile++) {
#pragma HLS LOOP_FLATTEN off
        int row = kv_head * TILES + tile;
        int part = 0;  // of the cache word
        clear<R, wide>(sums);
        for (int step = 0; step < steps; step++) {
#pragma HLS PIPELINE II=1
#pragma HLS DEPENDENCE variable=rows_of_head type=inter dependent=false
          word<IN, R * D> rows;
          if (tile == 0) {
            rows = in.read();
            rows_of_head[step] = rows;
          } else {
            rows = rows_of_head[step];
          }
          value shared[D][R];
          value packed[D][wide];
#pragma HLS ARRAY_PARTITION variable=shared type=complete dim=0
#pragma HLS ARRAY_PARTITION variable=packed type=complete dim=0
          for (int d = 0; d < D; d++) {
#pragma HLS UNROLL
            const bool real = KEYS % D == 0 || step < steps - 1 || d < KEYS % D;
            for (int r = 0; r < R; r++) {
#pragma HLS UNROLL
              shared[d][r] = get<IN>(rows, d * R + r);
            }
            for (int c = 0; c < wide; c++) {
#pragma HLS UNROLL
              const value held = get<IN>(cache[d / VALUE_TOKENS][c][row], (part * D + d) % VALUE_TOKENS);
              packed[d][c] = real ? held : value(0);
            }
          }
          accumulate<R, A, D, PACK, IN, IN>(shared, packed, sums);
          row = part == steps_per_word - 1 ? row + KV_HEADS * TILES : row;
          part = part == steps_per_word - 1 ? 0 : part + 1;
          WEFT_TICK(1);
        }
        WEFT_TICK((array_overhead<IN, IN>(D, CACHE_STAGES + (VALUE_TOKENS > D ? 1 : 0)) - 1));
        hand_over<R, wide>(sums, columns);
        WEFT_TICK(1);
      }
    }
  }
}

template <int ROWS, int KEYS, int HEADS, int KV_HEADS, int HEAD_DIM, int R, int A, int D, int PACK, int VALUE_TOKENS,
          class IN, class OUT, class CACHE>
void context(hls::stream<word<IN, R * D>> &in, hls::stream<word<IN, VALUE_TOKENS>> &v, hls::stream<word<OUT, R>> &out,
             float scale) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  static_assert(KEYS == ROWS, "the cache holds the values of one pass");
  static_assert(HEADS % KV_HEADS == 0, "every head of v serves the same number of heads");
  static_assert(D % VALUE_TOKENS == 0 || VALUE_TOKENS % D == 0,
                "the rows of a word and the rows of a step: one must be a multiple of the other");
  const int wide = A * PACK;
  const int blocks = ceil_div(ROWS, R);
  const int tiles = ceil_div(HEAD_DIM, wide);
  const int value_blocks = ceil_div(KEYS, VALUE_TOKENS);
  const int row_banks = ceil_div(D, VALUE_TOKENS);
  const int depth = ceil_div(value_blocks, row_banks) * KV_HEADS * tiles;
  word<IN, VALUE_TOKENS> cache[row_banks][wide][depth];
#pragma HLS ARRAY_PARTITION variable=cache type=complete dim=1
#pragma HLS ARRAY_PARTITION variable=cache type=complete dim=2
  CACHE::bind(cache);
  hls::stream<bool, 2> stored("stored");
#pragma HLS STREAM variable=stored depth=2
  typedef sum_type<IN, IN> sum;
  column_stream<R, sum> columns[wide];
#pragma HLS STREAM variable=columns depth=sums_depth
#pragma HLS ARRAY_PARTITION variable=columns type=complete dim=1

  DF_BEGIN
  DF_CALL((context_store<value_blocks, KV_HEADS, HEAD_DIM, tiles, wide, row_banks, depth, VALUE_TOKENS, IN>), v, cache,
          stored)
  DF_CALL((context_array<blocks, KEYS, HEADS, KV_HEADS, tiles, row_banks, depth, VALUE_TOKENS, R, A, D, PACK, IN,
                         CACHE::read_stages>),
          in, cache, stored, columns)
  DF_CALL((scale_sums<blocks * HEADS, tiles, wide, HEAD_DIM, R, sum, OUT>), columns, out, scale)
  DF_END
}

}  // namespace weft

#endif
