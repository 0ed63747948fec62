import type { Diagnostic } from '../diagnostic.ts';
import type { Rule } from './rule.ts';

/**
 * The one diagnostic that the command line alone gives: a file of models or cards is an ordinary file in an editor, but
 * whoever asks for the estimate of one has most likely named the wrong file.
 */
export const noAccelerator: Pick<Rule, 'code' | 'severity' | 'page'> = {
  code: 'no-accelerator',
  severity: 'error',
  page: {
    summary: 'There is nothing in the file to estimate.',
    why: 'The command line says this of an empty file, and of a file without an accelerator that is to be estimated or exported; the editor is silent. A file of models or cards is a file like any other, but it is most likely not the one that was meant.',
    failing: `// cards.weft: models and cards only
let rows = 8`,
    mended: `accelerator a {
  device u280
  model  bert_base
  phase  forward(tokens: 512)
}`,
    remedies: ['Name the file that has the accelerator.', 'Write one: three lines are enough.'],
  },
};

export function noAcceleratorIn(file: string, empty: boolean): Diagnostic {
  return {
    code: noAccelerator.code,
    severity: noAccelerator.severity,
    message: `There is no accelerator in this file${empty ? ': it is empty' : ''}.`,
    span: { file, start: 0, end: 0 },
    related: [],
    subject: {},
  };
}
