/** A feed-forward network that is small enough for anything that takes long, with these lines in its accelerator. */
export const smallFeedForward = (lines: string) => `model ffn {
  input x : [tokens, 64]
  up   = linear(x, 128)
  act  = gelu(up)
  down = linear(act, 64)
  output down
}
accelerator small {
  device    u280 at 200 MHz
  model     ffn
  phase     forward(tokens: 16)
  precision W8A8
${lines}
}
`;

/** One array is open, which takes the tuner's solver a few hundredths of a second. */
export const openArray = smallFeedForward(`  kernel up    array auto   weights hbm[4]
  kernel act   lanes 8
  kernel down  array 8 x 8  weights hbm[5]`);
