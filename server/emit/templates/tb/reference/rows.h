// What works on rows and on single values: normalisations, rotated positions, functions, sums.
#ifndef WEFT_TB_REFERENCE_ROWS_H
#define WEFT_TB_REFERENCE_ROWS_H

#include <cmath>
#include <cstddef>
#include <vector>

#include "matrix.h"

namespace reference {

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

}  // namespace reference

#endif
