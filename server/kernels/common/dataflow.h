// How a kernel of several processes is written so that one source serves the vendor's tools and the simulation.
//
//   DF_BEGIN DF_CALL(load, in, fifo) DF_CALL((compute<8, 16>), fifo, out) DF_END
//
// With the vendor's headers these are plain calls and WEFT_TICK is nothing. The simulation's hls_stream.h defines them
// first: each call becomes a process of its own, and WEFT_TICK(n) says that the process has spent n cycles, so that a
// run over bounded FIFOs also gives modelled cycles. Put parentheses round a template name that holds commas.
#ifndef WEFT_DATAFLOW_H
#define WEFT_DATAFLOW_H

#include "hls_stream.h"

#ifndef DF_BEGIN
#define DF_BEGIN {
#define DF_CALL(function, ...) function(__VA_ARGS__);
#define DF_END }
#endif

#ifndef WEFT_TICK
#define WEFT_TICK(cycles)
#endif

#endif
