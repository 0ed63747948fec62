// Adapts a stream to the words of its consumer: C1 to C2 columns a word, T1 to T2 tokens a word.
//
// in   word<ELEMENT, T1 * C1>   block of T1 rows -> head -> C1 of COLUMNS columns a word
// out  word<ELEMENT, T2 * C2>   block of T2 rows -> head -> C2 of COLUMNS columns a word
//
// Lanes behind the last column of a head and rows behind the last row of `in` come out as 0. Elements are whole bytes.
//
//   gather   several words into one      spread   one word into several; columns that do not divide each other go
//                                                 through a word of their least common multiple
//   deal, collect   a FIFO a row of a group of lcm(T1, T2) rows, two rows deep: deal writes the rows of a block side by
//                   side into theirs, collect reads the rows of its block side by side: from T1 rows of a column to C2 columns
//                   of a row, this is the transposition of blocks
//
// Each moves a word a cycle: cycles = (groups - 1) * max(words in, words out of a group) + latency of a group (see law.ts).
#ifndef WEFT_CONVERT_H
#define WEFT_CONVERT_H

#include "dataflow.h"
#include "stages.h"
#include "word.h"

namespace weft {
namespace convert_parts {

constexpr int common_divisor(int a, int b) { return b == 0 ? a : common_divisor(b, a % b); }
constexpr int common_multiple(int a, int b) { return a / common_divisor(a, b) * b; }

/// SEGMENTS runs of COLUMNS columns; RATIO words of N elements (of C columns) become one.
template <int SEGMENTS, int COLUMNS, int C, int N, int RATIO, class ELEMENT>
void gather(hls::stream<word<ELEMENT, N> > &in, hls::stream<word<ELEMENT, N * RATIO> > &out) {
#pragma HLS INLINE off
  const int words = ceil_div(COLUMNS, C);
  WEFT_LATENCY(stages::read + 1);
  word<ELEMENT, N * RATIO> result;
  for (int segment = 0; segment < SEGMENTS; segment++) {
    int slot = 0;
    for (int w = 0; w < words; w++) {
#pragma HLS PIPELINE II=1
      const word<ELEMENT, N> x = in.read();
      for (int i = 0; i < N * RATIO; i++) {
#pragma HLS UNROLL
        if (i / N == slot) {
          result[i] = x[i % N];
        } else if (slot == 0) {
          result[i] = typename element<ELEMENT>::value(0);
        }
      }
      if (slot == RATIO - 1 || w == words - 1) out.write(result);
      slot = slot == RATIO - 1 ? 0 : slot + 1;
      WEFT_TICK(1);
    }
  }
}

/// One word becomes RATIO words of N elements (of C columns).
template <int SEGMENTS, int COLUMNS, int C, int N, int RATIO, class ELEMENT>
void spread(hls::stream<word<ELEMENT, N * RATIO> > &in, hls::stream<word<ELEMENT, N> > &out) {
#pragma HLS INLINE off
  const int words = ceil_div(COLUMNS, C);
  WEFT_LATENCY(stages::read + 1);
  word<ELEMENT, N * RATIO> held;
  for (int segment = 0; segment < SEGMENTS; segment++) {
    int slot = 0;
    for (int w = 0; w < words; w++) {
#pragma HLS PIPELINE II=1
      if (slot == 0) held = in.read();
      word<ELEMENT, N> result;
      for (int i = 0; i < N; i++) {
#pragma HLS UNROLL
        result[i] = held[i];
      }
      out.write(result);
      // the next word moves to the front
      for (int i = 0; i < N * (RATIO - 1); i++) {
#pragma HLS UNROLL
        held[i] = held[i + N];
      }
      slot = slot == RATIO - 1 ? 0 : slot + 1;
      WEFT_TICK(1);
    }
  }
}

/// Columns of a word, T tokens throughout; GATHER and SPREAD say which steps there are.
template <bool GATHER, bool SPREAD>
struct columns;

template <>
struct columns<true, false> {
  template <int SEGMENTS, int COLUMNS, int T, int C1, int C2, class ELEMENT>
  static void run(hls::stream<word<ELEMENT, T * C1> > &in, hls::stream<word<ELEMENT, T * C2> > &out) {
#pragma HLS INLINE
    gather<SEGMENTS, COLUMNS, C1, T * C1, C2 / C1, ELEMENT>(in, out);
  }
};
template <>
struct columns<false, true> {
  template <int SEGMENTS, int COLUMNS, int T, int C1, int C2, class ELEMENT>
  static void run(hls::stream<word<ELEMENT, T * C1> > &in, hls::stream<word<ELEMENT, T * C2> > &out) {
#pragma HLS INLINE
    spread<SEGMENTS, COLUMNS, C2, T * C2, C1 / C2, ELEMENT>(in, out);
  }
};
template <>
struct columns<true, true> {
  template <int SEGMENTS, int COLUMNS, int T, int C1, int C2, class ELEMENT>
  static void run(hls::stream<word<ELEMENT, T * C1> > &in, hls::stream<word<ELEMENT, T * C2> > &out) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
    const int common = common_multiple(C1, C2);
    hls::stream<word<ELEMENT, T * common>, 2> wide("wide");
#pragma HLS STREAM variable=wide depth=2
    DF_BEGIN
    DF_CALL((gather<SEGMENTS, COLUMNS, C1, T * C1, common / C1, ELEMENT>), in, wide)
    DF_CALL((spread<SEGMENTS, COLUMNS, C2, T * C2, common / C2, ELEMENT>), wide, out)
    DF_END
  }
};

template <int SEGMENTS, int COLUMNS, int T, int C1, int C2, class ELEMENT>
void convert_columns(hls::stream<word<ELEMENT, T * C1> > &in, hls::stream<word<ELEMENT, T * C2> > &out) {
#pragma HLS INLINE
  columns<C2 % C1 == 0 || C1 % C2 != 0, C2 % C1 != 0>::template run<SEGMENTS, COLUMNS, T, C1, C2, ELEMENT>(in, out);
}

/// Blocks of T1 rows to blocks of T2 rows; WORDS words of C columns a block.
template <int ROWS, int WORDS, int T1, int T2, int C, class ELEMENT>
struct blocks {
  static const int group = common_multiple(T1, T2);
  static const int in = ceil_div(ROWS, T1);
  static const int out = ceil_div(ROWS, T2);
  static const int depth = 2 * WORDS;  // the next group comes in while this one leaves
  typedef hls::stream<word<ELEMENT, C>, depth> bank;

