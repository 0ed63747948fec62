// Streams of several ports into one.
//
// join       word<ELEMENT, LANES * D> each, index = d * LANES + lane  ->  word<ELEMENT, PORTS * LANES * D>,
//            index = d * PORTS * LANES + port * LANES + lane: the shares of the columns of a tile side by side
// take_turns RUN words of the first, RUN words of the second, …: what goes with those columns, one after the other
//
// cycles = words + 1, one word a cycle. No DSP.
#ifndef WEFT_JOIN_H
#define WEFT_JOIN_H

#include "dataflow.h"
#include "stages.h"
#include "word.h"

namespace weft {
namespace join_parts {

template <int PORT, int PORTS, int LANES, int D, class ELEMENT, class WORD>
void read_all(WORD &) {
#pragma HLS INLINE
}
template <int PORT, int PORTS, int LANES, int D, class ELEMENT, class WORD, class... REST>
void read_all(WORD &joined, hls::stream<word<ELEMENT, LANES * D> > &in, REST &...rest) {
#pragma HLS INLINE
  const word<ELEMENT, LANES * D> share = in.read();
  for (int i = 0; i < LANES * D; i++) {
#pragma HLS UNROLL
    set<ELEMENT>(joined, (i / LANES * PORTS + PORT) * LANES + i % LANES, get<ELEMENT>(share, i));
  }
  read_all<PORT + 1, PORTS, LANES, D, ELEMENT>(joined, rest...);
}

/// The stream whose turn it is.
template <class WORD>
void read_one(WORD &, int) {
#pragma HLS INLINE
}
template <class WORD, class... REST>
void read_one(WORD &taken, int wanted, hls::stream<WORD> &in, REST &...rest) {
#pragma HLS INLINE
  if (wanted == 0) taken = in.read();
  read_one(taken, wanted - 1, rest...);
}

}  // namespace join_parts

template <int WORDS, int LANES, int D, class ELEMENT, class... IN>
void join(hls::stream<word<ELEMENT, (int)sizeof...(IN) * LANES * D> > &out, IN &...in) {
#pragma HLS INLINE off
  const int ports = (int)sizeof...(IN);
  WEFT_LATENCY(stages::read + 1);
  for (int w = 0; w < WORDS; w++) {
#pragma HLS PIPELINE II=1
    word<ELEMENT, ports * LANES * D> joined = zeros<ELEMENT, ports * LANES * D>();
    join_parts::read_all<0, ports, LANES, D, ELEMENT>(joined, in...);
    out.write(joined);
    WEFT_TICK(1);
  }
}

template <int TURNS, int RUN, class WORD, class... IN>
void take_turns(hls::stream<WORD> &out, IN &...in) {
#pragma HLS INLINE off
  WEFT_LATENCY(stages::read + 1);
  for (int turn = 0; turn < TURNS; turn++) {
    for (int port = 0; port < (int)sizeof...(IN); port++) {
      for (int i = 0; i < RUN; i++) {
#pragma HLS PIPELINE II=1
        WORD taken = WORD();
        join_parts::read_one(taken, port, in...);
        out.write(taken);
        WEFT_TICK(1);
      }
    }
  }
}

}  // namespace weft

#endif
