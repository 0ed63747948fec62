import { problemRule } from './problem.ts';

export const duplicateName = problemRule('duplicate-name', {
  severity: 'error',
  page: {
    summary: 'One name is declared twice.',
    why: 'The first declaration counts; the second is not reachable by its name.',
    failing: `let rows = 8
let rows = 16
accelerator a {
  device u280
  model  bert_base
  phase  forward(tokens: 512)
}`,
    mended: `let rows = 8
accelerator a {
  device u280
  model  bert_base
  phase  forward(tokens: 512)
}`,
    remedies: ['Rename or remove one of the two.'],
  },
  words: ({ name, sort, first }) => ({
    message: `There is a ${sort} ‘${name}’ already.`,
    related: [{ span: first, message: `‘${name}’ is first declared here` }],
  }),
});
