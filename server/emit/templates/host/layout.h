// How tensors and trained values lie in the card's memory. Everything is little endian, as the host is.
#ifndef WEFT_HOST_LAYOUT_H
#define WEFT_HOST_LAYOUT_H

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "../tb/reference.h"
#include "quantise.h"

namespace layout {

using image = std::vector<unsigned char>;

constexpr int blocks(int count, int size) { return (count + size - 1) / size; }

/// A code of `bits` bits at a place counted in bits; at most one byte, or whole bytes.
inline void put(image &packed, std::size_t place, int bits, std::uint32_t code) {
  for (int bit = 0; bit < bits; bit += 8) {
    unsigned char &byte = packed.at(place / 8 + static_cast<std::size_t>(bit / 8));
    byte = static_cast<unsigned char>(byte | (code >> bit << place % 8 & 0xffu));
  }
}
inline std::uint32_t taken(const unsigned char *packed, std::size_t place, int bits) {
  std::uint32_t code = 0;
  for (int bit = 0; bit < bits; bit += 8) code |= static_cast<std::uint32_t>(packed[place / 8 + static_cast<std::size_t>(bit / 8)]) << bit;
  code >>= place % 8;
  return bits < 32 ? code & ((1u << bits) - 1u) : code;
}

/// A tensor [rows x columns] in words of `tokens` rows times `columns` columns: block of rows by block, within it column group
/// by column group; in a word the row runs fastest; filled up with zeros. As many whole words as fit share a beat of the port,
/// or a word takes several whole beats.
struct words {
  int tokens;
  int columns;
  int element_bits;
  int port_bytes;

  int word() const { return tokens * columns; }
  int beat() const { return port_bytes * 8 / element_bits; }
  int words_in_beat() const { return beat() >= word() ? beat() / word() : 1; }

  /// Bit at which an element begins.
  std::size_t at(int row, int column, int tensor_columns) const {
    const int number = row / tokens * blocks(tensor_columns, columns) + column / columns;
    const int index = column % columns * tokens + row % tokens;
    const int first = number / words_in_beat() * blocks(word(), beat());
    return static_cast<std::size_t>(first) * static_cast<std::size_t>(port_bytes) * 8 +
           static_cast<std::size_t>((number % words_in_beat() * word() + index) * element_bits);
  }
  /// Bytes of a whole tensor: whole beats.
  std::size_t bytes(int rows, int tensor_columns) const {
    const int count = blocks(rows, tokens) * blocks(tensor_columns, columns);
    return static_cast<std::size_t>(blocks(count, words_in_beat()) * blocks(word(), beat())) *
           static_cast<std::size_t>(port_bytes);
  }
  template <class TYPE> image pack(const reference::matrix<typename TYPE::value> &tensor, std::size_t size) const {
    image packed(size);
    for (int i = 0; i < tensor.rows; ++i) {
      for (int j = 0; j < tensor.columns; ++j) put(packed, at(i, j, tensor.columns), TYPE::bits, TYPE::code(tensor.at(i, j)));
    }
    return packed;
  }
  /// Trained vectors of single precision side by side: gain and bias.
  image pack(const std::vector<const std::vector<double> *> &vectors, std::size_t size) const {
    image packed(size);
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      for (std::size_t j = 0; j < vectors[i]->size(); ++j) {
        const float value = static_cast<float>((*vectors[i])[j]);
        std::memcpy(&packed.at(at(static_cast<int>(i), static_cast<int>(j), static_cast<int>(vectors[i]->size())) / 8), &value, 4);
      }
    }
    return packed;
  }
  void unpack(const image &packed, const std::vector<std::vector<double> *> &vectors) const {
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      for (std::size_t j = 0; j < vectors[i]->size(); ++j) {
        float value = 0.0f;
        std::memcpy(&value, &packed.at(at(static_cast<int>(i), static_cast<int>(j), static_cast<int>(vectors[i]->size())) / 8), 4);
        (*vectors[i])[j] = static_cast<double>(value);
      }
    }
  }
  /// Values in single precision.
  image pack(const reference::reals &tensor, std::size_t size) const {
    using single = reference::float_type<8, 23>;
    return pack<single>(reference::narrowed<single>(tensor, 1.0), size);
  }
  template <class TYPE>
  reference::matrix<typename TYPE::value> unpack(const unsigned char *packed, int rows, int tensor_columns) const {
    reference::matrix<typename TYPE::value> tensor(rows, tensor_columns);
    for (int i = 0; i < rows; ++i) {
      for (int j = 0; j < tensor_columns; ++j) tensor.at(i, j) = TYPE::decoded(taken(packed, at(i, j, tensor_columns), TYPE::bits));
    }
    return tensor;
  }
};

