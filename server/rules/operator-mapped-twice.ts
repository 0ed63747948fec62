import { enumeration } from '../format.ts';
import { problemRule } from './problem.ts';
import { quoted } from './words.ts';

export const operatorMappedTwice = problemRule('operator-mapped-twice', {
  severity: 'error',
  page: {
    summary: 'Two kernels claim the same operator in the same phase and layer.',
    why: 'An operator is computed once. The first kernel keeps it; the second would be hardware without work.',
    failing: `model project {
  input x : [tokens, 768]
  q = linear(x, 768)
  k = linear(x, 768)
  sum = add(q, k)
  output sum
}
accelerator a {
  device u280 at 245 MHz
  model  project
  phase  forward(tokens: 512)
  kernel q   array 8 x 16
  kernel k   : q, k  array 8 x 16
  kernel sum lanes 8
}`,
    mended: `model project {
  input x : [tokens, 768]
  q = linear(x, 768)
  k = linear(x, 768)
  sum = add(q, k)
  output sum
}
accelerator a {
  device u280 at 245 MHz
  model  project
  phase  forward(tokens: 512)
  kernel q   array 8 x 16
  kernel k   array 8 x 16
  kernel sum lanes 8
}`,
    remedies: [
      'Remove the operator from one of the kernels.',
      'Separate them with `for prefill` and `for decode`, or `for block[0..5]`.',
    ],
  },
  words: ({ operator, kernels, first }) => ({
    message: `Operator ‘${operator}’ has a kernel already: ${claimants(kernels)} claim it, and the first one keeps it.`,
    related: [{ span: first, message: `This kernel computes ‘${operator}’` }],
  }),
});

function claimants(kernels: readonly string[]): string {
  const names = [...new Set(kernels)].map(quoted);
  return names.length === 1 ? `two kernels ${names[0]}` : `both ${enumeration(names)}`;
}
