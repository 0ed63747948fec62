// spill: K or V of a whole pass into memory in the order of an array, and out of it again for every block of its rows.
//
// What it leaves in memory is what cache.h reads in a decode step behind it: the layout is the same.
//
// One of PORTS ports, each with an equal share of the columns of a tile: LANES columns from FIRST on, of TILE = LANES * PORTS.
// A beat of the port is a word: LANES * D elements, index = d * LANES + lane.
//
// memory   as in cache.h, with room for CAPACITY rows: for head of K or V, for outer, for inner: one beat
//   keys     outer = tile of keys, inner = step of a head's columns: key = tile * TILE + FIRST + lane, column = step * D + d
//   values   outer = tile of a head's columns, inner = step of keys: key = step * D + d, column = tile * TILE + FIRST + lane
// row      ROWS rows.  keys: word<ELEMENT, TILE * D>, TILE keys side by side x D columns: block of keys, head, step
//          values: word<ELEMENT, D * TILE>, D keys side by side x TILE columns: block of keys, head, tile
//          What fills up the last block may be anything, and is written as 0.
// out      word<ELEMENT, LANES * D>: for job (block of queries, head of q), for span of SPAN keys, then of that span
//          keys: tile of keys, step    values: tile of columns, step of keys     SPAN = all keys: one span
//          Whole spans: what lies behind the last block of keys is whatever the memory holds, for whoever masks it.
//
// Every beat is written before the first is read: `written` is a buffer between the two processes, so that the reader may
// start only when the writer has ended, and it ends with the memory's answer to its last write. Both pointers lead to the same
// memory. Heads of q that share one of K or V read it again each: JOBS times a head goes through the port.
//
// Cost, in cycles (law.ts): rows written, a word a cycle; then JOBS * outer * inner, a word a cycle, + 72 of memory latency.
#ifndef WEFT_SPILL_H
#define WEFT_SPILL_H

#include "dataflow.h"
#include "stages.h"
#include "storage.h"
#include "word.h"

