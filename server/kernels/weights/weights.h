// weights: the loader of one linear. Reads its trained values through an m_axi port and sends them in the order in
// which linear.h asks for them.
//
// Memory, in beats of PORT_BYTES bytes, little endian (layout.ts writes it):
//   head   (multiplier fp32, bias fp32) of every column, padded to tiles * A * PACK columns, PORT_BYTES / 8 a beat
//   body   a weight word for each (tile, step), step fastest: A * PACK * D weights, index = d * A * PACK + column,
//          index 0 in the lowest bits, in whole bytes; as many whole words as fit to a beat, or several beats to a word
// Streams:
//   weights  block, tile, step     scales  block, tile, column
//
// STORAGE = streamed: the body is read from memory again for every block.
// STORAGE = staged<BEATS, ...>: so it is, through a FIFO of beats that holds a tile or two of it instead of 32.
// STORAGE = lutram, bram, uram: it is read once a pass, kept, and sent from there for every block.
// STORAGE = ahead<...>: so it is, and what is read is for the next pass (weights_ahead.h).
//
// Cost, in cycles (law.ts): a weight word a cycle and never more than a beat a cycle; bytes a pass: head + blocks *
// body, or head + body where it is kept. The latency of a burst is hidden behind the FIFO of beats.
#ifndef WEFT_WEIGHTS_H
#define WEFT_WEIGHTS_H

#include "dataflow.h"
#include "stages.h"
#include "storage.h"
#include "word.h"

namespace weft {

/// Sizes of the layout, from the parameters of the loader.
template <int REDUCTION, int COLUMNS, int A, int D, int PACK, class WEIGHT, int PORT_BYTES>
struct weight_layout {
  static const int wide = A * PACK;
  static const int tiles = ceil_div(COLUMNS, wide);
  static const int steps = ceil_div(REDUCTION, D);
  static const int words = tiles * steps;
  static const int word_bytes = ceil_div(wide * D * element<WEIGHT>::bits, 8);
  static const int words_per_beat = greatest(1, PORT_BYTES / word_bytes);
  static const int beats_per_word = ceil_div(word_bytes, PORT_BYTES);
  static const int columns_per_beat = PORT_BYTES / 8;
  static const int head_beats = ceil_div(tiles * wide, columns_per_beat);
  static const int body_beats = ceil_div(words, words_per_beat) * beats_per_word;
};

template <int READS, class LAYOUT, int PORT_BYTES>
void weights_read(const word<int8, PORT_BYTES> *memory, hls::stream<word<int8, PORT_BYTES>> &head,
                  hls::stream<word<int8, PORT_BYTES>> &beats) {
#pragma HLS INLINE off
  WEFT_TICK(stages::memory_read);
  for (int i = 0; i < LAYOUT::head_beats; i++) {
#pragma HLS PIPELINE II=1
    head.write(memory[i]);
    WEFT_TICK(1);
  }
  for (int pass = 0; pass < READS; pass++) {
    WEFT_TICK(stages::memory_read);
    for (int i = 0; i < LAYOUT::body_beats; i++) {
#pragma HLS PIPELINE II=1
      beats.write(memory[LAYOUT::head_beats + i]);
      WEFT_TICK(1);
    }
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

/// Keeps the head and sends scales for every block.
template <int BLOCKS, class LAYOUT, int PORT_BYTES, class STORAGE>
struct scale_source {
  static void send(hls::stream<word<int8, PORT_BYTES>> &head, hls::stream<word<fp32, 2>> &scales) {
#pragma HLS INLINE
    word<int8, PORT_BYTES> table[LAYOUT::head_beats];
    storage_for<LAYOUT::head_beats>::bind(table);
    for (int i = 0; i < LAYOUT::head_beats; i++) {
#pragma HLS PIPELINE II=1
      table[i] = head.read();
      WEFT_TICK(1);
    }
    for (int block = 0; block < BLOCKS; block++) {
      int beat = 0;
      int place = 0;
      for (int column = 0; column < LAYOUT::tiles * LAYOUT::wide; column++) {
#pragma HLS PIPELINE II=1
        scales.write(scale_of<PORT_BYTES>(table[beat], place));
        beat = place == LAYOUT::columns_per_beat - 1 ? beat + 1 : beat;
        place = place == LAYOUT::columns_per_beat - 1 ? 0 : place + 1;
        WEFT_TICK(1);
      }
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
  for (int block = 0; block < BLOCKS; block++) {
    word_cutter<LAYOUT, WEIGHT, PORT_BYTES> cutter;
#pragma HLS ARRAY_PARTITION variable=cutter.bytes type=complete dim=1
    for (int i = 0; i < LAYOUT::words * LAYOUT::beats_per_word; i++) {
#pragma HLS PIPELINE II=1
      if (cutter.advance(beats)) weights.write(word_from_bytes<WEIGHT, N>(cutter.bytes));
      WEFT_TICK(1);
    }
  }
}

template <int BLOCKS, class LAYOUT, int N, class WEIGHT, int PORT_BYTES, class STORAGE>
void keep_words(hls::stream<word<int8, PORT_BYTES>> &beats, hls::stream<word<WEIGHT, N>> &weights) {
#pragma HLS INLINE
  word<WEIGHT, N> kept[LAYOUT::words];
  STORAGE::bind(kept);
  word_cutter<LAYOUT, WEIGHT, PORT_BYTES> cutter;
#pragma HLS ARRAY_PARTITION variable=cutter.bytes type=complete dim=1
  int complete = 0;
  for (int i = 0; i < LAYOUT::words * LAYOUT::beats_per_word; i++) {
#pragma HLS PIPELINE II=1
    if (cutter.advance(beats)) {
      kept[complete] = word_from_bytes<WEIGHT, N>(cutter.bytes);
      complete++;
    }
    WEFT_TICK(1);
  }
  for (int block = 0; block < BLOCKS; block++) {
    for (int i = 0; i < LAYOUT::words; i++) {
#pragma HLS PIPELINE II=1
      weights.write(kept[i]);
      WEFT_TICK(1);
    }
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

template <int BLOCKS, int REDUCTION, int COLUMNS, int A, int D, int PACK, class WEIGHT, int PORT_BYTES, class STORAGE>
void weights(const word<int8, PORT_BYTES> *memory, hls::stream<word<WEIGHT, A * PACK * D>> &weights,
             hls::stream<word<fp32, 2>> &scales) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  typedef weight_layout<REDUCTION, COLUMNS, A, D, PACK, WEIGHT, PORT_BYTES> layout;
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
