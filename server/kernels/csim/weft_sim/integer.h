// integer<W, S>: the value behind ap_int and ap_uint, and the type of what their operators return.
//
// Up to 64 bits it is one native integer of the next size, so that an array of ap_int<8> is an array of bytes and loops
// over it vectorise. Above, it is an array of 64-bit limbs. Either way it is kept extended: the bits above W repeat the
// sign (or are 0).
#ifndef WEFT_SIM_INTEGER_H
#define WEFT_SIM_INTEGER_H

#include <cmath>

#include "fail.h"
#include "limbs.h"
#include "native.h"

namespace weft_sim {

template <int W, bool S> class integer;
template <class Integer> class bit_reference;
template <class Integer> class range_reference;

/// A power of two of limbs: the size that a word of W bits has in the memory behind an m_axi port.
constexpr int limbs_for(int bits, int limbs = 1) { return limbs * 64 >= bits ? limbs : limbs_for(bits, 2 * limbs); }

#ifdef __cpp_aligned_new
constexpr int largest_alignment = 128;
#else
// Before C++17 `new` and the standard containers align no further than this.
constexpr int largest_alignment = 16;
#endif

template <int W, bool S, bool Wide = (W > 64)> struct storage {
  static constexpr int count = 1;
  native<W, S> value;

  /// Stands wherever a native integer may: as an index, a condition, an argument. Wider words need to_int64() and the
  /// like, which say that something is cut off.
  operator native<W, S>() const { return value; }

  /// The value, modulo 2^64 if it is wider.
  native<W, S> low() const { return value; }
  limbs::limb limb(int i) const { return i == 0 ? limbs::limb(value) : S && value < 0 ? limbs::all_ones : 0; }
  bool negative() const { return S && value < 0; }

  /// Bits low ... low + 63 of the W bits, unsigned.
  limbs::limb read(int low) const { return (limbs::limb(value) & limbs::mask(W)) >> low; }
  void write(int low, int width, limbs::limb bits) {
    // A write of the whole word does not read it: it may hold no defined value yet.
    limbs::limb all = width == W ? 0 : limbs::limb(value);
    limbs::write(&all, 1, low, width, bits);
    value = wrap<W, S>(all);
  }
};

template <int W, bool S> struct alignas(smaller(8 * limbs_for(W), largest_alignment)) storage<W, S, true> {
  static constexpr int count = limbs_for(W);
  limbs::limb value[count];

  limbs::limb low() const { return value[0]; }
  limbs::limb limb(int i) const { return i < count ? value[i] : negative() ? limbs::all_ones : 0; }
  bool negative() const { return S && value[count - 1] >> 63; }

  limbs::limb read(int low) const { return limbs::read(value, count, low) & limbs::mask(W - low); }
  void write(int low, int width, limbs::limb bits) {
    limbs::write(value, count, low, width, bits);
    if (low + width == W) extend();
  }
  /// Makes the bits above W repeat the sign, or 0.
  void extend() {
    constexpr int top = (W - 1) / 64, used = W - 64 * top;
    value[top] = wrap<used, S>(value[top]);
    const limbs::limb fill = S && value[top] >> 63 ? limbs::all_ones : 0;
    for (int i = top + 1; i < count; ++i) value[i] = fill;
  }
};

// --- What may stand beside an ap_int in an expression, and which integer it counts as ---

template <int W, bool S> integer<W, S> as_integer(const integer<W, S>*);
template <class Integer> integer<Integer::width, false> as_integer(const range_reference<Integer>*);
template <class Integer> integer<1, false> as_integer(const bit_reference<Integer>*);
template <class T, enable_if<std::is_integral<T>::value> = 0>
integer<std::is_same<T, bool>::value ? 1 : int(sizeof(T)) * 8, std::is_signed<T>::value> as_integer(const T*);

/// The integer<W, S> that a T counts as; no type at all when T is no integer.
template <class T> using integer_of = decltype(as_integer(static_cast<const T*>(nullptr)));

template <class T, class = void> struct is_arbitrary : std::false_type {};
/// True for ap types and references to their bits, false for native types.
template <class T>
struct is_arbitrary<T, typename std::enable_if<std::is_class<T>::value && (integer_of<T>::width > 0)>::type>
    : std::true_type {};

/// Whether every value of an integer<FromW, FromS> is one of integer<ToW, ToS>.
constexpr bool holds(int to_width, bool to_signed, int from_width, bool from_signed) {
  return to_signed == from_signed ? from_width <= to_width : to_signed && from_width < to_width;
}

template <int W, bool S> class integer : public storage<W, S> {
 public:
  static constexpr int width = W;
  static constexpr bool sign_flag = S;
  static constexpr bool wide = W > 64;
  static constexpr int count = storage<W, S>::count;

  /// Holds no defined value, as in hardware. With -DWEFT_POISON=<byte> it holds that byte over and over: a result that
  /// changes with the byte depends on a value that was never written.
  integer() {
#ifdef WEFT_POISON
    set_limbs([](int) { return limbs::limb(WEFT_POISON) * 0x0101010101010101u; });
#endif
  }

  /// From any integer: wraps, silently, as assignment in hardware does.
  template <class T, class = integer_of<T>> integer(const T& source) { assign(source); }

  /// From a floating-point value: towards zero, then wraps.
  template <class F, enable_if<std::is_floating_point<F>::value> = 0> explicit integer(F source) {
    int exponent = 0;
    const double fraction = std::frexp(double(source), &exponent);
    const auto mantissa = std::int64_t(std::ldexp(std::fabs(fraction), 53));
    const int shift = exponent - 53;
    if (shift <= 0) {
      assign(shift < -63 ? std::int64_t(0) : mantissa >> -shift);
    } else {
      set_limbs([&](int i) { return i == 0 ? limbs::limb(mantissa) : 0; });
      shift_left(shift);
    }
    if (fraction < 0) negate();
  }

  /// From digits, for constants that no native literal holds. `radix` is 2, 10 or 16; a leading '-' negates.
  integer(const char* digits, int radix) {
    assign(0);
    const bool minus = *digits == '-';
    for (const char* at = digits + minus; *at; ++at) {
      const int digit = *at <= '9' ? *at - '0' : (*at | 0x20) - 'a' + 10;
      if (digit < 0 || digit >= radix) fail(bad_value, std::string("not a number: \"") + digits + '"');
      limbs::limb carry = limbs::limb(digit);
      set_limbs([&](int i) {
        const limbs::double_limb sum = limbs::double_limb(stored().limb(i)) * unsigned(radix) + carry;
        carry = limbs::limb(sum >> 64);
        return limbs::limb(sum);
      });
    }
    if (minus) negate();
  }

  /// From a value that is known to fit (narrow) or from the lowest W of these bits (wide).
  template <class Bits> static integer exact(Bits bits) {
    integer result;
    result.set_exact(bits, std::integral_constant<bool, wide>());
    return result;
  }
  /// From the W lowest bits of the limbs that `limb_at(0)`, `limb_at(1)`, ... give, asked for in that order.
  template <class LimbAt> static integer from_limbs(LimbAt limb_at) {
    integer result;
    result.set_limbs(limb_at);
    return result;
  }

  // Reading and writing of bits. The position may be known at run time only; it is checked.
  bit_reference<const integer> operator[](int i) const { return {*this, checked(i)}; }
  bit_reference<integer> operator[](int i) { return {*this, checked(i)}; }
  range_reference<const integer> range(int high, int low) const { return {*this, checked(high, low), low}; }
  range_reference<integer> range(int high, int low) { return {*this, checked(high, low), low}; }
  range_reference<const integer> range() const { return range(W - 1, 0); }
  range_reference<integer> range() { return range(W - 1, 0); }
  range_reference<const integer> operator()(int high, int low) const { return range(high, low); }
  range_reference<integer> operator()(int high, int low) { return range(high, low); }
  bool test(int i) const { return stored().read(checked(i)) & 1; }
  bool get_bit(int i) const { return test(i); }
  void set_bit(int i, bool value) { stored().write(checked(i), 1, value); }
  void set(int i) { set_bit(i, true); }
  void clear(int i) { set_bit(i, false); }
  void invert(int i) { set_bit(i, !test(i)); }

  bool and_reduce() const {
    for (int i = 0; i < W; i += 64) {
      if (stored().read(i) != limbs::mask(W - i)) return false;
    }
    return true;
  }
  bool or_reduce() const { return !is_zero(); }
  bool xor_reduce() const {
    static_assert(!S, "xor_reduce() of a signed ap_int differs between tools: copy it to an ap_uint first");
    limbs::limb folded = 0;
    for (int i = 0; i < count; ++i) folded ^= stored().limb(i);
    return __builtin_parityll(folded);
  }
  int countLeadingZeros() const {
    int zeros = 0;
    while (zeros < W && !test(W - 1 - zeros)) ++zeros;
    return zeros;
  }
  int length() const { return W; }
  bool sign() const { return stored().negative(); }

  int to_int() const { return int(stored().low()); }
  unsigned to_uint() const { return unsigned(stored().low()); }
  std::int64_t to_int64() const { return std::int64_t(stored().low()); }
  std::uint64_t to_uint64() const { return std::uint64_t(stored().low()); }
  double to_double() const { return to_double_of(std::integral_constant<bool, wide>()); }
  float to_float() const { return float(to_double()); }
  std::string to_string(int radix = 2) const;

  bool is_zero() const {
    limbs::limb any = 0;
    for (int i = 0; i < count; ++i) any |= stored().limb(i);
    return any == 0;
  }

  // The parts that operators are made of; not part of the documented interface.
  const storage<W, S>& stored() const { return *this; }
  storage<W, S>& stored() { return *this; }
  template <int W2, bool S2> void assign(const integer<W2, S2>& source) {
    assign_from(source, std::integral_constant<bool, wide>());
  }
  template <class Integer> void assign(const range_reference<Integer>& source) {
    set_limbs([&](int i) { return source.limb(i); });
  }
  template <class Integer> void assign(const bit_reference<Integer>& source) {
    set_limbs([&](int i) { return limbs::limb(i == 0 && bool(source)); });
  }
  template <class T, enable_if<std::is_integral<T>::value> = 0> void assign(T source) {
    assign(integer_of<T>::exact(source));
  }
  template <class LimbAt> void set_limbs(LimbAt limb_at) {
    set_limbs_of(limb_at, std::integral_constant<bool, wide>());
  }
  void negate() {
    limbs::limb carry = 1;
    set_limbs([&](int i) {
      const limbs::limb flipped = ~stored().limb(i), sum = flipped + carry;
      carry = carry && sum == 0;
      return sum;
    });
  }
  void shift_left(int amount) { shift_left_of(amount, std::integral_constant<bool, wide>()); }
  void shift_right(int amount) { shift_right_of(amount, std::integral_constant<bool, wide>()); }

 private:
  using narrow_tag = std::false_type;
  using wide_tag = std::true_type;

  static int checked(int i) {
    if (__builtin_expect(i < 0 || i >= W, 0)) fail_bit(i, W);
    return i;
  }
  static int checked(int high, int low) {
    if (__builtin_expect(low < 0 || high < low || high >= W, 0)) fail_range(high, low, W);
    return high;
  }

  template <class Bits> void set_exact(Bits bits, narrow_tag) { stored().value = native<W, S>(bits); }
  template <class Bits> void set_exact(Bits bits, wide_tag) {
    set_limbs([&](int i) { return i == 0 ? limbs::limb(bits) : bits < 0 ? limbs::all_ones : 0; });
  }
  template <class LimbAt> void set_limbs_of(LimbAt limb_at, narrow_tag) { stored().value = wrap<W, S>(limb_at(0)); }
  template <class LimbAt> void set_limbs_of(LimbAt limb_at, wide_tag) {
    constexpr int used = (W + 63) / 64;
    for (int i = 0; i < used; ++i) stored().value[i] = limb_at(i);
    stored().extend();
  }
  template <int W2, bool S2> void assign_from(const integer<W2, S2>& source, narrow_tag) {
    const auto low = source.stored().low();
    stored().value = holds(W, S, W2, S2) ? native<W, S>(low) : wrap<W, S>(low);
  }
  template <int W2, bool S2> void assign_from(const integer<W2, S2>& source, wide_tag) {
    set_limbs([&](int i) { return source.stored().limb(i); });
  }

  void shift_left_of(int amount, narrow_tag) {
    stored().value = amount >= W ? native<W, S>(0) : wrap<W, S>(modular<W>(stored().value) << amount);
  }
  void shift_left_of(int amount, wide_tag) {
    limbs::shift_left(stored().value, count, amount);
    stored().extend();
  }
  void shift_right_of(int amount, narrow_tag) {
    stored().value = amount < W ? native<W, S>(stored().value >> amount) : native<W, S>(stored().negative() ? -1 : 0);
  }
  void shift_right_of(int amount, wide_tag) {
    limbs::shift_right(stored().value, count, amount, stored().negative() ? limbs::all_ones : 0);
  }

  double to_double_of(narrow_tag) const { return double(stored().value); }
  /// Rounded once, to nearest even: the upper limbs keep 64 significant bits, the last of them sticky.
  double to_double_of(wide_tag) const {
    integer<W + 1, false> magnitude(*this);
    if (stored().negative()) magnitude.negate();
    int top = W;
    while (top > 0 && !magnitude.test(top)) --top;
    const int dropped = top > 63 ? top - 63 : 0;
    limbs::limb significant = magnitude.stored().read(dropped);
    for (int i = 0; i < dropped; ++i) significant |= magnitude.test(i);
    const double result = std::ldexp(double(significant), dropped);
    return stored().negative() ? -result : result;
  }
};

template <int W, bool S> std::string integer<W, S>::to_string(int radix) const {
  if (radix != 2 && radix != 10 && radix != 16) fail(bad_value, "to_string: the radix is 2, 10 or 16");
  const int digit_bits = radix == 16 ? 4 : 1;
  std::string text;
  if (radix != 10) {
    for (int low = 0; low < W; low += digit_bits) {
      text.insert(text.begin(), "0123456789abcdef"[stored().read(low) & limbs::mask(digit_bits)]);
    }
    return text;
  }
  limbs::limb magnitude[count + 1];
  for (int i = 0; i <= count; ++i) magnitude[i] = stored().limb(i);
  if (stored().negative()) limbs::negate(magnitude, count + 1);
  do {
    text.insert(text.begin(), char('0' + limbs::divide_by_limb(magnitude, count + 1, 10)));
  } while (!limbs::is_zero(magnitude, count + 1));
  return stored().negative() ? "-" + text : text;
}

}  // namespace weft_sim

#endif