namespace weft {
namespace spill_parts {

/// Where the words of a block of rows go, and in which order a span is read.
template <int ROWS, int CAPACITY, int HEAD_DIM, int SPAN, int TILE, int D>
struct keys {
  static const int steps = HEAD_DIM / D;
  static const int room = ceil_div(CAPACITY, TILE);
  static const int head_words = room * steps;
  static const int blocks = ceil_div(ROWS, TILE);  // of rows that come side by side
  static const int groups = steps;                 // words of a head in one of them
  static const int outer = SPAN / TILE;            // of a span
  static const int inner = steps;
  static int target(int block, int group) {
#pragma HLS INLINE
    return block * steps + group;
  }
  static int source(int span, int o, int i) {
#pragma HLS INLINE
    return (span * outer + o) * steps + i;
  }
  template <int LANES, int FIRST, class ELEMENT>
  static word<ELEMENT, LANES * D> share(const word<ELEMENT, TILE * D> &rows, int block) {
#pragma HLS INLINE
    word<ELEMENT, LANES * D> beat;
    for (int i = 0; i < LANES * D; i++) {
#pragma HLS UNROLL
      const int key = FIRST + i % LANES;
      beat[i] = block * TILE + key < ROWS ? rows[i / LANES * TILE + key] : ELEMENT(0);
    }
    return beat;
  }
};

template <int ROWS, int CAPACITY, int HEAD_DIM, int SPAN, int TILE, int D>
struct values {
  static const int tiles = HEAD_DIM / TILE;
  static const int room = ceil_div(CAPACITY, D);
  static const int head_words = tiles * room;
  static const int blocks = ceil_div(ROWS, D);
  static const int groups = tiles;
  static const int outer = tiles;
  static const int inner = SPAN / D;
  static int target(int block, int group) {
#pragma HLS INLINE
    return group * room + block;
  }
  static int source(int span, int o, int i) {
#pragma HLS INLINE
    return o * room + span * inner + i;
  }
  template <int LANES, int FIRST, class ELEMENT>
  static word<ELEMENT, LANES * D> share(const word<ELEMENT, TILE * D> &rows, int block) {
#pragma HLS INLINE
    word<ELEMENT, LANES * D> beat;
    for (int i = 0; i < LANES * D; i++) {
#pragma HLS UNROLL
      const int key = i / LANES;
      beat[i] = block * D + key < ROWS ? rows[(FIRST + i % LANES) * D + key] : ELEMENT(0);
    }
    return beat;
  }
};

template <class KIND, int KV_HEADS, int LANES, int FIRST, int TILE, int D, class ELEMENT>
void write(hls::stream<word<ELEMENT, TILE * D> > &row, word<ELEMENT, LANES * D> *memory, bool written[1],
           hls::stream<bool> &done) {
#pragma HLS INLINE off
  for (int block = 0; block < KIND::blocks; block++) {
    for (int head = 0; head < KV_HEADS; head++) {
      for (int group = 0; group < KIND::groups; group++) {
#pragma HLS PIPELINE II=1
        memory[head * KIND::head_words + KIND::target(block, group)] =
            KIND::template share<LANES, FIRST, ELEMENT>(row.read(), block);
        WEFT_TICK(1);
      }
    }
  }
  written[0] = true;
  done.write(true);
}

template <class KIND, int BLOCKS, int HEADS, int KV_HEADS, int SPANS, class BEAT>
void read(const BEAT *memory, const bool written[1], hls::stream<bool> &done, hls::stream<BEAT> &out) {
#pragma HLS INLINE off
  done.read();
  if (!written[0]) return;  // always true: what is read of it is that it is there
  WEFT_TICK(stages::memory_read);
  for (int block = 0; block < BLOCKS; block++) {
    for (int head = 0; head < HEADS; head++) {
      for (int span = 0; span < SPANS; span++) {
        for (int outer = 0; outer < KIND::outer; outer++) {
          for (int inner = 0; inner < KIND::inner; inner++) {
#pragma HLS PIPELINE II=1
            out.write(memory[head / (HEADS / KV_HEADS) * KIND::head_words + KIND::source(span, outer, inner)]);
            WEFT_TICK(1);
          }
        }
      }
    }
  }
}

template <int WORDS, class WORD>
void send(hls::stream<WORD> &ahead, hls::stream<WORD> &out) {
#pragma HLS INLINE off
  WEFT_LATENCY(1);
  for (int i = 0; i < WORDS; i++) {
#pragma HLS PIPELINE II=1
    out.write(ahead.read());
    WEFT_TICK(1);
  }
}

}  // namespace spill_parts

/// STAGING of words that go straight from the port to the array.
struct straight {};

template <class KIND, int BLOCKS, int HEADS, int KV_HEADS, int SPANS, int LANES, int FIRST, int TILE, int D, class ELEMENT>
void spill(const word<ELEMENT, LANES * D> *memory, word<ELEMENT, LANES * D> *grown,
           hls::stream<word<ELEMENT, TILE * D> > &row, hls::stream<word<ELEMENT, LANES * D> > &out) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  bool written[1];
#pragma HLS STREAM variable=written type=pipo depth=2
  hls::stream<bool, 2> done("done");
#pragma HLS STREAM variable=done depth=2

  DF_BEGIN
  DF_CALL((spill_parts::write<KIND, KV_HEADS, LANES, FIRST, TILE, D, ELEMENT>), row, grown, written, done)
  DF_CALL((spill_parts::read<KIND, BLOCKS, HEADS, KV_HEADS, SPANS, word<ELEMENT, LANES * D> >), memory, written, done, out)
  DF_END
}

/// Through a FIFO of so many words in that memory, so that the port is ahead of the array.
template <class KIND, int BLOCKS, int HEADS, int KV_HEADS, int SPANS, int LANES, int FIRST, int TILE, int D, class ELEMENT,
          class STAGING>
void staged_spill(const word<ELEMENT, LANES * D> *memory, word<ELEMENT, LANES * D> *grown,
                  hls::stream<word<ELEMENT, TILE * D> > &row, hls::stream<word<ELEMENT, LANES * D> > &out) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  bool written[1];
#pragma HLS STREAM variable=written type=pipo depth=2
  hls::stream<bool, 2> done("done");
#pragma HLS STREAM variable=done depth=2
  const int words = staging_fifo<STAGING>::depth;
  hls::stream<word<ELEMENT, LANES * D>, words> ahead("ahead");
