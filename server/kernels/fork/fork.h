// One stream to several consumers: every word goes to each of them; the slowest sets the pace.
//
// in           word<ELEMENT, N>
// out0, out1…  the same
//
// cycles = WORDS + 1, one word a cycle. No DSP.
#ifndef WEFT_FORK_H
#define WEFT_FORK_H

#include "dataflow.h"
#include "stages.h"
#include "word.h"

namespace weft {
namespace fork_parts {

template <class WORD>
void write_all(const WORD &) {
#pragma HLS INLINE
}
template <class WORD, class... REST>
void write_all(const WORD &value, hls::stream<WORD> &out, REST &...rest) {
#pragma HLS INLINE
  out.write(value);
  write_all(value, rest...);
}

}  // namespace fork_parts

template <int WORDS, int N, class ELEMENT, class... OUT>
void fork(hls::stream<word<ELEMENT, N> > &in, OUT &...out) {
#pragma HLS INLINE off
  WEFT_LATENCY(stages::read + 1);
  for (int w = 0; w < WORDS; w++) {
#pragma HLS PIPELINE II=1
    const word<ELEMENT, N> value = in.read();
    fork_parts::write_all(value, out...);
    WEFT_TICK(1);
  }
}

}  // namespace weft

#endif
