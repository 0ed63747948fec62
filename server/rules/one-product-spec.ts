/** The spec of the pages on memory ports. */
/** One product whose weights come from a channel; `port` are clauses behind it. */
export const oneProduct = (port: string) => `model one {
  input x : [tokens, 768]
  q = linear(x, 768)
  output q
}
accelerator a {
  device    u280 at 245 MHz
  model     one
  phase     forward(tokens: 512)
  precision W4A8
  kernel q  array 8 x 32  pack 2  weights hbm[1]${port}  on slr0
}`;
