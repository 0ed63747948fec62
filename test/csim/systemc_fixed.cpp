// ap_fixed and ap_ufixed against SystemC's sc_fix: every quantisation with every overflow mode, and + - *.
#define SC_INCLUDE_FX
#include <ap_fixed.h>

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

static long compared = 0, failures = 0;
static void same(const char* what, double source, double got, double expected) {
  ++compared;
  if (got != expected && ++failures < 20) std::printf("%s of %.17g: got %.17g, expected %.17g\n", what, source, got, expected);
}

static sc_dt::sc_q_mode in_systemc(ap_q_mode mode) {
  switch (mode) {
    case AP_RND: return sc_dt::SC_RND;
    case AP_RND_ZERO: return sc_dt::SC_RND_ZERO;
    case AP_RND_MIN_INF: return sc_dt::SC_RND_MIN_INF;
    case AP_RND_INF: return sc_dt::SC_RND_INF;
    case AP_RND_CONV: return sc_dt::SC_RND_CONV;
    case AP_TRN_ZERO: return sc_dt::SC_TRN_ZERO;
    default: return sc_dt::SC_TRN;
  }
}
static sc_dt::sc_o_mode in_systemc(ap_o_mode mode) {
  switch (mode) {
    case AP_SAT: return sc_dt::SC_SAT;
    case AP_SAT_ZERO: return sc_dt::SC_SAT_ZERO;
    case AP_SAT_SYM: return sc_dt::SC_SAT_SYM;
    default: return sc_dt::SC_WRAP;
  }
}

/// Often small, and often with zeros at the end, so that ties of rounding are met.
template <class Fixed> Fixed random_value() {
  Fixed value;
  const int zeros = int(random_bits() % Fixed::width);
  value.range() = random_bits() % 4 ? random_bits() << zeros : std::uint64_t(std::int64_t(random_bits()) >> 60);
  return value;
}

/// What SystemC makes of a value that a double holds.
static double expected(double value, int width, int whole, bool with_sign, ap_q_mode q, ap_o_mode o) {
  if (with_sign) {
    sc_dt::sc_fix target(width, whole, in_systemc(q), in_systemc(o));
    target = value;
    return target.to_double();
  }
  sc_dt::sc_ufix target(width, whole, in_systemc(q), in_systemc(o));
  target = value;
  return target.to_double();
}

template <class From, int W, int I, ap_q_mode Q, ap_o_mode O> void fuzz_modes() {
  for (int round = 0; round < 100; ++round) {
    const From source = random_value<From>();
    const double value = source.to_double();
    same("signed conversion", value, ap_fixed<W, I, Q, O>(source).to_double(), expected(value, W, I, true, Q, O));
    same("unsigned conversion", value, ap_ufixed<W, I, Q, O>(source).to_double(), expected(value, W, I, false, Q, O));
    same("signed from double", value, ap_fixed<W, I, Q, O>(value).to_double(), expected(value, W, I, true, Q, O));
    const double odd = value * 1.7e-3;
    same("signed from double", odd, ap_fixed<W, I, Q, O>(odd).to_double(), expected(odd, W, I, true, Q, O));
  }
}
template <class From, int W, int I, ap_o_mode O> void fuzz_overflow() {
  fuzz_modes<From, W, I, AP_RND, O>();
  fuzz_modes<From, W, I, AP_RND_ZERO, O>();
  fuzz_modes<From, W, I, AP_RND_MIN_INF, O>();
  fuzz_modes<From, W, I, AP_RND_INF, O>();
  fuzz_modes<From, W, I, AP_RND_CONV, O>();
  fuzz_modes<From, W, I, AP_TRN, O>();
  fuzz_modes<From, W, I, AP_TRN_ZERO, O>();
}
template <class From, int W, int I> void fuzz_conversion() {
  fuzz_overflow<From, W, I, AP_SAT>();
  fuzz_overflow<From, W, I, AP_SAT_ZERO>();
  fuzz_overflow<From, W, I, AP_SAT_SYM>();
  fuzz_overflow<From, W, I, AP_WRAP>();
}
template <class A, class B> void fuzz_arithmetic() {
  for (int round = 0; round < 300; ++round) {
    const A a = random_value<A>();
    const B b = random_value<B>();
    const sc_dt::sc_fxval x(a.to_double()), y(b.to_double());
    same("sum", a.to_double(), (a + b).to_double(), sc_dt::sc_fxval(x + y).to_double());
    same("difference", a.to_double(), (a - b).to_double(), sc_dt::sc_fxval(x - y).to_double());
    same("product", a.to_double(), (a * b).to_double(), sc_dt::sc_fxval(x * y).to_double());
    same("negation", a.to_double(), (-a).to_double(), -a.to_double());
    same("<", a.to_double(), a < b, x < y);
    same("==", a.to_double(), a == b, x == y);
  }
}

int sc_main(int, char**) {
  fuzz_conversion<ap_fixed<16, 6>, 8, 4>();
  fuzz_conversion<ap_ufixed<12, 4>, 6, 3>();
  fuzz_conversion<ap_fixed<40, 12>, 33, 16>();
  fuzz_conversion<ap_fixed<20, 3>, 7, -2>();
  fuzz_arithmetic<ap_fixed<16, 6>, ap_fixed<16, 6>>();
  fuzz_arithmetic<ap_fixed<16, 6>, ap_ufixed<9, 1>>();
  fuzz_arithmetic<ap_fixed<24, 20>, ap_fixed<24, -3>>();
  std::printf("%ld results compared, %ld differ\n", compared, failures);
  return failures != 0;
}
