// Sequential simulation: a DATAFLOW region runs its processes one after the other, through streams without a bound.
#ifndef WEFT_SIM_SEQUENTIAL_H
#define WEFT_SIM_SEQUENTIAL_H

#include <cstddef>
#include <cstdint>

#include "fail.h"
#include "naming.h"

namespace weft_sim {

/// The path of the running process; empty in the test bench.
inline std::string& current_path() {
  static std::string path;
  return path;
}

class region {
 public:
  template <class Body> void call(const char* text, const Body& body) {
    const std::string outer = current_path();
    current_path() = path_of(outer, labels_.next(text));
    body();
    current_path() = outer;
  }
  void join() {}

 private:
  region_labels labels_;
};

/// What goes through a stream: a queue in chunks, so that a token is never copied again and memory read is given back.
template <class T> class channel {
 public:
  channel(const char* name, std::size_t) : name_(path_of(current_path(), name)) {}
  channel(const channel&) = delete;
  channel& operator=(const channel&) = delete;
  ~channel() {
    if (size() != 0) {
      fail(tokens_left, "the stream \"" + name_ + "\" is destroyed with " + std::to_string(size()) + " of " +
                            std::to_string(written_) + " tokens unread");
    }
    release(reading_);
    delete spare_;
  }

  void put(const T& token) {
    if (write_at_ == write_end_) append();
    *write_at_++ = token;
    ++written_;
  }
  T take() {
    if (__builtin_expect(read_ == written_, 0)) fail_empty();
    if (read_at_ == read_end_) advance();
    ++read_;
    return *read_at_++;
  }
  bool empty() { return read_ == written_; }
  bool full() { return false; }
  std::size_t size() const { return std::size_t(written_ - read_); }
  void make_unbounded() {}
  const std::string& name() const { return name_; }

 private:
  static constexpr std::size_t chunk_tokens = sizeof(T) >= 2048 ? 16 : 32768 / sizeof(T);
  struct chunk {
    T tokens[chunk_tokens];
    chunk* next = nullptr;
  };

  void append() {
    chunk* const added = spare_ ? spare_ : new chunk;
    spare_ = nullptr;
    added->next = nullptr;
    (writing_ ? writing_->next : reading_) = added;
    writing_ = added;
    write_at_ = added->tokens;
    write_end_ = write_at_ + chunk_tokens;
    if (!read_at_) start_reading(added);
  }
  void advance() {
    chunk* const done = reading_;
    start_reading(done->next);
    if (spare_) delete done;
    else spare_ = done;
  }
  void start_reading(chunk* from) {
    reading_ = from;
    read_at_ = from->tokens;
    read_end_ = read_at_ + chunk_tokens;
  }
  void release(chunk* from) {
    while (from) {
      chunk* const next = from->next;
      delete from;
      from = next;
    }
  }
  [[noreturn]] __attribute__((noinline, cold)) void fail_empty() const {
    fail(read_of_empty, (current_path().empty() ? "the test bench" : "process " + current_path()) +
                            " reads the empty stream \"" + name_ + "\" after " + std::to_string(read_) +
                            " tokens. Processes run one after the other here, in the order of the calls: either too "
                            "few tokens are written, or the region has a loop, which only fibres (-DWEFT_FIBERS) run");
  }

  std::string name_;
  std::uint64_t written_ = 0, read_ = 0;
  T *write_at_ = nullptr, *write_end_ = nullptr, *read_at_ = nullptr, *read_end_ = nullptr;
  chunk *reading_ = nullptr, *writing_ = nullptr, *spare_ = nullptr;
};

}  // namespace weft_sim

#define WEFT_TICK(cycles) ((void)(cycles))
#define WEFT_LATENCY(cycles) ((void)(cycles))

#endif
