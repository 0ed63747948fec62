// Recording: a test bench asks for all tokens that go through a stream, to check an operator on the very inputs that its
// kernel received.
#ifndef WEFT_SIM_RECORD_H
#define WEFT_SIM_RECORD_H

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <typeinfo>

#include "fail.h"

namespace weft_sim {

/// Tokens of one type, byte by byte: a type costs a compiler nothing here.
class tape {
 public:
  tape(const std::type_info& type, std::size_t bytes) : token_type(type), bytes_(bytes) {}
  tape(const tape&) = delete;
  tape& operator=(const tape&) = delete;
  ~tape() { std::free(tokens_); }

  void append(const void* token) {
    if (size_ == capacity_) grow();
    std::memcpy(tokens_ + size_++ * bytes_, token, bytes_);
  }
  const void* data() const { return tokens_; }
  std::size_t size() const { return size_; }

  const std::type_info& token_type;

 private:
  /// As any word may be, see hls_vector.h.
  static constexpr std::size_t alignment = 64;

  void grow() {
    void* larger = nullptr;
    const std::size_t capacity = capacity_ == 0 ? 64 : 2 * capacity_;
    if (posix_memalign(&larger, alignment, capacity * bytes_) != 0) fail(bad_value, "no memory for a recorded stream");
    if (size_ != 0) std::memcpy(larger, tokens_, size_ * bytes_);
    std::free(tokens_);
    tokens_ = static_cast<char*>(larger);
    capacity_ = capacity;
  }

  std::size_t bytes_, size_ = 0, capacity_ = 0;
  char* tokens_ = nullptr;
};

/// Recorded tokens, as long as they are not rewound.
template <class T> class recording {
  static_assert(std::is_trivially_copyable<T>::value, "recorded tokens are kept as bytes");

 public:
  explicit recording(const tape& from) : data_(static_cast<const T*>(from.data())), size_(from.size()) {}
  const T* data() const { return data_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  std::size_t size() const { return size_; }
  const T& operator[](std::size_t i) const { return data_[i]; }

 private:
  const T* data_;
  std::size_t size_;
};

/// The tapes asked for, by name of stream; empty until a stream of that name exists.
inline std::map<std::string, std::unique_ptr<tape>>& tapes() {
  static std::map<std::string, std::unique_ptr<tape>> all;
  return all;
}

/// Asks to record every token written to streams of this name that are made from now on. The name is the one given to
/// the stream's constructor, after the path of the process that declares it: "attention/scores".
inline void record(const std::string& name) { tapes()[name]; }

/// Forgets what was recorded, and goes on recording.
inline void rewind(const std::string& name) { tapes()[name].reset(); }

/// The tape for a new stream, or none when nobody asked.
inline tape* tape_for(const std::string& name, const std::type_info& type, std::size_t bytes) {
  if (tapes().empty()) return nullptr;
  const auto found = tapes().find(name);
  if (found == tapes().end()) return nullptr;
  if (!found->second) found->second.reset(new tape(type, bytes));
  if (found->second->token_type != type) {
    fail(wrong_connection, "two recorded streams named \"" + name + "\" carry tokens of different types");
  }
  return found->second.get();
}

/// The tape of a name whose tokens are of this type.
inline const tape& tape_of(const std::string& name, const std::type_info& type) {
  const auto found = tapes().find(name);
  if (found == tapes().end()) {
    fail(wrong_connection, "the stream \"" + name + "\" was not recorded: call weft_sim::record() before the run");
  }
  if (!found->second) fail(wrong_connection, "no stream named \"" + name + "\" was made since record() asked for it");
  if (found->second->token_type != type) {
    fail(wrong_connection, "the tokens of the stream \"" + name + "\" are of another type than recorded<T>() asks for");
  }
  return *found->second;
}

/// All tokens written to the streams of this name, in the order of writing.
template <class T> recording<T> recorded(const std::string& name) { return recording<T>(tape_of(name, typeid(T))); }

}  // namespace weft_sim

#endif