#pragma HLS STREAM variable=ahead depth=words
  staging_fifo<STAGING>::storage::bind_fifo(ahead);

  DF_BEGIN
  DF_CALL((spill_parts::write<KIND, KV_HEADS, LANES, FIRST, TILE, D, ELEMENT>), row, grown, written, done)
  DF_CALL((spill_parts::read<KIND, BLOCKS, HEADS, KV_HEADS, SPANS, word<ELEMENT, LANES * D> >), memory, written, done, ahead)
  DF_CALL((spill_parts::send<BLOCKS * HEADS * SPANS * KIND::outer * KIND::inner, word<ELEMENT, LANES * D> >), ahead, out)
  DF_END
}

namespace spill_parts {

/// Straight from the port to the array, or staged.
template <class STAGING>
struct way {
  template <class KIND, int BLOCKS, int HEADS, int KV_HEADS, int SPANS, int LANES, int FIRST, int TILE, int D, class ELEMENT>
  static void run(const word<ELEMENT, LANES * D> *memory, word<ELEMENT, LANES * D> *grown,
                  hls::stream<word<ELEMENT, TILE * D> > &row, hls::stream<word<ELEMENT, LANES * D> > &out) {
#pragma HLS INLINE
    staged_spill<KIND, BLOCKS, HEADS, KV_HEADS, SPANS, LANES, FIRST, TILE, D, ELEMENT, STAGING>(memory, grown, row, out);
  }
};
template <>
struct way<straight> {
  template <class KIND, int BLOCKS, int HEADS, int KV_HEADS, int SPANS, int LANES, int FIRST, int TILE, int D, class ELEMENT>
  static void run(const word<ELEMENT, LANES * D> *memory, word<ELEMENT, LANES * D> *grown,
                  hls::stream<word<ELEMENT, TILE * D> > &row, hls::stream<word<ELEMENT, LANES * D> > &out) {
#pragma HLS INLINE
    spill<KIND, BLOCKS, HEADS, KV_HEADS, SPANS, LANES, FIRST, TILE, D, ELEMENT>(memory, grown, row, out);
  }
};

}  // namespace spill_parts

/// Keys of a span where it is all of them: whole tiles, or whole steps.
constexpr int spill_span(int rows, int span, int unit) { return ceil_div(span > 0 ? span : rows, unit) * unit; }

template <int ROWS, int CAPACITY, int BLOCK_ROWS, int KV_HEADS, int SHARERS, int HEAD_DIM, int SPAN, int LANES, int FIRST,
          int PORTS, int D, class ELEMENT, class STAGING = straight>
void key_spill(const word<ELEMENT, LANES * D> *memory, word<ELEMENT, LANES * D> *grown,
               hls::stream<word<ELEMENT, LANES * PORTS * D> > &row, hls::stream<word<ELEMENT, LANES * D> > &out) {
#pragma HLS INLINE
  static_assert(HEAD_DIM % D == 0, "a word must not reach into the next head");
  const int tile = LANES * PORTS;
  const int span = spill_span(ROWS, SPAN, tile);
  typedef spill_parts::keys<ROWS, CAPACITY, HEAD_DIM, span, tile, D> kind;
  spill_parts::way<STAGING>::template run<kind, ceil_div(ROWS, BLOCK_ROWS), KV_HEADS * SHARERS, KV_HEADS, ceil_div(ROWS, span),
                                          LANES, FIRST, tile, D, ELEMENT>(memory, grown, row, out);
}

template <int ROWS, int CAPACITY, int BLOCK_ROWS, int KV_HEADS, int SHARERS, int HEAD_DIM, int SPAN, int LANES, int FIRST,
          int PORTS, int D, class ELEMENT, class STAGING = straight>
void value_spill(const word<ELEMENT, LANES * D> *memory, word<ELEMENT, LANES * D> *grown,
                 hls::stream<word<ELEMENT, LANES * PORTS * D> > &row, hls::stream<word<ELEMENT, LANES * D> > &out) {
#pragma HLS INLINE
  static_assert(HEAD_DIM % (LANES * PORTS) == 0, "a tile must not reach into the next head");
  const int tile = LANES * PORTS;
  const int span = spill_span(ROWS, SPAN, D);
  typedef spill_parts::values<ROWS, CAPACITY, HEAD_DIM, span, tile, D> kind;
  spill_parts::way<STAGING>::template run<kind, ceil_div(ROWS, BLOCK_ROWS), KV_HEADS * SHARERS, KV_HEADS, ceil_div(ROWS, span),
                                          LANES, FIRST, tile, D, ELEMENT>(memory, grown, row, out);
}

}  // namespace weft

#endif
