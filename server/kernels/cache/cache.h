// cache: K or V of earlier passes out of memory in the order of an array, with the row of this pass put in its place.
//
// One of PORTS ports, each with an equal share of the columns of a tile: LANES columns from FIRST on, of TILE = LANES * PORTS.
// A beat of the port is a word: LANES * D elements, index = d * LANES + lane.
//
// memory   for head of K or V, for outer, for inner: one beat                        (both pointers lead to the same buffer)
//   keys     outer = tile of keys, inner = step of a head's columns: key = tile * TILE + FIRST + lane, column = step * D + d
//   values   outer = tile of a head's columns, inner = step of keys: key = step * D + d, column = tile * TILE + FIRST + lane
// row      the row of this pass.  keys: word<ELEMENT, D>, head, step.  values: word<ELEMENT, 1>, head, column
// out      word<ELEMENT, LANES * D>: head of q (SHARERS to one of K or V), outer, inner; values behind the last row are 0
//
// `past` rows are there already, and the one of this pass becomes row `past`, which must be less than KEYS: a build serves all
// steps up to its size, each in the time of the longest. Words that the new row changes are written back, whole beats.
// Where heads share K or V, the words of a head are read once and kept for the others (STORAGE).
// STAGING: the FIFO of beats, as far as the port may be ahead: 32 in shift registers, or a head or two in a memory.
//
// Cost, in cycles (law.ts): a word a cycle, KV_HEADS * SHARERS * OUTER * INNER; a row of V comes a value a cycle, for which a
// short cache waits; bytes: each beat once, and what is written back.
#ifndef WEFT_CACHE_H
#define WEFT_CACHE_H

#include "dataflow.h"
#include "stages.h"
#include "storage.h"
#include "word.h"

namespace weft {
namespace cache_parts {

/// Where the row of this pass stands in the words of a head.
template <int LANES, int FIRST, int PORTS, int D, class ELEMENT>
struct keys {
  static const int span = LANES * PORTS;  // keys of a tile
  static const int row_elements = D;
  static bool changes(int outer, int, int block) {
#pragma HLS INLINE
    return outer == block;
  }
  static int address(int n, int block, int inner) {
#pragma HLS INLINE
    return block * inner + n;
  }
  static void put(word<ELEMENT, LANES * D> &into, const word<ELEMENT, D> &row, int place) {
#pragma HLS INLINE
    for (int i = 0; i < LANES * D; i++) {
#pragma HLS UNROLL
      if (FIRST + i % LANES == place) into[i] = row[i / LANES];
    }
  }
  /// The softmax masks what is behind the last row.
  static void clear(word<ELEMENT, LANES * D> &, int, int, int) {
#pragma HLS INLINE
  }
};

template <int LANES, int FIRST, int PORTS, int D, class ELEMENT>
struct values {
  static const int span = D;  // keys of a step
  static const int row_elements = LANES;
  static bool changes(int, int inner, int block) {
#pragma HLS INLINE
    return inner == block;
  }
  static int address(int n, int block, int inner) {
#pragma HLS INLINE
    return n * inner + block;
  }
  static void put(word<ELEMENT, LANES * D> &into, const word<ELEMENT, LANES> &row, int place) {
#pragma HLS INLINE
    for (int i = 0; i < LANES * D; i++) {
#pragma HLS UNROLL
      if (i / LANES == place) into[i] = row[i % LANES];
    }
  }
  /// A probability of 0 times whatever lies there would still be 0, but a padded one is not known to be.
  static void clear(word<ELEMENT, LANES * D> &of, int inner, int block, int place) {
#pragma HLS INLINE
    for (int i = 0; i < LANES * D; i++) {
#pragma HLS UNROLL
      if (inner > block || (inner == block && i / LANES > place)) of[i] = typename element<ELEMENT>::value(0);
    }
  }
};

template <int BEATS, class BEAT>
void read(const BEAT *memory, hls::stream<BEAT> &beats) {
#pragma HLS INLINE off
  WEFT_TICK(stages::memory_read);
  for (int i = 0; i < BEATS; i++) {
#pragma HLS PIPELINE II=1
    beats.write(memory[i]);
    WEFT_TICK(1);
  }
}

/// The port's columns of the row of V, a tile at a time.
template <int TILES, int TILE, int LANES, int FIRST, class ELEMENT>
void gather(hls::stream<word<ELEMENT, 1> > &row, hls::stream<word<ELEMENT, LANES> > &part) {
#pragma HLS INLINE off
  word<ELEMENT, LANES> held = zeros<ELEMENT, LANES>();
  WEFT_LATENCY(stages::read + 1);
  for (int tile = 0; tile < TILES; tile++) {
    for (int column = 0; column < TILE; column++) {
#pragma HLS PIPELINE II=1
      const word<ELEMENT, 1> value = row.read();
      for (int lane = 0; lane < LANES; lane++) {
#pragma HLS UNROLL
        if (FIRST + lane == column) held[lane] = value[0];
      }
      if (column == FIRST + LANES - 1) part.write(held);
      WEFT_TICK(1);
    }
  }
}

template <class KIND, int KV_HEADS, int SHARERS, int OUTER, int INNER, int N, class ELEMENT, class STORAGE>
void merge(hls::stream<word<ELEMENT, N> > &beats, hls::stream<word<ELEMENT, KIND::row_elements> > &row,
           hls::stream<word<ELEMENT, N> > &changed, hls::stream<word<ELEMENT, N> > &out, int past) {
#pragma HLS INLINE off
  word<ELEMENT, N> held[SHARERS > 1 ? OUTER * INNER : 1];
  STORAGE::bind(held);
  const int block = past / KIND::span;
  const int place = past % KIND::span;
  WEFT_LATENCY(stages::read + 2 * stages::select + STORAGE::read_stages + 1);
  for (int head = 0; head < KV_HEADS; head++) {
    for (int member = 0; member < SHARERS; member++) {
      for (int outer = 0; outer < OUTER; outer++) {
        for (int inner = 0; inner < INNER; inner++) {
#pragma HLS PIPELINE II=1
#pragma HLS DEPENDENCE variable=held type=inter dependent=false
          word<ELEMENT, N> now;
          if (member == 0) {
            now = beats.read();
            if (KIND::changes(outer, inner, block)) {
              KIND::put(now, row.read(), place);
              changed.write(now);
            }
            if (SHARERS > 1) held[outer * INNER + inner] = now;
          } else {
            now = held[outer * INNER + inner];
          }
          KIND::clear(now, inner, block, place);
          out.write(now);
          WEFT_TICK(1);
        }
      }
    }
  }
}

template <class KIND, int KV_HEADS, int OUTER, int INNER, int CHANGED, class BEAT>
void write(hls::stream<BEAT> &changed, BEAT *memory, int past) {
#pragma HLS INLINE off
  const int block = past / KIND::span;
  for (int head = 0; head < KV_HEADS; head++) {
    for (int n = 0; n < CHANGED; n++) {
#pragma HLS PIPELINE II=1
      memory[head * OUTER * INNER + KIND::address(n, block, INNER)] = changed.read();
      WEFT_TICK(1);
    }
  }
}

}  // namespace cache_parts

template <int KEYS, int KV_HEADS, int SHARERS, int HEAD_DIM, int LANES, int FIRST, int PORTS, int D, class ELEMENT,
          class STORAGE, class STAGING = streamed>
void key_cache(const word<ELEMENT, LANES * D> *memory, word<ELEMENT, LANES * D> *grown,
               hls::stream<word<ELEMENT, D> > &row, hls::stream<word<ELEMENT, LANES * D> > &out, int past) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  typedef cache_parts::keys<LANES, FIRST, PORTS, D, ELEMENT> kind;
  typedef word<ELEMENT, LANES * D> beat;
  static_assert(HEAD_DIM % D == 0, "a word must not reach into the next head");
  const int tiles = ceil_div(KEYS, LANES * PORTS);
  const int steps = HEAD_DIM / D;
  const int ahead = staging_fifo<STAGING>::depth;
  hls::stream<beat, ahead> beats("beats");
#pragma HLS STREAM variable=beats depth=ahead
  staging_fifo<STAGING>::storage::bind_fifo(beats);
  hls::stream<beat, 2> changed("changed");
#pragma HLS STREAM variable=changed depth=2
#pragma HLS BIND_STORAGE variable=changed type=fifo impl=srl

