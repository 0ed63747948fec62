// The operators of ap_int and ap_uint, written once for every pair of operands of which one is an ap type.
// Widths of results are those of UG1399, "Arbitrary Precision (AP) Data Types": +, - and * never overflow.
#ifndef WEFT_SIM_OPERATORS_H
#define WEFT_SIM_OPERATORS_H

#include <ostream>

#include "access.h"

namespace weft_sim {

/// Enabled when T is an ap type; when T and U are integers of which one is.
template <class T> using if_arbitrary = enable_if<is_arbitrary<T>::value>;
template <class T, class U>
using if_operands = enable_if<(is_arbitrary<T>::value || is_arbitrary<U>::value) && (integer_of<T>::width > 0) &&
                              (integer_of<U>::width > 0)>;
/// Enabled when T can be assigned to as a whole: an ap_int or ap_uint, no reference to bits of one.
template <class T> using if_target = enable_if<std::is_base_of<integer_of<T>, T>::value>;

/// Facts about a pair of operands.
template <class A, class B> struct pair {
  static constexpr int w1 = A::width, w2 = B::width;
  static constexpr bool s1 = A::sign_flag, s2 = B::sign_flag, any_signed = s1 || s2, mixed = s1 != s2;
  /// The width that holds either operand in the sign of the result.
  static constexpr int either = larger(w1 + (s2 && !s1), w2 + (s1 && !s2));
  /// Mixed signs whose comparison or quotient is not the arithmetic one in every version of the vendor's headers:
  /// there C's conversions apply, which turn a negative number into a large one.
  static constexpr bool trap = mixed && ((s1 ? w2 : w1) >= 32 || larger(w1, w2) > 64);

  using sum = integer<either + 1, any_signed>;
  using difference = integer<either + 1, true>;
  using product = integer<w1 + w2, any_signed>;
  using quotient = integer<w1 + s2, any_signed>;
  using remainder = integer<smaller(w1, w2 + (s1 && !s2)), s1>;
  using logic = integer<either, any_signed>;
};

#define WEFT_SIM_REFUSE_TRAP(A, B, what)                                                                         \
  static_assert(!pair<A, B>::trap,                                                                               \
                "a signed and an unsigned operand of 32 bits or more in a " what                                 \
                ": C's conversions would apply. Cast one side, or write an unsigned literal such as 0u")

// --- + - * & | ^: modular arithmetic in the width of the result ---
//
// Each operation is a function of the result type R. As the type of an operator, R has room for every result; as the
// target of a compound assignment it may not, and the result wraps.

enum class result_is { exact, wrapped };

template <class R, result_is Fit> inline R narrow_result(modular<R::width> bits) {
  return R::exact(Fit == result_is::exact ? native<R::width, R::sign_flag>(bits) : wrap<R::width, R::sign_flag>(bits));
}

#define WEFT_SIM_MODULAR(name, on_natives, on_limbs)                                    \
  struct name {                                                                         \
    template <class R, result_is Fit, class A, class B>                                 \
    static R apply(const A& a, const B& b, std::false_type) {                           \
      const modular<R::width> x(a.stored().low()), y(b.stored().low());                     \
      return narrow_result<R, Fit>(on_natives);                                         \
    }                                                                                   \
    template <class R, result_is Fit, class A, class B>                                 \
    static R apply(const A& a, const B& b, std::true_type) {                            \
      limbs::limb x[R::count], y[R::count], r[R::count];                                \
      for (int i = 0; i < R::count; ++i) {                                              \
        x[i] = a.stored().limb(i);                                                        \
        y[i] = b.stored().limb(i);                                                        \
      }                                                                                 \
      on_limbs;                                                                         \
      return R::from_limbs([&](int i) { return r[i]; });                                \
    }                                                                                   \
  };
WEFT_SIM_MODULAR(add, x + y, limbs::add(r, x, y, R::count))
WEFT_SIM_MODULAR(subtract, x - y, limbs::subtract(r, x, y, R::count))
WEFT_SIM_MODULAR(multiply, x* y, limbs::multiply(r, x, y, R::count))
WEFT_SIM_MODULAR(bit_and, x& y, for (int i = 0; i < R::count; ++i) r[i] = x[i] & y[i])
WEFT_SIM_MODULAR(bit_or, x | y, for (int i = 0; i < R::count; ++i) r[i] = x[i] | y[i])
WEFT_SIM_MODULAR(bit_xor, x ^ y, for (int i = 0; i < R::count; ++i) r[i] = x[i] ^ y[i])
#undef WEFT_SIM_MODULAR

#define WEFT_SIM_OPERATOR(op, operation, result)                                                       \
  template <class T, class U, if_operands<T, U> = 0>                                                   \
  inline typename pair<integer_of<T>, integer_of<U>>::result operator op(const T& a, const U& b) {     \
    using A = integer_of<T>;                                                                           \
    using B = integer_of<U>;                                                                           \
    using R = typename pair<A, B>::result;                                                             \
    return operation::apply<R, result_is::exact>(A(a), B(b), std::integral_constant<bool, R::wide>()); \
  }                                                                                                    \
  template <class T, class U, if_target<T> = 0, class = integer_of<U>>                                 \
  inline T& operator op##=(T& a, const U& b) {                                                         \
    using R = integer_of<T>;                                                                           \
    a = operation::apply<R, result_is::wrapped>(a, R(b), std::integral_constant<bool, R::wide>());     \
    return a;                                                                                          \
  }
