// The types in which tensors and weights travel, from their definitions, and tensors in them.
#ifndef WEFT_TB_REFERENCE_TYPES_H
#define WEFT_TB_REFERENCE_TYPES_H

#include <cmath>
#include <cstddef>
#include <cstdint>

#include "matrix.h"

namespace reference {

inline double half_to_even(double value) {
  const double below = std::floor(value);
  const double rest = value - below;
  return rest > 0.5 || (rest == 0.5 && std::fmod(below, 2.0) != 0.0) ? below + 1.0 : below;
}

/// A type in which tensors and weights travel. Integers of BITS bits count steps: half to even, then saturated.
template <int BITS> struct integer_type {
  using value = std::int16_t;
  static constexpr int bits = BITS;
  /// Between a value and the next one.
  static double spacing(double) { return 1.0; }
  static double saturated(double x) {
    const double limit = static_cast<double>(1 << (BITS - 1));
    return std::fmin(limit - 1.0, std::fmax(-limit, x));
  }
  static value of(double x) { return static_cast<value>(saturated(half_to_even(x))); }
  static std::uint32_t code(value x) { return static_cast<std::uint32_t>(x) & ((1u << BITS) - 1u); }
  static value decoded(std::uint32_t code) {
    const int x = static_cast<int>(code & ((1u << BITS) - 1u));
    return static_cast<value>(x >= 1 << (BITS - 1) ? x - (1 << BITS) : x);
  }
};

/// Floating point of EXPONENT and FRACTION bits: half to even, saturated, 0 below the least normal number. No infinities.
template <int EXPONENT, int FRACTION> struct float_type {
  using value = float;
  static constexpr int bits = 1 + EXPONENT + FRACTION;
  static constexpr int bias = (1 << (EXPONENT - 1)) - 1;
  static double least() { return std::ldexp(1.0, 1 - bias); }
  /// Between a number and the next one; as large around 0 that less than half of it is 0.
  static double spacing(double x) {
    if (std::fabs(x) < least()) return 2.0 * least();
    int exponent = 0;
    std::frexp(x, &exponent);
    return std::ldexp(1.0, exponent - FRACTION - 1);
  }
  static double saturated(double x) {
    const double limit = std::ldexp(2.0 - std::ldexp(1.0, -FRACTION), bias);
    return std::fmin(limit, std::fmax(-limit, x));
  }
  static value of(double x) {
    if (std::fabs(x) < least()) return 0.0f;
    int exponent = 0;
    const double fraction = std::frexp(x, &exponent);
    const double rounded = half_to_even(std::ldexp(fraction, FRACTION + 1));
    return static_cast<value>(saturated(std::ldexp(rounded, exponent - FRACTION - 1)));
  }
  static std::uint32_t code(value x) {
    if (x == 0.0f) return 0;
    int exponent = 0;
    const double fraction = std::frexp(std::fabs(static_cast<double>(x)), &exponent);
    const std::uint32_t significand = static_cast<std::uint32_t>(std::ldexp(fraction, FRACTION + 1));
    const std::uint32_t sign = x < 0.0f ? 1u : 0u;
    return sign << (EXPONENT + FRACTION) | static_cast<std::uint32_t>(exponent - 1 + bias) << FRACTION |
           (significand & ((1u << FRACTION) - 1u));
  }
  static value decoded(std::uint32_t code) {
    const int exponent = static_cast<int>(code >> FRACTION & ((1u << EXPONENT) - 1u));
    if (exponent == 0) return 0.0f;
    const double significand = static_cast<double>((code & ((1u << FRACTION) - 1u)) | 1u << FRACTION);
    const double size = std::ldexp(significand, exponent - bias - FRACTION);
    return static_cast<value>((code >> (EXPONENT + FRACTION) & 1u) != 0 ? -size : size);
  }
};

/// The values of a tensor in the type in which it travels.
template <class TYPE> matrix<typename TYPE::value> narrowed(const reals &x, double scale) {
  matrix<typename TYPE::value> y(x.rows, x.columns);
  for (std::size_t i = 0; i < x.values.size(); ++i) y.values[i] = TYPE::of(x.values[i] / scale);
  return y;
}

/// The same without rounding: how many steps a value is, as far as the type goes.
template <class TYPE> reals steps(reals x, double scale) {
  for (double &value : x.values) value = TYPE::saturated(value / scale);
  return x;
}

template <class T> reals to_real(const matrix<T> &x, double scale) {
  reals y(x.rows, x.columns);
  for (std::size_t i = 0; i < x.values.size(); ++i) y.values[i] = scale * static_cast<double>(x.values[i]);
  return y;
}

template <class T> reals to_real(const matrix<T> &x) { return to_real(x, 1.0); }

}  // namespace reference

#endif
