import { problemRule } from './problem.ts';
import { subjectOf } from './words.ts';

export const invalidValue = problemRule('invalid-value', {
  severity: 'error',
  page: {
    summary: 'A value is not one that can be built.',
    why: 'Hardware comes in whole numbers of at least one, and no device holds more than a certain number of anything. The value is set aside and the default takes its place, so that the rest of the file keeps its estimates.',
    failing: `model query {
  input x : [tokens, 768]
  q = linear(x, 768)
  output q
}
accelerator a {
  device u280 at 245 MHz
  model  query
  phase  forward(tokens: 512)
  kernel q array 0 x 8
}`,
    mended: `model query {
  input x : [tokens, 768]
  q = linear(x, 768)
  output q
}
accelerator a {
  device u280 at 245 MHz
  model  query
  phase  forward(tokens: 512)
  kernel q array 8 x 8
}`,
    remedies: ['Write a value of the kind that the message names.'],
  },
  words: ({ subject, expected, found }) => ({
    // What should not be there at all is under the squiggle.
    message: expected.startsWith('no ‘')
      ? `Expected ${expected}.`
      : `${subjectOf(subject)}: expected ${expected}, found ${found}.`,
  }),
});
