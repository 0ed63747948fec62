// Pipeline stages of what the row kernels are made of, for the modelled cycles of the simulation and for the depth of FIFOs
// that wait for a result. UltraScale+ at 300 MHz; nothing is scheduled by these figures.
#ifndef WEFT_STAGES_H
#define WEFT_STAGES_H

#include "word.h"

namespace weft {
namespace stages {

const int read = 1;
const int fmul = 4;
const int fadd = 7;
const int carried_sum = 5;
const int maximum = 1;
const int select = 1;
const int to_float = 4;
const int to_integer = 2;
const int narrow = 1;       // fp32 to fp16 or bf16: an adder of 16 bits
const int exp = 18;         // unpack 1, log2(e) 3 + 1, shift 2, sign 1, interpolate 9, pack 1
const int reciprocal = 11;  // unpack 1, interpolate 9, pack 1
const int rsqrt = 11;       // the same
const int gelu = 20;        // shift 3, interpolate 9, to fp32 3, multiply 4, select 1
const int memory_read = 72; // first beat of a burst: the m_axi adapter and the memory's controller

/// fp32 to the type of a stream: integers, fp16 and bf16 are rounded.
template <class ELEMENT>
constexpr int rounding() {
  return element<ELEMENT>::integer ? to_integer : element<ELEMENT>::bits < 32 ? narrow : 0;
}
/// Integers in: to fp32, times their scale. Integers out: times the reciprocal of their scale, rounded.
template <class ELEMENT>
constexpr int input() {
  return element<ELEMENT>::integer ? to_float + fmul : 0;
}
template <class ELEMENT>
constexpr int output() {
  return (element<ELEMENT>::integer ? fmul : 0) + rounding<ELEMENT>();
}

}  // namespace stages
}  // namespace weft

#endif
