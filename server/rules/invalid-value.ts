import { problemRule } from './problem.ts';

export const invalidValue = problemRule('invalid-value', {
  severity: 'error',
  page: {
    summary: 'A value cannot be built.',
    why: 'Hardware comes in whole numbers of at least one. The value is set aside and the default takes its place, so that the rest of the file keeps its estimates.',
    failing: `accelerator a {
  device u280 at 245 MHz
  model  bert_base
  phase  forward(tokens: 512)
  kernel q array 0 x 8
}`,
    mended: `accelerator a {
  device u280 at 245 MHz
  model  bert_base
  phase  forward(tokens: 512)
  kernel q array 8 x 8
}`,
    remedies: ['Write a value of the kind that the message names.'],
  },
  words: ({ subject, found, expected }) => ({ message: `${subject}: ${found} cannot be built; expected ${expected}.` }),
});
