// hls::vector<T, N>: N lanes of T, contiguous, with element-wise operators.
#ifndef WEFT_CSIM_HLS_VECTOR_H
#define WEFT_CSIM_HLS_VECTOR_H

#include <array>
#include <cstddef>
#include <initializer_list>

#include "weft_sim/fail.h"
#include "weft_sim/native.h"

namespace hls {

namespace detail {
/// The largest power of two that divides the size of the vector, up to what the allocator honours: before C++17, 16.
constexpr std::size_t vector_alignment(std::size_t bytes) {
#ifdef __cpp_aligned_new
  return bytes % 64 == 0 ? 64 : bytes & -bytes;
#else
  return bytes % 16 == 0 ? 16 : bytes & -bytes;
#endif
}
}  // namespace detail

template <class T, std::size_t N>
class alignas(detail::vector_alignment(sizeof(T) * N) < alignof(T) ? alignof(T)
                                                                   : detail::vector_alignment(sizeof(T) * N)) vector {
  static_assert(N > 0, "hls::vector: at least one lane is expected");

 public:
  using value_type = T;
  using iterator = T*;
  using const_iterator = const T*;

  /// The lanes hold no defined values, as a T does.
  vector() = default;
  /// Every lane gets the same value.
  vector(const T& value) {
    for (T& lane : lanes_) lane = value;
  }
  /// Exactly N values.
  vector(std::initializer_list<T> values) {
    if (values.size() != N) {
      weft_sim::fail(weft_sim::bad_value, "an hls::vector of " + std::to_string(N) + " lanes was given " +
                                              std::to_string(values.size()) + " values");
    }
    std::size_t i = 0;
    for (const T& value : values) lanes_[i++] = value;
  }
  vector(const std::array<T, N>& values) {
    for (std::size_t i = 0; i < N; ++i) lanes_[i] = values[i];
  }

  T& operator[](std::size_t i) { return lanes_[checked(i)]; }
  const T& operator[](std::size_t i) const { return lanes_[checked(i)]; }
  iterator begin() { return lanes_; }
  iterator end() { return lanes_ + N; }
  const_iterator begin() const { return lanes_; }
  const_iterator end() const { return lanes_ + N; }
  static constexpr std::size_t size() { return N; }

#define WEFT_SIM_LANEWISE(op)                                              \
  vector& operator op##=(const vector& other) {                            \
    for (std::size_t i = 0; i < N; ++i) lanes_[i] op##= other.lanes_[i];   \
    return *this;                                                          \
  }                                                                        \
  friend vector operator op(vector a, const vector& b) { return a op##= b; }
  WEFT_SIM_LANEWISE(+)
  WEFT_SIM_LANEWISE(-)
  WEFT_SIM_LANEWISE(*)
  WEFT_SIM_LANEWISE(/)
  WEFT_SIM_LANEWISE(%)
  WEFT_SIM_LANEWISE(&)
  WEFT_SIM_LANEWISE(|)
  WEFT_SIM_LANEWISE(^)
  WEFT_SIM_LANEWISE(<<)
  WEFT_SIM_LANEWISE(>>)
#undef WEFT_SIM_LANEWISE

#define WEFT_SIM_EACH_LANE(op)                                       \
  friend vector operator op(vector a) {                              \
    for (std::size_t i = 0; i < N; ++i) a.lanes_[i] = T(op a.lanes_[i]); \
    return a;                                                        \
  }
  WEFT_SIM_EACH_LANE(+)
  WEFT_SIM_EACH_LANE(-)
  WEFT_SIM_EACH_LANE(~)
#undef WEFT_SIM_EACH_LANE

  // Comparisons give one answer, lexicographic, not a vector of answers.
  friend bool operator==(const vector& a, const vector& b) { return a.ordered(b) == 0; }
  friend bool operator!=(const vector& a, const vector& b) { return a.ordered(b) != 0; }
  friend bool operator<(const vector& a, const vector& b) { return a.ordered(b) < 0; }
  friend bool operator<=(const vector& a, const vector& b) { return a.ordered(b) <= 0; }
  friend bool operator>(const vector& a, const vector& b) { return a.ordered(b) > 0; }
  friend bool operator>=(const vector& a, const vector& b) { return a.ordered(b) >= 0; }

  // Reductions are computed in T and wrap there: widen the lanes first where a sum needs more bits.
  T reduce_add() const {
    return reduce([](T& a, const T& b) { a += b; });
  }
  T reduce_mult() const {
    return reduce([](T& a, const T& b) { a *= b; });
  }
  T reduce_and() const {
    return reduce([](T& a, const T& b) { a &= b; });
  }
  T reduce_or() const {
    return reduce([](T& a, const T& b) { a |= b; });
  }
  T reduce_xor() const {
    return reduce([](T& a, const T& b) { a ^= b; });
  }

 private:
  static std::size_t checked(std::size_t i) {
    if (__builtin_expect(i >= N, 0)) weft_sim::fail_lane(long(i), long(N));
    return i;
  }
  int ordered(const vector& other) const {
    for (std::size_t i = 0; i < N; ++i) {
      if (lanes_[i] < other.lanes_[i]) return -1;
      if (other.lanes_[i] < lanes_[i]) return 1;
    }
    return 0;
  }
  template <class Combine> T reduce(Combine combine) const {
    T result = lanes_[0];
    for (std::size_t i = 1; i < N; ++i) combine(result, lanes_[i]);
    return result;
  }

  T lanes_[N];
};

}  // namespace hls

#endif
