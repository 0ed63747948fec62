// Fibre mode: a FIFO of bounded depth whose tokens carry the cycle in which they can be read.
//
// Token n is written at the earliest in the cycle in which token n - depth has left its place, and is read at the
// earliest in the cycle after its write; one token a cycle passes each end. Times are kept by the absolute number of the
// token, so that they do not depend on the order in which the processes happen to be simulated. For pipelines without
// fill this gives the cycle counts of RTL simulation exactly, back-pressure included.
#ifndef WEFT_SIM_FIFO_H
#define WEFT_SIM_FIFO_H

#include "process.h"

namespace weft_sim {

/// The places of a FIFO: all of it but the tokens themselves, so that a type of token costs a compiler little.
class places {
 public:
  places(const char* name, std::size_t depth) : times_(depth) {
    state_.name = path_of(current_path(), name);
    state_.depth = depth;
    scheduler::instance().fifos.push_back(&state_);
  }
  places(const places&) = delete;
  places& operator=(const places&) = delete;
  ~places() {
    if (state_.fill() != 0) {
      fail(tokens_left, "the stream \"" + state_.name + "\" is destroyed with " + std::to_string(state_.fill()) + " of " +
                            std::to_string(state_.written) + " tokens unread");
    }
    std::vector<const fifo_state*>& fifos = scheduler::instance().fifos;
    fifos.erase(std::find(fifos.begin(), fifos.end(), &state_));
    fifo_record& record = cycle_report::instance().fifos[state_.name];
    record.depth = state_.unbounded ? 0 : state_.depth;
    record.tokens += state_.written;
    record.reader_waited += reader_waited_;
    record.writer_waited += writer_waited_;
  }

  // Whether there is a token (room) depends on the order in which the processes are simulated: any answer is one that
  // hardware could give, but cycles modelled for designs that ask are approximate.
  bool empty() { return polled(state_.fill() == 0); }
  bool full() { return polled(!state_.unbounded && state_.fill() == times_.size()); }
  std::size_t size() const { return state_.fill(); }
  void make_unbounded() { state_.unbounded = true; }
  const std::string& name() const { return state_.name; }

 protected:
  std::size_t capacity() const { return times_.size(); }
  std::size_t first() const { return read_at_; }

  /// Waits for room; false where there is none and never will be, because there is no bound: then it has to `grow`.
  bool has_room() {
    connect(state_.writer, "written");
    while (__builtin_expect(state_.fill() == times_.size(), 0)) {
      if (state_.unbounded) return false;
      wait(process::writing, waiting_writer_);
    }
    return true;
  }
  /// Where the next token goes, which is written now.
  std::size_t write_place() {
    process& self = *scheduler::running();
    const std::size_t at_place = write_at_;
    times& place = times_[at_place];
    // A pipeline of this latency writes in its last cycle, and stalls as a whole when there is no room then.
    const cycle pipeline = self.latency - 1;
    const cycle room = place.free_from > pipeline ? place.free_from - pipeline : 0;
    const cycle at = std::max(std::max(self.now, next_write_), room);
    if (!self.test_bench) {
      ++self.record->writes;
      writer_waited_ += at - self.now;
      self.record->waited_to_write += at - self.now;
      self.now = at;
      self.acted(at + self.latency);
    }
    next_write_ = at + 1;
    place.ready_at = at + self.latency;
    if (++write_at_ == times_.size()) write_at_ = 0;
    ++state_.written;
    if (waiting_reader_) wake(waiting_reader_);
    return at_place;
  }
  /// Waits for a token and says where it lies; nobody overwrites it before the caller has copied it.
  std::size_t read_place() {
    process& self = *scheduler::running();
    connect(state_.reader, "read");
    while (__builtin_expect(state_.fill() == 0, 0)) wait(process::reading, waiting_reader_);
    const std::size_t at_place = read_at_;
    times& place = times_[at_place];
    const cycle at = std::max(std::max(self.now, next_read_), place.ready_at);
    if (!self.test_bench) {
      ++self.record->reads;
      reader_waited_ += at - self.now;
      self.record->waited_to_read += at - self.now;
      self.now = at;
      self.acted(at + 1);
    }
    next_read_ = at + 1;
    if (!state_.unbounded) place.free_from = at + 1;
    if (++read_at_ == times_.size()) read_at_ = 0;
    ++state_.read;
    if (waiting_writer_) wake(waiting_writer_);
    return at_place;
  }
  /// Twice as many places; the oldest token comes to lie in the first.
  void grow() {
    const std::size_t before = times_.size();
    std::rotate(times_.begin(), times_.begin() + std::ptrdiff_t(read_at_), times_.end());
    times_.resize(2 * before);
    read_at_ = 0;
    write_at_ = before;
  }

 private:
  struct times {
    cycle ready_at = 0, free_from = 0;
  };

  /// DATAFLOW allows one process at each end of a stream; the test bench may take either end.
  void connect(process_record*& end, const char* what) {
    process& self = *scheduler::running();
    if (__builtin_expect(end == self.record, 1)) return;
    if (end && !end->path.empty() && !self.test_bench) {
      fail(wrong_connection, "the stream \"" + state_.name + "\" is " + what + " by two processes, " + end->shown() +
                                 " and " + self.record->shown());
    }
    end = self.record;
  }
  void wait(process::activity why, process*& waiting) {
    waiting = scheduler::running();
    scheduler::instance().suspend(why, &state_);
  }
  void wake(process*& waiting) {
    scheduler::instance().wake(*waiting);
    waiting = nullptr;
  }
  bool polled(bool in_vain) {
    if (in_vain) scheduler::instance().poll_failed();
    else scheduler::instance().poll_succeeded();
    return in_vain;
  }

  fifo_state state_;
  std::vector<times> times_;
  std::size_t write_at_ = 0, read_at_ = 0;
  cycle next_write_ = 0, next_read_ = 0;
  cycle reader_waited_ = 0, writer_waited_ = 0;
  process *waiting_reader_ = nullptr, *waiting_writer_ = nullptr;
};

template <class T> class channel : public places {
 public:
  channel(const char* name, std::size_t depth) : places(name, depth), tokens_(new T[depth]) {}
  ~channel() { delete[] tokens_; }

  void put(const T& token) {
    if (__builtin_expect(!has_room(), 0)) enlarge();
    tokens_[write_place()] = token;
  }
  T take() { return tokens_[read_place()]; }

 private:
  void enlarge() {
    const std::size_t before = capacity();
    T* const larger = new T[2 * before];
    for (std::size_t i = 0; i < before; ++i) larger[i] = tokens_[(first() + i) % before];
    delete[] tokens_;
    tokens_ = larger;
    grow();
  }

  T* tokens_;
};

}  // namespace weft_sim

#endif
