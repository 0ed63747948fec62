// Fibre mode: processes, who of them runs, and the report when none can.
#ifndef WEFT_SIM_PROCESS_H
#define WEFT_SIM_PROCESS_H

#include <algorithm>
#include <deque>
#include <memory>

#include "context.h"
#include "cycles.h"
#include "naming.h"

namespace weft_sim {

class region;

/// What the scheduler knows of a FIFO: enough to report a deadlock.
struct fifo_state {
  std::string name;
  std::size_t depth = 0;
  bool unbounded = false;
  std::uint64_t written = 0, read = 0;
  process_record *writer = nullptr, *reader = nullptr;

  std::size_t fill() const { return std::size_t(written - read); }
};

/// One call in a DATAFLOW region, or the test bench itself.
struct process {
  enum activity { ready, reading, writing, joining };

  process_record* record = nullptr;
  cycle now = 0;            ///< the cycle in which the current loop iteration starts
  cycle latency = 1;        ///< cycles from the start of an iteration to its end, when its token can be read
  cycle busy_until = 0;     ///< the end of the latest iteration so far
  bool test_bench = false;  ///< its own reads and writes take no time: it is no hardware

  activity doing = ready;
  const fifo_state* waits_for = nullptr;
  void (*run)(void* body) = nullptr;
  void* body = nullptr;
  region* parent = nullptr;
  char* stack = nullptr;
  context saved;

  const std::string& path() const { return record->path; }

  void acted(cycle end) { busy_until = std::max(busy_until, end); }
  /// One iteration of a pipelined loop has started; the next one can do so `interval` cycles later. The process ends with
  /// its last iteration, not an interval later.
  void iterate(cycle interval) {
    acted(now + latency);
    now += interval;
  }
};

class scheduler {
 public:
  static scheduler& instance() {
    static scheduler only;
    return only;
  }
  /// The process that runs. Valid as soon as any stream or region exists.
  static process*& running() { return pointer<>::to; }

  std::vector<const fifo_state*> fifos;
  std::vector<process*> alive;
  stack_pool stacks;

  void start(process& added) {
    added.stack = stacks.acquire();
    added.saved.prepare(added.stack, &scheduler::run_body);
    alive.push_back(&added);
    ready_.push_back(&added);
  }
  void wake(process& waiting) {
    waiting.doing = process::ready;
    ready_.push_back(&waiting);
    failed_polls_ = 0;
  }
  /// Interrupts the running process until somebody wakes it.
  void suspend(process::activity why, const fifo_state* fifo) {
    process& self = *running();
    self.doing = why;
    self.waits_for = fifo;
    run_next(self);
  }
  /// A non-blocking access found nothing to do: the others get a turn.
  void poll_failed() {
    if (++failed_polls_ > polls_before_giving_up) report_deadlock();
    ready_.push_back(running());
    run_next(*running());
  }
  void poll_succeeded() { failed_polls_ = 0; }

 private:
  static constexpr int polls_before_giving_up = 1000000;

  // A static member of a template may be defined in a header and, unlike a static local, needs no guard.
  template <class Unused = void> struct pointer { static process* to; };

  scheduler() {
    test_bench_.record = cycle_report::instance().process("");
    test_bench_.test_bench = true;
    alive.push_back(&test_bench_);
    running() = &test_bench_;
  }

  void run_next(process& self, bool last = false) {
    if (ready_.empty()) report_deadlock();
    process& next = *ready_.front();
    ready_.pop_front();
    if (&next == &self) return;
    running() = &next;
    self.saved.switch_to(next.saved, last);
  }
  static void run_body();
  [[noreturn]] void report_deadlock() const;

  process test_bench_;
  std::deque<process*> ready_;
  int failed_polls_ = 0;
};
template <class Unused> process* scheduler::pointer<Unused>::to = nullptr;

inline process& current_process() {
  if (!scheduler::running()) scheduler::instance();
  return *scheduler::running();
}
inline const std::string& current_path() { return current_process().path(); }
/// Modelled cycles up to where the running process is; in the test bench: of all regions run so far.
inline cycle cycles() { return current_process().now; }

/// A DATAFLOW region: its processes start together, and the caller goes on when the last one is done.
class region {
 public:
  region() : owner_(current_process()), end_(owner_.now) { cycle_report::instance().print_at_exit(); }

  template <class Body> void call(const char* text, const Body& body) {
    start(text, new Body(body), [](void* own) {
      (*static_cast<Body*>(own))();
      delete static_cast<Body*>(own);
    });
  }
  void join() {
    while (unfinished_ > 0) scheduler::instance().suspend(process::joining, nullptr);
    owner_.acted(end_);
    owner_.now = std::max(owner_.now, end_);
    if (owner_.test_bench) cycle_report::instance().total = owner_.now;
  }
  void finished(process& done) {
    done.record->finish(done.busy_until);
    end_ = std::max(end_, done.busy_until);
    if (--unfinished_ == 0) scheduler::instance().wake(owner_);
  }

 private:
  void start(const char* text, void* body, void (*run)(void*)) {
    auto added = std::unique_ptr<process>(new process());
    added->record = cycle_report::instance().process(path_of(owner_.path(), labels_.next(text)));
    added->record->begin(owner_.now);
    added->now = added->busy_until = owner_.now;
    added->body = body;
    added->run = run;
    added->parent = this;
    scheduler::instance().start(*added);
    processes_.push_back(std::move(added));
    ++unfinished_;
  }

  process& owner_;
  cycle end_;
  region_labels labels_;
  std::vector<std::unique_ptr<process>> processes_;
  int unfinished_ = 0;
};

inline void scheduler::run_body() {
  process& self = *running();
  self.saved.arrived();
  self.run(self.body);
  scheduler& all = instance();
  all.alive.erase(std::find(all.alive.begin(), all.alive.end(), &self));
  self.parent->finished(self);
  // Nobody can take this stack before the switch: only a running process asks for one.
  all.stacks.release(self.stack);
  all.run_next(self, true);
}

inline void scheduler::report_deadlock() const {
  cycle latest = 0;
  for (const process* p : alive) latest = std::max(latest, p->now);
  std::string text = "deadlock: no process can go on after cycle " + std::to_string(latest);
  for (const process* p : alive) {
    text += "\n  process " + (p->test_bench ? "(test bench)" : p->path());
    if (p->doing == process::ready) text += " polls streams in vain";
    if (p->doing == process::joining) text += " waits for the end of its region";
    if (p->doing == process::reading) text += " waits to read " + p->waits_for->name;
    if (p->doing == process::writing) text += " waits to write " + p->waits_for->name;
    text += ", at cycle " + std::to_string(p->now);
  }
  for (const fifo_state* f : fifos) {
    text += "\n  FIFO " + f->name + ": " + std::to_string(f->fill()) +
            (f->unbounded ? " tokens, no bound" : " of " + std::to_string(f->depth)) +
            (!f->unbounded && f->fill() >= f->depth ? ", full" : f->fill() == 0 ? ", empty" : "") + "; written " +
            std::to_string(f->written) + (f->writer ? " by " + f->writer->shown() : "") + ", read " +
            std::to_string(f->read) + (f->reader ? " by " + f->reader->shown() : "");
  }
  fail(deadlock, text);
}

}  // namespace weft_sim

#define WEFT_TICK(cycles) ::weft_sim::current_process().iterate(cycles)
#define WEFT_LATENCY(cycles) ((void)(::weft_sim::current_process().latency = (cycles)))

#endif
