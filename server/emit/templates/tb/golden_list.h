// Hashes of results that were recorded: golden.h holds them, one a number of rows and a seed.
#ifndef WEFT_TB_GOLDEN_LIST_H
#define WEFT_TB_GOLDEN_LIST_H

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace golden {

struct entry {
  int tokens;
  std::uint64_t seed;
  std::uint64_t hash;
};

#include "golden.h"

/// 0 where none was recorded.
inline std::uint64_t of(int tokens, std::uint64_t seed) {
  for (const entry &each : entries) {
    if (each.tokens == tokens && each.seed == seed) return each.hash;
  }
  return 0;
}

/// Writes golden.h again, with this hash in place of the one that was recorded for the same rows and seed.
inline void record(const std::string &path, int tokens, std::uint64_t seed, std::uint64_t hash) {
  std::FILE *const file = std::fopen(path.c_str(), "w");
  if (!file) {
    std::fprintf(stderr, "cannot write %s\n", path.c_str());
    std::exit(2);
  }
  std::fprintf(file, "// Hashes of results, written by 'make golden': rows, seed, hash.\nconst entry entries[] = {\n");
  const auto print = [&](const entry &each) {
    std::fprintf(file, "    {%d, %lluu, 0x%016llxu},\n", each.tokens, static_cast<unsigned long long>(each.seed),
                 static_cast<unsigned long long>(each.hash));
  };
  for (const entry &each : entries) {
    if (each.tokens != 0 && (each.tokens != tokens || each.seed != seed)) print(each);
  }
  print({tokens, seed, hash});
  std::fprintf(file, "    {0, 0u, 0u},  // the end\n};\n");
  std::fclose(file);
}

}  // namespace golden

#endif
