// scores: q [ROWS, HEADS * HEAD_DIM] times the transpose of k [KEYS, KV_HEADS * HEAD_DIM], head by head, times a scale.
//
// K is stored whole before the first block of q is multiplied. Then, on an output-stationary array of R x A x D
// multipliers with PACK products each (R queries, A * PACK keys, dot products of D):
//
//   for block in ROWS / R, for head, for tile in KEYS / (A * PACK), for step in HEAD_DIM / D         one step a cycle
//
// Streams, one word a line:
//   k    KEY_TOKENS keys x D columns     block of keys, column group      (KV_HEADS * HEAD_DIM / D groups)
//   q    R tokens x D columns            block, head, step                (read in the first tile of a head)
//   out  R tokens x 1 key                block, head, key                 OUT = fp32, or rounded and saturated int8
// Head h meets head h / (HEADS / KV_HEADS) of k.
//
// Cache: a word of k is a word of the cache; A * PACK / KEY_TOKENS banks stand side by side (bank = block of keys mod
// banks), so that one read of each gives the operands of a cycle. Where a word has more keys than the array takes,
// one bank is read and a part of the word selected. Keys that pad the last tile are multiplied and dropped. CACHE =
// ping_pong<uram>: K of the next pass is stored while this one is read. single<uram>: one buffer.
//
// Cost, in cycles, streams always ready (law.ts):
//   store: KEYS / KEY_TOKENS * KV_HEADS * HEAD_DIM / D, then blocks * HEADS * tiles * (HEAD_DIM / D + o) + drain
//   o = array_overhead<IN, IN>(D, stages of the cache): 8 at D = 1 out of URAM
// DSP: R * A * D, and R lanes of fp32 multiply (3 on UltraScale+).
#ifndef WEFT_SCORES_H
#define WEFT_SCORES_H

#include "dataflow.h"
#include "epilogue.h"
#include "multiply.h"
#include "storage.h"
#include "word.h"

