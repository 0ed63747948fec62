// ap_axis<W, 0, 0, 0> and ap_axiu<W, 0, 0, 0>: a word of an AXI4-Stream with its keep, strb and last signals.
// The optional user, id and dest signals are not here: their widths must be 0.
#ifndef WEFT_CSIM_AP_AXI_SDATA_H
#define WEFT_CSIM_AP_AXI_SDATA_H

#include "ap_int.h"

#define WEFT_SIM_AXI_WORD(name, integer)                                                            \
  template <int Width, int User, int Id, int Dest> struct name {                                    \
    static_assert(Width % 8 == 0, #name ": a width of whole bytes is expected");                    \
    static_assert(User == 0 && Id == 0 && Dest == 0, #name ": user, id and dest are not supported"); \
    integer<Width> data;                                                                            \
    ap_uint<Width / 8> keep;                                                                        \
    ap_uint<Width / 8> strb;                                                                        \
    ap_uint<1> last;                                                                                \
  };
WEFT_SIM_AXI_WORD(ap_axis, ap_int)
WEFT_SIM_AXI_WORD(ap_axiu, ap_uint)
#undef WEFT_SIM_AXI_WORD

#endif
