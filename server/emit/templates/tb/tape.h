// What went through the streams of the simulation, as matrices again.
#ifndef WEFT_TB_TAPE_H
#define WEFT_TB_TAPE_H

#include <cstddef>
#include <vector>

#include "reference.h"
#include "weft_sim.h"

namespace weft {
template <int EXPONENT> struct half;
}

namespace tape {

/// An element of a word as a number.
template <class T> T number(const T &element) { return element; }
template <int EXPONENT> float number(const weft::half<EXPONENT> &element) {
  return reference::float_type<EXPONENT, 15 - EXPONENT>::decoded(element.bits);
}

/// How a tensor is cut into words: block of rows by block, within it column group by column group; in a word the row runs
/// fastest. A tensor of several heads has the columns of a head together, and its last group may be filled up.
struct shape {
  int rows;
  int columns;
  int heads;
  int word_rows;
  int word_columns;
};

/// The tensor without what only fills up; an empty matrix where the number of words is not that of the shape.
template <class T, class WORD> reference::matrix<T> untangle(const WORD *words, std::size_t count, const shape &of) {
  const int width = of.columns / of.heads;
  const int groups = (width + of.word_columns - 1) / of.word_columns;
  const int blocks = (of.rows + of.word_rows - 1) / of.word_rows;
  if (count != static_cast<std::size_t>(blocks) * static_cast<std::size_t>(of.heads * groups)) return reference::matrix<T>();
  reference::matrix<T> tensor(of.rows, of.columns);
  for (int row = 0; row < of.rows; ++row) {
    for (int column = 0; column < of.columns; ++column) {
      const int group = column / width * groups + column % width / of.word_columns;
      const int index = column % width % of.word_columns * of.word_rows + row % of.word_rows;
      const WORD &word = words[static_cast<std::size_t>(row / of.word_rows) * static_cast<std::size_t>(of.heads * groups) +
                               static_cast<std::size_t>(group)];
      tensor.at(row, column) = static_cast<T>(number(word[index]));
    }
  }
  return tensor;
}

/// What went through the stream of this name in one pass.
template <class T, class WORD> reference::matrix<T> tensor(const char *stream, const shape &of) {
  const weft_sim::recording<WORD> words = weft_sim::recorded<WORD>(stream);
  return untangle<T>(words.data(), words.size(), of);
}

/// Bytes in memory as one row.
inline reference::matrix<unsigned char> row(const unsigned char *memory, std::size_t count) {
  reference::matrix<unsigned char> bytes(1, static_cast<int>(count));
  for (std::size_t i = 0; i < count; ++i) bytes.values[i] = memory[i];
  return bytes;
}

}  // namespace tape

#endif
