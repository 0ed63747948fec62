// Attention, head by head.
#ifndef WEFT_TB_REFERENCE_ATTENTION_H
#define WEFT_TB_REFERENCE_ATTENTION_H

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "types.h"

namespace reference {

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

}  // namespace reference

#endif
