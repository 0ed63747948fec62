// Element types, stream words and conversions between types: what every kernel of the library shares.
//
// Stream words. A word of a tensor [rows, columns] carries T tokens (rows) of C columns: weft::word<ELEMENT, T * C>,
// element index = column * T + token, so the token runs fastest. The words of a tensor follow block of T rows by
// block of T rows, within a block column group by column group; rows are padded to a multiple of T with zeros.
//
// Types. int8 is signed char, int16 short, int32 int, fp32 float: C's own types cost the same gates as ap_int of that
// width and let a C++ compiler vectorise the simulation. int4 and int2 exist packed in bytes only (element 0 in the low
// bits), so that a FIFO of N of them is N * 4 (2) bits wide: hls::vector<ap_int<4>, N> takes a byte each. fp16 (IEEE 754
// binary16) and bf16 (the upper half of fp32) are bits that travel; arithmetic is in fp32.
//
// Conversion. fp32 to integer, fp16 or bf16 rounds half to even and saturates: -2^(b-1) … 2^(b-1)-1, or the greatest
// finite value; infinities and NaN saturate by their sign. What is smaller than the least normal fp16 is 0, on the way in,
// too. It works on the bits of the float: no adder or comparator core, the same result with every tool.
#ifndef WEFT_WORD_H
#define WEFT_WORD_H

#include "hls_vector.h"

namespace weft {

typedef signed char int8;
typedef short int16;
typedef int int32;
typedef float fp32;
struct int4 {};  // only in packed words
struct int2 {};  // only in packed words

/// Sixteen bits of a floating-point number: EXPONENT bits of exponent, what is left without the sign of fraction.
template <int EXPONENT>
struct half {
  unsigned short bits;
  half() = default;
  explicit half(int of) : bits((unsigned short)of) {}
  bool operator==(const half &other) const { return bits == other.bits; }
};
typedef half<5> fp16;
typedef half<8> bf16;

constexpr int ceil_div(int dividend, int divisor) { return (dividend + divisor - 1) / divisor; }
constexpr int padded(int count, int multiple) { return ceil_div(count, multiple) * multiple; }
constexpr int least(int a, int b) { return a < b ? a : b; }
constexpr int greatest(int a, int b) { return a > b ? a : b; }
/// Smallest n with 2^n >= count: bits of an index, levels of an adder tree.
constexpr int ceil_log2(int count) { return count <= 1 ? 0 : 1 + ceil_log2((count + 1) / 2); }

/// BITS of an element, the type VALUE that a word gives and takes, and the type of a word of N, which has SLOTS of type SLOT.
template <class ELEMENT>
struct element;

template <class NATIVE, int WIDTH, bool INTEGER>
struct native_element {
  typedef NATIVE value;
  typedef NATIVE slot;
  static const int bits = WIDTH;
  static const bool integer = INTEGER;
  static constexpr int slots(int elements) { return elements; }
  template <int N>
  using vector = hls::vector<NATIVE, N>;
};

/// A field of WIDTH bits in a byte, as if it were a variable.
template <int WIDTH>
struct field {
  unsigned char &byte;
  unsigned shift;

  operator int8() const {
#pragma HLS INLINE
    const int bits = (byte >> shift) & ((1 << WIDTH) - 1);
    const int sign = 1 << (WIDTH - 1);
    return (int8)((bits ^ sign) - sign);
  }
  field &operator=(int value) {
#pragma HLS INLINE
    const unsigned mask = ((1u << WIDTH) - 1) << shift;
    byte = (unsigned char)((byte & ~mask) | (((unsigned)value << shift) & mask));
    return *this;
  }
  field &operator=(const field &other) {
#pragma HLS INLINE
    return *this = (int)(int8)other;
  }
  field(unsigned char &of, unsigned at) : byte(of), shift(at) {}
  field(const field &) = default;
};

/// N integers of WIDTH bits, 8 / WIDTH to a byte.
template <class ELEMENT, int WIDTH, int N>
struct packed_vector : hls::vector<unsigned char, (N * WIDTH + 7) / 8> {
  typedef hls::vector<unsigned char, (N * WIDTH + 7) / 8> bytes;
  typedef ELEMENT value_type;
  static const int in_a_byte = 8 / WIDTH;

