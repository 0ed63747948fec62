// fp32 to the type of a stream with a scale that is known at run time only.
#ifndef WEFT_REQUANTISE_H
#define WEFT_REQUANTISE_H

#include "word.h"

namespace weft {

template <class TO, bool INTEGER = element<TO>::integer>
struct requantiser {
  static typename element<TO>::value apply(float value, float inverse_scale) {
#pragma HLS INLINE
    return quantise<TO>(value * inverse_scale);
  }
};
template <class TO>
struct requantiser<TO, false> {
  static typename element<TO>::value apply(float value, float) {
#pragma HLS INLINE
    return quantise<TO>(value);
  }
};

/// Integers: value * inverse_scale, rounded half to even and saturated; the others rounded (inverse_scale is then not used).
template <class TO>
typename element<TO>::value requantise(float value, float inverse_scale) {
#pragma HLS INLINE
  return requantiser<TO>::apply(value, inverse_scale);
}

/// The same for a word of N.
template <int N, class TO>
word<TO, N> requantised(const word<fp32, N> &values, float inverse_scale) {
#pragma HLS INLINE
  word<TO, N> result;
  for (int i = 0; i < N; i++) {
#pragma HLS UNROLL
    result[i] = requantise<TO>(values[i], inverse_scale);
  }
  return result;
}

}  // namespace weft

#endif
