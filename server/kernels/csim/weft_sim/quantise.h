// How a value loses its lowest bits, and how it is fitted into fewer bits: the modes of ap_fixed (UG1399).
#ifndef WEFT_SIM_QUANTISE_H
#define WEFT_SIM_QUANTISE_H

#include "operators.h"

enum ap_q_mode {
  AP_RND,          ///< to nearest, ties to plus infinity
  AP_RND_ZERO,     ///< to nearest, ties to zero
  AP_RND_MIN_INF,  ///< to nearest, ties to minus infinity
  AP_RND_INF,      ///< to nearest, ties away from zero
  AP_RND_CONV,     ///< to nearest, ties to even
  AP_TRN,          ///< to minus infinity
  AP_TRN_ZERO      ///< to zero
};
enum ap_o_mode {
  AP_SAT,       ///< the nearest value that fits
  AP_SAT_ZERO,  ///< zero
  AP_SAT_SYM,   ///< as AP_SAT, and never the most negative value
  AP_WRAP,      ///< modulo
  AP_WRAP_SM    ///< sign-magnitude wrap: not supported here
};

namespace weft_sim {

/// `value` / 2^dropped, rounded by `mode`. 0 <= dropped < W - 1, and one more bit than the result needs is there.
template <int W> integer<W, true> quantised(integer<W, true> value, int dropped, ap_q_mode mode) {
  if (dropped == 0) return value;
  const bool negative = value.sign();
  const bool half = value.test(dropped - 1);
  bool rest = false;
  if (dropped > 1) rest = value.range(dropped - 2, 0).or_reduce();
  value.shift_right(dropped);
  bool up = false;
  switch (mode) {
    case AP_RND: up = half; break;
    case AP_RND_ZERO: up = half && (rest || negative); break;
    case AP_RND_MIN_INF: up = half && rest; break;
    case AP_RND_INF: up = half && (rest || !negative); break;
    case AP_RND_CONV: up = half && (rest || value.test(0)); break;
    case AP_TRN: break;
    case AP_TRN_ZERO: up = negative && (half || rest); break;
  }
  if (up) value += 1;
  return value;
}

/// `value` in W bits.
template <int W, bool S, int From> integer<W, S> fitted(const integer<From, true>& value, ap_o_mode mode) {
  const integer<W, S> wrapped(value);
  if (mode == AP_WRAP) return wrapped;
  // The largest and smallest value, in a width that holds them and `value`.
  using common = integer<larger(From, W + 1), true>;
  common most(1);
  most.shift_left(S ? W - 1 : W);
  common least(S ? common(0 - most) : common(0));
  most -= 1;
  if (mode == AP_SAT_SYM && S) least = 0 - most;
  const common exact(value);
  if (exact > most) return mode == AP_SAT_ZERO ? integer<W, S>(0) : integer<W, S>(most);
  if (exact < least) return mode == AP_SAT_ZERO ? integer<W, S>(0) : integer<W, S>(least);
  return wrapped;
}

}  // namespace weft_sim

#endif