  static void deal(hls::stream<word<ELEMENT, T1 * C> > &from, bank (&banks)[group]) {
#pragma HLS INLINE off
    WEFT_LATENCY(stages::read + 1);
    int slot = 0;
    for (int block = 0; block < in; block++) {
      for (int w = 0; w < WORDS; w++) {
#pragma HLS PIPELINE II=1
        const word<ELEMENT, T1 * C> x = from.read();
        for (int row = 0; row < group; row++) {
#pragma HLS UNROLL
          word<ELEMENT, C> part;
          for (int c = 0; c < C; c++) {
#pragma HLS UNROLL
            part[c] = x[c * T1 + row % T1];
          }
          if (row / T1 == slot && block * T1 + row % T1 < out * T2) banks[row].write(part);
        }
        WEFT_TICK(1);
      }
      slot = slot == group / T1 - 1 ? 0 : slot + 1;
    }
  }

  static void collect(bank (&banks)[group], hls::stream<word<ELEMENT, T2 * C> > &to) {
#pragma HLS INLINE off
    WEFT_LATENCY(stages::read + 1);
    int slot = 0;
    for (int block = 0; block < out; block++) {
      for (int w = 0; w < WORDS; w++) {
#pragma HLS PIPELINE II=1
        word<ELEMENT, T2 * C> result = zeros<ELEMENT, T2 * C>();
        for (int row = 0; row < group; row++) {
#pragma HLS UNROLL
          if (row / T2 == slot && block * T2 + row % T2 < in * T1) {
            const word<ELEMENT, C> part = banks[row].read();
            for (int c = 0; c < C; c++) {
#pragma HLS UNROLL
              result[c * T2 + row % T2] = part[c];
            }
          }
        }
        to.write(result);
        WEFT_TICK(1);
      }
      slot = slot == group / T2 - 1 ? 0 : slot + 1;
    }
  }