/// Weights of a convolution, `channels` rows a tap, with rows of zeros behind each tap up to a multiple of `dot`.
template <class TYPE> quantise::weights<TYPE> whole_taps(const quantise::weights<TYPE> &trained, int channels, int dot) {
  const int rows = blocks(channels, dot) * dot;
  const int taps = trained.values.rows / channels;
  quantise::weights<TYPE> whole(taps * rows, trained.values.columns);
  whole.step = trained.step;
  for (int k = 0; k < trained.values.rows; ++k) {
    for (int n = 0; n < trained.values.columns; ++n) whole.values.at(k / channels * rows + k % channels, n) = trained.values.at(k, n);
  }
  return whole;
}

/// The same without these rows.
template <class TYPE> quantise::weights<TYPE> trained_taps(const quantise::weights<TYPE> &whole, int channels, int dot) {
  const int rows = blocks(channels, dot) * dot;
  const int taps = whole.values.rows / rows;
  quantise::weights<TYPE> trained(taps * channels, whole.values.columns);
  trained.step = whole.step;
  for (int k = 0; k < trained.values.rows; ++k) {
    for (int n = 0; n < trained.values.columns; ++n) trained.values.at(k, n) = whole.values.at(k / channels * rows + k % channels, n);
  }
  return trained;
}

/// Weights with a step for each `group` rows of a column as their loader takes them: for each tile of `tile` columns, for each group
/// a tile of `group` rows. Rows behind the last group and columns behind the last tile are zero.
struct grouping {
  int rows;
  int columns;
  int group;
  int tile;

  int count() const { return blocks(rows, group); }
  int loaded_columns() const { return blocks(columns, tile) * tile * count(); }
  int loaded_column(int k, int n) const { return (n / tile * count() + k / group) * tile + n % tile; }

  template <class TYPE> quantise::weights<TYPE> loaded(const quantise::weights<TYPE> &trained) const {
    quantise::weights<TYPE> result(group, loaded_columns());
    for (int k = 0; k < rows; ++k) {
      for (int n = 0; n < columns; ++n) result.values.at(k % group, loaded_column(k, n)) = trained.values.at(k, n);
    }
    return result;
  }

  /// Multipliers of every group; the bias stands beside those of the first.
  quantise::epilogue loaded(const quantise::epilogue &trained) const {
    const std::size_t all = static_cast<std::size_t>(loaded_columns());
    quantise::epilogue result{std::vector<float>(all), std::vector<float>(all)};
    for (int k = 0; k < rows; k += group) {
      for (int n = 0; n < columns; ++n) {
        const std::size_t to = static_cast<std::size_t>(loaded_column(k, n));
        result.multiplier[to] = trained.multiplier[static_cast<std::size_t>(k / group * columns + n)];
        if (k == 0) result.bias[to] = trained.bias[static_cast<std::size_t>(n)];
      }
    }
    return result;
  }
};

/// Weights of a matrix product with their multipliers and biases.
///
///   head   for each column of the result, padded to whole tiles: multiplier fp32, bias fp32; whole beats
///   body   for each tile of `tile_columns` columns, for each step of `dot` rows: one word of tile_columns * dot weights of
///          `bits` bits, index (row mod dot) * tile_columns + column mod tile_columns, index 0 in the lowest bits, whole bytes.
///          A beat holds as many whole words as fit; a word wider than the port takes several beats, lowest bytes first.
struct weights {
  int tile_columns;
  int dot;
  int bits;
  int port_bytes;

  template <class TYPE>
  image pack(const quantise::weights<TYPE> &trained, const quantise::epilogue &epilogue, std::size_t size) const {
    image packed = with_head(image(size), epilogue);
    for (int k = 0; k < trained.values.rows; ++k) {
      for (int n = 0; n < trained.values.columns; ++n) {
        put(packed, at(k, n, trained.values.rows, trained.values.columns), bits, TYPE::code(trained.values.at(k, n)));
      }
    }
    return packed;
  }

