// ap_int and ap_uint against SystemC's sc_signed on random operands: values of all operators, and the bits of results.
#define SC_INCLUDE_FX
#include <ap_int.h>

#include <systemc.h>

#include <cstdint>
#include <cstdio>

static std::uint64_t random_state = 0x9E3779B97F4A7C15u;
static std::uint64_t random_bits() {  // xorshift64*
  random_state ^= random_state >> 12;
  random_state ^= random_state << 25;
  random_state ^= random_state >> 27;
  return random_state * 2685821657736338717u;
}

constexpr int oracle_bits = 420;  // room for every exact result below
static long compared = 0, failures = 0;

/// The value of an ap_int, as SystemC's.
template <class Integer> sc_dt::sc_signed in_systemc(const Integer& value) {
  sc_dt::sc_signed result(oracle_bits);
  for (int i = 0; i < oracle_bits; ++i) result[i] = i < Integer::width ? value.test(i) : value.sign();
  return result;
}

template <class Integer> void same(const char* what, const Integer& got, const sc_dt::sc_signed& result) {
  ++compared;
  sc_dt::sc_signed expected(oracle_bits);
  expected = result;
  // The two agree when their lowest bits do: what an assignment to this width keeps. Above these, the sign is repeated.
  const auto again = Integer::from_limbs([&](int i) { return got.stored().limb(i); });
  const bool extended = got.stored().limb(Integer::count - 1) == again.stored().limb(Integer::count - 1);
  for (int i = 0; i < Integer::width; ++i) {
    if (got.test(i) == bool(expected[i]) && extended) continue;
    if (++failures < 20) {
      std::printf("%s: width %d, got %s, expected the low bits of %s\n", what, Integer::width, got.to_string(10).c_str(),
                  expected.to_string().c_str());
    }
    return;
  }
}
static void same(const char* what, bool got, bool expected) {
  ++compared;
  if (got != expected && ++failures < 20) std::printf("comparison %s: got %d\n", what, got);
}

/// Often an extreme value: that is where carries and signs go wrong.
template <class Integer> Integer random_value() {
  switch (random_bits() % 8) {
    case 0: return 0;
    case 1: return -1;
    case 2: return Integer(1) << (Integer::width - 1);
    case 3: return ~Integer(Integer(1) << (Integer::width - 1));
    case 4: return Integer(std::int64_t(random_bits()) >> 58);
    default: return Integer(Integer::from_limbs([](int) { return random_bits(); }));
  }
}

template <bool Allowed> struct when {};
template <class A, class B>
void ordering(const A& a, const B& b, const sc_dt::sc_signed& x, const sc_dt::sc_signed& y, when<true>) {
  same("<", a < b, x < y);
  same("==", a == b, x == y);
  same(">=", a >= b, x >= y);
  if (y == 0) return;
  same("/", a / b, x / y);
  same("%", a % b, x % y);
}
template <class A, class B>
void ordering(const A&, const B&, const sc_dt::sc_signed&, const sc_dt::sc_signed&, when<false>) {}

template <class A, class B> void fuzz_pair(int rounds) {
  for (int round = 0; round < rounds; ++round) {
    const A a = random_value<A>();
    const B b = random_value<B>();
    const sc_dt::sc_signed x = in_systemc(a), y = in_systemc(b);
    same("+", a + b, x + y);
    same("-", a - b, x - y);
    same("*", a * b, x * y);
    same("&", a & b, x & y);
    same("|", a | b, x | y);
    same("^", a ^ b, x ^ y);
    same("~", ~a, ~x);
    same("negation", -a, -x);
    same("conversion", A(b), y);
    const int amount = int(random_bits() % (A::width + 3));
    same("<<", a << amount, x << amount);
    same(">>", a >> amount, x >> amount);
    A sum = a, product = a, word = a;
    same("+=", sum += b, x + y);
    same("*=", product *= b, x * y);
    const int low = int(random_bits() % A::width), high = low + int(random_bits() % (A::width - low));
    same("range", ap_uint<A::width>(a.range(high, low)), sc_dt::sc_signed(sc_dt::sc_unsigned(x.range(high, low))));
    word.range(high, low) = b;
    sc_dt::sc_signed replaced = x;
    replaced.range(high, low) = y.range(high - low, 0);
    same("range =", word, replaced);
    same("concatenation", (a, b), (x << B::width) | sc_dt::sc_signed(sc_dt::sc_unsigned(y.range(B::width - 1, 0))));
    constexpr bool mixed = A::sign_flag != B::sign_flag;
    constexpr int without_sign = A::sign_flag ? B::width : A::width;
    ordering(a, b, x, y, when<!mixed || (without_sign < 32 && A::width <= 64 && B::width <= 64)>());
  }
}

int sc_main(int, char**) {
  fuzz_pair<ap_int<1>, ap_int<1>>(100);
  fuzz_pair<ap_int<8>, ap_int<8>>(400);
  fuzz_pair<ap_uint<8>, ap_uint<8>>(400);
  fuzz_pair<ap_uint<8>, ap_int<8>>(400);
  fuzz_pair<ap_int<27>, ap_int<18>>(400);
  fuzz_pair<ap_int<5>, ap_uint<31>>(400);
  fuzz_pair<ap_int<32>, ap_uint<32>>(400);
  fuzz_pair<ap_int<48>, ap_int<33>>(400);
  fuzz_pair<ap_int<64>, ap_int<64>>(400);
  fuzz_pair<ap_uint<64>, ap_uint<63>>(400);
  fuzz_pair<ap_uint<64>, ap_int<64>>(400);
  fuzz_pair<ap_int<65>, ap_int<64>>(400);
  fuzz_pair<ap_uint<90>, ap_uint<7>>(400);
  fuzz_pair<ap_int<90>, ap_uint<128>>(400);
  fuzz_pair<ap_int<128>, ap_int<37>>(400);
  fuzz_pair<ap_uint<200>, ap_uint<193>>(400);
  fuzz_pair<ap_int<200>, ap_int<130>>(400);
  std::printf("%ld results compared, %ld differ\n", compared, failures);
  return failures != 0;
}
