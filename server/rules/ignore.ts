import type { Comment } from '../../grammar/tree.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { type Ignore, ignoresOf, isIgnoredBy } from './levels.ts';
import { near } from './names.ts';
import type { Rule } from './rule.ts';
import { quoted } from './words.ts';

const spec = (comment: string) => `accelerator a {
  device u280 at 245 MHz
  model  bert_base
  phase  forward(tokens: 512)
  require block.latency < 1 us  ${comment}
}`;

/** What `// weft-ignore` says is checked as well: a comment that ignores nothing hides the next mistake. */
export const ignoreWithoutEffect: Pick<Rule, 'code' | 'severity' | 'tags' | 'page' | 'fix'> = {
  code: 'ignore-without-effect',
  severity: 'warning',
  tags: ['unnecessary'],
  page: {
    summary: 'A `// weft-ignore` comment ignores nothing, or does not say why.',
    why: '`// weft-ignore rule: why` silences a rule in its own line or, alone on a line, in the next one. One that no longer silences anything would silence the next mistake of its kind. Errors of the text itself (a syntax error, an unknown name) cannot be ignored.',
    failing: spec('// weft-ignore unmapped-operator: the host does it').replace('1 us', '10 s'),
    mended: spec('// weft-ignore requirement-failed: the goal for the next card'),
    remedies: [
      'Remove the comment (the quick fix).',
      'Name the rule that the line really breaks, and say why that is all right.',
    ],
  },
  fix({ span }, { text }) {
    const { file, end } = span;
    // The blanks in front of it go as well.
    const before = text({ file, start: Math.max(0, span.start - MOST_BLANKS), end: span.start });
    const blanks = /[ \t]*$/.exec(before)![0].length;
    return [{ title: 'Remove the comment', edits: [{ span: { file, start: span.start - blanks, end }, newText: '' }] }];
  },
};

/** Blanks in front of a comment that go with it. */
const MOST_BLANKS = 200;

/**
 * The diagnostics of a text that nobody ignores, and what is wrong with the comments that do.
 *
 * @param codes rules that may be ignored
 */
export function withoutIgnored(
  diagnostics: readonly Diagnostic[],
  source: { readonly file: string; readonly text: string; readonly comments: readonly Comment[] },
  codes: ReadonlySet<string>,
): Diagnostic[] {
  if (!source.text.includes('weft-ignore')) return [...diagnostics];
  const ignores = ignoresOf(source.text, source.comments);
  const silenced = (diagnostic: Diagnostic) =>
    diagnostic.span.file === source.file && codes.has(diagnostic.code)
      ? ignores.filter((ignore) => isIgnoredBy(ignore, diagnostic))
      : [];
  const used = new Set<string>();
  const left = diagnostics.filter((diagnostic) => {
    const by = silenced(diagnostic);
    for (const ignore of by) used.add(`${ignore.start} ${diagnostic.code}`);
    return by.length === 0;
  });
  const { code, severity, tags = [] } = ignoreWithoutEffect;
  const complaints = ignores.flatMap((ignore): Diagnostic[] => {
    const message = complaintOf(ignore, used, codes);
    const { start, end } = ignore;
    return message === undefined
      ? []
      : [
          {
            code,
            severity,
            tags: [...tags],
            message,
            span: { file: source.file, start, end },
            related: [],
            subject: {},
          },
        ];
  });
  return [...left, ...complaints];
}

function complaintOf(ignore: Ignore, used: ReadonlySet<string>, codes: ReadonlySet<string>): string | undefined {
  if (ignore.codes.length === 0) return 'No rule is named: `// weft-ignore rule: why`.';
  const unknown = ignore.codes.find((code) => !codes.has(code));
  if (unknown !== undefined) {
    const [guess] = near(unknown, [...codes]);
    return `There is no rule ${quoted(unknown)} that can be ignored${guess === undefined ? '' : `; perhaps ${quoted(guess)}`}.`;
  }
  const idle = ignore.codes.filter((code) => !used.has(`${ignore.start} ${code}`));
  if (idle.length > 0) return `The line has no ${idle.map(quoted).join(' and no ')} to ignore.`;
  return ignore.why === '' ? 'Say why: `// weft-ignore rule: why`.' : undefined;
}
