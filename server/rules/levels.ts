/** How loud each rule is: its own severity, unless a person says otherwise in the settings or beside a line. */
import type { Comment } from '../../grammar/tree.ts';
import type { Diagnostic, Severity } from '../diagnostic.ts';

/** What the settings may make of a rule. */
export const LEVELS = ['off', 'hint', 'information', 'warning', 'error'] as const;
export type Level = (typeof LEVELS)[number];
/** Rule → level; a rule that is not named keeps its own severity. */
export type Levels = Readonly<Record<string, Level>>;

/** Settings as a person wrote them: what is no level of a known rule is left out and named. */
export function readLevels(written: unknown, codes: readonly string[]): { levels: Levels; wrong: string[] } {
  const entries =
    written !== null && typeof written === 'object' && !Array.isArray(written) ? Object.entries(written) : [];
  const level = (value: unknown): Level | undefined =>
    value === 'warn' ? 'warning' : LEVELS.find((one) => one === value);
  const wrong = entries.flatMap(([code, value]) => {
    if (!codes.includes(code)) return [`there is no rule ‘${code}’`];
    return level(value) ? [] : [`‘${code}’ is ${LEVELS.join(', ')}, not ${JSON.stringify(value)}`];
  });
  const levels = entries.flatMap(([code, value]) => {
    const one = level(value);
    return codes.includes(code) && one ? [[code, one] as const] : [];
  });
  return { levels: Object.fromEntries(levels), wrong };
}

export function atLevels(diagnostics: readonly Diagnostic[], levels: Levels): Diagnostic[] {
  return diagnostics.flatMap((diagnostic) => {
    const level = levels[diagnostic.code];
    if (level === 'off') return [];
    return level === undefined ? [diagnostic] : [{ ...diagnostic, severity: level satisfies Severity }];
  });
}

/** A comment `// weft-ignore rule, rule: why`: it silences these rules in its own line, or, alone on one, in the next. */
export interface Ignore {
  readonly codes: readonly string[];
  readonly why: string;
  /** The comment itself. */
  readonly start: number;
  readonly end: number;
  /** The line that it speaks of. */
  readonly line: { readonly start: number; readonly end: number };
}

const pattern = /^\/\/\s*weft-ignore\b\s*([^:]*?)\s*(?::\s*(.*?)\s*)?$/;

export function ignoresOf(text: string, comments: readonly Comment[]): Ignore[] {
  return comments.flatMap((comment) => {
    const match = pattern.exec(comment.text);
    if (!match) return [];
    const { start, end } = comment.range;
    const own = text.lastIndexOf('\n', start - 1) + 1;
    const alone = text.slice(own, start).trim() === '';
    const first = alone ? nextLine(text, end) : own;
    const last = text.indexOf('\n', first);
    const codes = match[1]!.split(/[\s,]+/).filter((code) => code !== '');
    return [{ codes, why: match[2] ?? '', start, end, line: { start: first, end: last < 0 ? text.length : last } }];
  });
}

/** The next line that says something; several comments may stand above it. */
function nextLine(text: string, from: number): number {
  let start = text.indexOf('\n', from) + 1;
  while (start > 0) {
    const end = text.indexOf('\n', start);
    const line = text.slice(start, end < 0 ? text.length : end).trim();
    if (line !== '' && !line.startsWith('//')) return start;
    if (end < 0) break;
    start = end + 1;
  }
  return text.length;
}

export function isIgnoredBy({ codes, line }: Ignore, { code, span }: Diagnostic): boolean {
  return codes.includes(code) && span.start <= line.end && line.start <= span.end;
}
