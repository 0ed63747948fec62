// How the simulator stops: one line on stderr that says what is wrong, and an exit code that says of which kind.
#ifndef WEFT_SIM_FAIL_H
#define WEFT_SIM_FAIL_H

#include <cstdio>
#include <cstdlib>
#include <string>

namespace weft_sim {

/// Exit codes of a simulation that the simulator itself ended. A test bench that finds a mismatch uses 1.
enum exit_code {
  bad_value = 64,        ///< an index outside a word, a division by zero, an initialiser list of the wrong length
  read_of_empty = 65,    ///< sequential mode: a read that would block for ever
  deadlock = 66,         ///< fibre mode: every process waits
  tokens_left = 67,      ///< a stream was destroyed with tokens in it
  wrong_connection = 68  ///< a stream with two writers or two readers
};

/// Ends the program at once: no destructor runs, since the state that it would see is wrong already.
[[noreturn]] inline void fail(exit_code code, const std::string& message) {
  std::fflush(stdout);
  std::fprintf(stderr, "weft csim: error: %s\n", message.c_str());
  std::fflush(stderr);
  std::_Exit(code);
}

// Failed checks of indices, out of line so that the checks themselves stay small enough to be inlined and folded away.

[[noreturn]] __attribute__((noinline, cold)) inline void fail_bit(long index, long width) {
  fail(bad_value, "bit " + std::to_string(index) + " of a word of " + std::to_string(width) + " bits");
}
[[noreturn]] __attribute__((noinline, cold)) inline void fail_range(long high, long low, long width) {
  fail(bad_value, "range(" + std::to_string(high) + ", " + std::to_string(low) + ") of a word of " +
                      std::to_string(width) + " bits; expected " + std::to_string(width - 1) + " >= high >= low >= 0");
}
[[noreturn]] __attribute__((noinline, cold)) inline void fail_lane(long index, long lanes) {
  fail(bad_value, "lane " + std::to_string(index) + " of an hls::vector of " + std::to_string(lanes) + " lanes");
}

}  // namespace weft_sim

#endif
