// fixed<W, I, S, Q, O>: the value behind ap_fixed and ap_ufixed: an integer of W bits counted in units of 2^(I - W).
#ifndef WEFT_SIM_FIXED_H
#define WEFT_SIM_FIXED_H

#include "../ap_int.h"
#include "quantise.h"

namespace weft_sim {

template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O> class fixed;

// --- What may stand beside an ap_fixed, and which fixed-point number it counts as ---

template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
fixed<W, I, S, Q, O> as_fixed(const fixed<W, I, S, Q, O>*);
template <class T, class Integer = decltype(as_integer(static_cast<const T*>(nullptr)))>
fixed<Integer::width, Integer::width, Integer::sign_flag, AP_TRN, AP_WRAP> as_fixed(const T*);

template <class T> using fixed_of = decltype(as_fixed(static_cast<const T*>(nullptr)));

template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O> std::true_type tests_fixed(const fixed<W, I, S, Q, O>*);
std::false_type tests_fixed(const void*);
template <class T> using is_fixed = decltype(tests_fixed(static_cast<const T*>(nullptr)));

template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O> class fixed {
  static_assert(O != AP_WRAP_SM, "AP_WRAP_SM is not supported");

 public:
  static constexpr int width = W, iwidth = I, fraction = W - I;
  static constexpr bool sign_flag = S;
  using integer_type = integer<W, S>;

  /// Holds no defined value, as an ap_int does.
  fixed() {}
  /// From any fixed-point number or integer, by the modes of this type.
  template <class T, class = fixed_of<T>> fixed(const T& source) { assign(fixed_of<T>::view(source)); }
  /// From a floating-point value, by the modes of this type.
  template <class F, enable_if<std::is_floating_point<F>::value> = 0> fixed(F source) {
    if (!std::isfinite(source)) fail(bad_value, "an ap_fixed was given an infinity or a NaN");
    int exponent = 0;
    const auto mantissa = std::int64_t(std::ldexp(std::frexp(double(source), &exponent), 53));
    const int shift = exponent - 53 + fraction;
    if (shift < 0) {
      // Below the mantissa's 53 bits all that matters is that something was lost.
      raw_ = fitted<W, S>(quantised(integer<64, true>(mantissa), smaller(-shift, 60), Q), O);
    } else {
      // Beyond W bits the value is too large (or, modulo 2^W, zero) whatever its exact size.
      integer<W + 64, true> shifted(mantissa);
      shifted.shift_left(smaller(shift, W + 2));
      raw_ = fitted<W, S>(shifted, O);
    }
  }

  static fixed from_raw(const integer_type& raw) {
    fixed result;
    result.raw_ = raw;
    return result;
  }
  const integer_type& raw() const { return raw_; }

  // Bits, numbered from the lowest one of the fraction.
  bit_reference<const integer_type> operator[](int i) const { return raw_[i]; }
  bit_reference<integer_type> operator[](int i) { return raw_[i]; }
  range_reference<const integer_type> range(int high, int low) const { return raw_.range(high, low); }
  range_reference<integer_type> range(int high, int low) { return raw_.range(high, low); }
  range_reference<const integer_type> range() const { return raw_.range(); }
  range_reference<integer_type> range() { return raw_.range(); }
  range_reference<const integer_type> operator()(int high, int low) const { return raw_.range(high, low); }
  range_reference<integer_type> operator()(int high, int low) { return raw_.range(high, low); }

  double to_double() const { return std::ldexp(raw_.to_double(), -fraction); }
  float to_float() const { return float(to_double()); }
  int to_int() const { return whole().to_int(); }
  std::int64_t to_int64() const { return whole().to_int64(); }
  int length() const { return W; }
  bool sign() const { return raw_.sign(); }
  bool is_zero() const { return raw_.is_zero(); }

  /// Towards zero, unlike a conversion to an ap_fixed without a fraction.
  template <int W2> operator ap_int<W2>() const { return ap_int<W2>(whole()); }
  template <int W2> operator ap_uint<W2>() const { return ap_uint<W2>(whole()); }
  template <class T, enable_if<std::is_integral<T>::value && !std::is_same<T, bool>::value> = 0>
  explicit operator T() const { return T(whole().to_int64()); }
  explicit operator bool() const { return !is_zero(); }
  explicit operator double() const { return to_double(); }
  explicit operator float() const { return to_float(); }

  fixed& operator<<=(int amount) {
    shift(raw_, amount);
    return *this;
  }
  fixed& operator>>=(int amount) {
    shift(raw_, -amount);
    return *this;
  }

  // The parts that operators are made of; not part of the documented interface.
  static const fixed& view(const fixed& source) { return source; }
  template <class T, class = integer_of<T>> static fixed view(const T& source) {
    return from_raw(integer_type(source));
  }
  /// The raw value counted in units of 2^-Fraction, Fraction >= fraction: nothing is lost.
  template <int Fraction> integer<W + Fraction - fraction, S> aligned() const {
    integer<W + Fraction - fraction, S> result(raw_);
    result.shift_left(Fraction - fraction);
    return result;
  }

 private:
  template <int W2, int I2, bool S2, ap_q_mode Q2, ap_o_mode O2> void assign(const fixed<W2, I2, S2, Q2, O2>& source) {
    constexpr int dropped = larger(W2 - I2 - fraction, 0);
    constexpr int all = larger(W2 - I2, fraction);
    // Two bits more than the source has: its sign if it is unsigned, and a carry from rounding.
    using room = integer<larger(W2 + all - (W2 - I2), dropped) + 2, true>;
    raw_ = fitted<W, S>(quantised(room(source.template aligned<all>()), dropped, Q), O);
  }
  integer<larger(I, 1) + 1, true> whole() const {
    static_assert(I > 0, "an ap_fixed without integer bits converts to integers differently in different versions");
    constexpr int dropped = larger(fraction, 0);
    using room = integer<larger(W + dropped - fraction, dropped) + 2, true>;
    return quantised(room(aligned<dropped>()), dropped, AP_TRN_ZERO);
  }

  integer_type raw_;
};

// --- Operators: results are wide enough to be exact, and truncate and wrap; the target's modes act on assignment ---

template <class A, class B> struct fixed_pair {
  static constexpr int fraction = larger(A::fraction, B::fraction);
  static constexpr bool any_signed = A::sign_flag || B::sign_flag;
  static constexpr int whole =
      larger(A::iwidth + (B::sign_flag && !A::sign_flag), B::iwidth + (A::sign_flag && !B::sign_flag)) + 1;
  using sum = fixed<whole + fraction, whole, any_signed, AP_TRN, AP_WRAP>;
  using difference = fixed<whole + fraction, whole, true, AP_TRN, AP_WRAP>;
  using product = fixed<A::width + B::width, A::iwidth + B::iwidth, any_signed, AP_TRN, AP_WRAP>;
};

template <class T, class U>
using if_fixed_operands = enable_if<(is_fixed<T>::value || is_fixed<U>::value) && (fixed_of<T>::width > 0) &&
                                    (fixed_of<U>::width > 0)>;

template <class T, class U, if_fixed_operands<T, U> = 0>
typename fixed_pair<fixed_of<T>, fixed_of<U>>::sum operator+(const T& a, const U& b) {
  using P = fixed_pair<fixed_of<T>, fixed_of<U>>;
  return P::sum::from_raw(fixed_of<T>::view(a).template aligned<P::fraction>() +
                          fixed_of<U>::view(b).template aligned<P::fraction>());
}
template <class T, class U, if_fixed_operands<T, U> = 0>
typename fixed_pair<fixed_of<T>, fixed_of<U>>::difference operator-(const T& a, const U& b) {
  using P = fixed_pair<fixed_of<T>, fixed_of<U>>;
  return P::difference::from_raw(fixed_of<T>::view(a).template aligned<P::fraction>() -
                                 fixed_of<U>::view(b).template aligned<P::fraction>());
}
template <class T, class U, if_fixed_operands<T, U> = 0>
typename fixed_pair<fixed_of<T>, fixed_of<U>>::product operator*(const T& a, const U& b) {
  using P = fixed_pair<fixed_of<T>, fixed_of<U>>;
  return P::product::from_raw(fixed_of<T>::view(a).raw() * fixed_of<U>::view(b).raw());
}
/// The width of a quotient is a choice that the vendor's versions make; multiply by a reciprocal instead.
template <class T, class U, if_fixed_operands<T, U> = 0> void operator/(const T&, const U&) = delete;

template <class T, class U, if_fixed_operands<T, U> = 0, enable_if<is_fixed<T>::value> = 0>
T& operator+=(T& a, const U& b) { return a = T(a + b); }
template <class T, class U, if_fixed_operands<T, U> = 0, enable_if<is_fixed<T>::value> = 0>
T& operator-=(T& a, const U& b) { return a = T(a - b); }
template <class T, class U, if_fixed_operands<T, U> = 0, enable_if<is_fixed<T>::value> = 0>
T& operator*=(T& a, const U& b) { return a = T(a * b); }

template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
fixed<W + 1, I + 1, true, AP_TRN, AP_WRAP> operator-(const fixed<W, I, S, Q, O>& a) {
  return fixed<W + 1, I + 1, true, AP_TRN, AP_WRAP>::from_raw(-a.raw());
}
template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
fixed<W, I, S, Q, O> operator+(const fixed<W, I, S, Q, O>& a) { return a; }
/// Shifts keep the type: bits that leave it are lost.
template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
fixed<W, I, S, Q, O> operator<<(fixed<W, I, S, Q, O> a, int amount) { return a <<= amount; }
template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
fixed<W, I, S, Q, O> operator>>(fixed<W, I, S, Q, O> a, int amount) { return a >>= amount; }

#define WEFT_SIM_FIXED_COMPARISON(op)                                                                             \
  template <class T, class U, if_fixed_operands<T, U> = 0> bool operator op(const T& a, const U& b) {             \
    constexpr int fraction = fixed_pair<fixed_of<T>, fixed_of<U>>::fraction;                                      \
    return fixed_of<T>::view(a).template aligned<fraction>() op fixed_of<U>::view(b).template aligned<fraction>(); \
  }
WEFT_SIM_FIXED_COMPARISON(==)
WEFT_SIM_FIXED_COMPARISON(!=)
WEFT_SIM_FIXED_COMPARISON(<)
WEFT_SIM_FIXED_COMPARISON(<=)
WEFT_SIM_FIXED_COMPARISON(>)
WEFT_SIM_FIXED_COMPARISON(>=)
#undef WEFT_SIM_FIXED_COMPARISON

// Mixed with floating-point: ambiguous in the vendor's headers. Make the constant an ap_fixed first.
template <class T, class U>
using if_fixed_with_float = enable_if<(is_fixed<T>::value && std::is_floating_point<U>::value) ||
                                      (std::is_floating_point<T>::value && is_fixed<U>::value)>;
#define WEFT_SIM_NO_FLOAT(op) \
  template <class T, class U, if_fixed_with_float<T, U> = 0> void operator op(const T&, const U&) = delete;
WEFT_SIM_NO_FLOAT(+)
WEFT_SIM_NO_FLOAT(-)
WEFT_SIM_NO_FLOAT(*)
WEFT_SIM_NO_FLOAT(/)
WEFT_SIM_NO_FLOAT(==)
WEFT_SIM_NO_FLOAT(!=)
WEFT_SIM_NO_FLOAT(<)
WEFT_SIM_NO_FLOAT(<=)
WEFT_SIM_NO_FLOAT(>)
WEFT_SIM_NO_FLOAT(>=)
#undef WEFT_SIM_NO_FLOAT

template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O>
std::ostream& operator<<(std::ostream& out, const fixed<W, I, S, Q, O>& a) { return out << a.to_double(); }

}  // namespace weft_sim

#endif
