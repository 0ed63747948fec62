import type { Span, TextEdit } from '../diagnostic.ts';
import { enumeration } from '../format.ts';
import { problemRule } from './problem.ts';
import type { FixContext } from './rule.ts';
import { quoted } from './words.ts';

export const operatorMappedTwice = problemRule('operator-mapped-twice', {
  severity: 'error',
  page: {
    summary: 'Two kernels claim the same operator in the same phase and layer.',
    why: 'An operator is computed once. The first kernel keeps it; the second would be hardware without work.',
    failing: `model project {
  input x : [tokens, 768]
  q = linear(x, 768)
  k = linear(x, 768)
  sum = add(q, k)
  output sum
}
accelerator a {
  device u280 at 245 MHz
  model  project
  phase  forward(tokens: 512)
  kernel q   array 8 x 16
  kernel k   : q, k  array 8 x 16
  kernel sum lanes 8
}`,
    mended: `model project {
  input x : [tokens, 768]
  q = linear(x, 768)
  k = linear(x, 768)
  sum = add(q, k)
  output sum
}
accelerator a {
  device u280 at 245 MHz
  model  project
  phase  forward(tokens: 512)
  kernel q   array 8 x 16
  kernel k   array 8 x 16
  kernel sum lanes 8
}`,
    remedies: [
      'Remove the operator from one of the kernels.',
      'Separate them with `for prefill` and `for decode`, or `for block[0..5]`.',
    ],
  },
  words: ({ operator, kernels, first }) => ({
    message: `Operator ‘${operator}’ has a kernel already: ${claimants(kernels)} claim it, and the first one keeps it.`,
    related: [{ span: first, message: `This kernel computes ‘${operator}’` }],
    subject: { operator },
  }),
  fix({ span, subject: { operator = '' } }, context) {
    const edit = withoutName(span, operator, context);
    if (!edit) return [];
    const still = context
      .evaluate([edit])
      .design.problems.some((one) => one.code === 'operator-mapped-twice' && one.operator === operator);
    return still ? [] : [{ title: `Leave ‘${operator}’ to the first kernel`, edits: [edit], preferred: true }];
  },
});

/** A name taken out of a list, with the comma or the plus beside it; undefined where it is all that there is. */
function withoutName({ file, start, end }: Span, name: string, { text }: FixContext): TextEdit | undefined {
  if (text({ file, start, end }) !== name) return undefined;
  const behind = /^\s*[,+]\s*/.exec(text({ file, start: end, end: end + MOST_BLANKS }));
  if (behind) return { span: { file, start, end: end + behind[0].length }, newText: '' };
  const from = Math.max(0, start - MOST_BLANKS);
  const before = /\s*[,+]\s*$/.exec(text({ file, start: from, end: start }));
  return before ? { span: { file, start: start - before[0].length, end }, newText: '' } : undefined;
}

/** Characters around a name in which a comma is looked for. */
const MOST_BLANKS = 80;

function claimants(kernels: readonly string[]): string {
  const names = [...new Set(kernels)].map(quoted);
  return names.length === 1 ? `two kernels ${names[0]}` : `both ${enumeration(names)}`;
}
