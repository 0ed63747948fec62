// DATAFLOW regions, written so that the C simulation can see their processes. Kernels include this header.
//
//   void top(const word* in, word* out) {
//   #pragma HLS DATAFLOW
//     hls::stream<word, 4> loaded("loaded");
//   #pragma HLS STREAM variable = loaded depth = 4
//     DF_BEGIN
//     DF_CALL(load, in, loaded)
//     DF_CALL((store<16, 64>), loaded, out)   // a template with commas in its arguments stands in parentheses
//     DF_END
//   }
//
// Under the vendor's tools these are plain calls and nothing else. Under csim/ they are plain calls too, or, with
// -DWEFT_FIBERS, processes that run side by side with FIFOs of the stated depths.
#ifndef WEFT_DATAFLOW_H
#define WEFT_DATAFLOW_H

#include <hls_stream.h>

#ifndef DF_BEGIN  // the headers of csim/ have defined these already

#define DF_BEGIN
#define DF_CALL(function, ...) function(__VA_ARGS__);
#define DF_END

/// At the end of the body of a pipelined loop: the next iteration can start so many cycles after this one did (II).
#define WEFT_TICK(cycles) ((void)0)
/// Before a pipelined loop: from the start of an iteration to its last write take so many cycles (1 unless said).
#define WEFT_LATENCY(cycles) ((void)0)
/// After a pipelined loop that does not overlap with the next: it runs empty, and so many cycles more pass. A loop of
/// TICK(ii) in LATENCY(depth), followed by FLUSH(1), takes (trip - 1) * ii + depth + 1 cycles.
#define WEFT_FLUSH(cycles) ((void)0)
/// In a test bench: this stream ends at the test bench, which never makes a kernel wait for room.
#define WEFT_UNBOUNDED(stream) ((void)0)

#endif
#endif
