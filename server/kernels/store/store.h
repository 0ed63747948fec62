// Words of a stream to memory, in the layout that load.h reads.
//
// in      word<ELEMENT, N>
// memory  word<ELEMENT, BEAT> *   from beat `offset` on; elements of a beat behind its last word are written as 0
//
// One loop that packs words into beats and one burst loop: cycles = max(words, beats) + 3.  Elements are whole bytes.
#ifndef WEFT_STORE_H
#define WEFT_STORE_H

#include "dataflow.h"
#include "load.h"
#include "stages.h"
#include "word.h"

namespace weft {
namespace store_parts {

template <int WORDS, int N, int BEAT, class ELEMENT>
void pack(hls::stream<word<ELEMENT, N> > &in, hls::stream<word<ELEMENT, BEAT> > &beat) {
#pragma HLS INLINE off
  typedef beat_layout<WORDS, N, BEAT> layout;
  typedef typename element<ELEMENT>::value value;
  const int steps = layout::beats_of_word;
  WEFT_LATENCY(stages::read + 1);
  word<ELEMENT, N> held;
  word<ELEMENT, BEAT> result;
  int slot = 0;  // of the word in its beat
  for (int w = 0; w < WORDS; w++) {
    for (int step = 0; step < steps; step++) {
#pragma HLS PIPELINE II=1
      if (step == 0) held = in.read();
      for (int i = 0; i < BEAT; i++) {
#pragma HLS UNROLL
        const int from = step * BEAT + i % N;  // N < BEAT: step is 0
        if (slot == 0 || i / N == slot) result[i] = (steps > 1 || i / N == slot) && from < N ? (value)held[from] : value(0);
      }
      if (slot == layout::words_of_beat - 1 || w == WORDS - 1) beat.write(result);
      slot = slot == layout::words_of_beat - 1 ? 0 : slot + 1;
      WEFT_TICK(1);
    }
  }
}

template <int BEATS, class BEAT_WORD>
void burst(hls::stream<BEAT_WORD> &beat, BEAT_WORD *memory, int offset) {
#pragma HLS INLINE off
  WEFT_LATENCY(stages::read + 1);
  for (int b = 0; b < BEATS; b++) {
#pragma HLS PIPELINE II=1
    memory[offset + b] = beat.read();
    WEFT_TICK(1);
  }
}

}  // namespace store_parts

template <int WORDS, int N, int BEAT, class ELEMENT>
void store(hls::stream<word<ELEMENT, N> > &in, word<ELEMENT, BEAT> *memory, int offset) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  hls::stream<word<ELEMENT, BEAT>, 2> beat("beat");
#pragma HLS STREAM variable=beat depth=2

  DF_BEGIN
  DF_CALL((store_parts::pack<WORDS, N, BEAT, ELEMENT>), in, beat)
  DF_CALL((store_parts::burst<beat_layout<WORDS, N, BEAT>::beats, word<ELEMENT, BEAT> >), beat, memory, offset)
  DF_END
}

}  // namespace weft

#endif
