// silu of a float, x / (1 + exp(-x)): error below 2^-21 |x| (exp and 1 / x of the library, an addition and a multiply).
//
// Six DSP48E2 of integers, an fp32 addition and an fp32 multiply; no block memory; 41 stages. Where exp(-x) is infinite
// the result is 0, so that silu(-infinity) = 0; NaN stays NaN.
#ifndef WEFT_SILU_H
#define WEFT_SILU_H

#include "exp.h"
#include "reciprocal.h"
#include "stages.h"
#include "word.h"

namespace weft {

struct silu {
  static const int depth = stages::exp + stages::fadd + stages::reciprocal + stages::fmul + stages::select;
  static float apply(float x) {
#pragma HLS INLINE
    const float power = exp(float_of(bits_of(x) ^ 0x80000000));
    const float whole = 1.0f + power;
    const float share = reciprocal(whole);
    const float value = x * share;
    return bits_of(power) == 0x7f800000 ? 0.0f : value;
  }
};

}  // namespace weft

#endif