WEFT_SIM_OPERATOR(+, add, sum)
WEFT_SIM_OPERATOR(-, subtract, difference)
WEFT_SIM_OPERATOR(*, multiply, product)
WEFT_SIM_OPERATOR(&, bit_and, logic)
WEFT_SIM_OPERATOR(|, bit_or, logic)
WEFT_SIM_OPERATOR(^, bit_xor, logic)
#undef WEFT_SIM_OPERATOR

// --- / and %: towards zero; the remainder has the sign of the dividend ---

template <class A, class B> struct division {
  // One bit more than either operand, so that magnitudes and the quotient of the most negative number by -1 fit.
  static constexpr int width = pair<A, B>::either + 1;
  static constexpr bool wide = width > 64;
  using quotient = typename pair<A, B>::quotient;
  using remainder = typename pair<A, B>::remainder;

  static void divide(const A& a, const B& b, quotient* q, remainder* r) {
    if (b.is_zero()) fail(bad_value, "division by zero");
    divide(a, b, q, r, std::integral_constant<bool, wide>());
  }

 private:
  static void divide(const A& a, const B& b, quotient* q, remainder* r, std::false_type) {
    using common = native<width, pair<A, B>::any_signed>;
    const common x(a.stored().low()), y(b.stored().low());
    if (q) *q = quotient::exact(x / y);
    if (r) *r = remainder::exact(x % y);
  }
  static void divide(const A& a, const B& b, quotient* q, remainder* r, std::true_type) {
    using magnitude = integer<width, false>;
    magnitude x(a), y(b), whole, rest;
    if (a.sign()) x.negate();
    if (b.sign()) y.negate();
    limbs::divide_unsigned(whole.stored().value, rest.stored().value, x.stored().value, y.stored().value, magnitude::count);
    if (a.sign() != b.sign()) whole.negate();
    if (a.sign()) rest.negate();
    if (q) *q = quotient(whole);
    if (r) *r = remainder(rest);
  }
};

template <class T, class U, if_operands<T, U> = 0>
inline typename pair<integer_of<T>, integer_of<U>>::quotient operator/(const T& a, const U& b) {
  WEFT_SIM_REFUSE_TRAP(integer_of<T>, integer_of<U>, "division");
  typename pair<integer_of<T>, integer_of<U>>::quotient result;
  division<integer_of<T>, integer_of<U>>::divide(a, b, &result, nullptr);
  return result;
}
template <class T, class U, if_operands<T, U> = 0>
inline typename pair<integer_of<T>, integer_of<U>>::remainder operator%(const T& a, const U& b) {
  WEFT_SIM_REFUSE_TRAP(integer_of<T>, integer_of<U>, "remainder");
  typename pair<integer_of<T>, integer_of<U>>::remainder result;
  division<integer_of<T>, integer_of<U>>::divide(a, b, nullptr, &result);
  return result;
}
template <class T, class U, if_target<T> = 0, class = integer_of<U>> inline T& operator/=(T& a, const U& b) {
  a = a / b;
  return a;
}
template <class T, class U, if_target<T> = 0, class = integer_of<U>> inline T& operator%=(T& a, const U& b) {
  a = a % b;
  return a;
}

// --- Shifts: the result has the type of the left operand; a negative amount shifts the other way ---

template <class T, enable_if<std::is_integral<T>::value> = 0> inline int shift_amount(T amount) {
  constexpr int limit = 2 * AP_INT_MAX_W;  // beyond any width, and far from overflowing an int
  return amount > T(0) && std::uint64_t(amount) > limit ? limit
         : std::is_signed<T>::value && std::int64_t(amount) < -limit ? -limit
                                                                     : int(amount);
}
template <class T, if_arbitrary<T> = 0> inline int shift_amount(const T& amount) {
  static_assert(integer_of<T>::width <= 64, "the amount of a shift has at most 64 bits");
  return shift_amount(integer_of<T>(amount).stored().low());
}
template <int W, bool S> inline void shift(integer<W, S>& value, int left) {
  if (left >= 0) value.shift_left(left);
  else value.shift_right(-left);
}
template <class T, class U, if_operands<T, U> = 0> inline integer_of<T> operator<<(const T& a, const U& amount) {
  integer_of<T> result(a);
  shift(result, shift_amount(amount));
  return result;
}
template <class T, class U, if_operands<T, U> = 0> inline integer_of<T> operator>>(const T& a, const U& amount) {
  integer_of<T> result(a);
  shift(result, -shift_amount(amount));
  return result;
}
template <class T, class U, if_target<T> = 0, class = integer_of<U>> inline T& operator<<=(T& a, const U& amount) {
  shift(a, shift_amount(amount));
  return a;
}
template <class T, class U, if_target<T> = 0, class = integer_of<U>> inline T& operator>>=(T& a, const U& amount) {
  shift(a, -shift_amount(amount));
  return a;
}