  DF_BEGIN
  DF_CALL((cache_parts::read<KV_HEADS * tiles * steps, beat>), memory, beats)
  DF_CALL((cache_parts::merge<kind, KV_HEADS, SHARERS, tiles, steps, LANES * D, ELEMENT, STORAGE>), beats, row, changed, out,
          past)
  DF_CALL((cache_parts::write<kind, KV_HEADS, tiles, steps, steps, beat>), changed, grown, past)
  DF_END
}

template <int KEYS, int KV_HEADS, int SHARERS, int HEAD_DIM, int LANES, int FIRST, int PORTS, int D, class ELEMENT,
          class STORAGE, class STAGING = streamed>
void value_cache(const word<ELEMENT, LANES * D> *memory, word<ELEMENT, LANES * D> *grown,
                 hls::stream<word<ELEMENT, 1> > &row, hls::stream<word<ELEMENT, LANES * D> > &out, int past) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  typedef cache_parts::values<LANES, FIRST, PORTS, D, ELEMENT> kind;
  typedef word<ELEMENT, LANES * D> beat;
  const int tile = LANES * PORTS;
  static_assert(HEAD_DIM % tile == 0, "a tile must not reach into the next head");
  const int tiles = HEAD_DIM / tile;
  const int steps = ceil_div(KEYS, D);
  const int ahead = staging_fifo<STAGING>::depth;
  hls::stream<beat, ahead> beats("beats");
#pragma HLS STREAM variable=beats depth=ahead
  staging_fifo<STAGING>::storage::bind_fifo(beats);
  hls::stream<word<ELEMENT, LANES>, 2> part("part");
#pragma HLS STREAM variable=part depth=2
#pragma HLS BIND_STORAGE variable=part type=fifo impl=srl
  hls::stream<beat, 2> changed("changed");
#pragma HLS STREAM variable=changed depth=2
#pragma HLS BIND_STORAGE variable=changed type=fifo impl=srl

  DF_BEGIN
  DF_CALL((cache_parts::read<KV_HEADS * tiles * steps, beat>), memory, beats)
  DF_CALL((cache_parts::gather<KV_HEADS * tiles, tile, LANES, FIRST, ELEMENT>), row, part)
  DF_CALL((cache_parts::merge<kind, KV_HEADS, SHARERS, tiles, steps, LANES * D, ELEMENT, STORAGE>), beats, part, changed,
          out, past)
  DF_CALL((cache_parts::write<kind, KV_HEADS, tiles, steps, tiles, beat>), changed, grown, past)
  DF_END
}

}  // namespace weft

#endif
