// weights: the loader of a linear, or of all linears that one array takes in turn. Reads their trained values through an m_axi port and
// sends them in the order in which linear.h, or overlay.h, asks for them. MATRICES: a matrix<REDUCTION, COLUMNS> each, in the order
// of their turns.
//
// Memory, in beats of PORT_BYTES bytes, little endian (layout.ts writes it):
//   heads   of each matrix (multiplier fp32, bias fp32) of every column, padded to tiles * A * PACK columns, PORT_BYTES / 8 a beat
//   bodies  of each matrix a weight word for each (tile, step), step fastest: A * PACK * D weights, index = d * A * PACK + column,
//           index 0 in the lowest bits, in whole bytes; as many whole words as fit to a beat, or several beats to a word
// Streams:
//   weights  matrix, block, tile, step     scales  matrix, block, tile, column
//
// STORAGE = streamed: a body is read from memory again for every block; of one block, all bodies are one long run.
// STORAGE = staged<BEATS, ...>: so it is, through a FIFO of beats that holds a tile or two of it instead of 32.
// STORAGE = lutram, bram, uram: it is read once a pass, kept, and sent from there for every block.
// STORAGE = ahead<...>: so it is, and what is read is for the next pass (weights_ahead.h).
//
// Cost, in cycles (law.ts): a weight word a cycle and never more than a beat a cycle; bytes a pass: heads + blocks *
// bodies, or heads + bodies where they are kept. The latency of a burst is hidden behind the FIFO of beats.
#ifndef WEFT_WEIGHTS_H
#define WEFT_WEIGHTS_H

#include "dataflow.h"
#include "stages.h"
#include "storage.h"
#include "word.h"

