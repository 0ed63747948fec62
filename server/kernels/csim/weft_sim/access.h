// References to one bit or a range of bits of an ap_int, readable and (unless the word is const) writable.
#ifndef WEFT_SIM_ACCESS_H
#define WEFT_SIM_ACCESS_H

#include "integer.h"

namespace weft_sim {

/// word[i]
template <class Integer> class bit_reference {
 public:
  bit_reference(Integer& word, int index) : word_(word), index_(index) {}
  bit_reference(const bit_reference&) = default;

  operator bool() const { return word_.stored().read(index_) & 1; }
  bool to_bool() const { return *this; }
  bit_reference& operator=(bool value) {
    word_.stored().write(index_, 1, value);
    return *this;
  }
  bit_reference& operator=(const bit_reference& other) { return *this = bool(other); }
  template <class Other> bit_reference& operator=(const bit_reference<Other>& other) { return *this = bool(other); }
  template <class T, enable_if<is_arbitrary<T>::value> = 0> bit_reference& operator=(const T& value) {
    return *this = !integer_of<T>(value).is_zero();
  }

 private:
  Integer& word_;
  int index_;
};

/// word.range(high, low): high - low + 1 bits, always unsigned.
template <class Integer> class range_reference {
 public:
  range_reference(Integer& word, int high, int low) : word_(word), high_(high), low_(low) {}
  range_reference(const range_reference&) = default;

  /// The value as a native integer; of a range of more than 64 bits, the lowest 64.
  operator std::uint64_t() const { return limb(0); }
  int to_int() const { return int(limb(0)); }
  unsigned to_uint() const { return unsigned(limb(0)); }
  std::int64_t to_int64() const { return std::int64_t(limb(0)); }
  std::uint64_t to_uint64() const { return limb(0); }
  int length() const { return high_ - low_ + 1; }

  /// Bits 64 i ... 64 i + 63 of the range, 0 beyond its end.
  limbs::limb limb(int i) const {
    const int from = low_ + 64 * i;
    return from > high_ ? 0 : word_.stored().read(from) & limbs::mask(high_ - from + 1);
  }

  template <class T, class = integer_of<T>> range_reference& operator=(const T& value) {
    const integer_of<T> source(value);
    for (int i = 0, from = low_; from <= high_; ++i, from += 64) {
      word_.stored().write(from, smaller(64, high_ - from + 1), source.stored().limb(i));
    }
    return *this;
  }
  range_reference& operator=(const range_reference& other) {
    return *this = integer<Integer::width, false>(other);  // through a copy: the two may overlap
  }

  bool and_reduce() const { return integer<Integer::width, false>(*this) == mask(); }
  bool or_reduce() const { return !integer<Integer::width, false>(*this).is_zero(); }
  bool xor_reduce() const { return integer<Integer::width, false>(*this).xor_reduce(); }

 private:
  integer<Integer::width, false> mask() const {
    return integer<Integer::width, false>::from_limbs([&](int i) { return limbs::mask(length() - 64 * i); });
  }

  Integer& word_;
  int high_, low_;
};

}  // namespace weft_sim

#endif
