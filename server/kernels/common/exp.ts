/** exp.h: two multiplies by log2(e), two of the interpolation; shifts, adders and the table in LUTs. */
export const exponentialUnit = { multiply: 4, gates: 330, registers: 420 } as const;