namespace weft {

/// What a linear has learnt: so many rows and columns of weights.
template <int REDUCTION, int COLUMNS>
struct matrix {
  static const int reduction = REDUCTION;
  static const int columns = COLUMNS;
};

constexpr int sum_of() { return 0; }
template <class... MORE>
constexpr int sum_of(int value, MORE... more) {
  return value + sum_of(more...);
}

/// Sizes of the layout, from the parameters of the loader: those of matrix m as tables that are indexed when it runs.
template <int A, int D, int PACK, class WEIGHT, int PORT_BYTES, class... MATRICES>
struct weight_layout {
  static const int matrices = (int)sizeof...(MATRICES);
  static const int wide = A * PACK;
  static const int word_bytes = ceil_div(wide * D * element<WEIGHT>::bits, 8);
  static const int words_per_beat = greatest(1, PORT_BYTES / word_bytes);
  static const int beats_per_word = ceil_div(word_bytes, PORT_BYTES);
  static const int columns_per_beat = PORT_BYTES / 8;
  template <class MATRIX>
  struct sizes {
    static const int tiles = ceil_div(MATRIX::columns, wide);
    static const int columns = tiles * wide;
    static const int words = tiles * ceil_div(MATRIX::reduction, D);
    static const int head_beats = ceil_div(columns, columns_per_beat);
    static const int body_beats = ceil_div(words, words_per_beat) * beats_per_word;
  };
  static const int all_columns = sum_of(sizes<MATRICES>::columns...);
  static const int all_words = sum_of(sizes<MATRICES>::words...);
  static const int all_head_beats = sum_of(sizes<MATRICES>::head_beats...);
  static const int all_body_beats = sum_of(sizes<MATRICES>::body_beats...);
  static int columns(int m) {
#pragma HLS INLINE
    const int table[] = {sizes<MATRICES>::columns...};
    return table[m];
  }
  static int words(int m) {
#pragma HLS INLINE
    const int table[] = {sizes<MATRICES>::words...};
    return table[m];
  }
  static int head_beats(int m) {
#pragma HLS INLINE
    const int table[] = {sizes<MATRICES>::head_beats...};
    return table[m];
  }
  static int body_beats(int m) {
#pragma HLS INLINE
    const int table[] = {sizes<MATRICES>::body_beats...};
    return table[m];
  }
};

template <int READS, class LAYOUT, int PORT_BYTES>
void weights_read(const word<int8, PORT_BYTES> *memory, hls::stream<word<int8, PORT_BYTES>> &head,
                  hls::stream<word<int8, PORT_BYTES>> &beats) {
#pragma HLS INLINE off
  const int runs = READS == 1 ? 1 : LAYOUT::matrices;
  WEFT_TICK(stages::memory_read);
  for (int i = 0; i < LAYOUT::all_head_beats; i++) {
#pragma HLS PIPELINE II=1
    head.write(memory[i]);
    WEFT_TICK(1);
  }
  int begin = LAYOUT::all_head_beats;
  for (int run = 0; run < runs; run++) {
    const int length = READS == 1 ? LAYOUT::all_body_beats : LAYOUT::body_beats(run);
    for (int pass = 0; pass < READS; pass++) {
      WEFT_TICK(stages::memory_read);
      for (int i = 0; i < length; i++) {
#pragma HLS PIPELINE II=1
        beats.write(memory[begin + i]);
        WEFT_TICK(1);
      }
    }
    begin += length;
  }
}

/// Multiplier and bias of the column that has that place in a beat of the head.
template <int PORT_BYTES>
word<fp32, 2> scale_of(const word<int8, PORT_BYTES> &held, int place) {
#pragma HLS INLINE
  word<fp32, 2> scale;
  for (int part = 0; part < 2; part++) {
#pragma HLS UNROLL
    unsigned bits = 0;
    for (int byte = 0; byte < 4; byte++) {
#pragma HLS UNROLL
      bits |= (unsigned)(unsigned char)held[place * 8 + part * 4 + byte] << (8 * byte);
    }
    scale[part] = float_of(bits);
  }
  return scale;
}

/// Keeps the heads and sends the scales of each matrix for every block.
template <int BLOCKS, class LAYOUT, int PORT_BYTES, class STORAGE>
struct scale_source {
  static void send(hls::stream<word<int8, PORT_BYTES>> &head, hls::stream<word<fp32, 2>> &scales) {
#pragma HLS INLINE
    word<int8, PORT_BYTES> table[LAYOUT::all_head_beats];
    storage_for<LAYOUT::all_head_beats>::bind(table);
    for (int i = 0; i < LAYOUT::all_head_beats; i++) {
#pragma HLS PIPELINE II=1
      table[i] = head.read();
      WEFT_TICK(1);
    }
    int first = 0;
    for (int m = 0; m < LAYOUT::matrices; m++) {
      const int columns = LAYOUT::columns(m);
      for (int block = 0; block < BLOCKS; block++) {
        int beat = first;
        int place = 0;
        for (int column = 0; column < columns; column++) {
#pragma HLS PIPELINE II=1
          scales.write(scale_of<PORT_BYTES>(table[beat], place));
          beat = place == LAYOUT::columns_per_beat - 1 ? beat + 1 : beat;
          place = place == LAYOUT::columns_per_beat - 1 ? 0 : place + 1;
          WEFT_TICK(1);
        }
      }
      first += LAYOUT::head_beats(m);
    }
  }
};

template <int BLOCKS, class LAYOUT, int PORT_BYTES, class STORAGE>
void weights_scales(hls::stream<word<int8, PORT_BYTES>> &head, hls::stream<word<fp32, 2>> &scales) {
#pragma HLS INLINE off
  scale_source<BLOCKS, LAYOUT, PORT_BYTES, STORAGE>::send(head, scales);
}

/// Cuts beats into weight words, or puts them together.
template <class LAYOUT, class WEIGHT, int PORT_BYTES>
struct word_cutter {
  typedef word<WEIGHT, LAYOUT::word_bytes * 8 / element<WEIGHT>::bits> weight_word;
  word<int8, PORT_BYTES> beat;
  unsigned char bytes[LAYOUT::word_bytes];
  int place;  // of the word in the beat
  int part;   // of the word that the beat is

  word_cutter() : beat(zeros<int8, PORT_BYTES>()), bytes(), place(0), part(0) {}

