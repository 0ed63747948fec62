// The inner step of every matrix product: R x A multipliers, P products each, D of them to a dot product.
//
// Packed multiply. One DSP block multiplies 27 x 18 bits (signed). P weights that share one activation stand in the
// wide operand, a field apart:   operand = w[P-1] * 2^(F(P-1)) + … + w[1] * 2^F + w[0],   F = bits of a product, so
// that operand * x has the products in its fields: field p holds w[p] * x, less one where the field below is
// negative, because a negative field borrows from the next. The correction adds that one back. F is exactly the width
// of a product (int8 x int8: 16, int4 x int8: 12), so no field can overflow and all operand values are right,
// -128 * -128 included.
//
//   operand of P fields   F(P-1) + bits of a weight + 1 <= 27     int8 x int8: P <= 2; int4 x int8: 2; int2 x int8: 3
//
// Four products of two rows and two columns. Where both operands have at most 4 bits, two activations stand in the narrow
// operand, F apart, and two weights in the wide one, 2F apart: (x0 + x1 2^F)(w0 + w1 2^2F) has the four products in fields
// 0 ... 3. A pair of rows then shares the blocks of a pair of columns, so that P = 4 needs an even number of rows.
//
// Sums are of int32, or 48 bits (as wide as the sum of a DSP block) where both operands have 16; they wrap round beyond.
//
// Floating point. Where one operand is fp16, bf16 or fp32 the product and the sums are fp32, a multiplier each. A running
// sum has the interval of the adder's latency, so that a sum is dealt out over 4 partial sums, step by step, and the
// epilogue adds these up: the order of additions is part of the result.
//
// Stages of an iteration of the loop round it, at 300 MHz (what a law's o is made of; see array_overhead):
//   0  loop condition, address of the row block, FIFO read      1  operand register, fields packed
//   2  A and B registers of the DSP block      3  M register      4  P register (BIND_OP latency=2)
//   5  borrow correction, sum in its register                   and before it the adder tree of D, two levels a stage
#ifndef WEFT_MULTIPLY_H
#define WEFT_MULTIPLY_H

#include "ap_int.h"
#include "stages.h"
#include "tree.h"
#include "word.h"

