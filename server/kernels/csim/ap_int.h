// ap_int<W> and ap_uint<W>: integers of 1 to 1024 bits for C simulation without the vendor's tools.
//
// Written from the public user guide (UG1399). Where the guide leaves room, or where the vendor's versions differ, this
// header refuses to compile rather than to guess: see README.md beside it.
#ifndef WEFT_CSIM_AP_INT_H
#define WEFT_CSIM_AP_INT_H

#include "weft_sim/operators.h"

template <int W> class ap_int;
template <int W> class ap_uint;

#define WEFT_SIM_PUBLIC_INTEGER(name, is_signed)                                                              \
  template <int W> class name : public weft_sim::integer<W, is_signed> {                                      \
    static_assert(W >= 1, #name ": a width of at least 1 bit is expected");                                   \
    static_assert(W <= AP_INT_MAX_W, #name ": define AP_INT_MAX_W before the first include of ap_int.h");     \
    using base = weft_sim::integer<W, is_signed>;                                                             \
                                                                                                              \
   public:                                                                                                    \
    name() {} /* not "= default": name() holds no defined value either */                                     \
    template <class T, class = weft_sim::integer_of<T>> name(const T& source) : base(source) {}               \
    template <class F, weft_sim::enable_if<std::is_floating_point<F>::value> = 0>                             \
    explicit name(F source) : base(source) {}                                                                 \
    explicit name(const char* digits, int radix = 10) : base(digits, radix) {}                                \
  };
WEFT_SIM_PUBLIC_INTEGER(ap_int, true)
WEFT_SIM_PUBLIC_INTEGER(ap_uint, false)
#undef WEFT_SIM_PUBLIC_INTEGER

#endif
