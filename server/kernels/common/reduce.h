// Sums of fp32 in a pipeline that is faster than its adder.
//
// A running sum that is carried round a loop has the interval of the adder's latency, 4 (five stages in fabric, which is the
// shortest at 300 MHz). Dealt out over 4 interleaved partial sums it has interval 1: sum w goes to partial sum w mod 4,
// which a shift register of 4 holds. The last words of a row leave their partial sums on a stream, and `reduce`, a
// small process of its own, adds them up while the next row comes in.
#ifndef WEFT_REDUCE_H
#define WEFT_REDUCE_H

#include "dataflow.h"
#include "stages.h"
#include "tree.h"
#include "word.h"

namespace weft {

/// Interleaved partial sums that make a loop of interval II possible, and how many of them a row of WORDS reaches.
constexpr int partial_sums(int ii) { return greatest(1, ceil_div(carried_latency, ii)); }
constexpr int partial_words(int ii, int words) { return least(partial_sums(ii), words); }

/// Cycles that `reduce` takes for a row.
constexpr int reduction_cycles(int partials, int tokens, int depth) {
  return partials * carried_latency + (stages::carried_sum - carried_latency + stages::read) + tokens + depth;
}

/// Interleaved partial sums of T tokens.
template <int PARTIALS, int T>
struct running_sums {
  float held[PARTIALS][T];

  /// Adds word `w` of a row; gives the partial sums that it went to.
  word<fp32, T> add(int w, const float (&values)[T]) {
#pragma HLS INLINE
    word<fp32, T> result;
    for (int t = 0; t < T; t++) {
#pragma HLS UNROLL
      const float carried = w < PARTIALS ? 0.0f : held[PARTIALS - 1][t];
      const float sum = carried + values[t];
#pragma HLS BIND_OP variable=sum op=fadd impl=fabric latency=4
      for (int p = PARTIALS - 1; p > 0; p--) {
#pragma HLS UNROLL
        held[p][t] = held[p - 1][t];
      }
      held[0][t] = sum;
      result[t] = sum;
    }
    return result;
  }
};

/// Adds up the partial sums of each of ROWS rows and gives FINISH of every token's sum.
template <int ROWS, int PARTIALS, int T, class FINISH>
void reduce(hls::stream<word<fp32, T> > &partials, hls::stream<word<fp32, T> > &out, FINISH finish) {
#pragma HLS INLINE off
  for (int row = 0; row < ROWS; row++) {
    float sum[T];
#pragma HLS ARRAY_PARTITION variable=sum type=complete
    for (int p = 0; p < PARTIALS; p++) {
#pragma HLS PIPELINE II=4
      const word<fp32, T> in = partials.read();
      for (int t = 0; t < T; t++) {
#pragma HLS UNROLL
        const float total = (p == 0 ? 0.0f : sum[t]) + in[t];
#pragma HLS BIND_OP variable=total op=fadd impl=fabric latency=4
        sum[t] = total;
      }
      WEFT_TICK(carried_latency);
    }
    WEFT_TICK(stages::carried_sum - carried_latency + stages::read);
    word<fp32, T> result;
    for (int t = 0; t < T; t++) {
#pragma HLS PIPELINE II=1
      result[t] = finish(sum[t]);
      WEFT_TICK(1);
    }
    WEFT_TICK(FINISH::depth);
    out.write(result);
  }
}

}  // namespace weft

#endif
