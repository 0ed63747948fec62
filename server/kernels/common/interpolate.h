// Piecewise quadratic interpolation in fixed point: what exp, reciprocal, rsqrt and gelu are computed with.
//
// A function is cut into equal segments. `position` / 2^17 says where in its segment the argument lies; the ROM gives c0, c1
// and c2 in units of 2^-28, and the value is c0 + p (c1 + p c2). Both products are bound to one DSP48E2 each (27 x 18 bits).
// The quadratic is the one through the three Chebyshev nodes of the segment: its error is below
// max |f'''| * width^3 / 192 + 2^-27.
#ifndef WEFT_INTERPOLATE_H
#define WEFT_INTERPOLATE_H

#include <ap_int.h>

namespace weft {

const int segment_bits = 17;
const int value_bits = 28;

inline int interpolate(int c0, int c1, int c2, unsigned position) {
#pragma HLS INLINE
  const ap_uint<segment_bits> p = position;
  const ap_int<18> curvature = c2;
  const ap_int<35> bend = curvature * p;
#pragma HLS BIND_OP variable=bend op=mul impl=dsp latency=2
  const ap_int<27> slope = c1 + ap_int<18>(bend >> segment_bits).to_int();
  const ap_int<44> rise = slope * p;
#pragma HLS BIND_OP variable=rise op=mul impl=dsp latency=2
  return c0 + ap_int<27>(rise >> segment_bits).to_int();
}

/// The float 2^(exponent - 127) * significand / 2^23, 2^23 <= significand <= 2^24; 0 below, infinite above the normal range.
inline unsigned packed_float(int biased_exponent, unsigned significand) {
#pragma HLS INLINE
  if (biased_exponent < 1) return 0;
  if (biased_exponent > 254) return 0x7f800000;
  return ((unsigned)(biased_exponent - 1) << 23) + significand;
}

}  // namespace weft

#endif
