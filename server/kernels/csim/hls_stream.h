// hls::stream<T, DEPTH>: FIFOs between processes, for C simulation without the vendor's tools.
//
// Two ways to run, see README.md: sequential (streams without a bound), or with -DWEFT_FIBERS as in hardware (FIFOs of
// DEPTH tokens, processes side by side, modelled cycles).
#ifndef WEFT_CSIM_HLS_STREAM_H
#define WEFT_CSIM_HLS_STREAM_H

#ifdef WEFT_FIBERS
#include "weft_sim/fifo.h"
#else
#include "weft_sim/sequential.h"
#endif
#include "weft_sim/record.h"

#define DF_BEGIN ::weft_sim::region weft_region;
#define DF_CALL(function, ...) weft_region.call(#function, [&] { function(__VA_ARGS__); });
#define DF_CALL_OF(index, function, ...) weft_region.call(#function, [&, index] { function(__VA_ARGS__); });
#define DF_END weft_region.join();
#define WEFT_UNBOUNDED(stream) (stream).weft_unbounded()

namespace hls {

template <class T, int DEPTH = 0> class stream;

/// A stream of any depth, as a function takes it by reference: hls::stream<T>&. Declared as a variable it has depth 2,
/// the vendor's default.
template <class T> class stream<T, 0> {
 public:
  stream() : stream("", 2) {}
  explicit stream(const char* name) : stream(name, 2) {}
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  /// Waits for a token in fibre mode; in sequential mode there must be one.
  T read() { return channel_.take(); }
  void read(T& token) { token = channel_.take(); }
  void operator>>(T& token) { token = channel_.take(); }

  void write(const T& token) {
    if (__builtin_expect(tape_ != nullptr, 0)) tape_->append(&token);
    channel_.put(token);
  }
  void operator<<(const T& token) { write(token); }

  /// False, and no effect, when there is no token (no room) now.
  bool read_nb(T& token) {
    if (channel_.empty()) return false;
    token = channel_.take();
    return true;
  }
  bool write_nb(const T& token) {
    if (channel_.full()) return false;
    write(token);
    return true;
  }
  bool empty() { return channel_.empty(); }
  bool full() { return channel_.full(); }
  std::size_t size() { return channel_.size(); }

  /// See WEFT_UNBOUNDED: not part of the documented interface.
  void weft_unbounded() { channel_.make_unbounded(); }

 protected:
  stream(const char* name, std::size_t depth)
      : channel_(name, depth), tape_(weft_sim::tape_for(channel_.name(), typeid(T), sizeof(T))) {}

 private:
  weft_sim::channel<T> channel_;
  weft_sim::tape* tape_;
};

template <class T, int DEPTH> class stream : public stream<T, 0> {
  static_assert(DEPTH > 0, "hls::stream: a depth of at least 1 is expected");

 public:
  stream() : stream<T, 0>("", DEPTH) {}
  explicit stream(const char* name) : stream<T, 0>(name, DEPTH) {}
};

}  // namespace hls

#endif
