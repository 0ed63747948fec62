import { enumeration } from '../format.ts';
import { problemRule } from './problem.ts';

export const operatorMappedTwice = problemRule('operator-mapped-twice', {
  severity: 'error',
  page: {
    summary: 'Two kernels claim the same operator in the same phase and layer.',
    why: 'An operator is computed once. The first kernel keeps it; the second would be hardware without work.',
    failing: `accelerator a {
  device u280 at 245 MHz
  model  bert_base
  phase  forward(tokens: 512)
  kernel q array 8 x 16
  kernel gemm : q, k, v array 8 x 16
}`,
    mended: `accelerator a {
  device u280 at 245 MHz
  model  bert_base
  phase  forward(tokens: 512)
  kernel q array 8 x 16
  kernel gemm : k, v array 8 x 16
}`,
    remedies: [
      'Remove the operator from one of the kernels.',
      'Separate them with `for prefill` and `for decode`, or `for block[0..5]`.',
    ],
  },
  words: ({ operator, kernels, first }) => ({
    message: `Operator ‘${operator}’ is mapped ${kernels.length === 2 ? 'twice' : `${kernels.length} times`}: to kernels ${enumeration(kernels)}. The first keeps it.`,
    related: [{ span: first, message: `‘${operator}’ is first mapped here` }],
  }),
});
