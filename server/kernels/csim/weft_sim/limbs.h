// Arithmetic on little-endian arrays of 64-bit limbs in two's complement: what integers wider than 64 bits are made of.
// Arrays are canonical: sign- or zero-extended up to their last limb.
#ifndef WEFT_SIM_LIMBS_H
#define WEFT_SIM_LIMBS_H

#include <cstdint>

namespace weft_sim {
namespace limbs {

using limb = std::uint64_t;
__extension__ typedef unsigned __int128 double_limb;

constexpr limb all_ones = ~limb(0);

/// The lowest `bits` bits, 0 ... 64.
constexpr limb mask(int bits) { return bits <= 0 ? 0 : bits >= 64 ? all_ones : (limb(1) << bits) - 1; }

inline void add(limb* result, const limb* a, const limb* b, int count) {
  limb carry = 0;
  for (int i = 0; i < count; ++i) {
    const double_limb sum = double_limb(a[i]) + b[i] + carry;
    result[i] = limb(sum);
    carry = limb(sum >> 64);
  }
}

inline void subtract(limb* result, const limb* a, const limb* b, int count) {
  limb borrow = 0;
  for (int i = 0; i < count; ++i) {
    const double_limb difference = double_limb(a[i]) - b[i] - borrow;
    result[i] = limb(difference);
    borrow = limb(difference >> 64) & 1;
  }
}

inline void negate(limb* value, int count) {
  limb carry = 1;
  for (int i = 0; i < count; ++i) {
    const limb flipped = ~value[i];
    value[i] = flipped + carry;
    carry = carry && value[i] == 0;
  }
}

/// The product modulo 2^(64 * count). `result` overlaps neither operand.
inline void multiply(limb* result, const limb* a, const limb* b, int count) {
  for (int i = 0; i < count; ++i) result[i] = 0;
  for (int i = 0; i < count; ++i) {
    if (a[i] == 0) continue;
    limb carry = 0;
    for (int j = 0; i + j < count; ++j) {
      const double_limb sum = double_limb(a[i]) * b[j] + result[i + j] + carry;
      result[i + j] = limb(sum);
      carry = limb(sum >> 64);
    }
  }
}

/// `value <<= amount`, 0 <= amount.
inline void shift_left(limb* value, int count, int amount) {
  const int whole = amount / 64, part = amount % 64;
  for (int i = count - 1; i >= 0; --i) {
    const limb high = i >= whole ? value[i - whole] : 0;
    const limb low = i > whole ? value[i - whole - 1] : 0;
    value[i] = part == 0 ? high : (high << part) | (low >> (64 - part));
  }
}

/// `value >>= amount`, 0 <= amount; `fill` (0 or all ones) comes in from the top.
inline void shift_right(limb* value, int count, int amount, limb fill) {
  const int whole = amount / 64, part = amount % 64;
  for (int i = 0; i < count; ++i) {
    const limb low = i + whole < count ? value[i + whole] : fill;
    const limb high = i + whole + 1 < count ? value[i + whole + 1] : fill;
    value[i] = part == 0 ? low : (low >> part) | (high << (64 - part));
  }
}

inline int compare_unsigned(const limb* a, const limb* b, int count) {
  for (int i = count - 1; i >= 0; --i) {
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  }
  return 0;
}

/// Long division of unsigned numbers, a bit at a time: division this wide is rare, so it is simple rather than fast.
inline void divide_unsigned(limb* quotient, limb* remainder, const limb* dividend, const limb* divisor, int count) {
  for (int i = 0; i < count; ++i) quotient[i] = remainder[i] = 0;
  for (int bit = 64 * count - 1; bit >= 0; --bit) {
    shift_left(remainder, count, 1);
    remainder[0] |= (dividend[bit / 64] >> (bit % 64)) & 1;
    if (compare_unsigned(remainder, divisor, count) >= 0) {
      subtract(remainder, remainder, divisor, count);
      quotient[bit / 64] |= limb(1) << (bit % 64);
    }
  }
}

/// Divides in place by a small number, 0 < divisor < 2^64; returns the remainder.
inline limb divide_by_limb(limb* value, int count, limb divisor) {
  limb remainder = 0;
  for (int i = count - 1; i >= 0; --i) {
    const double_limb part = (double_limb(remainder) << 64) | value[i];
    value[i] = limb(part / divisor);
    remainder = limb(part % divisor);
  }
  return remainder;
}

inline bool is_zero(const limb* value, int count) {
  for (int i = 0; i < count; ++i) {
    if (value[i] != 0) return false;
  }
  return true;
}

/// Bits low ... low + 63, where those beyond the array read as 0.
inline limb read(const limb* value, int count, int low) {
  const int whole = low / 64, part = low % 64;
  const limb first = whole < count ? value[whole] : 0;
  if (part == 0) return first;
  const limb second = whole + 1 < count ? value[whole + 1] : 0;
  return (first >> part) | (second << (64 - part));
}

/// Replaces bits low ... low + width - 1, 1 <= width <= 64.
inline void write(limb* value, int count, int low, int width, limb bits) {
  const int whole = low / 64, part = low % 64;
  const limb selected = mask(width);
  bits &= selected;
  value[whole] = (value[whole] & ~(selected << part)) | (bits << part);
  if (part + width > 64 && whole + 1 < count) {
    const limb upper = selected >> (64 - part);
    value[whole + 1] = (value[whole + 1] & ~upper) | (bits >> (64 - part));
  }
}

}  // namespace limbs
}  // namespace weft_sim

#endif