  static void convert(hls::stream<word<ELEMENT, T1 * C> > &from, hls::stream<word<ELEMENT, T2 * C> > &to) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
    bank banks[group];
#pragma HLS STREAM variable=banks depth=depth
#pragma HLS BIND_STORAGE variable=banks type=fifo impl=bram
    DF_BEGIN
    DF_CALL(deal, from, banks)
    DF_CALL(collect, banks, to)
    DF_END
  }
};

/// Fewer tokens a word: columns first. More: columns last. So that every step moves words of the wider side.
template <int TOKENS, bool COLUMNS_CHANGE>
struct path;

template <bool COLUMNS_CHANGE>
struct path<0, COLUMNS_CHANGE> {
  template <int ROWS, int HEADS, int COLUMNS, int T1, int C1, int T2, int C2, class ELEMENT>
  static void run(hls::stream<word<ELEMENT, T1 * C1> > &in, hls::stream<word<ELEMENT, T2 * C2> > &out) {
#pragma HLS INLINE
    convert_columns<ceil_div(ROWS, T1) * HEADS, COLUMNS, T1, C1, C2, ELEMENT>(in, out);
  }
};
template <int TOKENS>
struct path<TOKENS, false> {
  template <int ROWS, int HEADS, int COLUMNS, int T1, int C1, int T2, int C2, class ELEMENT>
  static void run(hls::stream<word<ELEMENT, T1 * C1> > &in, hls::stream<word<ELEMENT, T2 * C2> > &out) {
#pragma HLS INLINE
    blocks<ROWS, HEADS * ceil_div(COLUMNS, C1), T1, T2, C1, ELEMENT>::convert(in, out);
  }
};
template <>
struct path<0, false> : path<0, true> {};

template <>
struct path<-1, true> {
  template <int ROWS, int HEADS, int COLUMNS, int T1, int C1, int T2, int C2, class ELEMENT>
  static void run(hls::stream<word<ELEMENT, T1 * C1> > &in, hls::stream<word<ELEMENT, T2 * C2> > &out) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
    hls::stream<word<ELEMENT, T1 * C2>, 2> between("between");
#pragma HLS STREAM variable=between depth=2
    DF_BEGIN
    DF_CALL((convert_columns<ceil_div(ROWS, T1) * HEADS, COLUMNS, T1, C1, C2, ELEMENT>), in, between)
    DF_CALL((blocks<ROWS, HEADS * ceil_div(COLUMNS, C2), T1, T2, C2, ELEMENT>::convert), between, out)
    DF_END
  }
};
template <>
struct path<1, true> {
  template <int ROWS, int HEADS, int COLUMNS, int T1, int C1, int T2, int C2, class ELEMENT>
  static void run(hls::stream<word<ELEMENT, T1 * C1> > &in, hls::stream<word<ELEMENT, T2 * C2> > &out) {
#pragma HLS INLINE off
#pragma HLS DATAFLOW
    hls::stream<word<ELEMENT, T2 * C1>, 2> between("between");
#pragma HLS STREAM variable=between depth=2
    DF_BEGIN
    DF_CALL((blocks<ROWS, HEADS * ceil_div(COLUMNS, C1), T1, T2, C1, ELEMENT>::convert), in, between)
    DF_CALL((convert_columns<ceil_div(ROWS, T2) * HEADS, COLUMNS, T2, C1, C2, ELEMENT>), between, out)
    DF_END
  }
};

}  // namespace convert_parts

template <int ROWS, int HEADS, int COLUMNS, int T1, int C1, int T2, int C2, class ELEMENT>
void convert(hls::stream<word<ELEMENT, T1 * C1> > &in, hls::stream<word<ELEMENT, T2 * C2> > &out) {
#pragma HLS INLINE off
  convert_parts::path<(T2 > T1) - (T2 < T1), C1 != C2>::template run<ROWS, HEADS, COLUMNS, T1, C1, T2, C2, ELEMENT>(in,
                                                                                                                out);
}

}  // namespace weft

#endif