namespace weft {

/// What one step multiplies: integers, or anything with a floating-point operand.
template <class SHARED, class PACKED>
struct operands {
  static const bool integer = element<SHARED>::integer && element<PACKED>::integer;
  static const bool wide = integer && element<SHARED>::bits + element<PACKED>::bits > 24;
};

/// o: cycles of a tile besides its iterations: the stages of one less one, one to leave the loop, one to hand the sums
/// over; operands out of URAM or through a lane multiplexer take a stage each. Integers: six stages, and D > 1 an adder
/// tree, two levels a stage. Floating point: read 1, to fp32 (integers 4, else 1), multiply, a level of the tree an add, sum.
template <class SHARED, class PACKED>
constexpr int array_overhead(int D, int operand_stages) {
  return 1 + operand_stages +
         (operands<SHARED, PACKED>::integer
              ? 6 + ceil_div(ceil_log2(D), 2)
              : 1 + (element<SHARED>::integer || element<PACKED>::integer ? stages::to_float : 1) + stages::fmul +
                    ceil_log2(D) * stages::fadd + stages::carried_sum);
}

/// Partial sums of fp32, one after the other.
struct float_sum {
  fp32 held[carried_latency];
};

/// The nearest fp32 of a sum: wider sums go by way of 64 bits.
inline float sum_to_float(int32 sum) {
#pragma HLS INLINE
  return (float)sum;
}
template <class SUM>
float sum_to_float(const SUM &sum) {
#pragma HLS INLINE
  return (float)(long long)sum;
}

/// A sum of products: how it grows, and how it travels to the epilogue as PARTS values.
template <class SUM>
struct sums_of {
  typedef SUM part;
  static const int parts = 1;
  static const int to_fp32 = stages::to_float;
  static void clear(SUM &sum) {
#pragma HLS INLINE
    sum = 0;
  }
  static SUM get(const SUM &sum, int) {
#pragma HLS INLINE
    return sum;
  }
  /// Of row `r` of R.
  template <int R, class WORD>
  static float total(const WORD &column, int r) {
#pragma HLS INLINE
    return sum_to_float(column[r]);
  }
};
template <>
struct sums_of<float_sum> {
  typedef fp32 part;
  static const int parts = carried_latency;
  static const int to_fp32 = ceil_log2(carried_latency) * stages::fadd;
  static void clear(float_sum &sum) {
#pragma HLS INLINE
    for (int p = 0; p < parts; p++) {
#pragma HLS UNROLL
      sum.held[p] = 0.0f;
    }
  }
  static fp32 get(const float_sum &sum, int part) {
#pragma HLS INLINE
    return sum.held[part];
  }
  template <int R, class WORD>
  static float total(const WORD &column, int r) {
#pragma HLS INLINE
    float values[parts];
#pragma HLS ARRAY_PARTITION variable=values type=complete dim=1
    for (int p = 0; p < parts; p++) {
#pragma HLS UNROLL
      values[p] = column[p * R + r];
    }
    return adder_tree<parts, 1>::sum(values);
  }
};

/// KIND 0: integers; 1: integers whose sums take 48 bits; 2: floating point.
template <int KIND>
struct sum_kind {
  typedef int32 type;
};
template <>
struct sum_kind<1> {
  typedef ap_int<48> type;
};
template <>
struct sum_kind<2> {
  typedef float_sum type;
};
template <class SHARED, class PACKED>
using sum_type =
    typename sum_kind<!operands<SHARED, PACKED>::integer ? 2 : operands<SHARED, PACKED>::wide ? 1 : 0>::type;

/// The lowest field of a product, which moves on to the next: a negative one has borrowed from it.
template <int FIELD, int BITS>
int take_field(ap_int<BITS> &fields) {
#pragma HLS INLINE
  const int shift = FIELD;
  const ap_int<FIELD> field = fields;
  const int borrow = field < 0 ? 1 : 0;
  fields = (fields >> shift) + borrow;
  return field;
}

template <class SHARED, class PACKED, int PACK>
struct packed_multiply {
  static const int shared_bits = element<SHARED>::bits;
  static const int packed_bits = element<PACKED>::bits;
  static const int field_bits = shared_bits + packed_bits;
  static const int operand_bits = PACK == 1 ? packed_bits : (PACK - 1) * field_bits + packed_bits + 1;
  static_assert(element<SHARED>::integer && element<PACKED>::integer, "only integers share a DSP block");
  static_assert(operand_bits <= 27, "pack: these weights do not fit the 27-bit operand of a DSP block side by side");
  static_assert(shared_bits <= 18, "activations must fit the 18-bit operand of a DSP block");

  typedef typename element<PACKED>::value weight;
  typedef ap_int<operand_bits> operand;

  static operand pack(const weight weights[PACK]) {
#pragma HLS INLINE
    const int shift = field_bits;
    operand packed = weights[PACK - 1];
    for (int p = PACK - 2; p >= 0; p--) {
#pragma HLS UNROLL
      packed = (packed << shift) + weights[p];
    }
    return packed;
  }

  static void multiply(const operand &packed, typename element<SHARED>::value shared, int32 products[PACK]) {
#pragma HLS INLINE
    const ap_int<shared_bits> narrow = shared;
    ap_int<operand_bits + shared_bits> product = packed * narrow;
#pragma HLS BIND_OP variable=product op=mul impl=dsp latency=2
    ap_int<operand_bits + shared_bits> fields = product;
    for (int p = 0; p < PACK; p++) {
#pragma HLS UNROLL
      products[p] = take_field<field_bits>(fields);
    }
  }
};

/// Two activations times two weights of at most 4 bits in one DSP block.
template <class SHARED, class PACKED>
struct crossed_multiply {
  static const int field_bits = element<SHARED>::bits + element<PACKED>::bits;
  static const int narrow_bits = field_bits + element<SHARED>::bits + 1;
  static const int wide_bits = 2 * field_bits + element<PACKED>::bits + 1;
  static_assert(narrow_bits <= 18 && wide_bits <= 27, "pack: two rows and two columns do not fit a DSP block");

