import { problemRule } from './problem.ts';

const reasons = {
  'not-found': 'there is no such file',
  cycle: 'the imports form a circle',
  'outside-workspace': 'a path is relative to this file and stays inside the workspace',
  unreadable: 'the file cannot be read, or is too large to be a spec',
  'not-a-spec': 'its name does not end in .weft',
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
    message: `Nothing is imported from ‘${path}’: ${reasonOf(path, reason)}${chain ? ` (${shortened(chain).join(' → ')})` : ''}.`,
  }),
});

function reasonOf(path: string, reason: keyof typeof reasons): string {
  return reason === 'not-a-spec' && /\.json$/i.test(path)
    ? `the configuration of a model is ‘model NAME = import "${path}"’`
    : reasons[reason];
}

/** URIs without the folders that all of them share. */
function shortened(uris: readonly string[]): string[] {
  const [first = '', ...others] = uris;
  let folder = first.slice(0, first.lastIndexOf('/') + 1);
  while (!others.every((uri) => uri.startsWith(folder)))
    folder = folder.slice(0, folder.lastIndexOf('/', folder.length - 2) + 1);
  return uris.map((uri) => decodeURIComponent(uri.slice(folder.length)));
}
