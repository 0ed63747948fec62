// Sums of fp32: a balanced tree, and how many sums a pipeline must have under way to take a value a cycle.
#ifndef WEFT_TREE_H
#define WEFT_TREE_H

#include "stages.h"

namespace weft {

/// Interval of a running sum that is carried round a loop.
const int carried_latency = stages::carried_sum - 1;

/// Sum of COUNT values that stand STRIDE apart, as a balanced tree: the lower half first.
template <int COUNT, int STRIDE>
struct adder_tree {
  static float sum(const float *values) {
#pragma HLS INLINE
    return adder_tree<COUNT / 2, STRIDE>::sum(values) +
           adder_tree<COUNT - COUNT / 2, STRIDE>::sum(values + COUNT / 2 * STRIDE);
  }
};
template <int STRIDE>
struct adder_tree<1, STRIDE> {
  static float sum(const float *values) {
#pragma HLS INLINE
    return values[0];
  }
};

}  // namespace weft

#endif
