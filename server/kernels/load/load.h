// Words of a stream from memory.
//
// memory  word<ELEMENT, BEAT> *   from beat `offset` on: the words of the stream in their order. As many whole words of N
//                                 elements as fit share a beat of BEAT elements, or a word takes several whole beats; the
//                                 elements of a beat behind its last word are not used
// out     word<ELEMENT, N>
//
// One burst loop, so that the m_axi adapter sees a burst of all beats, and one loop that cuts words out of beats:
// cycles = max(words, beats) + memory latency.  Elements are whole bytes.
#ifndef WEFT_LOAD_H
#define WEFT_LOAD_H

#include "dataflow.h"
#include "stages.h"
#include "word.h"

namespace weft {

/// How words of N elements and beats of BEAT elements fit together; one of the two ratios is 1.
template <int WORDS, int N, int BEAT>
struct beat_layout {
  static const int words_of_beat = greatest(1, BEAT / N);
  static const int beats_of_word = ceil_div(N, BEAT);
  static const int beats = ceil_div(WORDS, words_of_beat) * beats_of_word;
};

namespace load_parts {

template <int BEATS, class BEAT_WORD>
void burst(const BEAT_WORD *memory, int offset, hls::stream<BEAT_WORD> &beat) {
#pragma HLS INLINE off
  WEFT_LATENCY(stages::memory_read + 1);
  for (int b = 0; b < BEATS; b++) {
#pragma HLS PIPELINE II=1
    beat.write(memory[offset + b]);
    WEFT_TICK(1);
  }
}

template <int WORDS, int N, int BEAT, class ELEMENT>
void unpack(hls::stream<word<ELEMENT, BEAT> > &beat, hls::stream<word<ELEMENT, N> > &out) {
#pragma HLS INLINE off
  typedef beat_layout<WORDS, N, BEAT> layout;
  const int steps = layout::beats_of_word;
  WEFT_LATENCY(stages::read + 1);
  word<ELEMENT, BEAT> held;
  word<ELEMENT, N> result;
  int slot = 0;  // of the word in its beat
  for (int w = 0; w < WORDS; w++) {
    for (int step = 0; step < steps; step++) {
#pragma HLS PIPELINE II=1
      if (slot == 0) held = beat.read();
      slot = slot == layout::words_of_beat - 1 ? 0 : slot + 1;
      for (int i = 0; i < least(N, BEAT); i++) {
#pragma HLS UNROLL
        if (step * BEAT + i < N) result[step * BEAT + i] = held[i];
      }
      // the next word of the beat moves to its front
      for (int i = 0; i + N < BEAT; i++) {
#pragma HLS UNROLL
        held[i] = held[i + N];
      }
      if (step == steps - 1) out.write(result);
      WEFT_TICK(1);
    }
  }
}

}  // namespace load_parts

template <int WORDS, int N, int BEAT, class ELEMENT>
void load(const word<ELEMENT, BEAT> *memory, int offset, hls::stream<word<ELEMENT, N> > &out) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
  hls::stream<word<ELEMENT, BEAT>, 2> beat("beat");
#pragma HLS STREAM variable=beat depth=2

  DF_BEGIN
  DF_CALL((load_parts::burst<beat_layout<WORDS, N, BEAT>::beats, word<ELEMENT, BEAT> >), memory, offset, beat)
  DF_CALL((load_parts::unpack<WORDS, N, BEAT, ELEMENT>), beat, out)
  DF_END
}

}  // namespace weft

#endif
