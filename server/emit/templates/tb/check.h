// What the test bench found: a line an operator, and whether all of it is as it should be.
#ifndef WEFT_TB_CHECK_H
#define WEFT_TB_CHECK_H

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

#include "reference.h"

class checks {
 public:
  /// Every element the same, bit by bit.
  template <class T>
  void exact(const char *name, const char *what, const reference::matrix<T> &expected, const reference::matrix<T> &found) {
    std::size_t same = 0, first = expected.values.size();
    for (std::size_t i = 0; i < expected.values.size() && i < found.values.size(); ++i) {
      const bool equal = std::memcmp(&expected.values[i], &found.values[i], sizeof(T)) == 0;
      same += equal ? 1 : 0;
      if (!equal && i < first) first = i;
    }
    const bool good = same == expected.values.size() && found.values.size() == expected.values.size();
    std::printf("%s %s bit-exact %zu of %zu%s\n", name, what, same, expected.values.size(), good ? "" : "  FAILED");
    if (!good && first < expected.values.size()) {
      const std::size_t columns = static_cast<std::size_t>(expected.columns);
      std::printf("  first at row %zu, column %zu: expected %.9g, found %.9g\n", first / columns, first % columns,
                  static_cast<double>(expected.values[first]), static_cast<double>(found.values[first]));
    }
    count(good);
  }

  /// |found - expected| <= absolute + relative * |expected| for every element, in the unit named.
  void near(const char *name, const char *what, const reference::reals &expected, const reference::reals &found,
            double absolute, double relative, const char *unit) {
    std::size_t within = 0;
    double worst = 0.0;
    for (std::size_t i = 0; i < expected.values.size() && i < found.values.size(); ++i) {
      const double error = std::fabs(found.values[i] - expected.values[i]);
      within += error <= absolute + relative * std::fabs(expected.values[i]) ? 1 : 0;
      if (!(error <= worst)) worst = error;  // NaN too
    }
    const bool good = within == expected.values.size() && found.values.size() == expected.values.size();
    std::printf("%s %s within %g%s", name, what, absolute, unit);
    if (relative != 0.0) std::printf(" + %g of the value", relative);
    std::printf(": %zu of %zu, worst %.3g%s\n", within, expected.values.size(), worst, good ? "" : "  FAILED");
    count(good);
  }

  /// Sums in floating point: as far from the expected ones as roundings of their terms let them be, `magnitude` being the sum
  /// of the terms' sizes, and as the rounding of the result does: `relative` to it, and `absolute` where it is as good as 0.
  void near_sums(const char *name, const char *what, const reference::reals &expected, const reference::reals &magnitude,
                 const reference::reals &found, double per_magnitude, double relative, double absolute) {
    std::size_t within = 0;
    double worst = 0.0;
    for (std::size_t i = 0; i < expected.values.size() && i < found.values.size(); ++i) {
      const double error = std::fabs(found.values[i] - expected.values[i]);
      const double allowed = per_magnitude * magnitude.values[i] + relative * std::fabs(expected.values[i]) + absolute;
      within += error <= allowed ? 1 : 0;
      if (!(error <= worst * allowed)) worst = error / allowed;  // NaN too
    }
    const bool good = within == expected.values.size() && found.values.size() == expected.values.size();
    std::printf("%s %s within roundings: %zu of %zu, worst %.3g of what they allow%s\n", name, what, within,
                expected.values.size(), worst, good ? "" : "  FAILED");
    count(good);
  }

  /// Root of the mean square of the difference, relative to that of what was expected.
  void relative_rms(const char *what, const reference::reals &expected, const reference::reals &found, double limit) {
    const double ratio = reference::relative_rms(expected, found);
    const bool good = ratio <= limit;
    std::printf("layer against %s: relative error %.3g (rms), at most %.3g%s\n", what, ratio, limit, good ? "" : "  FAILED");
    count(good);
  }

  /// `golden` is 0 where none was recorded.
  void hash(std::uint64_t found, std::uint64_t golden) {
    const bool good = golden == 0 || golden == found;
    const char *verdict = golden == 0 ? "not recorded, 'make golden' does" : good ? "as recorded" : "another one was recorded  FAILED";
    std::printf("hash of the result 0x%016llx: %s\n", static_cast<unsigned long long>(found), verdict);
    count(good);
  }

  /// What the simulation with bounded FIFOs took beside what was estimated: for the reader, not a check.
  static void cycles(std::uint64_t simulated, double estimated) {
    std::printf("cycles: %llu simulated, %.0f estimated (%.3f)\n", static_cast<unsigned long long>(simulated), estimated,
                estimated / static_cast<double>(simulated));
  }

  /// Prints the verdict; the exit status of the program.
  int finish() const {
    if (failed_ == 0) std::printf("PASSED: %d checks\n", made_);
    else std::printf("FAILED: %d of %d checks\n", failed_, made_);
    return failed_ == 0 ? 0 : 1;
  }

 private:
  void count(bool good) {
    ++made_;
    failed_ += good ? 0 : 1;
  }
  int made_ = 0;
  int failed_ = 0;
};

/// FNV-1a over the bytes of the values (Fowler, Noll, Vo; 64 bits).
template <class TYPE> std::uint64_t hash_of(const reference::matrix<typename TYPE::value> &result) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const typename TYPE::value value : result.values) {
    // of whole bytes: the sign of an integer goes on
    const std::uint32_t code = TYPE::bits < 8 ? static_cast<std::uint32_t>(static_cast<int>(value)) & 0xffu : TYPE::code(value);
    for (int bit = 0; bit < TYPE::bits; bit += 8) {
      hash ^= code >> bit & 0xffu;
      hash *= 0x100000001b3u;
    }
  }
  return hash;
}

#endif
