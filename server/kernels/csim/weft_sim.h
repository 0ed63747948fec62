// For test benches: everything of the simulator that is not part of the vendor's interface. See README.md.
//
//   weft_sim::record("attention/scores");                              before the run
//   weft_sim::recorded<hls::vector<float, 4>>("attention/scores");     after it: the tokens, data() and size()
//   weft_sim::cycles();                                                modelled cycles so far (fibre mode; else 0)
#ifndef WEFT_SIM_H
#define WEFT_SIM_H

#include "hls_stream.h"

namespace weft_sim {

#ifndef WEFT_FIBERS
/// Sequential simulation has no clock.
inline std::uint64_t cycles() { return 0; }
#endif

}  // namespace weft_sim

#endif
