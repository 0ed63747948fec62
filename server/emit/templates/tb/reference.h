// What each operator of a layer computes, in plain loops over row-major matrices.
//
// This file is written from the operators' definitions. It includes no kernel header and shares no code with the kernels, so
// that a mistake in the one cannot hide in the other. Integer operators are exact; the others are computed in double.
#ifndef WEFT_TB_REFERENCE_H
#define WEFT_TB_REFERENCE_H

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace reference {

template <class T> struct matrix {
  int rows = 0;
  int columns = 0;
  std::vector<T> values;

  matrix() = default;
  matrix(int rows, int columns)
      : rows(rows), columns(columns), values(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns)) {}
  T &at(int row, int column) {
    return values[static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) + static_cast<std::size_t>(column)];
  }
  const T &at(int row, int column) const {
    return values[static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) + static_cast<std::size_t>(column)];
  }
};

using reals = matrix<double>;

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

template <class T> matrix<T> absolute(matrix<T> x) {
  for (T &value : x.values) value = value < 0 ? static_cast<T>(-value) : value;
  return x;
}

inline std::vector<float> absolute(std::vector<float> x) {
  for (float &value : x) value = std::fabs(value);
  return x;
}

/// The first rows of a matrix, its last ones, and one matrix below another.
template <class T> matrix<T> first_rows(const matrix<T> &x, int count) {
  matrix<T> y(count, x.columns);
  for (int i = 0; i < count; ++i) {
    for (int j = 0; j < x.columns; ++j) y.at(i, j) = x.at(i, j);
  }
  return y;
}

template <class T> matrix<T> last_rows(const matrix<T> &x, int count) {
  matrix<T> y(count, x.columns);
  for (int i = 0; i < count; ++i) {
    for (int j = 0; j < x.columns; ++j) y.at(i, j) = x.at(x.rows - count + i, j);
  }
  return y;
}

template <class T> matrix<T> below(matrix<T> x, const matrix<T> &y) {
  x.values.insert(x.values.end(), y.values.begin(), y.values.end());
  x.rows += y.rows;
  return x;
}

/// x [rows x reduction] times w [reduction x columns], some columns of w at a time, which stay in the processor's cache.
template <class SUM, class T, class WEIGHT> matrix<SUM> product(const matrix<T> &x, const matrix<WEIGHT> &w) {
  constexpr int together = 64;
  matrix<SUM> y(x.rows, w.columns);
  for (int from = 0; from < w.columns; from += together) {
    const int count = from + together < w.columns ? together : w.columns - from;
    for (int i = 0; i < x.rows; ++i) {
      SUM *const sums = &y.at(i, from);
      for (int k = 0; k < x.columns; ++k) {
        const SUM factor = static_cast<SUM>(x.at(i, k));
        const WEIGHT *const weights = &w.at(k, from);
        for (int j = 0; j < count; ++j) sums[j] += factor * static_cast<SUM>(weights[j]);
      }
    }
  }
  return y;
}

/// Windows over an image of height x width pixels, a row of the matrix each, `stride` apart, on an edge of `pad` pixels.
struct window {
  int height;
  int width;
  int size;
  int stride;
  int pad;

  int out_height() const { return (height + 2 * pad - size) / stride + 1; }
  int out_width() const { return (width + 2 * pad - size) / stride + 1; }
  /// Calls f(row of the result, tap, row of the image) for every tap that lies inside of the image.
  template <class F> void each(F f) const {
    for (int y = 0; y < out_height(); ++y) {
      for (int x = 0; x < out_width(); ++x) {
        for (int tap = 0; tap < size * size; ++tap) {
          const int row = y * stride - pad + tap / size, column = x * stride - pad + tap % size;
          if (row >= 0 && row < height && column >= 0 && column < width) f(y * out_width() + x, tap, row * width + column);
        }
      }
    }
  }
};

/// w [taps * channels x columns], tap by tap; outside of the image all is 0.
template <class SUM, class T, class W>
matrix<SUM> convolution(const matrix<T> &x, const matrix<W> &w, const window &over) {
  matrix<SUM> y(over.out_height() * over.out_width(), w.columns);
  over.each([&](int out, int tap, int in) {
    for (int c = 0; c < x.columns; ++c) {
      const SUM factor = static_cast<SUM>(x.at(in, c));
      for (int n = 0; n < w.columns; ++n) y.at(out, n) += factor * static_cast<SUM>(w.at(tap * x.columns + c, n));
    }
  });
  return y;
}

