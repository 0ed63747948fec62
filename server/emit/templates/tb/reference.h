// What each operator of a layer computes, in plain loops over row-major matrices.
//
// These files are written from the operators' definitions. They include no kernel header and share no code with the kernels, so
// that a mistake in the one cannot hide in the other. Integer operators are exact; the others are computed in double.
#ifndef WEFT_TB_REFERENCE_H
#define WEFT_TB_REFERENCE_H

#include "reference/attention.h"
#include "reference/matrix.h"
#include "reference/products.h"
#include "reference/rows.h"
#include "reference/types.h"
#include "reference/windows.h"

#endif