namespace weft {

template <int KEY_BLOCKS, int GROUPS, int BANKS, int DEPTH, int KEY_TOKENS, int D, class IN>
void scores_store(hls::stream<word<IN, KEY_TOKENS * D>> &k, word<IN, KEY_TOKENS * D> cache[BANKS][DEPTH],
                  hls::stream<bool> &stored) {
#pragma HLS INLINE off
  int bank = 0;
  int base = 0;
  for (int block = 0; block < KEY_BLOCKS; block++) {
    for (int group = 0; group < GROUPS; group++) {
#pragma HLS PIPELINE II=1
      const word<IN, KEY_TOKENS * D> keys = k.read();
      for (int b = 0; b < BANKS; b++) {
#pragma HLS UNROLL
        if (b == bank) cache[b][base + group] = keys;
      }
      if (block == KEY_BLOCKS - 1 && group == GROUPS - 1) stored.write(true);
      WEFT_TICK(1);
    }
    base = bank == BANKS - 1 ? base + GROUPS : base;
    bank = bank == BANKS - 1 ? 0 : bank + 1;
  }
}

template <int BLOCKS, int HEADS, int KV_HEADS, int TILES, int STEPS, int BANKS, int DEPTH, int KEY_TOKENS, int R, int A,
          int D, int PACK, class IN, int CACHE_STAGES>
void scores_array(hls::stream<word<IN, R * D>> &q, const word<IN, KEY_TOKENS * D> cache[BANKS][DEPTH],
                  hls::stream<bool> &stored, column_stream<R, sum_type<IN, IN>> (&columns)[A * PACK]) {
#pragma HLS INLINE off
  const int wide = A * PACK;
  const int tiles_per_word = KEY_TOKENS > wide ? KEY_TOKENS / wide : 1;
  word<IN, R * D> rows_of_head[STEPS];
  storage_for<STEPS>::bind(rows_of_head);
  typedef typename element<IN>::value value;
  typedef sum_type<IN, IN> sum;
  sum sums[R][wide];
#pragma HLS ARRAY_PARTITION variable=sums type=complete dim=0

  stored.read();
  for (int block = 0; block < BLOCKS; block++) {
    for (int head = 0; head < HEADS; head++) {
      const int kv_head = head / (HEADS / KV_HEADS);
      int row = kv_head * STEPS;  // of the cache: block of keys by block, within it head by head
      int part = 0;               // of the cache word
      for (int tile = 0; tile < TILES; tile++) {
#pragma HLS LOOP_FLATTEN off
        clear<R, wide>(sums);
        for (int step = 0; step < STEPS; step++) {
#pragma HLS PIPELINE II=1
#pragma HLS DEPENDENCE variable=rows_of_head type=inter dependent=false
          word<IN, R * D> rows;
          if (tile == 0) {
            rows = q.read();
            rows_of_head[step] = rows;
          } else {
            rows = rows_of_head[step];
          }
          word<IN, KEY_TOKENS * D> keys[BANKS];
#pragma HLS ARRAY_PARTITION variable=keys type=complete dim=1
          for (int b = 0; b < BANKS; b++) {
#pragma HLS UNROLL
            keys[b] = cache[b][row + step];
          }
          value shared[D][R];
          value packed[D][wide];
#pragma HLS ARRAY_PARTITION variable=shared type=complete dim=0
#pragma HLS ARRAY_PARTITION variable=packed type=complete dim=0
          for (int d = 0; d < D; d++) {
#pragma HLS UNROLL
            for (int r = 0; r < R; r++) {
#pragma HLS UNROLL
              shared[d][r] = get<IN>(rows, d * R + r);
            }
            for (int c = 0; c < wide; c++) {
#pragma HLS UNROLL
              packed[d][c] = get<IN>(keys[c / KEY_TOKENS], d * KEY_TOKENS + (part * wide + c) % KEY_TOKENS);
            }
          }
          accumulate<R, A, D, PACK, IN, IN>(shared, packed, sums);
          WEFT_TICK(1);
        }
        WEFT_TICK((array_overhead<IN, IN>(D, CACHE_STAGES) - 1));
        hand_over<R, wide>(sums, columns);
        WEFT_TICK(1);
        row = part == tiles_per_word - 1 ? row + KV_HEADS * STEPS : row;
        part = part == tiles_per_word - 1 ? 0 : part + 1;
      }
    }
  }
}

template <int ROWS, int KEYS, int HEADS, int KV_HEADS, int HEAD_DIM, int R, int A, int D, int PACK, int KEY_TOKENS,
          class IN, class OUT, class CACHE>
void scores(hls::stream<word<IN, R * D>> &q, hls::stream<word<IN, KEY_TOKENS * D>> &k, hls::stream<word<OUT, R>> &out,
            float scale) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  static_assert(KEYS == ROWS, "the cache holds the keys of one pass");
  static_assert(HEADS % KV_HEADS == 0, "every head of k serves the same number of heads of q");
  static_assert(HEAD_DIM % D == 0, "a dot product must not reach into the next head");
  static_assert((A * PACK) % KEY_TOKENS == 0 || KEY_TOKENS % (A * PACK) == 0,
                "the keys of a word and the keys of a tile: one must be a multiple of the other");
  const int wide = A * PACK;
  const int blocks = ceil_div(ROWS, R);
  const int tiles = ceil_div(KEYS, wide);
  const int steps = HEAD_DIM / D;
  const int key_blocks = ceil_div(KEYS, KEY_TOKENS);
  const int banks = ceil_div(wide, KEY_TOKENS);
  const int depth = ceil_div(key_blocks, banks) * KV_HEADS * steps;
  word<IN, KEY_TOKENS * D> cache[banks][depth];
#pragma HLS ARRAY_PARTITION variable=cache type=complete dim=1
  CACHE::bind(cache);
  hls::stream<bool, 2> stored("stored");
#pragma HLS STREAM variable=stored depth=2
  typedef sum_type<IN, IN> sum;
  column_stream<R, sum> columns[wide];
#pragma HLS STREAM variable=columns depth=sums_depth
#pragma HLS ARRAY_PARTITION variable=columns type=complete dim=1

  DF_BEGIN
  DF_CALL((scores_store<key_blocks, KV_HEADS * steps, banks, depth, KEY_TOKENS, D, IN>), k, cache, stored)
  DF_CALL((scores_array<blocks, HEADS, KV_HEADS, tiles, steps, banks, depth, KEY_TOKENS, R, A, D, PACK, IN,
                        CACHE::read_stages>),
          q, cache, stored, columns)
  DF_CALL((scale_sums<blocks * HEADS, tiles, wide, KEYS, R, sum, OUT>), columns, out, scale)
  DF_END
}

}  // namespace weft

#endif
