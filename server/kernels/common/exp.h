// exp of a float. Relative error below 2^-22 (2.4e-7; 1.1e-7 at most, measured over all floats).
//
//   |x| log2(e) in fixed point with 23 fraction bits: two multiplies of 24 x 17 bits, a shift by the exponent;
//   2^fraction from 64 segments (interpolate.h): two multiplies; the whole part becomes the exponent.
//
// Four DSP48E2 and no block memory; 18 stages. Results below 2^-126 are 0 (subnormals are flushed), above the largest float
// infinite; NaN stays NaN.
#ifndef WEFT_EXP_H
#define WEFT_EXP_H

#include "interpolate.h"
#include "word.h"

namespace weft {

/// 2^(segment / 64 + position / 2^23) in units of 2^-28.
inline int power_of_two(int segment, unsigned position) {
#pragma HLS INLINE
  static const int c0[64] = {
      268435458, 271358528, 274313429, 277300506, 280320111, 283372597, 286458322, 289577649,
      292730942, 295918573, 299140915, 302398346, 305691248, 309020008, 312385015, 315786665,
      319225356, 322701493, 326215481, 329767735, 333358670, 336988708, 340658275, 344367800,
      348117720, 351908473, 355740505, 359614265, 363530208, 367488792, 371490483, 375535749,
      379625065, 383758911, 387937772, 392162137, 396432503, 400749369, 405113244, 409524638,
      413984069, 418492060, 423049140, 427655843, 432312710, 437020286, 441779125, 446589784,
      451452828, 456368827, 461338358, 466362003, 471440353, 476574002, 481763552, 487009613,
      492312800, 497673735, 503093047, 508571371, 514109350, 519707634, 525366879, 531087749};
#pragma HLS BIND_STORAGE variable=c0 type=rom_np impl=lutram
  static const int c1[64] = {
      2907238, 2938896, 2970898, 3003249, 3035952, 3069012, 3102431, 3136214,
      3170365, 3204888, 3239787, 3275066, 3310729, 3346781, 3383225, 3420066,
      3457308, 3494956, 3533013, 3571485, 3610376, 3649691, 3689433, 3729608,
      3770221, 3811276, 3852778, 3894732, 3937143, 3980016, 4023355, 4067167,
      4111455, 4156226, 4201484, 4247236, 4293485, 4340238, 4387500, 4435277,
      4483574, 4532397, 4581751, 4631643, 4682079, 4733063, 4784603, 4836704,
      4889372, 4942614, 4996435, 5050843, 5105843, 5161442, 5217646, 5274463,
      5331898, 5389958, 5448651, 5507983, 5567961, 5628592, 5689884, 5751842};
#pragma HLS BIND_STORAGE variable=c1 type=rom_np impl=lutram
  static const int c2[64] = {
      15829, 16001, 16176, 16352, 16530, 16710, 16892, 17076,
      17262, 17450, 17640, 17832, 18026, 18222, 18421, 18621,
      18824, 19029, 19236, 19446, 19657, 19871, 20088, 20307,
      20528, 20751, 20977, 21206, 21437, 21670, 21906, 22144,
      22386, 22629, 22876, 23125, 23377, 23631, 23889, 24149,
      24412, 24677, 24946, 25218, 25492, 25770, 26051, 26334,
      26621, 26911, 27204, 27500, 27800, 28102, 28408, 28718,
      29031, 29347, 29666, 29989, 30316, 30646, 30980, 31317};
#pragma HLS BIND_STORAGE variable=c2 type=rom_np impl=lutram
  return interpolate(c0[segment], c1[segment], c2[segment], position);
}

inline float exp(float x) {
#pragma HLS INLINE
  const unsigned bits = bits_of(x);
  const bool negative = (bits >> 31) != 0;
  const int exponent = (int)((bits >> 23) & 0xff) - 127;
  const ap_uint<24> significand = (bits & 0x7fffff) | 0x800000;

  // log2(e) * 2^33 = 94548 * 2^17 + 60581, rounded
  const ap_uint<17> log2e_high = 94548;
  const ap_uint<17> log2e_low = 60581;
  const ap_uint<41> high = significand * log2e_high;
#pragma HLS BIND_OP variable=high op=mul impl=dsp latency=2
  const ap_uint<41> low = significand * log2e_low;
#pragma HLS BIND_OP variable=low op=mul impl=dsp latency=2
  const unsigned long long product = (high.to_uint64() + (low.to_uint64() >> 17)) >> 7;  // |x| log2(e) * 2^(32 - exponent)

  if (exponent >= 7) {  // |x| >= 128, infinities and NaN
    if (exponent == 128 && (bits & 0x7fffff) != 0) return x;
    return negative ? 0.0f : float_of(0x7f800000);
  }
  int scaled = 0;  // x log2(e) * 2^23
  if (exponent >= -24) {
    const int shift = 9 - exponent;
    scaled = (int)((product + (1ull << (shift - 1))) >> shift);
  }
  if (negative) scaled = -scaled;
  const int whole = scaled >> 23;
  const unsigned fraction = (unsigned)scaled & 0x7fffff;
  const int power = power_of_two((int)(fraction >> segment_bits), fraction & ((1u << segment_bits) - 1));
  return float_of(packed_float(whole + 127, (unsigned)(power + 16) >> 5));
}

}  // namespace weft

#endif