  /// The same weights with other multipliers and biases.
  image with_head(image packed, const quantise::epilogue &epilogue) const {
    for (std::size_t n = 0; n < epilogue.multiplier.size(); ++n) {
      std::memcpy(&packed.at(n * 8), &epilogue.multiplier[n], 4);
      std::memcpy(&packed.at(n * 8 + 4), &epilogue.bias[n], 4);
    }
    return packed;
  }

  /// The same of groups, or of one of several ports, which has `lanes` columns of each tile, from `first` on.
  template <class TYPE>
  void unpack(const image &packed, const grouping &groups, int lanes, int first, quantise::weights<TYPE> &trained,
              std::vector<double> &bias) const {
    const int loaded_columns = groups.loaded_columns() / groups.tile * lanes;
    quantise::weights<TYPE> loaded;
    std::vector<double> loaded_bias(static_cast<std::size_t>(loaded_columns));
    unpack(packed, groups.group, loaded_columns, loaded, loaded_bias);
    if (trained.values.values.empty()) trained = quantise::weights<TYPE>(groups.rows, groups.columns, groups.group);
    for (int j = 0; j < loaded_columns; ++j) {
      const int column = j / lanes / groups.count() * groups.tile + first + j % lanes;
      const int from = j / lanes % groups.count() * groups.group;
      if (column >= groups.columns) continue;
      if (from == 0) bias[static_cast<std::size_t>(column)] = loaded_bias[static_cast<std::size_t>(j)];
      trained.step[trained.step_of(from, column)] = loaded.step[static_cast<std::size_t>(j)];
      for (int k = from; k < from + groups.group && k < groups.rows; ++k) trained.values.at(k, column) = loaded.values.at(k - from, j);
    }
  }

  /// Out of a file of weights/, whose heads hold the steps of the weights and the biases as they were trained.
  template <class TYPE>
  void unpack(const image &packed, int rows, int columns, quantise::weights<TYPE> &trained, std::vector<double> &bias) const {
    trained = quantise::weights<TYPE>(rows, columns);
    for (int n = 0; n < columns; ++n) {
      float value = 0.0f;
      std::memcpy(&trained.step[static_cast<std::size_t>(n)], &packed.at(static_cast<std::size_t>(n) * 8), 4);
      std::memcpy(&value, &packed.at(static_cast<std::size_t>(n) * 8 + 4), 4);
      bias[static_cast<std::size_t>(n)] = static_cast<double>(value);
    }
    for (int k = 0; k < rows; ++k) {
      for (int n = 0; n < columns; ++n) {
        trained.values.at(k, n) = TYPE::decoded(taken(packed.data(), at(k, n, rows, columns), bits));
      }
    }
  }

  std::size_t head_bytes(int columns) const {
    return beat_bytes(blocks(blocks(columns, tile_columns) * tile_columns * 8, port_bytes));
  }
  std::size_t bytes(int rows, int columns) const {
    const int count = blocks(columns, tile_columns) * blocks(rows, dot);
    return head_bytes(columns) + beat_bytes(blocks(count, words_in_beat()) * blocks(word_bytes(), port_bytes));
  }

 private:
  int word_bytes() const { return blocks(tile_columns * dot * bits, 8); }
  int words_in_beat() const { return port_bytes >= word_bytes() ? port_bytes / word_bytes() : 1; }
  std::size_t beat_bytes(int beats) const { return static_cast<std::size_t>(beats) * static_cast<std::size_t>(port_bytes); }

  /// Bit at which the weight at row k and column n begins.
  std::size_t at(int k, int n, int rows, int columns) const {
    const int word = n / tile_columns * blocks(rows, dot) + k / dot;
    const int beat = word / words_in_beat() * blocks(word_bytes(), port_bytes);
    const int bit = (k % dot * tile_columns + n % tile_columns) * bits;
    return (head_bytes(columns) + beat_bytes(beat) + static_cast<std::size_t>(word % words_in_beat() * word_bytes())) * 8 +
           static_cast<std::size_t>(bit);
  }
};

/// Matrices that one array takes in turn, behind one port: their heads in the order of the turns, behind all of these the bodies.
struct turns {
  struct matrix {
    int rows;
    int columns;
  };
  weights words;
  std::vector<matrix> matrices;