template <class T> matrix<T> greatest(const matrix<T> &x, const window &over) {
  matrix<T> y(over.out_height() * over.out_width(), x.columns);
  for (T &value : y.values) value = std::numeric_limits<T>::lowest();
  over.each([&](int out, int, int in) {
    for (int c = 0; c < x.columns; ++c) y.at(out, c) = x.at(in, c) > y.at(out, c) ? x.at(in, c) : y.at(out, c);
  });
  return y;
}

template <class T> matrix<T> window_sums(const matrix<T> &x, const window &over) {
  matrix<T> y(over.out_height() * over.out_width(), x.columns);
  over.each([&](int out, int, int in) {
    for (int c = 0; c < x.columns; ++c) y.at(out, c) += x.at(in, c);
  });
  return y;
}

/// One row: pixel after pixel, the channels of a pixel side by side.
template <class T> matrix<T> flatten(const matrix<T> &x) {
  matrix<T> y(1, x.rows * x.columns);
  y.values = x.values;
  return y;
}

template <class T> matrix<std::int32_t> widened(const matrix<T> &x) {
  matrix<std::int32_t> y(x.rows, x.columns);
  for (std::size_t i = 0; i < x.values.size(); ++i) y.values[i] = x.values[i];
  return y;
}

/// Per head: q [rows x heads * width] against k [keys x key_heads * width]; column h * keys + j is head h, key j.
template <class SUM, class T> matrix<SUM> scores(const matrix<T> &q, const matrix<T> &k, int heads, int key_heads) {
  const int width = q.columns / heads;
  matrix<SUM> y(q.rows, heads * k.rows);
  for (int i = 0; i < q.rows; ++i) {
    for (int h = 0; h < heads; ++h) {
      const int shared = h / (heads / key_heads);
      for (int j = 0; j < k.rows; ++j) {
        SUM sum = 0;
        for (int c = 0; c < width; ++c) {
          sum += static_cast<SUM>(q.at(i, h * width + c)) * static_cast<SUM>(k.at(j, shared * width + c));
        }
        y.at(i, h * k.rows + j) = sum;
      }
    }
  }
  return y;
}

/// Per head: p [rows x heads * keys] times v [keys x key_heads * width].
template <class SUM, class T> matrix<SUM> context(const matrix<T> &p, const matrix<T> &v, int heads, int key_heads) {
  const int width = v.columns / key_heads;
  matrix<SUM> y(p.rows, heads * width);
  for (int i = 0; i < p.rows; ++i) {
    for (int h = 0; h < heads; ++h) {
      const int shared = h / (heads / key_heads);
      for (int j = 0; j < v.rows; ++j) {
        const SUM factor = static_cast<SUM>(p.at(i, h * v.rows + j));
        for (int c = 0; c < width; ++c) y.at(i, h * width + c) += factor * static_cast<SUM>(v.at(j, shared * width + c));
      }
    }
  }
  return y;
}

/// The scale and the bias of an integer product, as the design does them: in single precision, one multiply, one add.
template <class SUM>
matrix<float> scaled(const matrix<SUM> &x, const std::vector<float> &multiplier, const std::vector<float> &bias) {
  matrix<float> y(x.rows, x.columns);
  for (int i = 0; i < x.rows; ++i) {
    for (int j = 0; j < x.columns; ++j) {
      const float product = static_cast<float>(x.at(i, j)) * multiplier[static_cast<std::size_t>(j)];
      y.at(i, j) = product + bias[static_cast<std::size_t>(j)];
    }
  }
  return y;
}

template <class SUM> matrix<float> scaled(const matrix<SUM> &x, float multiplier) {
  matrix<float> y(x.rows, x.columns);
  for (std::size_t i = 0; i < x.values.size(); ++i) y.values[i] = static_cast<float>(x.values[i]) * multiplier;
  return y;
}

