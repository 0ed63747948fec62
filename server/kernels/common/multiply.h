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
// Stages of an iteration of the loop round it, at 300 MHz (what a law's o is made of; see array_overhead):
//   0  loop condition, address of the row block, FIFO read      1  operand register, fields packed
//   2  A and B registers of the DSP block      3  M register      4  P register (BIND_OP latency=2)
//   5  borrow correction, sum in its register                   and before it the adder tree of D, two levels a stage
#ifndef WEFT_MULTIPLY_H
#define WEFT_MULTIPLY_H

#include "ap_int.h"
#include "word.h"

namespace weft {

/// o: cycles of a tile besides its iterations: six stages less one, one to leave the loop, one to hand the sums over;
/// D > 1 adds its adder tree, and operands out of URAM or through a lane multiplexer a stage each.
constexpr int array_overhead(int D, int operand_stages) { return 7 + ceil_div(ceil_log2(D), 2) + operand_stages; }

template <class SHARED, class PACKED, int PACK>
struct packed_multiply {
  static const int shared_bits = element<SHARED>::bits;
  static const int packed_bits = element<PACKED>::bits;
  static const int field_bits = shared_bits + packed_bits;
  static const int operand_bits = PACK == 1 ? packed_bits : (PACK - 1) * field_bits + packed_bits + 1;
  static_assert(element<SHARED>::integer && element<PACKED>::integer, "an array multiplies integers");
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

  static void multiply(const operand &packed, SHARED shared, int32 products[PACK]) {
#pragma HLS INLINE
    const int shift = field_bits;
    const ap_int<shared_bits> narrow = shared;
    ap_int<operand_bits + shared_bits> product = packed * narrow;
#pragma HLS BIND_OP variable=product op=mul impl=dsp latency=2
    ap_int<operand_bits + shared_bits> fields = product;
    for (int p = 0; p < PACK; p++) {
#pragma HLS UNROLL
      const ap_int<field_bits> field = fields;
      const int borrow = field < 0 ? 1 : 0;
      products[p] = field;
      fields = (fields >> shift) + borrow;
    }
  }
};

/// Before the first iteration of a tile.
template <int R, int WIDE>
void clear(int32 sums[R][WIDE]) {
#pragma HLS INLINE
  for (int r = 0; r < R; r++) {
#pragma HLS UNROLL
    for (int c = 0; c < WIDE; c++) {
#pragma HLS UNROLL
      sums[r][c] = 0;
    }
  }
}

/// sums[r][c] += shared[d][r] * packed[d][c], over all d: one iteration of an output-stationary array.
template <int R, int A, int D, int PACK, class SHARED, class PACKED>
void accumulate(const SHARED shared[D][R], const typename element<PACKED>::value packed[D][A * PACK],
                int32 sums[R][A * PACK]) {
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
      int32 dot[PACK] = {};
#pragma HLS ARRAY_PARTITION variable=dot type=complete dim=1
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

/// The same from words: D columns of R rows, and D rows of A * PACK weights.
template <int R, int A, int D, int PACK, class IN, class WEIGHT>
void array_step(const word<IN, R * D> &rows, const word<WEIGHT, A * PACK * D> &weights, int32 sums[R][A * PACK]) {
#pragma HLS INLINE
  const int wide = A * PACK;
  IN shared[D][R];
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
