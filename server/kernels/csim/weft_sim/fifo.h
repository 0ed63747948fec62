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

template <class T> class channel {
 public:
  channel(const std::string& name, std::size_t depth) : capacity_(depth), slots_(new slot[depth]) {
    state_.name = name;
    state_.depth = depth;
    scheduler::instance().fifos.push_back(&state_);
  }
  channel(const channel&) = delete;
  channel& operator=(const channel&) = delete;
  ~channel() {
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

  void put(const T& token) {
    process& self = *scheduler::running();
    connect(state_.writer, self, "written");
    while (__builtin_expect(state_.fill() == capacity_, 0)) make_room();
    slot& place = slots_[write_at_];
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
    place.token = token;
    if (++write_at_ == capacity_) write_at_ = 0;
    ++state_.written;
    if (waiting_reader_) wake(waiting_reader_);
  }

  T take() {
    process& self = *scheduler::running();
    connect(state_.reader, self, "read");
    while (__builtin_expect(state_.fill() == 0, 0)) wait(process::reading, waiting_reader_);
    slot& place = slots_[read_at_];
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
    if (++read_at_ == capacity_) read_at_ = 0;
    ++state_.read;
    if (waiting_writer_) wake(waiting_writer_);
    return place.token;
  }

  // Whether there is a token (room) depends on the order in which the processes are simulated: any answer is one that
  // hardware could give, but cycles modelled for designs that ask are approximate.
  bool empty() { return polled(state_.fill() == 0); }
  bool full() { return polled(!state_.unbounded && state_.fill() == capacity_); }
  std::size_t size() const { return state_.fill(); }
  void make_unbounded() { state_.unbounded = true; }
  const std::string& name() const { return state_.name; }

 private:
  struct slot {
    T token;
    cycle ready_at = 0, free_from = 0;
  };

  /// DATAFLOW allows one process at each end of a stream; the test bench may take either end.
  void connect(process_record*& end, process& self, const char* what) {
    if (__builtin_expect(end == self.record, 1)) return;
    if (end && !end->path.empty() && !self.test_bench) {
      fail(wrong_connection, "the stream \"" + state_.name + "\" is " + what + " by two processes, " + end->shown() +
                                 " and " + self.record->shown());
    }
    end = self.record;
  }
  void make_room() {
    if (!state_.unbounded) return wait(process::writing, waiting_writer_);
    std::unique_ptr<slot[]> larger(new slot[2 * capacity_]);
    for (std::size_t i = 0; i < capacity_; ++i) {
      slot& from = slots_[(read_at_ + i) % capacity_];
      larger[i].token = from.token;
      larger[i].ready_at = from.ready_at;
    }
    read_at_ = 0;
    write_at_ = capacity_;
    capacity_ *= 2;
    slots_ = std::move(larger);
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
  std::size_t capacity_;
  std::unique_ptr<slot[]> slots_;
  std::size_t write_at_ = 0, read_at_ = 0;
  cycle next_write_ = 0, next_read_ = 0;
  cycle reader_waited_ = 0, writer_waited_ = 0;
  process *waiting_reader_ = nullptr, *waiting_writer_ = nullptr;
};

}  // namespace weft_sim

#endif
