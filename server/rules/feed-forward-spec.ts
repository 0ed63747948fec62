interface Lines {
  readonly tokens?: number;
  readonly reserve?: string;
  readonly up?: string;
  readonly down?: string;
  readonly lanes?: number;
  /** What follows `stream act -> down`. */
  readonly stream?: string;
}

/** A feed-forward network alone, so that nothing else takes part: what several rules show on their pages. */
export const feedForwardSpec = ({
  tokens = 512,
  reserve,
  up = 'array 8 x 16',
  down = 'array 8 x 16',
  lanes = 8,
  stream,
}: Lines) => `model ffn {
  input x : [tokens, 768]
  up   = linear(x, 3072)
  act  = gelu(up)
  down = linear(act, 768)
  output down
}
accelerator a {
  device    u280 at 245 MHz
  model     ffn
  phase     forward(tokens: ${tokens})
  precision W4A8${reserve === undefined ? '' : `\n  reserve   ${reserve}`}
  region feed_forward on slr2  pack 2 {
    kernel up    ${up}  weights hbm[4]
    kernel act   lanes ${lanes}
    kernel down  ${down}  weights hbm[5]
  }${stream === undefined ? '' : `\n  stream act -> down  ${stream}`}
}`;
