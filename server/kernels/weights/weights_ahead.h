// weights_ahead: the loader of weights.h whose weights are kept twice. While one half is sent for every block of this pass, those
// of the next layer come into the other half; the next call begins with the halves exchanged. UNIT is a type of no other loader's:
// what a call leaves to the next one is kept for each UNIT by itself.
//
// Memory and streams are those of weights.h; the pointer leads to the layer of the *next* call. What the first call of all sends was
// never read: the host makes a call whose result it does not use.
//
// Two processes, one loop each, so that neither half is ever shared between processes:
//
//   scales   for matrix, block, tile, column    sends of one half; a beat of the heads a cycle into the other, once they are there
//   words    for matrix, block, tile, step      sends of one half; a beat or a word into the other, evenly spread over the pass
//
// Both loops take in step with what they send: a kernel that waits for its rows holds its loader, too, whose FIFO has the next beats by
// then. Of many blocks the first sends wait for nothing; of few they wait for the first beat, and go in step with the beats from there on.
//
// Cost, in cycles (law.ts): blocks * words; of few blocks latency + max(blocks * words, pace * words * beats a word), where the latency
// is that of the first beat of the body. Memory: twice that of weights.h.
#ifndef WEFT_WEIGHTS_AHEAD_H
#define WEFT_WEIGHTS_AHEAD_H

#include "dataflow.h"
#include "stages.h"
#include "storage.h"
#include "weights.h"
#include "word.h"

namespace weft {

/// STORAGE of weights that are kept twice.
template <class STORAGE, class UNIT>
struct ahead {};

/// When a loop of so many sends takes TAKES times: from where memory has given what it takes first, after LATENCY iterations, where
/// that makes the loop no longer, else from the first on; evenly SPREAD over the rest of the loop, or one an iteration.
template <int SENDS, int TAKES, int LATENCY, bool SPREAD>
struct taking {
  static const int start = SENDS >= LATENCY + TAKES ? LATENCY : 0;
  static const int pace = SPREAD ? greatest(1, (SENDS - start) / TAKES) : 1;
  static const int iterations = greatest(SENDS, start + TAKES * pace);
  int left;
  int wait;

  taking() : left(TAKES), wait(start) {}
  /// Once an iteration.
  bool due() {
#pragma HLS INLINE
    const bool now = wait == 0 && left > 0;
    wait = wait > 0 ? wait - 1 : pace - 1;
    left = now ? left - 1 : left;
    return now;
  }
};

/// Goes over what is kept of each matrix for every block, one behind the other.
template <int BLOCKS>
struct rounds {
  int matrix;
  int block;
  int first;  // of the matrix, where it is kept

  rounds() : matrix(0), block(0), first(0) {}
  /// At the end of a matrix that lies in so many places; where its next round, or the next matrix, begins.
  int next(int places) {
#pragma HLS INLINE
    const bool last = block == BLOCKS - 1;
    matrix = last ? matrix + 1 : matrix;
    first = last ? first + places : first;
    block = last ? 0 : block + 1;
    return first;
  }
};

template <int BLOCKS, class LAYOUT, int PORT_BYTES, class STORAGE, class UNIT>
struct scale_source<BLOCKS, LAYOUT, PORT_BYTES, ahead<STORAGE, UNIT>> {
  static void send(hls::stream<word<int8, PORT_BYTES>> &head, hls::stream<word<fp32, 2>> &scales) {
#pragma HLS INLINE
    const int sends = BLOCKS * LAYOUT::all_columns;
    typedef taking<sends, LAYOUT::all_head_beats, stages::memory_read + 1, false> schedule;
    static word<int8, PORT_BYTES> table[2][LAYOUT::all_head_beats];
#pragma HLS ARRAY_PARTITION variable=table type=complete dim=1
    storage_for<LAYOUT::all_head_beats>::bind(table);
    static bool second = false;
    schedule take;
    rounds<BLOCKS> round;
    int taken = 0;
    int column = 0;
    int beat = 0;
    int place = 0;
    for (int i = 0; i < schedule::iterations; i++) {
#pragma HLS PIPELINE II=1
#pragma HLS DEPENDENCE variable=table type=inter dependent=false
      if (take.due()) {
        table[second ? 0 : 1][taken] = head.read();
        taken++;
      }
      if (i < sends) {
        scales.write(scale_of<PORT_BYTES>(table[second ? 1 : 0][beat], place));
        const bool last = column == LAYOUT::columns(round.matrix) - 1;
        const bool full = place == LAYOUT::columns_per_beat - 1;
        column = last ? 0 : column + 1;
        beat = last ? round.next(LAYOUT::head_beats(round.matrix)) : full ? beat + 1 : beat;
        place = last || full ? 0 : place + 1;
      }
      WEFT_TICK(1);
    }
    second = !second;
  }
};

template <int BLOCKS, class LAYOUT, int N, class WEIGHT, int PORT_BYTES, class STORAGE, class UNIT>
struct weight_source<BLOCKS, LAYOUT, N, WEIGHT, PORT_BYTES, ahead<STORAGE, UNIT>> {
  static const int reads = 1;
  static const int beats_depth = 32;
  typedef srl fifo;
  static void send(hls::stream<word<int8, PORT_BYTES>> &beats, hls::stream<word<WEIGHT, N>> &weights) {
#pragma HLS INLINE
    const int sends = BLOCKS * LAYOUT::all_words;
    const int latency = 2 * stages::memory_read + LAYOUT::all_head_beats + 1;
    typedef taking<sends, LAYOUT::all_words * LAYOUT::beats_per_word, latency, true> schedule;
    static word<WEIGHT, N> kept[2][LAYOUT::all_words];
#pragma HLS ARRAY_PARTITION variable=kept type=complete dim=1
    STORAGE::bind(kept);
    static bool second = false;
    word_cutter<LAYOUT, WEIGHT, PORT_BYTES> cutter;
#pragma HLS ARRAY_PARTITION variable=cutter.bytes type=complete dim=1
    schedule take;
    rounds<BLOCKS> round;
    int complete = 0;
    int filled = 0;  // matrix
    int whole = 0;   // words of it
    int sent = 0;
    int index = 0;
    for (int i = 0; i < schedule::iterations; i++) {
#pragma HLS PIPELINE II=1
#pragma HLS DEPENDENCE variable=kept type=inter dependent=false
      if (take.due() && cutter.advance(beats)) {
        kept[second ? 0 : 1][complete] = word_from_bytes<WEIGHT, N>(cutter.bytes);
        complete++;
        const bool last = whole == LAYOUT::words(filled) - 1;
        if (last) cutter.place = 0;
        whole = last ? 0 : whole + 1;
        filled = last ? filled + 1 : filled;
      }
      if (i < sends) {
        weights.write(kept[second ? 1 : 0][sent]);
        const int words = LAYOUT::words(round.matrix);
        const bool last = index == words - 1;
        index = last ? 0 : index + 1;
        sent = last ? round.next(words) : sent + 1;
      }
      WEFT_TICK(1);
    }
    second = !second;
  }
};

}  // namespace weft

#endif