  packed_vector() = default;
  unsigned char &slot(int index) { return bytes::operator[]((std::size_t)index); }
  field<WIDTH> operator[](int index) {
#pragma HLS INLINE
    return field<WIDTH>(bytes::operator[]((std::size_t)(index / in_a_byte)), (unsigned)(index % in_a_byte * WIDTH));
  }
  int8 operator[](int index) const {
#pragma HLS INLINE
    unsigned char byte = bytes::operator[]((std::size_t)(index / in_a_byte));
    return field<WIDTH>(byte, (unsigned)(index % in_a_byte * WIDTH));
  }
};

template <class ELEMENT, int WIDTH>
struct packed_element {
  typedef int8 value;
  typedef unsigned char slot;
  static const int bits = WIDTH;
  static const bool integer = true;
  static constexpr int slots(int elements) { return ceil_div(elements, 8 / WIDTH); }
  template <int N>
  using vector = packed_vector<ELEMENT, WIDTH, N>;
};

template <>
struct element<int2> : packed_element<int2, 2> {};
template <>
struct element<int4> : packed_element<int4, 4> {};
template <>
struct element<int8> : native_element<int8, 8, true> {};
template <>
struct element<int16> : native_element<int16, 16, true> {};
template <>
struct element<int32> : native_element<int32, 32, true> {};
template <>
struct element<fp16> : native_element<fp16, 16, false> {};
template <>
struct element<bf16> : native_element<bf16, 16, false> {};
template <>
struct element<fp32> : native_element<fp32, 32, false> {};

/// A stream word of N elements.
template <class ELEMENT, int N>
using word = typename element<ELEMENT>::template vector<N>;

/// Element of a word, integers as a number, sign extended; index = column * T + token.
template <class ELEMENT, class WORD>
typename element<ELEMENT>::value get(const WORD &from, int index) {
#pragma HLS INLINE
  return from[index];
}

template <class ELEMENT, class WORD>
void set(WORD &to, int index, typename element<ELEMENT>::value value) {
#pragma HLS INLINE
  to[index] = value;
}

/// Part of a word that stands in a type of its own: an element, or a byte of several.
template <class SLOT, class WORD>
SLOT &slot_of(WORD &word, int index) {
#pragma HLS INLINE
  return word[index];
}
template <class SLOT, class ELEMENT, int WIDTH, int N>
SLOT &slot_of(packed_vector<ELEMENT, WIDTH, N> &word, int index) {
#pragma HLS INLINE
  return word.slot(index);
}

/// A word of N zeros.
template <class ELEMENT, int N>
word<ELEMENT, N> zeros() {
#pragma HLS INLINE
  typedef typename element<ELEMENT>::slot slot;
  word<ELEMENT, N> result;
  for (int i = 0; i < element<ELEMENT>::slots(N); i++) {
#pragma HLS UNROLL
    slot_of<slot>(result, i) = slot(0);
  }
  return result;
}

/// The 32 bits of a float, and back.
inline unsigned bits_of(float value) {
#pragma HLS INLINE
  union {
    float value;
    unsigned bits;
  } both;
  both.value = value;
  return both.bits;
}

inline float float_of(unsigned bits) {
#pragma HLS INLINE
  union {
    unsigned bits;
    float value;
  } both;
  both.bits = bits;
  return both.value;
}

/// A slot of a word out of its bytes, the lowest first.
template <class SLOT>
struct bytes_to {
  static SLOT slot(unsigned bits) { return (SLOT)bits; }
};
template <>
struct bytes_to<fp32> {
  static fp32 slot(unsigned bits) { return float_of(bits); }
};
template <class SLOT>
SLOT slot_from_bytes(const unsigned char *bytes) {
#pragma HLS INLINE
  unsigned together = 0;
  for (unsigned i = 0; i < sizeof(SLOT); i++) {
#pragma HLS UNROLL
    together |= (unsigned)bytes[i] << (8 * i);
  }
  return bytes_to<SLOT>::slot(together);
}

/// A word of N elements as it lies in memory.
template <class ELEMENT, int N>
word<ELEMENT, N> word_from_bytes(const unsigned char *bytes) {
#pragma HLS INLINE
  typedef typename element<ELEMENT>::slot slot;
  word<ELEMENT, N> result;
  for (int i = 0; i < element<ELEMENT>::slots(N); i++) {
#pragma HLS UNROLL
    slot_of<slot>(result, i) = slot_from_bytes<slot>(bytes + i * (int)sizeof(slot));
  }
  return result;
}

/// Nearest BITS-bit integer (BITS <= 16), ties to even, saturated.
template <int BITS>
int round_half_to_even(float value) {
#pragma HLS INLINE
  static_assert(BITS >= 2 && BITS <= 16, "the magnitude must fit the 24 bits of a significand");
  const unsigned bits = bits_of(value);
  const bool negative = (bits >> 31) != 0;
  const int exponent = (int)((bits >> 23) & 0xff) - 127;
  const int limit = 1 << (BITS - 1);
  int magnitude = 0;  // also of everything below one half
  if (exponent >= BITS - 1) {
    magnitude = limit;
  } else if (exponent >= -1) {
    const unsigned significand = (bits & 0x7fffff) | 0x800000;
    const int shift = 23 - exponent;
    const unsigned whole = significand >> shift;
    const unsigned rest = significand & ((1u << shift) - 1);
    const unsigned half = 1u << (shift - 1);
    const bool up = rest > half || (rest == half && (whole & 1) != 0);
    magnitude = (int)(whole + (up ? 1u : 0u));
  }
  if (negative) return -magnitude;
  return magnitude < limit ? magnitude : limit - 1;
}

/// Nearest fp16, ties to even, saturated; 0 below its least normal value.
inline fp16 round_to_fp16(float value) {
#pragma HLS INLINE
  const unsigned bits = bits_of(value);
  const unsigned sign = bits >> 16 & 0x8000;
  const unsigned magnitude = bits & 0x7fffffff;
  if (magnitude < (113u << 23)) return fp16((int)sign);
  if (magnitude >= (143u << 23)) return fp16((int)(sign | 0x7bff));
  const unsigned moved = magnitude - (112u << 23);
  const unsigned rounded = (moved + 0xfff + (moved >> 13 & 1)) >> 13;
  return fp16((int)(sign | (rounded > 0x7bff ? 0x7bff : rounded)));
}

/// Nearest bf16, ties to even, saturated.
inline bf16 round_to_bf16(float value) {
#pragma HLS INLINE
  const unsigned bits = bits_of(value);
  const unsigned sign = bits >> 16 & 0x8000;
  const unsigned magnitude = bits & 0x7fffffff;
  const unsigned rounded = (magnitude + 0x7fff + (magnitude >> 16 & 1)) >> 16;
  return bf16((int)(sign | (rounded > 0x7f7f ? 0x7f7f : rounded)));
}

/// fp32 to the type of a stream: rounded and saturated, fp32 stays as it is. Scale first.
template <class TO>
struct quantiser {
  static typename element<TO>::value apply(float value) {
#pragma HLS INLINE
    return (typename element<TO>::value)round_half_to_even<element<TO>::bits>(value);
  }
};
template <>
struct quantiser<fp32> {
  static fp32 apply(float value) {
#pragma HLS INLINE
    return value;
  }
};
template <>
struct quantiser<fp16> {
  static fp16 apply(float value) {
#pragma HLS INLINE
    return round_to_fp16(value);
  }
};
template <>
struct quantiser<bf16> {
  static bf16 apply(float value) {
#pragma HLS INLINE
    return round_to_bf16(value);
  }
};

template <class TO>
typename element<TO>::value quantise(float value) {
#pragma HLS INLINE
  return quantiser<TO>::apply(value);
}

/// An element of a stream as fp32; of integers, how many steps it is.
template <class FROM>
struct widener {
  static fp32 apply(typename element<FROM>::value value) {
#pragma HLS INLINE
    return (float)value;
  }
};
template <>
struct widener<fp16> {
  static fp32 apply(fp16 value) {
#pragma HLS INLINE
    const unsigned sign = (unsigned)(value.bits & 0x8000) << 16;
    const unsigned magnitude = value.bits & 0x7fff;
    return float_of(magnitude < 0x400 ? sign : sign | ((magnitude << 13) + (112u << 23)));
  }
};
template <>
struct widener<bf16> {
  static fp32 apply(bf16 value) {
#pragma HLS INLINE
    return float_of((unsigned)value.bits << 16);
  }
};

template <class FROM>
fp32 to_fp32(typename element<FROM>::value value) {
#pragma HLS INLINE
  return widener<FROM>::apply(value);
}

/// An element of a stream as fp32: integers times SCALE, the others as they are (SCALE is then not used).
template <class FROM, bool INTEGER = element<FROM>::integer>
struct dequantiser {
  static fp32 apply(typename element<FROM>::value value, float scale) {
#pragma HLS INLINE
    return to_fp32<FROM>(value) * scale;
  }
};
template <class FROM>
struct dequantiser<FROM, false> {
  static fp32 apply(typename element<FROM>::value value, float) {
#pragma HLS INLINE
    return to_fp32<FROM>(value);
  }
};

template <class FROM>
fp32 dequantise(typename element<FROM>::value value, float scale) {
#pragma HLS INLINE
  return dequantiser<FROM>::apply(value, scale);
}

}  // namespace weft

#endif
