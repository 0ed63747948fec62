import { problemRule } from './problem.ts';

export const notModelled = problemRule('not-modelled', {
  severity: 'information',
  page: {
    summary: 'This is understood, and left out of the figures.',
    why: 'The language says more than the estimator models today. What is left out is said here rather than priced by a guess.',
    failing: `accelerator a {
  device u280 at 245 MHz
  model  bert_base
  phase  forward(tokens: 512)
  kernel q array 8 x 16 tile 128 x 256
}`,
    mended: `accelerator a {
  device u280 at 245 MHz
  model  bert_base
  phase  forward(tokens: 512)
  kernel q array 8 x 16
}`,
    remedies: [
      'Read the limits page for what is modelled.',
      'Take the figures as those of the spec without this part.',
    ],
  },
  words: ({ subject, consequence }) => ({ message: `${subject} is not modelled: ${consequence}.` }),
});
