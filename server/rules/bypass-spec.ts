/** A feed-forward network with a residual bypass of this depth: what both rules about FIFOs show on their pages. */
export const bypassSpec = (depth: string) => `model ffn {
  input x : [tokens, 768]
  norm1 = layernorm(x)
  up    = linear(norm1, 3072)
  act   = gelu(up)
  down  = linear(act, 768)
  add2  = add(norm1, down)
  output add2
}
accelerator a {
  device    u280 at 245 MHz
  model     ffn
  phase     forward(tokens: 64)
  precision W4A8
  kernel norm1  lanes 8
  kernel up     array 8 x 16  pack 2  weights hbm[1]
  kernel act    lanes 8
  kernel down   array 8 x 16  pack 2  weights hbm[2]
  kernel add2   lanes 8
  stream norm1 -> add2  8 x fp32  depth ${depth}
}`;
