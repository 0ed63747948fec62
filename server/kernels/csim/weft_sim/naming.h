// Names of processes: what DF_CALL was given, under the name of the process that contains the region.
#ifndef WEFT_SIM_NAMING_H
#define WEFT_SIM_NAMING_H

#include <string>
#include <vector>

namespace weft_sim {

/// "(gemm<16, K>)", the text of a macro argument, as "gemm".
inline std::string process_label(const char* text) {
  std::string label(text);
  const std::size_t first = label.find_first_not_of("( ");
  label.erase(0, first == std::string::npos ? label.size() : first);
  return label.substr(0, label.find_first_of("<() "));
}

inline std::string path_of(const std::string& parent, const std::string& label) {
  return parent.empty() ? label : parent + "/" + label;
}

/// The labels of one region's processes: the second call of the same function is "f#2".
class region_labels {
 public:
  std::string next(const char* text) {
    const std::string label = process_label(text);
    int calls = 1;
    for (const std::string& seen : labels_) calls += seen == label;
    labels_.push_back(label);
    return calls == 1 ? label : label + "#" + std::to_string(calls);
  }

 private:
  std::vector<std::string> labels_;
};

}  // namespace weft_sim

#endif