/// Integer sums as the real values that they stand for: step of the weights, one a column, times step of the input; bias.
template <class SUM>
reals dequantised(const matrix<SUM> &x, const std::vector<float> &weight_step, double in_step, const std::vector<double> &bias) {
  reals y(x.rows, x.columns);
  for (int i = 0; i < x.rows; ++i) {
    for (int j = 0; j < x.columns; ++j) {
      const std::size_t column = static_cast<std::size_t>(j);
      y.at(i, j) = static_cast<double>(weight_step[column]) * in_step * static_cast<double>(x.at(i, j)) + bias[column];
    }
  }
  return y;
}

/// Weights as the real values that they stand for, one step a column.
template <class T> reals dequantised(const matrix<T> &weights, const std::vector<float> &step) {
  reals y(weights.rows, weights.columns);
  for (int i = 0; i < y.rows; ++i) {
    for (int j = 0; j < y.columns; ++j) {
      y.at(i, j) = static_cast<double>(step[static_cast<std::size_t>(j)]) * static_cast<double>(weights.at(i, j));
    }
  }
  return y;
}

template <class TYPE> matrix<typename TYPE::value> saturated(const matrix<float> &x) {
  matrix<typename TYPE::value> y(x.rows, x.columns);
  for (std::size_t i = 0; i < x.values.size(); ++i) y.values[i] = TYPE::of(static_cast<double>(x.values[i]));
  return y;
}

inline reals biased(reals y, const std::vector<double> &bias) {
  for (int i = 0; i < y.rows; ++i) {
    for (int j = 0; j < y.columns; ++j) y.at(i, j) += bias[static_cast<std::size_t>(j)];
  }
  return y;
}

inline reals linear(const reals &x, const reals &w, const std::vector<double> &bias) {
  return biased(product<double>(x, w), bias);
}

inline reals times(reals x, double factor) {
  for (double &value : x.values) value *= factor;
  return x;
}

/// A row sees the keys up to its own: minus infinity elsewhere. `past`: keys in front of the first row.
inline reals causal(reals x, int heads, int past) {
  const int keys = x.columns / heads;
  for (int i = 0; i < x.rows; ++i) {
    for (int h = 0; h < heads; ++h) {
      for (int j = past + i + 1; j < keys; ++j) x.at(i, h * keys + j) = -std::numeric_limits<double>::infinity();
    }
  }
  return x;
}

/// Over the keys of each head.
inline reals softmax(const reals &x, int heads) {
  const int keys = x.columns / heads;
  reals y(x.rows, x.columns);
  for (int i = 0; i < x.rows; ++i) {
    for (int h = 0; h < heads; ++h) {
      double greatest = -std::numeric_limits<double>::infinity();
      for (int j = 0; j < keys; ++j) greatest = std::fmax(greatest, x.at(i, h * keys + j));
      double sum = 0.0;
      for (int j = 0; j < keys; ++j) sum += std::exp(x.at(i, h * keys + j) - greatest);
      for (int j = 0; j < keys; ++j) y.at(i, h * keys + j) = std::exp(x.at(i, h * keys + j) - greatest) / sum;
    }
  }
  return y;
}

/// Softmax of the scores of each head times v, `tile` keys at a time as attention.h has it: weights in steps of 1/127 of the
/// greatest score so far, of which what has been summed up before is rescaled.
template <class T>
reals tiled(const reals &scores, const matrix<T> &v, int heads, int kv_heads, int tile) {
  const int keys = scores.columns / heads;
  const int width = v.columns / kv_heads;
  reals y(scores.rows, heads * width);
  for (int i = 0; i < scores.rows; ++i) {
    for (int h = 0; h < heads; ++h) {
      const int first = h / (heads / kv_heads) * width;
      double greatest = -std::numeric_limits<double>::infinity();
      double total = 0.0;
      std::vector<double> context(static_cast<std::size_t>(width), 0.0);
      for (int from = 0; from < keys; from += tile) {
        const int to = from + tile < keys ? from + tile : keys;
        double moved = greatest;
        for (int j = from; j < to; ++j) moved = std::fmax(moved, scores.at(i, h * keys + j));
        const double factor = from == 0 ? 0.0 : std::exp(greatest - moved);
        greatest = moved;
        total *= factor;
        for (double &value : context) value *= factor;
        for (int j = from; j < to; ++j) {
          const double p = half_to_even(127.0 * std::exp(scores.at(i, h * keys + j) - greatest));
          total += p;
          for (int c = 0; c < width; ++c) context[static_cast<std::size_t>(c)] += p * static_cast<double>(v.at(j, first + c));
        }
      }
      for (int c = 0; c < width; ++c) y.at(i, h * width + c) = context[static_cast<std::size_t>(c)] / total;
    }
  }
  return y;
}

