// Element types, stream words and conversions between types: what every kernel of the library shares.
//
// Stream words. A word of a tensor [rows, columns] carries T tokens (rows) of C columns: weft::word<ELEMENT, T * C>,
// element index = column * T + token, so the token runs fastest. The words of a tensor follow block of T rows by
// block of T rows, within a block column group by column group; rows are padded to a multiple of T with zeros.
//
// Types. int8 is signed char, int16 short, int32 int, fp32 float: C's own types cost the same gates as ap_int of that
// width and let a C++ compiler vectorise the simulation. int4 and int2 exist packed in bytes only (element 0 in the low
// bits), so that a FIFO of N of them is N * 4 (2) bits wide: hls::vector<ap_int<4>, N> takes a byte each.
//
// Conversion. fp32 to integer rounds half to even and saturates (-2^(b-1) … 2^(b-1)-1; infinities and NaN saturate by
// their sign). It works on the bits of the float: no adder or comparator core, the same result with every tool.
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

constexpr int ceil_div(int dividend, int divisor) { return (dividend + divisor - 1) / divisor; }
constexpr int padded(int count, int multiple) { return ceil_div(count, multiple) * multiple; }
constexpr int least(int a, int b) { return a < b ? a : b; }
constexpr int greatest(int a, int b) { return a > b ? a : b; }
/// Smallest n with 2^n >= count: bits of an index, levels of an adder tree.
constexpr int ceil_log2(int count) { return count <= 1 ? 0 : 1 + ceil_log2((count + 1) / 2); }

/// BITS of an element, the type VALUE that arithmetic sees, and the type of a word of N.
template <class ELEMENT>
struct element;

template <class NATIVE, int WIDTH, bool INTEGER>
struct native_element {
  typedef NATIVE value;
  static const int bits = WIDTH;
  static const bool integer = INTEGER;
  static constexpr int slots(int elements) { return elements; }
  template <int N>
  using vector = hls::vector<NATIVE, N>;

  template <class WORD>
  static NATIVE get(const WORD &word, int index) {
#pragma HLS INLINE
    return word[index];
  }
  template <class WORD>
  static void set(WORD &word, int index, NATIVE value) {
#pragma HLS INLINE
    word[index] = value;
  }
};

template <int WIDTH>
struct packed_element {
  typedef int8 value;
  static const int bits = WIDTH;
  static const bool integer = true;
  static const int in_a_byte = 8 / WIDTH;
  static constexpr int slots(int elements) { return ceil_div(elements, in_a_byte); }
  template <int N>
  using vector = hls::vector<unsigned char, slots(N)>;

  template <class WORD>
  static int8 get(const WORD &word, int index) {
#pragma HLS INLINE
    const int field = (word[index / in_a_byte] >> (index % in_a_byte * WIDTH)) & ((1 << WIDTH) - 1);
    const int sign = 1 << (WIDTH - 1);
    return (int8)((field ^ sign) - sign);
  }
  template <class WORD>
  static void set(WORD &word, int index, int8 value) {
#pragma HLS INLINE
    const unsigned shift = (unsigned)(index % in_a_byte * WIDTH);
    const unsigned mask = ((1u << WIDTH) - 1) << shift;
    const unsigned others = word[index / in_a_byte] & ~mask;
    word[index / in_a_byte] = (unsigned char)(others | (((unsigned)value << shift) & mask));
  }
};

template <>
struct element<int2> : packed_element<2> {};
template <>
struct element<int4> : packed_element<4> {};
template <>
struct element<int8> : native_element<int8, 8, true> {};
template <>
struct element<int16> : native_element<int16, 16, true> {};
template <>
struct element<int32> : native_element<int32, 32, true> {};
template <>
struct element<fp32> : native_element<fp32, 32, false> {};

/// A stream word of N elements.
template <class ELEMENT, int N>
using word = typename element<ELEMENT>::template vector<N>;

/// Element of a word as a number, sign extended; index = column * T + token.
template <class ELEMENT, class WORD>
typename element<ELEMENT>::value get(const WORD &from, int index) {
#pragma HLS INLINE
  return element<ELEMENT>::get(from, index);
}

template <class ELEMENT, class WORD>
void set(WORD &to, int index, typename element<ELEMENT>::value value) {
#pragma HLS INLINE
  element<ELEMENT>::set(to, index, value);
}

/// A word of N zeros.
template <class ELEMENT, int N>
word<ELEMENT, N> zeros() {
#pragma HLS INLINE
  word<ELEMENT, N> result;
  for (int i = 0; i < element<ELEMENT>::slots(N); i++) {
#pragma HLS UNROLL
    result[i] = 0;
  }
  return result;
}

/// A slot of a word out of its bytes, the lowest first.
template <class SLOT>
SLOT slot_from_bytes(const unsigned char *bytes) {
#pragma HLS INLINE
  unsigned bits = 0;
  for (unsigned i = 0; i < sizeof(SLOT); i++) {
#pragma HLS UNROLL
    bits |= (unsigned)bytes[i] << (8 * i);
  }
  return (SLOT)bits;
}

/// A word of N integers as it lies in memory.
template <class ELEMENT, int N>
word<ELEMENT, N> word_from_bytes(const unsigned char *bytes) {
#pragma HLS INLINE
  static_assert(element<ELEMENT>::integer, "only words of integers lie packed in memory");
  typedef typename word<ELEMENT, N>::value_type slot;
  word<ELEMENT, N> result;
  for (int i = 0; i < element<ELEMENT>::slots(N); i++) {
#pragma HLS UNROLL
    result[i] = slot_from_bytes<slot>(bytes + i * (int)sizeof(slot));
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

/// fp32 to the type of a stream: integers are rounded and saturated, fp32 stays as it is. Scale first.
template <class TO>
struct quantiser {
  static TO apply(float value) {
#pragma HLS INLINE
    return (TO)round_half_to_even<element<TO>::bits>(value);
  }
};
template <>
struct quantiser<fp32> {
  static fp32 apply(float value) {
#pragma HLS INLINE
    return value;
  }
};

template <class TO>
TO quantise(float value) {
#pragma HLS INLINE
  return quantiser<TO>::apply(value);
}

/// An element of a stream as fp32: integers times SCALE, fp32 as it is (SCALE is then not used).
template <class FROM>
struct dequantiser {
  static fp32 apply(FROM value, float scale) {
#pragma HLS INLINE
    return (float)value * scale;
  }
};
template <>
struct dequantiser<fp32> {
  static fp32 apply(fp32 value, float) {
#pragma HLS INLINE
    return value;
  }
};

template <class FROM>
fp32 dequantise(FROM value, float scale) {
#pragma HLS INLINE
  return dequantiser<FROM>::apply(value, scale);
}

}  // namespace weft

#endif
