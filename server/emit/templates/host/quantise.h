// From trained values to what the accelerator computes with: symmetric steps, integers, multipliers.
#ifndef WEFT_HOST_QUANTISE_H
#define WEFT_HOST_QUANTISE_H

#include <cmath>
#include <vector>

#include "../tb/reference.h"

namespace quantise {

/// Size of one step for values up to `greatest` in `bits` bits, symmetric (-127 ... 127 for eight). It is rounded up to eight
/// significant bits, so that the last digits of a library's exp or erfc cannot change the result.
inline float step(double greatest, int bits) {
  if (!(greatest > 0x1p-100)) return 1.0f;  // zero, or so small that the step would not be a normal single
  int exponent = 0;
  const double fraction = std::frexp(greatest / ((1 << (bits - 1)) - 1), &exponent);
  return static_cast<float>(std::ldexp(std::ceil(fraction * 256.0), exponent - 8));
}

inline float step(const reference::reals &tensor, int bits) {
  double greatest = 0.0;
  for (const double value : tensor.values) greatest = std::fmax(greatest, std::fabs(value));
  return step(greatest, bits);
}

/// A matrix product's weights in the type in which they travel, one step an output channel (column): 1 in floating point. Or one
/// for each `group` rows of a channel; those of the first group of all channels come first.
template <class TYPE> struct weights {
  reference::matrix<typename TYPE::value> values;
  std::vector<float> step;
  int group = 1;

  weights() = default;
  weights(int rows, int columns) : weights(rows, columns, rows) {}
  weights(int rows, int columns, int group)
      : values(rows, columns), step(static_cast<std::size_t>(columns * ((rows + group - 1) / group)), 1.0f), group(group) {}

  std::size_t step_of(int row, int column) const {
    return static_cast<std::size_t>(row / group) * static_cast<std::size_t>(values.columns) + static_cast<std::size_t>(column);
  }
};

template <int BITS> void choose_steps(const reference::reals &trained, weights<reference::integer_type<BITS>> &result) {
  std::vector<double> greatest(result.step.size());
  for (int k = 0; k < trained.rows; ++k) {
    for (int j = 0; j < trained.columns; ++j) {
      double &most = greatest[result.step_of(k, j)];
      most = std::fmax(most, std::fabs(trained.at(k, j)));
    }
  }
  for (std::size_t i = 0; i < greatest.size(); ++i) result.step[i] = step(greatest[i], BITS);
}
template <int EXPONENT, int FRACTION>
void choose_steps(const reference::reals &, weights<reference::float_type<EXPONENT, FRACTION>> &) {}

template <class TYPE> weights<TYPE> groups(const reference::reals &trained, int group) {
  weights<TYPE> result(trained.rows, trained.columns, group);
  choose_steps(trained, result);
  for (int k = 0; k < trained.rows; ++k) {
    for (int j = 0; j < trained.columns; ++j) {
      result.values.at(k, j) = TYPE::of(trained.at(k, j) / static_cast<double>(result.step[result.step_of(k, j)]));
    }
  }
  return result;
}

template <class TYPE> weights<TYPE> columns(const reference::reals &trained) { return groups<TYPE>(trained, trained.rows); }

/// What the epilogue of a matrix product multiplies a sum with and then adds: a multiplier a step of the weights, a bias a column.
/// `out`: step of the result, 1 where it stays fp32.
struct epilogue {
  std::vector<float> multiplier;
  std::vector<float> bias;
};

template <class TYPE> epilogue fold(const weights<TYPE> &w, const std::vector<double> &bias, float in, float out) {
  epilogue result;
  for (const float step : w.step) {
    result.multiplier.push_back(static_cast<float>(static_cast<double>(step) * static_cast<double>(in) / static_cast<double>(out)));
  }
  for (const double value : bias) result.bias.push_back(static_cast<float>(value / static_cast<double>(out)));
  return result;
}

/// The share of one of several ports: `lanes` columns of each tile of `tile`, from `first` on; columns that pad a tile are 0.
template <class TYPE> weights<TYPE> share(const weights<TYPE> &w, int tile, int lanes, int first) {
  const int columns = (w.values.columns + tile - 1) / tile * lanes;
  weights<TYPE> result(w.values.rows, columns);
  for (int j = 0; j < columns; ++j) {
    const int from = j / lanes * tile + first + j % lanes;
    if (from >= w.values.columns) continue;
    for (int k = 0; k < w.values.rows; ++k) result.values.at(k, j) = w.values.at(k, from);
    result.step[static_cast<std::size_t>(j)] = w.step[static_cast<std::size_t>(from)];
  }
  return result;
}

inline epilogue share(const epilogue &e, int tile, int lanes, int first) {
  const int all = static_cast<int>(e.bias.size());
  const int columns = (all + tile - 1) / tile * lanes;
  epilogue result;
  for (int j = 0; j < columns; ++j) {
    const int from = j / lanes * tile + first + j % lanes;
    result.multiplier.push_back(from < all ? e.multiplier[static_cast<std::size_t>(from)] : 0.0f);
    result.bias.push_back(from < all ? e.bias[static_cast<std::size_t>(from)] : 0.0f);
  }
  return result;
}

}  // namespace quantise

#endif
