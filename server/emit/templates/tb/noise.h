// How far rounding takes the result of a layer: the layer is run again with noise in the place of every rounding.
//
// A quantiser adds an error of its own: as large as half a step, independent of the others, step / sqrt(12) (rms); what is less
// than half a step becomes 0. Single precision adds up to 2^-24 of a value at every operation. What the operators make of these errors, how they grow
// in a product, shrink on a bypass and are scaled by a normalisation, is not estimated but computed: by the operators, on values
// to which such errors were added. The distance between the results with noise and those without it (rms) is what is to be
// expected of the hardware, which rounds the same values by other errors of the same size.
#ifndef WEFT_TB_NOISE_H
#define WEFT_TB_NOISE_H

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "prng.h"
#include "reference.h"

namespace noise {

using reference::reals;

/// Of a run in which nothing is rounded.
struct none {
  template <class TYPE, class STEP> reals narrowed(reals x, const STEP &) { return x; }
  reals probabilities(reals x, int) { return x; }
  reals computed(reals x, int) { return x; }
  template <class TYPE> reference::matrix<typename TYPE::value> turned(reference::matrix<typename TYPE::value> x) { return x; }
};

class rounding {
 public:
  explicit rounding(std::uint64_t seed) : random_(seed) {}

  /// A tensor that goes on in a narrow type. `step`: of all values, or one a column.
  template <class TYPE, class STEP> reals narrowed(reals x, const STEP &step) { return narrowed<TYPE>(x, step, x.rows); }

  /// The same with a step for each `group` rows of a column.
  template <class TYPE, class STEP> reals narrowed(reals x, const STEP &step, int group) {
    const std::size_t columns = static_cast<std::size_t>(x.columns), together = columns * static_cast<std::size_t>(group);
    for (std::size_t i = 0; i < x.values.size(); ++i) {
      const double size = at(step, i / together * columns + i % columns);
      x.values[i] = size * TYPE::saturated(rounded(x.values[i] / size, TYPE::spacing(x.values[i] / size)));
    }
    return x;
  }

  /// Probabilities in steps of 1/127 of the greatest of a row, of which each head has one: attention a tile of keys at a time.
  reals probabilities(reals x, int heads) {
    const std::size_t keys = static_cast<std::size_t>(x.columns / heads);
    for (std::size_t from = 0; from < x.values.size(); from += keys) {
      double greatest = 0.0, total = 0.0;
      for (std::size_t j = from; j < from + keys; ++j) greatest = std::fmax(greatest, x.values[j]);
      for (std::size_t j = from; j < from + keys; ++j) total += x.values[j] = rounded(x.values[j], greatest / 127.0);
      for (std::size_t j = from; j < from + keys; ++j) x.values[j] /= total;
    }
    return x;
  }

  /// A result in single precision with so many roundings behind it, each by 2^-24 at most. What is a small difference was rounded
  /// as its neighbours are, so that their size (rms) counts beside its own.
  reals computed(reals x, int roundings) {
    const double size = rms(x), most = 0x1p-24 * std::sqrt(static_cast<double>(roundings));
    for (double &value : x.values) {
      if (std::isfinite(value)) value += most * (std::fabs(value) + size) * (2.0 * random_.uniform() - 1.0);
    }
    return x;
  }

  /// A narrow tensor of which two values were rounded to their neighbours, where `computed` seldom turns any: one in any row, and
  /// one in the first, which all rows look back on behind a causal mask. One turn is enough for that: what it changes in a row
  /// turns others at every rounding behind it, until the row is as far off as two runs with unlike roundings.
  template <class TYPE> reference::matrix<typename TYPE::value> turned(reference::matrix<typename TYPE::value> x) {
    turn<TYPE>(x.at(0, below(x.columns)));
    turn<TYPE>(x.at(below(x.rows), below(x.columns)));
    return x;
  }

 private:
  static double at(float step, std::size_t) { return static_cast<double>(step); }
  static double at(const std::vector<float> &step, std::size_t which) { return static_cast<double>(step[which]); }

  /// Of finite values.
  static double rms(const reals &x) {
    double squares = 0.0;
    for (const double value : x.values) squares += std::isfinite(value) ? value * value : 0.0;
    return std::sqrt(squares / static_cast<double>(x.values.size()));
  }

  int below(int count) { return static_cast<int>(random_.uniform() * count); }

  template <class TYPE> void turn(typename TYPE::value &value) {
    const double before = static_cast<double>(value);
    value = TYPE::of(before + (random_.uniform() < 0.5 ? -1.0 : 1.0) * TYPE::spacing(before));
  }

  double rounded(double x, double step) {
    if (!std::isfinite(x)) return x;
    return std::fabs(x) < 0.5 * step ? 0.0 : x + step * (random_.uniform() - 0.5);
  }

  prng random_;
};

/// How many runs with noise there are: of a large tensor, whose many values stand for as many draws, one is enough.
inline int runs(const reals &expected) { return 1 + 4096 / static_cast<int>(expected.values.size()); }

/// How many times as far as the farthest run with noise the hardware may be from what is expected. In 256 runs of 32 random
/// layers, of all types, it was 0.76 times as far from the unquantised layer in the median, and never more than 1.34 times.
constexpr double margin = 2.0;

/// The greatest distance of a result, relative to the size of what is expected (rms). `run(n)`: the tensor of run n.
template <class RUN> double limit(const reals &expected, RUN run) {
  double farthest = 0.0;
  for (int n = 0; n < runs(expected); ++n) farthest = std::fmax(farthest, reference::relative_rms(expected, run(n)));
  return margin * farthest;
}

}  // namespace noise

#endif
