// exp, reciprocal, rsqrt, gelu and silu of common/*.h over floats of every magnitude.
//
//   functions bounds STEP   worst error over every STEP-th of all 2^32 floats: relative, of gelu and silu relative to |x|
//   functions values        for each float on stdin (as its bits), the six results (as bits)
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "exp.h"
#include "gelu.h"
#include "reciprocal.h"
#include "rsqrt.h"
#include "silu.h"

static const double least_normal = std::ldexp(1.0, -126);
static const double greatest = std::ldexp(2.0 - std::ldexp(1.0, -23), 127);
static const char *const names[] = {"exp", "reciprocal", "rsqrt", "gelu_erf", "gelu_tanh", "silu"};
static double worst[6];

static void note(int function, double error) {
  if (!(error <= worst[function])) worst[function] = error;
}

/// Error relative to `scale`, of a function whose results below the normal range are 0 and above it infinite.
static void compare(int function, float got, double exact, double scale) {
  if (exact > greatest) return note(function, std::isinf(got) && got > 0 ? 0 : 9);
  if (std::fabs(exact) < least_normal && got == 0) return;
  note(function, std::fabs(got - exact) / scale);
}

static void check(float x) {
  const double d = x;
  const double exponential = std::exp(d);
  compare(0, weft::exp(x), exponential, exponential);
  if (std::isinf(x)) return;
  if (std::fabs(d) >= least_normal) {
    compare(1, weft::reciprocal(x), 1 / d, std::fabs(1 / d));
    if (x > 0) compare(2, weft::rsqrt(x), 1 / std::sqrt(d), 1 / std::sqrt(d));
  }
  if (std::fabs(d) < 4 * least_normal) return;  // the product is subnormal
  const double inner = std::sqrt(2 / std::acos(-1.0)) * (d + 0.044715 * d * d * d);
  compare(3, weft::gelu_erf::apply(x), d * 0.5 * std::erfc(-d / std::sqrt(2.0)), std::fabs(d));
  compare(4, weft::gelu_tanh::apply(x), d / (1 + std::exp(-2 * inner)), std::fabs(d));
  compare(5, weft::silu::apply(x), d / (1 + std::exp(-d)), std::fabs(d));
}

int main(int, char **argv) {
  if (std::strcmp(argv[1], "bounds") == 0) {
    const unsigned long long step = std::strtoull(argv[2], nullptr, 10);
    for (unsigned long long bits = 0; bits >> 32 == 0; bits += step) {
      const float x = weft::float_of((unsigned)bits);
      if (!std::isnan(x)) check(x);
    }
    for (int f = 0; f < 6; f++) std::printf("%s %.9g\n", names[f], worst[f]);
  } else {
    unsigned bits;
    while (std::scanf("%u", &bits) == 1) {
      const float x = weft::float_of(bits);
      std::printf("%u %u %u %u %u %u\n", weft::bits_of(weft::exp(x)), weft::bits_of(weft::reciprocal(x)),
                  weft::bits_of(weft::rsqrt(x)), weft::bits_of(weft::gelu_erf::apply(x)),
                  weft::bits_of(weft::gelu_tanh::apply(x)), weft::bits_of(weft::silu::apply(x)));
    }
  }
}
