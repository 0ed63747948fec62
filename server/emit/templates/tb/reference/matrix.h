// Row-major matrices, and rows of them.
#ifndef WEFT_TB_REFERENCE_MATRIX_H
#define WEFT_TB_REFERENCE_MATRIX_H

#include <cmath>
#include <cstddef>
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

template <class T> matrix<T> absolute(matrix<T> x) {
  for (T &value : x.values) value = value < 0 ? static_cast<T>(-value) : value;
  return x;
}

inline std::vector<float> absolute(std::vector<float> x) {
  for (float &value : x) value = std::fabs(value);
  return x;
}

/// Rows and columns of a matrix, its first rows, its last ones, and one matrix below another.
template <class T> matrix<T> rows_of(const matrix<T> &x, int from, int count) {
  matrix<T> y(count, x.columns);
  for (int i = 0; i < count; ++i) {
    for (int j = 0; j < x.columns; ++j) y.at(i, j) = x.at(from + i, j);
  }
  return y;
}

template <class T> matrix<T> columns_of(const matrix<T> &x, int from, int count) {
  matrix<T> y(x.rows, count);
  for (int i = 0; i < x.rows; ++i) {
    for (int j = 0; j < count; ++j) y.at(i, j) = x.at(i, from + j);
  }
  return y;
}

template <class T> matrix<T> first_rows(const matrix<T> &x, int count) { return rows_of(x, 0, count); }

template <class T> matrix<T> last_rows(const matrix<T> &x, int count) { return rows_of(x, x.rows - count, count); }

template <class T> matrix<T> below(matrix<T> x, const matrix<T> &y) {
  x.values.insert(x.values.end(), y.values.begin(), y.values.end());
  x.rows += y.rows;
  return x;
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
