import { enumeration } from '../format.ts';
import { problemRule } from './problem.ts';

export const syntaxError = problemRule('syntax', {
  code: 'syntax-error',
  severity: 'error',
  page: {
    summary: 'The text is not Weft here.',
    why: 'One place is marked for one slip; what stands before and after it keeps its meaning and its estimates.',
    failing: `accelerator a {
  device u280 at
  model  bert_base
  phase  forward(tokens: 512)
}`,
    mended: `accelerator a {
  device u280 at 245 MHz
  model  bert_base
  phase  forward(tokens: 512)
}`,
    remedies: [
      'Write what the message expects at the mark.',
      'Ask for completion (Ctrl+Space): it offers only what may stand there.',
    ],
  },
  words({ problem }) {
    const { found, within } = problem;
    const expected = enumeration(problem.expected, 4).replace(/ and ([^ ]+)$/, ' or $1');
    const place = within === '' ? '' : ` in ${within}`;
    switch (problem.kind) {
      case 'nesting':
        return { message: `Nested too deep${place}: no expression or section needs more than 200 levels.` };
      case 'too-large':
        return { message: `The file is too large to be a spec, so it is not read: ${found}. Split it with import.` };
      case 'lexical':
        return { message: `${quoted(found)} is no part of the language${place}.` };
      case 'missing':
        return { message: `${capital(expected === '' ? 'something' : expected)} is missing${place}${before(found)}.` };
      case 'unexpected':
        return {
          message: `${capital(quoted(found))} cannot stand here${place}${expected === '' ? '' : `: expected ${expected}`}.`,
        };
    }
  },
});

function quoted(text: string): string {
  if (text === '') return 'the end of the file';
  const line = text.split(/\r?\n/, 1)[0]!;
  return `‘${line.length > 40 ? `${line.slice(0, 40)}…` : line}’`;
}

function before(found: string): string {
  return found === '' ? ' at the end of the file' : ` before ${quoted(found)}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