  /// products[row][column]
  static void multiply(const typename element<SHARED>::value shared[2], const typename element<PACKED>::value packed[2],
                       int32 products[2][2]) {
#pragma HLS INLINE
    const int shift = field_bits;
    ap_int<narrow_bits> narrow = shared[1];
    narrow = (narrow << shift) + shared[0];
    ap_int<wide_bits> wide = packed[1];
    wide = (wide << (2 * shift)) + packed[0];
    ap_int<narrow_bits + wide_bits> product = wide * narrow;
#pragma HLS BIND_OP variable=product op=mul impl=dsp latency=2
    ap_int<narrow_bits + wide_bits> fields = product;
    for (int p = 0; p < 4; p++) {
#pragma HLS UNROLL
      products[p % 2][p / 2] = take_field<field_bits>(fields);
    }
  }
};

/// Before the first iteration of a tile.
template <int R, int WIDE, class SUM>
void clear(SUM sums[R][WIDE]) {
#pragma HLS INLINE
  for (int r = 0; r < R; r++) {
#pragma HLS UNROLL
    for (int c = 0; c < WIDE; c++) {
#pragma HLS UNROLL
      sums_of<SUM>::clear(sums[r][c]);
    }
  }
}

/// sums[r][c] += shared[d][r] * packed[d][c], over all d: one iteration of an output-stationary array. KIND 0: PACK weights
/// share one activation; 1: two weights share two activations; 2: floating point.
template <int KIND, int R, int A, int D, int PACK, class SHARED, class PACKED>
struct array_kind {
  typedef typename element<SHARED>::value shared_value;
  typedef typename element<PACKED>::value packed_value;

  template <class SUM>
  static void accumulate(const shared_value shared[D][R], const packed_value packed[D][A * PACK],
                         SUM sums[R][A * PACK]) {
#pragma HLS INLINE
    typedef packed_multiply<SHARED, PACKED, PACK> unit;
    typename unit::operand operands[D][A];
#pragma HLS ARRAY_PARTITION variable=operands type=complete dim=0
    for (int d = 0; d < D; d++) {
#pragma HLS UNROLL
      for (int a = 0; a < A; a++) {
#pragma HLS UNROLL
        operands[d][a] = unit::pack(&packed[d][a * PACK]);
      }
    }
    for (int r = 0; r < R; r++) {
#pragma HLS UNROLL
      for (int a = 0; a < A; a++) {
#pragma HLS UNROLL
        SUM dot[PACK];  // two products of int16 by int16 are more than an int32 has
#pragma HLS ARRAY_PARTITION variable=dot type=complete dim=1
        for (int p = 0; p < PACK; p++) {
#pragma HLS UNROLL
          dot[p] = 0;
        }
        for (int d = 0; d < D; d++) {
#pragma HLS UNROLL
          int32 products[PACK];
#pragma HLS ARRAY_PARTITION variable=products type=complete dim=1
          unit::multiply(operands[d][a], shared[d][r], products);
          for (int p = 0; p < PACK; p++) {
#pragma HLS UNROLL
            dot[p] += products[p];
          }
        }
        for (int p = 0; p < PACK; p++) {
#pragma HLS UNROLL
          sums[r][a * PACK + p] += dot[p];
        }
      }
    }
  }
};

template <int R, int A, int D, int PACK, class SHARED, class PACKED>
struct array_kind<1, R, A, D, PACK, SHARED, PACKED> {
  typedef typename element<SHARED>::value shared_value;
  typedef typename element<PACKED>::value packed_value;
  static_assert(PACK == 4 && R % 2 == 0, "four products a DSP block: two rows share it");

