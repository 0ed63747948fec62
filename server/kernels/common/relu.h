// The larger of x and 0; NaN stays NaN where its sign bit is clear, else 0. No cores: the sign clears the word.
#ifndef WEFT_RELU_H
#define WEFT_RELU_H

#include "stages.h"
#include "word.h"

namespace weft {

struct relu {
  static const int depth = stages::maximum;
  static float apply(float x) {
#pragma HLS INLINE
    return (bits_of(x) >> 31) != 0 ? 0.0f : x;
  }
};

}  // namespace weft

#endif