  std::size_t bytes(std::size_t which) const { return words.bytes(matrices[which].rows, matrices[which].columns); }
  /// One of them as if it lay there alone.
  image part(const image &whole, std::size_t which) const {
    const place at = place_of(which);
    image one(whole.begin() + at.head, whole.begin() + at.head + at.head_bytes);
    one.insert(one.end(), whole.begin() + at.body, whole.begin() + at.body + at.body_bytes);
    return one;
  }
  image together(const std::vector<image> &parts) const {
    image whole;
    for (std::size_t which = 0; which < parts.size(); ++which) {
      whole.insert(whole.end(), parts[which].begin(), parts[which].begin() + place_of(which).head_bytes);
    }
    for (std::size_t which = 0; which < parts.size(); ++which) {
      whole.insert(whole.end(), parts[which].begin() + place_of(which).head_bytes, parts[which].end());
    }
    return whole;
  }

 private:
  struct place {
    std::ptrdiff_t head, head_bytes, body, body_bytes;
  };
  place place_of(std::size_t which) const {
    place at{0, 0, 0, 0};
    for (std::size_t each = 0; each < matrices.size(); ++each) {
      const std::ptrdiff_t head = static_cast<std::ptrdiff_t>(words.head_bytes(matrices[each].columns));
      const std::ptrdiff_t body = static_cast<std::ptrdiff_t>(bytes(each)) - head;
      at.body += head;
      if (each == which) at.head_bytes = head, at.body_bytes = body;
      if (each >= which) continue;
      at.head += head;
      at.body += body;
    }
    return at;
  }
};

/// A layer's part of a file of weights/. The vendor's simulators copy the files into the directory in which they run.
inline image read_file(const std::string &folder, const std::string &name, int layer, std::size_t size) {
  std::FILE *file = std::fopen((folder + "/" + name).c_str(), "rb");
  if (!file) file = std::fopen(name.c_str(), "rb");
  if (!file) throw std::runtime_error("cannot read " + folder + "/" + name);
  image content(size);
  const bool whole = std::fseek(file, static_cast<long>(static_cast<std::size_t>(layer) * size), SEEK_SET) == 0 &&
                     std::fread(content.data(), 1, size, file) == size;
  std::fclose(file);
  if (!whole) throw std::runtime_error(folder + "/" + name + " has no layer " + std::to_string(layer));
  return content;
}

/// Rows in single precision, one behind the other.
inline reference::reals read_rows(const std::string &name, int rows, int columns) {
  std::FILE *const file = std::fopen(name.c_str(), "rb");
  if (!file) throw std::runtime_error("cannot read " + name);
  std::vector<float> values(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns));
  const bool whole = std::fread(values.data(), sizeof(float), values.size(), file) == values.size();
  std::fclose(file);
  if (!whole) {
    throw std::runtime_error(name + " holds less than " + std::to_string(rows) + " rows of " + std::to_string(columns) +
                             " values in single precision");
  }
  reference::reals tensor(rows, columns);
  for (std::size_t i = 0; i < values.size(); ++i) tensor.values[i] = static_cast<double>(values[i]);
  return tensor;
}

/// K or V of all rows so far, as far as it lies behind one of `ports` ports: for each head, for each `outer`, for each `inner` one
/// beat of lanes * dot elements, index d * lanes + lane; the lanes of all ports side by side are the columns of a tile.
///
///   keys     outer: tile of keys, inner: step of `dot` columns of the head
///   values   outer: tile of columns of the head, inner: step of `dot` keys
struct cache {
  bool keys;
  int heads;
  int lanes;
  int ports;
  int port;
  int dot;
  int outer;
  int inner;

  template <class TYPE> image pack(const reference::matrix<typename TYPE::value> &rows, std::size_t size) const {
    image packed(size);
    const int width = rows.columns / heads;
    for (int row = 0; row < rows.rows; ++row) {
      for (int column = 0; column < rows.columns; ++column) {
        const int across = keys ? row : column % width;  // what tiles are made of
        const int along = keys ? column % width : row;   // what steps are made of
        const int lane = across % (lanes * ports) - port * lanes;
        if (lane < 0 || lane >= lanes) continue;
        const int beat = (column / width * outer + across / (lanes * ports)) * inner + along / dot;
        const std::size_t place = static_cast<std::size_t>(beat) * static_cast<std::size_t>(lanes * dot) +
                                  static_cast<std::size_t>(along % dot * lanes + lane);
        put(packed, place * TYPE::bits, TYPE::bits, TYPE::code(rows.at(row, column)));
      }
    }
    return packed;
  }
};

}  // namespace layout

#endif
