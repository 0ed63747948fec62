// ap_fixed<W, I, Q, O> and ap_ufixed<W, I, Q, O>: fixed-point numbers of W bits, I of them before the point.
//
// Written from the public user guide (UG1399), strict rather than complete: see README.md beside it.
#ifndef WEFT_CSIM_AP_FIXED_H
#define WEFT_CSIM_AP_FIXED_H

#include "weft_sim/fixed.h"

#define WEFT_SIM_PUBLIC_FIXED(name, is_signed)                                                                     \
  template <int W, int I, ap_q_mode Q = AP_TRN, ap_o_mode O = AP_WRAP, int N = 0>                                  \
  class name : public weft_sim::fixed<W, I, is_signed, Q, O> {                                                     \
    static_assert(W >= 1 && W <= AP_INT_MAX_W, #name ": a width of 1 ... AP_INT_MAX_W (1024) bits is expected");   \
    static_assert(N == 0, #name ": saturation bits are not supported");                                            \
    using base = weft_sim::fixed<W, I, is_signed, Q, O>;                                                           \
                                                                                                                   \
   public:                                                                                                         \
    name() {} /* not "= default": name() holds no defined value either */                                          \
    template <class T, class = weft_sim::fixed_of<T>> name(const T& source) : base(source) {}                      \
    template <class F, weft_sim::enable_if<std::is_floating_point<F>::value> = 0> name(F source) : base(source) {} \
  };
WEFT_SIM_PUBLIC_FIXED(ap_fixed, true)
WEFT_SIM_PUBLIC_FIXED(ap_ufixed, false)
#undef WEFT_SIM_PUBLIC_FIXED

#endif
