import { problemRule } from './problem.ts';
import { capital } from './words.ts';

export const missingPart = problemRule('missing-part', {
  severity: 'error',
  page: {
    summary: 'Something is left out that has no default.',
    why: 'Nearly everything may be left out. What is computed, on which card and in which phase may not: without them there is nothing to estimate.',
    failing: `accelerator a {
  device u280
  phase  forward(tokens: 512)
}`,
    mended: `accelerator a {
  device u280
  model  bert_base
  phase  forward(tokens: 512)
}`,
    remedies: ['Add the part that the message names.'],
  },
  words: ({ owner, part }) => ({ message: `${capital(owner)} needs ${part}.` }),
});
