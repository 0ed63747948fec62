import { problemRule } from './problem.ts';
import { quoted } from './words.ts';

export const shapeMismatch = problemRule('shape-mismatch', {
  severity: 'error',
  page: {
    summary: 'Two tensors that meet in an operator do not fit.',
    why: 'Work is counted from shapes: where they contradict each other every figure behind them would be wrong.',
    failing: `model odd {
  input x : [tokens, 64]
  a = linear(x, 128)
  b = add(x, a)
  output b
}
accelerator a {
  device u280 at 245 MHz
  model  odd
  phase  forward(tokens: 512)
}`,
    mended: `model even {
  input x : [tokens, 64]
  a = linear(x, 64)
  b = add(x, a)
  output b
}
accelerator a {
  device u280 at 245 MHz
  model  even
  phase  forward(tokens: 512)
}`,
    remedies: ['Compare the two shapes that the message names, and change the one that is wrong.'],
  },
  words: ({ operator, left, right, related }) => ({
    message: `${quoted(operator)}: ${left} does not fit ${right}.`,
    related,
  }),
});
