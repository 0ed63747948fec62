// Recording: a test bench asks for all tokens that go through a stream, to check an operator on the very inputs that its
// kernel received.
#ifndef WEFT_SIM_RECORD_H
#define WEFT_SIM_RECORD_H

#include <map>
#include <memory>
#include <string>
#include <typeinfo>
#include <vector>

#include "fail.h"

namespace weft_sim {

struct tape_base {
  explicit tape_base(const std::type_info& type) : token_type(type) {}
  virtual ~tape_base() {}
  const std::type_info& token_type;
};
template <class T> struct tape : tape_base {
  tape() : tape_base(typeid(T)) {}
  std::vector<T> tokens;
};

/// The tapes asked for, by name of stream; empty until a stream of that name exists.
inline std::map<std::string, std::unique_ptr<tape_base>>& tapes() {
  static std::map<std::string, std::unique_ptr<tape_base>> all;
  return all;
}

/// Asks to record every token written to streams of this name that are made from now on. The name is the one given to
/// the stream's constructor, after the path of the process that declares it: "attention/scores".
inline void record(const std::string& name) { tapes()[name]; }

/// Forgets what was recorded, and goes on recording.
inline void rewind(const std::string& name) { tapes()[name].reset(); }

/// The tape for a new stream, or none when nobody asked.
template <class T> std::vector<T>* tape_for(const std::string& name) {
  if (tapes().empty()) return nullptr;
  const auto found = tapes().find(name);
  if (found == tapes().end()) return nullptr;
  if (!found->second) found->second.reset(new tape<T>());
  if (found->second->token_type != typeid(T)) {
    fail(wrong_connection, "two recorded streams named \"" + name + "\" carry tokens of different types");
  }
  return &static_cast<tape<T>*>(found->second.get())->tokens;
}

/// All tokens written to the streams of this name, in the order of writing.
template <class T> const std::vector<T>& recorded(const std::string& name) {
  const auto found = tapes().find(name);
  if (found == tapes().end()) {
    fail(wrong_connection, "the stream \"" + name + "\" was not recorded: call weft_sim::record() before the run");
  }
  if (!found->second) fail(wrong_connection, "no stream named \"" + name + "\" was made since record() asked for it");
  if (found->second->token_type != typeid(T)) {
    fail(wrong_connection, "the tokens of the stream \"" + name + "\" are of another type than recorded<T>() asks for");
  }
  return static_cast<tape<T>*>(found->second.get())->tokens;
}

}  // namespace weft_sim

#endif
