/** A spec of several small declarations that speak of one another: an edit of one changes some, and leaves others as they are. */
export const shared = `let width = 64
let inner = 4 * width
/// A block that two files use.
model mlp(hidden = 64, ffn = 128) {
  input  x : [tokens, hidden]
  up   = linear(x, ffn)
  act  = gelu(up)
  down = linear(act, hidden)
  output down
}
`;

export const several = `import "shared.weft"

let rows = 16
let clock = 200 MHz + 50 MHz
let unread = 2 * rows

/// Groups of weights share a scale.
precision narrow { weights: int4, activations: int8, cache: int8, accumulator: int32, nonlinear: fp32 }

model small = mlp(hidden: width, ffn: inner)

device card {
  part: "xcvu37p-fsvh2892-2L-e", family: ultrascale_plus, clock: 300 MHz, idle: 28 W
  die slr0 { lut: 434_560, ff: 869_120, dsp: 3_008, bram: 672, uram: 320 }
  memory hbm { channels: 0..15, capacity: 256 MiB, bandwidth: 14.375 GB/s, port: 512 bit, on: slr0 }
}

baseline other { fp16: 4.5 TFLOPS, bandwidth: 1840 GB/s, power: 180 W }

accelerator first {
  device    card at clock
  model     small
  phase     forward(tokens: rows)
  precision narrow
  kernel up   array 4 x 8  pack 2  weights hbm[1]
  kernel down array 4 x 8  pack 2  weights hbm[2]
  stream up -> act 8 x int8 depth auto
  require latency < 1 ns // weft-ignore requirement-failed: a goal
  compare other, second
}

// The same on a card of the library.
accelerator second {
  let lanes_of = 4
  device u250 at 250 MHz
  model  mlp(ffn: 96)
  phase  forward(tokens: 2 * rows)
  kernel up : up + act  array lanes_of x 8
  compare first
}
`;
