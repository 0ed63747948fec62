// Writes what a host program needs to repeat the test bench's run on a card.
#ifndef WEFT_TB_DUMP_H
#define WEFT_TB_DUMP_H

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "reference.h"

namespace dump {

inline std::FILE *open(const std::string &path, const char *mode) {
  std::FILE *const file = std::fopen(path.c_str(), mode);
  if (!file) {
    std::fprintf(stderr, "cannot write %s: the directory must exist\n", path.c_str());
    std::exit(2);
  }
  return file;
}

inline void bytes(const std::string &directory, const char *name, const void *data, std::size_t size) {
  std::FILE *const file = open(directory + "/" + name + ".bin", "wb");
  const bool whole = std::fwrite(data, 1, size, file) == size;
  if (std::fclose(file) != 0 || !whole) {
    std::fprintf(stderr, "cannot write all of %s/%s.bin\n", directory.c_str(), name);
    std::exit(2);
  }
}

/// Folder of a layer: the one given where only one is run.
inline std::string layer(const std::string &directory, int layer, int layers) {
  return layers == 1 ? directory : directory + "/layer" + std::to_string(layer);
}

/// A matrix in single precision, row by row.
inline void reals(const std::string &directory, const char *name, const reference::reals &matrix) {
  std::vector<float> values;
  for (const double value : matrix.values) values.push_back(static_cast<float>(value));
  bytes(directory, name, values.data(), values.size() * sizeof(float));
}

/// One line a scalar: name, type, value with all its digits.
inline void scalar(const std::string &directory, const char *name, double value, const char *type) {
  std::FILE *const file = open(directory + "/" + name + ".scalar", "w");
  std::fprintf(file, "%s %.9g\n", type, value);
  std::fclose(file);
}

}  // namespace dump

#endif
