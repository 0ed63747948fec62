import { problemRule } from './problem.ts';
import { subjectOf } from './words.ts';

export const unitMismatch = problemRule('unit-mismatch', {
  severity: 'error',
  page: {
    summary: 'A quantity has the wrong unit, or none.',
    why: 'A clock in GB/s is a slip that no figure should survive. The value is set aside and the default takes its place, so that the rest of the file keeps its estimates.',
    failing: `accelerator a {
  device u280 at 245 GB/s
  model  bert_base
  phase  forward(tokens: 512)
}`,
    mended: `accelerator a {
  device u280 at 245 MHz
  model  bert_base
  phase  forward(tokens: 512)
}`,
    remedies: ['Give the quantity the unit that the message names. GB/s is decimal, KiB is binary.'],
  },
  words: ({ subject, expected, found }) => ({
    message: `${subjectOf(subject)}: expected ${expected}, found ${found}.`,
  }),
});
