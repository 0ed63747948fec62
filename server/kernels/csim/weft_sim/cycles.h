// What a run in fibre mode took: modelled cycles per process, and how long each waited. Printed to stderr at the end, and
// written as JSON to the file that the environment variable WEFT_CYCLES_JSON names.
#ifndef WEFT_SIM_CYCLES_H
#define WEFT_SIM_CYCLES_H

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fail.h"

namespace weft_sim {

using cycle = std::uint64_t;

/// All calls of one process.
struct process_record {
  std::string path;
  std::uint64_t calls = 0;
  cycle start = 0;             ///< of the first call
  cycle end = 0;               ///< of the last call
  cycle active = 0;            ///< cycles between start and end, all calls together
  cycle waited_to_read = 0;    ///< of these, waiting for tokens
  cycle waited_to_write = 0;   ///< of these, waiting for room
  std::uint64_t reads = 0;     ///< tokens taken from streams, and given to them
  std::uint64_t writes = 0;

  void begin(cycle now) {
    if (calls++ == 0) start = now;
    started_ = now;
  }
  void finish(cycle now) {
    end = now;
    active += now - started_;
  }
  cycle worked() const { return active - waited_to_read - waited_to_write; }
  std::string shown() const { return path.empty() ? "(test bench)" : path; }

 private:
  cycle started_ = 0;
};

/// All streams of one name.
struct fifo_record {
  std::size_t depth = 0;
  std::uint64_t tokens = 0;
  cycle reader_waited = 0, writer_waited = 0;
};

class cycle_report {
 public:
  static cycle_report& instance() {
    static cycle_report only;
    return only;
  }

  cycle total = 0;
  std::map<std::string, fifo_record> fifos;

  process_record* process(const std::string& path) {
    std::unique_ptr<process_record>& found = by_path_[path];
    if (!found) {
      found.reset(new process_record());
      found->path = path;
      order_.push_back(found.get());
    }
    return found.get();
  }

  void print_at_exit() {
    if (!printing_) std::atexit([] { instance().print(); });
    printing_ = true;
  }

  void print() const {
    // What the program has said comes first, and no line of it is torn apart where both go to one file.
    std::fflush(stdout);
    std::fprintf(stderr, "modelled cycles: %llu\n", shown(total));
    std::fprintf(stderr, "%-40s %8s %12s %12s %12s %12s %12s %12s %12s\n", "process", "calls", "start", "end", "active",
                 "waits read", "waits write", "reads", "writes");
    const process_record* busiest = nullptr;
    for (const process_record* p : order_) {
      if (p->calls == 0) continue;
      std::fprintf(stderr, "%-40s %8llu %12llu %12llu %12llu %12llu %12llu %12llu %12llu\n", p->path.c_str(),
                   shown(p->calls), shown(p->start), shown(p->end), shown(p->active), shown(p->waited_to_read),
                   shown(p->waited_to_write), shown(p->reads), shown(p->writes));
      if (p->reads + p->writes != 0 && (!busiest || p->worked() > busiest->worked())) busiest = p;
    }
    if (busiest) {
      std::fprintf(stderr, "busiest process: %s, at work in %llu of %llu cycles\n", busiest->path.c_str(),
                   shown(busiest->worked()), shown(total));
    }
    if (const char* file = std::getenv("WEFT_CYCLES_JSON")) write_json(file);
  }

  /// { "cycles", "processes": [{ "name", "calls", "start", "end", "active", "waitedToRead", "waitedToWrite", "reads",
  ///   "writes" }],
  ///   "fifos": [{ "name", "depth", "tokens", "readerWaited", "writerWaited" }] }, all times in cycles.
  void write_json(const char* file) const {
    std::FILE* const out = std::fopen(file, "w");
    if (!out) fail(bad_value, std::string("cannot write the cycles to \"") + file + '"');
    std::fprintf(out, "{\n  \"cycles\": %llu,\n  \"processes\": [", shown(total));
    const char* separator = "";
    for (const process_record* p : order_) {
      if (p->calls == 0) continue;
      std::fprintf(out,
                   "%s\n    { \"name\": %s, \"calls\": %llu, \"start\": %llu, \"end\": %llu, \"active\": %llu, "
                   "\"waitedToRead\": %llu, \"waitedToWrite\": %llu, \"reads\": %llu, \"writes\": %llu }",
                   separator, quoted(p->path).c_str(), shown(p->calls), shown(p->start), shown(p->end),
                   shown(p->active), shown(p->waited_to_read), shown(p->waited_to_write), shown(p->reads),
                   shown(p->writes));
      separator = ",";
    }
    std::fprintf(out, "\n  ],\n  \"fifos\": [");
    separator = "";
    for (const auto& entry : fifos) {
      const fifo_record& f = entry.second;
      std::fprintf(out,
                   "%s\n    { \"name\": %s, \"depth\": %llu, \"tokens\": %llu, \"readerWaited\": %llu, "
                   "\"writerWaited\": %llu }",
                   separator, quoted(entry.first).c_str(), shown(f.depth), shown(f.tokens), shown(f.reader_waited),
                   shown(f.writer_waited));
      separator = ",";
    }
    std::fprintf(out, "\n  ]\n}\n");
    std::fclose(out);
  }

 private:
  static unsigned long long shown(std::uint64_t number) { return number; }
  static std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') result += '\\';
      result += c < ' ' && c >= 0 ? ' ' : c;
    }
    return result + '"';
  }

  std::map<std::string, std::unique_ptr<process_record>> by_path_;
  std::vector<const process_record*> order_;
  bool printing_ = false;
};

}  // namespace weft_sim

#endif
