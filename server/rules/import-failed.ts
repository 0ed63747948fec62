import { problemRule } from './problem.ts';

const reasons = {
  'not-found': 'there is no such file',
  cycle: 'it imports this file in turn',
  'outside-workspace': 'it lies outside the workspace',
  unreadable: 'it cannot be read',
  'not-a-spec': 'it is not a spec',
} as const;

export const importFailed = problemRule('import-failed', {
  severity: 'error',
  page: {
    summary: 'An imported file gives no names.',
    why: 'The names of the other file are unknown until it can be read; everything else keeps its meaning.',
    failing: `import "no_such_file.weft"
accelerator a {
  device u280
  model  bert_base
  phase  forward(tokens: 512)
}`,
    mended: `accelerator a {
  device u280
  model  bert_base
  phase  forward(tokens: 512)
}`,
    remedies: [
      'Correct the path: it is relative to the file that imports.',
      'Break a circle of imports by moving what both need into a third file.',
    ],
  },
  words: ({ path, reason, chain }) => ({
    message: `‘${path}’ is not imported: ${reasons[reason]}${chain ? ` (${chain.join(' → ')})` : ''}.`,
  }),
});