inline reals layernorm(const reals &x, const std::vector<double> &gain, const std::vector<double> &bias, double epsilon) {
  reals y(x.rows, x.columns);
  for (int i = 0; i < x.rows; ++i) {
    double mean = 0.0;
    for (int j = 0; j < x.columns; ++j) mean += x.at(i, j);
    mean /= x.columns;
    double variance = 0.0;
    for (int j = 0; j < x.columns; ++j) variance += (x.at(i, j) - mean) * (x.at(i, j) - mean);
    variance /= x.columns;
    const double inverse = 1.0 / std::sqrt(variance + epsilon);
    for (int j = 0; j < x.columns; ++j) {
      y.at(i, j) = (x.at(i, j) - mean) * inverse * gain[static_cast<std::size_t>(j)] + bias[static_cast<std::size_t>(j)];
    }
  }
  return y;
}

inline reals rmsnorm(const reals &x, const std::vector<double> &gain, double epsilon) {
  reals y(x.rows, x.columns);
  for (int i = 0; i < x.rows; ++i) {
    double squares = 0.0;
    for (int j = 0; j < x.columns; ++j) squares += x.at(i, j) * x.at(i, j);
    const double inverse = 1.0 / std::sqrt(squares / x.columns + epsilon);
    for (int j = 0; j < x.columns; ++j) y.at(i, j) = x.at(i, j) * inverse * gain[static_cast<std::size_t>(j)];
  }
  return y;
}

/// The angle by which row `position` turns pair `pair` of a head of `width` columns.
inline double angle(int position, int pair, int width, double base) {
  return position * std::pow(base, -2.0 * pair / width);
}

/// Columns i and i + width / 2 of every head as a point in the plane, turned; the first row stands at position `past`.
inline reals rope(const reals &x, int width, int past, double base) {
  reals y(x.rows, x.columns);
  for (int i = 0; i < x.rows; ++i) {
    for (int j = 0; j < x.columns; ++j) {
      const int pair = j % width % (width / 2);
      const double turn = angle(past + i, pair, width, base);
      const bool low = j % width < width / 2;
      const double other = low ? -x.at(i, j + width / 2) : x.at(i, j - width / 2);
      y.at(i, j) = x.at(i, j) * std::cos(turn) + other * std::sin(turn);
    }
  }
  return y;
}

inline reals silu(reals x) {
  for (double &value : x.values) value = value / (1.0 + std::exp(-value));
  return x;
}

/// x times the normal distribution's cumulative function.
inline reals gelu_erf(reals x) {
  for (double &value : x.values) value = 0.5 * value * std::erfc(-value / std::sqrt(2.0));
  return x;
}

/// The approximation of it that GPT-2 was trained with.
inline reals gelu_tanh(reals x) {
  const double scale = std::sqrt(2.0 / 3.14159265358979323846);
  for (double &value : x.values) {
    value = 0.5 * value * (1.0 + std::tanh(scale * (value + 0.044715 * value * value * value)));
  }
  return x;
}

template <class T> matrix<T> relu(matrix<T> x) {
  for (T &value : x.values) value = value > 0 ? value : 0;
  return x;
}

inline reals add(const reals &a, const reals &b) {
  reals y(a.rows, a.columns);
  for (std::size_t i = 0; i < a.values.size(); ++i) y.values[i] = a.values[i] + b.values[i];
  return y;
}

inline reals mul(const reals &a, const reals &b) {
  reals y(a.rows, a.columns);
  for (std::size_t i = 0; i < a.values.size(); ++i) y.values[i] = a.values[i] * b.values[i];
  return y;
}

/// Root of the mean square of the difference, relative to that of what was expected.
inline double relative_rms(const reals &expected, const reals &found) {
  double difference = 0.0, size = 0.0;
  for (std::size_t i = 0; i < expected.values.size(); ++i) {
    difference += (found.values[i] - expected.values[i]) * (found.values[i] - expected.values[i]);
    size += expected.values[i] * expected.values[i];
  }
  return std::sqrt(difference / size);
}

}  // namespace reference

#endif