// --- Comparisons ---

/// Negative, zero or positive as a < b, a == b, a > b.
template <class A, class B> inline int compare(const A& a, const B& b, std::false_type) {
  // Mixed signs come here only where the unsigned operand is narrower than the signed type.
  using common = native<larger(pair<A, B>::either, 32), pair<A, B>::any_signed>;
  const common x(a.stored().low()), y(b.stored().low());
  return (x > y) - (x < y);
}
template <class A, class B> inline int compare(const A& a, const B& b, std::true_type) {
  if (a.sign() != b.sign()) return a.sign() ? -1 : 1;
  for (int i = larger(A::count, B::count) - 1; i >= 0; --i) {
    const limbs::limb x = a.stored().limb(i), y = b.stored().limb(i);
    if (x != y) return x < y ? -1 : 1;
  }
  return 0;
}
#define WEFT_SIM_COMPARISON(op)                                                                  \
  template <class T, class U, if_operands<T, U> = 0> inline bool operator op(const T& a, const U& b) { \
    using A = integer_of<T>;                                                                     \
    using B = integer_of<U>;                                                                     \
    WEFT_SIM_REFUSE_TRAP(A, B, "comparison");                                                    \
    return compare(A(a), B(b), std::integral_constant<bool, (A::wide || B::wide)>()) op 0;       \
  }
WEFT_SIM_COMPARISON(==)
WEFT_SIM_COMPARISON(!=)
WEFT_SIM_COMPARISON(<)
WEFT_SIM_COMPARISON(<=)
WEFT_SIM_COMPARISON(>)
WEFT_SIM_COMPARISON(>=)
#undef WEFT_SIM_COMPARISON
#undef WEFT_SIM_REFUSE_TRAP

// --- Operators of one operand ---

template <int W, bool S> inline integer<W, S> operator+(const integer<W, S>& a) { return a; }
template <int W, bool S> inline integer<W + 1, true> operator-(const integer<W, S>& a) {
  return integer<W + 1, true>(0 - a);
}
template <int W, bool S> inline integer<W, S> operator~(const integer<W, S>& a) {
  return integer<W, S>::from_limbs([&](int i) { return ~a.stored().limb(i); });
}
template <int W, bool S> inline bool operator!(const integer<W, S>& a) { return a.is_zero(); }
template <class T, if_target<T> = 0> inline T& operator++(T& a) { return a += 1; }
template <class T, if_target<T> = 0> inline T& operator--(T& a) { return a -= 1; }
template <class T, if_target<T> = 0> inline T operator++(T& a, int) {
  const T before = a;
  a += 1;
  return before;
}
template <class T, if_target<T> = 0> inline T operator--(T& a, int) {
  const T before = a;
  a -= 1;
  return before;
}

// --- Concatenation: (high, low). The result is const: the vendor's can also be assigned to, this cannot ---

template <class T, class U> struct is_concatenation {
  static constexpr bool value =
      std::is_base_of<integer_of<T>, T>::value && std::is_base_of<integer_of<U>, U>::value;
};
template <class T, class U, if_operands<T, U> = 0, enable_if<is_concatenation<T, U>::value> = 0>
inline const integer<T::width + U::width, false> operator,(const T& high, const U& low) {
  integer<T::width + U::width, false> result = integer<T::width, false>(high);
  result.shift_left(U::width);
  return result | integer<U::width, false>(low);
}
/// Of operands whose width is not in their type (a range, a native integer): give each its width with an ap_uint first.
template <class T, class U, if_operands<T, U> = 0, enable_if<!is_concatenation<T, U>::value> = 0>
void operator,(const T& high, const U& low) = delete;

// --- Mixed with floating-point: ambiguous or missing in the vendor's headers. Convert explicitly: float(a) * scale ---

template <class T, class U>
using if_mixed_with_float = enable_if<(is_arbitrary<T>::value && std::is_floating_point<U>::value) ||
                                      (std::is_floating_point<T>::value && is_arbitrary<U>::value)>;
#define WEFT_SIM_NO_FLOAT(op) \
  template <class T, class U, if_mixed_with_float<T, U> = 0> void operator op(const T&, const U&) = delete;
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

// --- Printing: as a number, in the stream's base ---

template <int W, bool S> inline std::ostream& operator<<(std::ostream& out, const integer<W, S>& a) {
  return out << a.to_string((out.flags() & std::ios_base::basefield) == std::ios_base::hex ? 16 : 10);
}
template <class Integer> inline std::ostream& operator<<(std::ostream& out, const range_reference<Integer>& a) {
  return out << integer<Integer::width, false>(a);
}

}  // namespace weft_sim

#endif