  template <class SUM>
  static void accumulate(const shared_value shared[D][R], const packed_value packed[D][A * PACK],
                         SUM sums[R][A * PACK]) {
#pragma HLS INLINE
    for (int r = 0; r < R; r += 2) {
#pragma HLS UNROLL
      for (int c = 0; c < A * PACK; c += 2) {
#pragma HLS UNROLL
        int32 dot[2][2] = {};
#pragma HLS ARRAY_PARTITION variable=dot type=complete dim=0
        for (int d = 0; d < D; d++) {
#pragma HLS UNROLL
          int32 products[2][2];
#pragma HLS ARRAY_PARTITION variable=products type=complete dim=0
          crossed_multiply<SHARED, PACKED>::multiply(&shared[d][r], &packed[d][c], products);
          for (int p = 0; p < 4; p++) {
#pragma HLS UNROLL
            dot[p / 2][p % 2] += products[p / 2][p % 2];
          }
        }
        for (int p = 0; p < 4; p++) {
#pragma HLS UNROLL
          sums[r + p / 2][c + p % 2] += dot[p / 2][p % 2];
        }
      }
    }
  }
};

template <int R, int A, int D, int PACK, class SHARED, class PACKED>
struct array_kind<2, R, A, D, PACK, SHARED, PACKED> {
  typedef typename element<SHARED>::value shared_value;
  typedef typename element<PACKED>::value packed_value;
  static_assert(PACK == 1, "pack: products of floating-point numbers do not share a DSP block");

  template <class SUM>
  static void accumulate(const shared_value shared[D][R], const packed_value packed[D][A], SUM sums[R][A]) {
#pragma HLS INLINE
    for (int r = 0; r < R; r++) {
#pragma HLS UNROLL
      for (int a = 0; a < A; a++) {
#pragma HLS UNROLL
        float products[D];
#pragma HLS ARRAY_PARTITION variable=products type=complete dim=1
        for (int d = 0; d < D; d++) {
#pragma HLS UNROLL
          const float product = to_fp32<SHARED>(shared[d][r]) * to_fp32<PACKED>(packed[d][a]);
#pragma HLS BIND_OP variable=product op=fmul impl=maxdsp
          products[d] = product;
        }
        float_sum &held = sums[r][a];
        const float sum = held.held[carried_latency - 1] + adder_tree<D, 1>::sum(products);
#pragma HLS BIND_OP variable=sum op=fadd impl=fabric latency=4
        for (int p = carried_latency - 1; p > 0; p--) {
#pragma HLS UNROLL
          held.held[p] = held.held[p - 1];
        }
        held.held[0] = sum;
      }
    }
  }
};

template <int R, int A, int D, int PACK, class SHARED, class PACKED, class SUM>
void accumulate(const typename element<SHARED>::value shared[D][R],
                const typename element<PACKED>::value packed[D][A * PACK], SUM sums[R][A * PACK]) {
#pragma HLS INLINE
  const int kind = !operands<SHARED, PACKED>::integer ? 2
                   : PACK == 4 && element<SHARED>::bits <= 4 && element<PACKED>::bits == 4 ? 1
                                                                                          : 0;
  array_kind<kind, R, A, D, PACK, SHARED, PACKED>::accumulate(shared, packed, sums);
}

/// The same from words: D columns of R rows, and D rows of A * PACK weights.
template <int R, int A, int D, int PACK, class IN, class WEIGHT, class SUM>
void array_step(const word<IN, R * D> &rows, const word<WEIGHT, A * PACK * D> &weights, SUM sums[R][A * PACK]) {
#pragma HLS INLINE
  const int wide = A * PACK;
  typename element<IN>::value shared[D][R];
  typename element<WEIGHT>::value packed[D][wide];
#pragma HLS ARRAY_PARTITION variable=shared type=complete dim=0
#pragma HLS ARRAY_PARTITION variable=packed type=complete dim=0
  for (int d = 0; d < D; d++) {
#pragma HLS UNROLL
    for (int r = 0; r < R; r++) {
#pragma HLS UNROLL
      shared[d][r] = get<IN>(rows, d * R + r);
    }
    for (int c = 0; c < wide; c++) {
#pragma HLS UNROLL
      packed[d][c] = get<WEIGHT>(weights, d * wide + c);
    }
  }
  accumulate<R, A, D, PACK, IN, WEIGHT>(shared, packed, sums);
}

}  // namespace weft

#endif
