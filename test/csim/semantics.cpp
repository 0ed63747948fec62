// What ap_int, ap_fixed and hls::vector mean, line by line; prints the lines that do not hold.
#include <ap_axi_sdata.h>
#include <ap_fixed.h>
#include <ap_int.h>
#include <hls_vector.h>

#include <cstdio>
#include <sstream>
#include <string>
#include <type_traits>

static int failures = 0;
#define HOLDS(...) \
  if (!(__VA_ARGS__)) ++failures, std::printf("line %d: %s\n", __LINE__, #__VA_ARGS__);

template <class T> std::string shown(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}
template <int W, bool S, class T> bool has_type(const T&) {
  return T::width == W && T::sign_flag == S;
}

static void widths_of_results() {
  const ap_int<8> i8 = -100;
  const ap_uint<8> u8 = 200;
  const ap_int<5> i5 = -16;
  HOLDS(has_type<9, true>(i8 + i8));
  HOLDS(has_type<9, false>(u8 + u8));
  HOLDS(has_type<10, true>(u8 + i5));
  HOLDS(has_type<9, true>(i8 + ap_uint<5>(1)));
  HOLDS(has_type<9, true>(u8 - u8));
  HOLDS(has_type<13, true>(i8 * i5));
  HOLDS(has_type<16, false>(u8 * u8));
  HOLDS(has_type<9, true>(u8 / i5));
  HOLDS(has_type<8, true>(i8 / ap_uint<5>(3)));
  HOLDS(has_type<5, true>(i8 % i5));
  HOLDS(has_type<6, true>(i8 % ap_uint<5>(3)));
  HOLDS(has_type<8, false>(~u8));
  HOLDS(has_type<9, true>(-u8));
  HOLDS(has_type<33, true>(i8 + 1));
  HOLDS(has_type<8, false>(u8 << 8));
  HOLDS(u8 - ap_uint<8>(201) == -1);
  HOLDS(i8 + i8 == -200);
  HOLDS(i5 * i5 == 256);
  HOLDS(ap_int<8>(-128) / ap_int<8>(-1) == 128);
  HOLDS(i8 % ap_int<8>(7) == -2);
}

static void wrapping_and_shifts() {
  ap_int<8> a = 300;
  HOLDS(a == 44);
  a += 100;
  HOLDS(a == -112);
  a -= 100;
  HOLDS(a == 44);
  a *= 6;
  HOLDS(a == 8);
  ap_uint<16> lost = ap_uint<8>(0xAB) << 8;
  HOLDS(lost == 0);
  lost = ap_uint<16>(ap_uint<8>(0xAB)) << 8;
  HOLDS(lost == 0xAB00);
  HOLDS((ap_int<8>(-128) >> 3) == -16);
  HOLDS((ap_int<8>(-1) >> 100) == -1);
  HOLDS((ap_uint<8>(255) >> 100) == 0);
  HOLDS((ap_uint<8>(3) << -1) == 1);
  HOLDS((ap_int<100>(-1) >> 99) == -1);
  HOLDS((ap_uint<100>(1) << 99 >> 99) == 1u);
  HOLDS(-ap_int<8>(-128) == 128);
  HOLDS(~ap_uint<4>(5) == 10);
  HOLDS(!ap_int<70>(0) && !!ap_int<70>(1));
  ap_uint<2> two = 3;
  HOLDS(two++ == 3 && two == 0 && --two == 3);
  HOLDS(ap_int<8>(-1.9) == -1 && ap_uint<4>(17.5f) == 1);
  HOLDS(ap_int<100>(-1e25).to_double() == -1e25);
  HOLDS(ap_int<8>(float(ap_int<8>(-77)) * 1.0f) == -77);
}

static void bits_and_ranges() {
  ap_int<8> s = -1;
  const int all = s.range(7, 0);
  HOLDS(all == 255);
  const ap_int<16> high = s.range(7, 4);
  HOLDS(high == 15);
  const ap_int<4> narrow = s.range(7, 4);
  HOLDS(narrow == -1);
  s[7] = 0;
  HOLDS(s == 127 && !s[7] && s[6]);
  s(3, 0) = 0;
  HOLDS(s == 0x70);
  s.range(6, 4) = s.range(5, 3);
  HOLDS(s == 0x60);
  s.range() = 0xFF;
  HOLDS(s == -1);
  const ap_uint<12> joined = (ap_uint<4>(3), ap_int<8>(-1));
  HOLDS(joined == 0x3FF);
  ap_uint<512> word = 0;
  for (int lane = 0; lane < 64; ++lane) word.range(8 * lane + 7, 8 * lane) = ap_int<8>(lane - 32);
  bool same = true;
  for (int lane = 0; lane < 64; ++lane) same &= ap_int<8>(word.range(8 * lane + 7, 8 * lane)) == lane - 32;
  HOLDS(same);
  const ap_uint<200> middle = word.range(299, 100);
  HOLDS(middle.range(99, 0) == word.range(199, 100) && middle.range(199, 100) == word.range(299, 200));
  ap_uint<512> copy = 0;
  copy.range(299, 100) = middle;
  HOLDS(copy.range(299, 100) == middle && ap_uint<100>(copy.range(99, 0)) == 0u && copy.range(511, 300) == 0u);
  ap_int<70> top = 0;
  top[69] = 1;
  HOLDS(top < 0 && top.sign() && top.countLeadingZeros() == 0);
  top.range(69, 64) = 0x1F;
  HOLDS(top > 0 && top.countLeadingZeros() == 1);
  HOLDS(ap_uint<66>(-1).and_reduce() && !ap_uint<66>(-2).and_reduce() && !ap_uint<66>(-2).xor_reduce() == 0);
  HOLDS(ap_uint<8>(0x80).or_reduce() && ap_uint<8>(7).xor_reduce());
  int table[4] = {10, 11, 12, 13};
  HOLDS(table[ap_uint<2>(6)] == 12);
}

static void text_and_memory() {
  HOLDS(shown(ap_int<8>(-5)) == "-5" && shown(ap_uint<8>(65)) == "65");
  HOLDS(shown(ap_int<100>("-633825300114114700748351602688")) == "-633825300114114700748351602688");
  HOLDS(ap_uint<72>("0123456789abcdef01", 16).to_string(16) == "0123456789abcdef01");
  HOLDS(ap_int<5>(-3).to_string(2) == "11101");
  HOLDS(sizeof(ap_int<4>) == 1 && sizeof(ap_int<9>) == 2 && sizeof(ap_int<18>) == 4 && sizeof(ap_int<33>) == 8);
  HOLDS(sizeof(ap_int<65>) == 16 && sizeof(ap_uint<128>) == 16 && sizeof(ap_uint<300>) == 64);
  HOLDS(sizeof(ap_uint<512>) == 64 && sizeof(ap_uint<1024>) == 128);
  HOLDS(sizeof(hls::vector<ap_int<4>, 16>) == 16 && sizeof(hls::vector<ap_int<8>, 12>) == 12);
  HOLDS(alignof(hls::vector<ap_int<8>, 12>) == 4);
  HOLDS(std::is_trivially_copyable<ap_uint<512>>::value);
  ap_axiu<64, 0, 0, 0> beat;
  beat.data = 7;
  beat.keep = -1;
  beat.last = 1;
  HOLDS(beat.data == 7u && beat.keep == 255 && beat.last == 1);
}

static void fixed_point() {
  const ap_fixed<8, 4> wrapped = 9.0, minus = -1.5;
  HOLDS(wrapped.to_double() == -7);
  HOLDS((ap_fixed<8, 4, AP_TRN, AP_SAT>(-9).to_double()) == -8);
  HOLDS((ap_fixed<8, 4, AP_TRN, AP_SAT_SYM>(-9).to_double()) == -7.9375);
  HOLDS(int(minus) == -1 && ap_int<8>(minus) == -1 && ap_fixed<8, 8>(minus).to_double() == -2);
  HOLDS((minus * minus).to_double() == 2.25 && (minus + wrapped).to_double() == -8.5 && (-minus).to_double() == 1.5);
  HOLDS((minus << 1).to_double() == -3 && (minus >> 5).to_double() == -0.0625);
  HOLDS(minus < 0 && minus > wrapped && minus + 2 == ap_fixed<8, 4>(0.5));
  const ap_fixed<6, 4, AP_RND_CONV, AP_SAT> even = ap_fixed<8, 4>(1.125), odd = ap_fixed<8, 4>(1.375);
  HOLDS(even.to_double() == 1 && odd.to_double() == 1.5);
  ap_fixed<8, 4> raw;
  raw.range() = 0x18;
  HOLDS(raw.to_double() == 1.5 && raw.range(7, 4) == 1 && raw[3]);
  raw += 0.25 == 0.25 ? ap_fixed<8, 4>(0.25) : raw;
  HOLDS(raw.to_double() == 1.75);
}

static void vectors() {
  using lanes = hls::vector<ap_int<8>, 4>;
  const lanes a = {1, 2, 3, 4}, b(ap_int<8>(100));
  HOLDS(a + b == lanes({101, 102, 103, 104}) && a - b < a && a != b);
  HOLDS((a + b).reduce_add() == ap_int<8>(410) && a.reduce_mult() == 24 && a.reduce_or() == 7);
  HOLDS(a * ap_int<8>(2) == lanes({2, 4, 6, 8}) && -a == lanes({-1, -2, -3, -4}) && (a << ap_int<8>(1))[3] == 8);
  HOLDS(lanes::size() == 4 && a.end() - a.begin() == 4);
}

int main(int argc, char** argv) {
  widths_of_results();
  wrapping_and_shifts();
  bits_and_ranges();
  text_and_memory();
  fixed_point();
  vectors();
  std::printf("%d failures\n", failures);
  // The checks at run time: each argument does one thing that ends the program.
  const std::string wrong = argc > 1 ? argv[1] : "";
  ap_uint<8> word = 1;
  const int eight = 8 * argc / argc;
  if (wrong == "bit") word[eight] = 1;
  if (wrong == "range") word.range(3, eight) = 1;
  if (wrong == "divide") word /= ap_uint<8>(argc - argc);
  if (wrong == "lane") return hls::vector<int, 4>(1)[eight];
  if (wrong == "list") return hls::vector<int, 4>({1, 2, 3})[0];
  return failures != 0;
}
