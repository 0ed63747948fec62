// Which native type holds an integer of W bits, and how a value is wrapped into W bits of it.
#ifndef WEFT_SIM_NATIVE_H
#define WEFT_SIM_NATIVE_H

#include <cstdint>
#include <type_traits>

/// The widest ap_int or ap_uint. The vendor's tools ask for the same macro before the first include of ap_int.h.
#ifndef AP_INT_MAX_W
#define AP_INT_MAX_W 1024
#endif

namespace weft_sim {

template <int Bits, bool Signed> struct native_of_size;
template <> struct native_of_size<8, true> { using type = std::int8_t; };
template <> struct native_of_size<8, false> { using type = std::uint8_t; };
template <> struct native_of_size<16, true> { using type = std::int16_t; };
template <> struct native_of_size<16, false> { using type = std::uint16_t; };
template <> struct native_of_size<32, true> { using type = std::int32_t; };
template <> struct native_of_size<32, false> { using type = std::uint32_t; };
template <> struct native_of_size<64, true> { using type = std::int64_t; };
template <> struct native_of_size<64, false> { using type = std::uint64_t; };

/// The smallest native type of at least W bits; 64 bits for anything wider.
template <int W, bool Signed>
using native = typename native_of_size<(W <= 8 ? 8 : W <= 16 ? 16 : W <= 32 ? 32 : 64), Signed>::type;

/// The unsigned type to compute in, modulo 2^32 or 2^64: at least as wide as `int`, so that nothing is promoted to a
/// signed type that could overflow, and no wider than needed, so that loops over narrow operands vectorise.
template <int W> using modular = typename std::conditional<(W <= 32), std::uint32_t, std::uint64_t>::type;

/// The lowest W bits of `bits`, as a W-bit two's complement or unsigned number. W <= 64.
template <int W, bool Signed, class Bits> inline native<W, Signed> wrap(Bits bits) {
  using value = native<W, Signed>;
  using raw = typename std::make_unsigned<value>::type;
  constexpr int spare = int(sizeof(value)) * 8 - W;
  return value(value(raw(raw(bits) << spare)) >> spare);
}

template <bool Condition> using enable_if = typename std::enable_if<Condition, int>::type;

constexpr int larger(int a, int b) { return a > b ? a : b; }
constexpr int smaller(int a, int b) { return a < b ? a : b; }

}  // namespace weft_sim

#endif
