// Seeded random numbers that are the same with every compiler and library (the distributions of <random> are not).
#ifndef WEFT_TB_PRNG_H
#define WEFT_TB_PRNG_H

#include <cstdint>

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014).
class prng {
 public:
  explicit prng(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  /// 0 <= value < 1, a multiple of 2^-32.
  double uniform() { return static_cast<double>(next() >> 32) / 4294967296.0; }

  /// Mean 0, deviation 1: the sum of twelve uniform values (Irwin-Hall), which needs no library function.
  double normal() {
    double sum = -6.0;
    for (int i = 0; i < 12; ++i) sum += uniform();
    return sum;
  }

 private:
  std::uint64_t state_;
};

#endif
