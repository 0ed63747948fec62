// Operators on images: convolution, pooling, flattening.
#ifndef WEFT_TB_REFERENCE_WINDOWS_H
#define WEFT_TB_REFERENCE_WINDOWS_H

#include <cstddef>
#include <cstdint>
#include <limits>

#include "matrix.h"

namespace reference {

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

}  // namespace reference

#endif