  /// One iteration; true when a word is complete.
  bool advance(hls::stream<word<int8, PORT_BYTES>> &beats) {
#pragma HLS INLINE
    if (place == 0) beat = beats.read();
    for (int i = 0; i < LAYOUT::word_bytes; i++) {
#pragma HLS UNROLL
      const int from = place * LAYOUT::word_bytes + i - part * PORT_BYTES;
      if (from >= 0 && from < PORT_BYTES) bytes[i] = (unsigned char)beat[from];
    }
    const bool complete = part == LAYOUT::beats_per_word - 1;
    place = place == LAYOUT::words_per_beat - 1 ? 0 : place + 1;
    part = complete ? 0 : part + 1;
    return complete;
  }
};

template <int BLOCKS, class LAYOUT, int N, class WEIGHT, int PORT_BYTES>
void cut_words(hls::stream<word<int8, PORT_BYTES>> &beats, hls::stream<word<WEIGHT, N>> &weights) {
#pragma HLS INLINE
  for (int m = 0; m < LAYOUT::matrices; m++) {
    const int parts = LAYOUT::words(m) * LAYOUT::beats_per_word;
    for (int block = 0; block < BLOCKS; block++) {
      word_cutter<LAYOUT, WEIGHT, PORT_BYTES> cutter;
#pragma HLS ARRAY_PARTITION variable=cutter.bytes type=complete dim=1
      for (int i = 0; i < parts; i++) {
#pragma HLS PIPELINE II=1
        if (cutter.advance(beats)) weights.write(word_from_bytes<WEIGHT, N>(cutter.bytes));
        WEFT_TICK(1);
      }
    }
  }
}

template <int BLOCKS, class LAYOUT, int N, class WEIGHT, int PORT_BYTES, class STORAGE>
void keep_words(hls::stream<word<int8, PORT_BYTES>> &beats, hls::stream<word<WEIGHT, N>> &weights) {
#pragma HLS INLINE
  word<WEIGHT, N> kept[LAYOUT::all_words];
  STORAGE::bind(kept);
  int complete = 0;
  for (int m = 0; m < LAYOUT::matrices; m++) {
    const int parts = LAYOUT::words(m) * LAYOUT::beats_per_word;
    word_cutter<LAYOUT, WEIGHT, PORT_BYTES> cutter;
#pragma HLS ARRAY_PARTITION variable=cutter.bytes type=complete dim=1
    for (int i = 0; i < parts; i++) {
#pragma HLS PIPELINE II=1
      if (cutter.advance(beats)) {
        kept[complete] = word_from_bytes<WEIGHT, N>(cutter.bytes);
        complete++;
      }
      WEFT_TICK(1);
    }
  }
  int first = 0;
  for (int m = 0; m < LAYOUT::matrices; m++) {
    const int words = LAYOUT::words(m);
    for (int block = 0; block < BLOCKS; block++) {
      for (int i = 0; i < words; i++) {
#pragma HLS PIPELINE II=1
        weights.write(kept[first + i]);
        WEFT_TICK(1);
      }
    }
    first += words;
  }
}

/// What stands between the beats and the array, how often a pass reads the body, and how far the reader may be ahead.
template <int BLOCKS, class LAYOUT, int N, class WEIGHT, int PORT_BYTES, class STORAGE>
struct weight_source {
  static const int reads = 1;
  static const int beats_depth = 32;
  typedef srl fifo;
  static void send(hls::stream<word<int8, PORT_BYTES>> &beats, hls::stream<word<WEIGHT, N>> &weights) {
#pragma HLS INLINE
    keep_words<BLOCKS, LAYOUT, N, WEIGHT, PORT_BYTES, STORAGE>(beats, weights);
  }
};

template <int BLOCKS, class LAYOUT, int N, class WEIGHT, int PORT_BYTES, int BEATS, class STORAGE>
struct weight_source<BLOCKS, LAYOUT, N, WEIGHT, PORT_BYTES, staged<BEATS, STORAGE>> {
  static const int reads = BLOCKS;
  static const int beats_depth = BEATS;
  typedef STORAGE fifo;
  static void send(hls::stream<word<int8, PORT_BYTES>> &beats, hls::stream<word<WEIGHT, N>> &weights) {
#pragma HLS INLINE
    cut_words<BLOCKS, LAYOUT, N, WEIGHT, PORT_BYTES>(beats, weights);
  }
};

template <class SOURCE, int N, class WEIGHT, int PORT_BYTES>
void weights_send(hls::stream<word<int8, PORT_BYTES>> &beats, hls::stream<word<WEIGHT, N>> &weights) {
#pragma HLS INLINE off
  SOURCE::send(beats, weights);
}

template <int BLOCKS, int A, int D, int PACK, class WEIGHT, int PORT_BYTES, class STORAGE, class... MATRICES>
void weights(const word<int8, PORT_BYTES> *memory, hls::stream<word<WEIGHT, A * PACK * D>> &weights,
             hls::stream<word<fp32, 2>> &scales) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  typedef weight_layout<A, D, PACK, WEIGHT, PORT_BYTES, MATRICES...> layout;
  typedef weight_source<BLOCKS, layout, A * PACK * D, WEIGHT, PORT_BYTES, STORAGE> source;
  hls::stream<word<int8, PORT_BYTES>, 2> head("head");
#pragma HLS STREAM variable=head depth=2
  const int beats_depth = source::beats_depth;
  hls::stream<word<int8, PORT_BYTES>, beats_depth> beats("beats");
#pragma HLS STREAM variable=beats depth=beats_depth
  source::fifo::bind_fifo(beats);

  DF_BEGIN
  DF_CALL((weights_read<source::reads, layout, PORT_BYTES>), memory, head, beats)
  DF_CALL((weights_scales<BLOCKS, layout, PORT_BYTES, STORAGE>), head, scales)
  DF_CALL((weights_send<source, A * PACK * D, WEIGHT, PORT_BYTES>), beats, weights)
  DF_END
}

}  // namespace weft

#endif
