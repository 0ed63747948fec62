// How a kernel of several processes is written so that one source serves the vendor's tools and the simulation.
//
//   DF_BEGIN
//   DF_CALL(load, in, fifo)
//   DF_CALL((compute<8, 16>), fifo, out)   // a template with commas in its arguments stands in parentheses
//   DF_END
//
// In an unrolled loop over instances side by side, DF_CALL_OF(i, function, streams[i], …) is the call of the i-th.
//
// With the vendor's headers these are plain calls and nothing else. The simulation's hls_stream.h defines them first: each
// call becomes a process of its own, and ticks let a run over bounded FIFOs give modelled cycles.
#ifndef WEFT_DATAFLOW_H
#define WEFT_DATAFLOW_H

#include "hls_stream.h"

#ifndef DF_BEGIN

#define DF_BEGIN
#define DF_CALL(function, ...) function(__VA_ARGS__);
#define DF_CALL_OF(index, function, ...) function(__VA_ARGS__);
#define DF_END

/// At the end of the body of a pipelined loop: the next iteration starts so many cycles later (II). After a loop: its drain.
#define WEFT_TICK(cycles) ((void)0)
/// Before a pipelined loop: a token written in an iteration leaves the pipeline so many cycles after the iteration starts.
#define WEFT_LATENCY(cycles) ((void)0)
/// In a test bench: this stream ends at the test bench, which never makes a kernel wait for room.
#define WEFT_UNBOUNDED(stream) ((void)0)

#endif
#endif
