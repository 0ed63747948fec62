// Matrix products, and their scales and biases.
#ifndef WEFT_TB_REFERENCE_PRODUCTS_H
#define WEFT_TB_REFERENCE_PRODUCTS_H

#include <cstddef>
#include <type_traits>
#include <vector>

#include "types.h"

namespace reference {

/// Sum of the products of `count` integers each. Whole runs first: compilers turn a loop of known length into vectors.
template <class SUM, class T, class WEIGHT> SUM dot(const T *x, const WEIGHT *w, int count) {
  constexpr int run = 64;
  SUM sum = 0;
  int k = 0;
  for (; k + run <= count; k += run) {
    SUM part = 0;
    for (int i = 0; i < run; ++i) part += static_cast<SUM>(x[k + i]) * static_cast<SUM>(w[k + i]);
    sum += part;
  }
  for (; k < count; ++k) sum += static_cast<SUM>(x[k]) * static_cast<SUM>(w[k]);
  return sum;
}

/// Integers: exact in any order, so a column of w is laid out as a row first.
template <class SUM, class T, class WEIGHT> matrix<SUM> integer_product(const matrix<T> &x, const matrix<WEIGHT> &w) {
  matrix<WEIGHT> columns(w.columns, w.rows);
  for (int k = 0; k < w.rows; ++k) {
    for (int j = 0; j < w.columns; ++j) columns.at(j, k) = w.at(k, j);
  }
  matrix<SUM> y(x.rows, w.columns);
  for (int j = 0; j < w.columns; ++j) {
    for (int i = 0; i < x.rows; ++i) y.at(i, j) = dot<SUM>(&x.at(i, 0), &columns.at(j, 0), x.columns);
  }
  return y;
}

/// Floating point: term after term in the order of the reduction, the sums of a few columns of two rows side by side.
template <class SUM, class T, class WEIGHT> matrix<SUM> real_product(const matrix<T> &x, const matrix<WEIGHT> &w) {
  constexpr int together = 8;
  matrix<SUM> y(x.rows, w.columns);
  matrix<SUM> panel(w.rows, together);
  for (int from = 0; from < w.columns; from += together) {
    const int count = from + together < w.columns ? together : w.columns - from;
    for (int k = 0; k < w.rows; ++k) {
      for (int j = 0; j < count; ++j) panel.at(k, j) = static_cast<SUM>(w.at(k, from + j));
    }
    for (int i = 0; i < x.rows; i += 2) {
      const int other = i + 1 < x.rows ? i + 1 : i;
      SUM sums[together] = {}, others[together] = {};
      for (int k = 0; k < x.columns; ++k) {
        const SUM a = static_cast<SUM>(x.at(i, k)), b = static_cast<SUM>(x.at(other, k));
        const SUM *const weights = &panel.at(k, 0);
        for (int j = 0; j < together; ++j) {
          sums[j] += a * weights[j];
          others[j] += b * weights[j];
        }
      }
      for (int j = 0; j < count; ++j) {
        y.at(i, from + j) = sums[j];
        y.at(other, from + j) = others[j];
      }
    }
  }
  return y;
}

/// x [rows x reduction] times w [reduction x columns].
template <class SUM, class T, class WEIGHT> matrix<SUM> product(const matrix<T> &x, const matrix<WEIGHT> &w) {
  if constexpr (std::is_integral<SUM>::value) return integer_product<SUM>(x, w);
  else return real_product<SUM>(x, w);
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

/// Weights with a scale for each `group` rows of a column: what each group comes to, times its multiplier, is added up in single
/// precision, in the order of the groups, to the bias.
template <class SUM, class T, class WEIGHT>
matrix<float> grouped(const matrix<T> &x, const matrix<WEIGHT> &w, int group, const std::vector<float> &multiplier,
                      const std::vector<float> &bias) {
  matrix<float> y(x.rows, w.columns);
  for (int i = 0; i < y.rows; ++i) {
    for (int j = 0; j < y.columns; ++j) y.at(i, j) = bias[static_cast<std::size_t>(j)];
  }
  for (int from = 0; from < w.rows; from += group) {
    const int count = from + group < w.rows ? group : w.rows - from;
    const matrix<SUM> sums = product<SUM>(columns_of(x, from, count), rows_of(w, from, count));
    for (int i = 0; i < y.rows; ++i) {
      for (int j = 0; j < y.columns; ++j) {
        const float product = static_cast<float>(sums.at(i, j)) * multiplier[static_cast<std::size_t>(from / group * w.columns + j)];
        y.at(i, j) = product + y.at(i, j);
      }
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

/// Weights as the real values that they stand for, one step for each `group` rows of a column.
template <class T> reals dequantised(const matrix<T> &weights, const std::vector<float> &step, int group) {
  reals y(weights.rows, weights.columns);
  for (int i = 0; i < y.rows; ++i) {
    for (int j = 0; j < y.columns; ++j) {
      y.at(i, j) = static_cast<double>(step[static_cast<std::size_t>(i / group * y.columns + j)]) * static_cast<double>(weights.at(i, j));
    }
  }
  return y;
}

/// One step a column.
template <class T> reals dequantised(const matrix<T> &weights, const std::vector<float> &step) {
  return dequantised(weights, step, weights.rows);
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

}  // namespace reference

#endif
