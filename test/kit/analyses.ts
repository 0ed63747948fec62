/** Whole analyses of virtual files, as every door of the program makes them. */
import { type Analysis, applyEdits, createAnalyst } from '../../server/analysis.ts';
import type { Diagnostic, Fix } from '../../server/diagnostic.ts';
import { readSource, withLibrary } from '../../server/sources.ts';
import { MAIN } from './sources.ts';

const analyst = createAnalyst();

function sourcesOf(text: string, others: Readonly<Record<string, string>>) {
  const files = new Map(Object.entries({ [MAIN]: text, ...others }).map(([uri, of]) => [uri, readSource(of)]));
  return withLibrary({ get: (uri) => files.get(uri), parameters: () => 'there is no such file' });
}

/** What is known of a text, which is the file `MAIN`. */
export function analysisOf(text: string, others: Readonly<Record<string, string>> = {}): Analysis {
  const analysis = analyst.analyse(MAIN, sourcesOf(text, others));
  if (!analysis) throw new Error('the main file is always there');
  return analysis;
}

export function diagnosticsOf(text: string, others: Readonly<Record<string, string>> = {}): readonly Diagnostic[] {
  return analysisOf(text, others).diagnostics;
}

export function codesOf(text: string, others: Readonly<Record<string, string>> = {}): string[] {
  return diagnosticsOf(text, others).map((diagnostic) => diagnostic.code);
}

export function fixesOf(diagnostic: Diagnostic, text: string): Fix[] {
  return analyst.fixes(diagnostic, analysisOf(text), sourcesOf(text, {}));
}

/** The text after a quick fix. */
export function fixed(text: string, fix: Fix): string {
  return applyEdits(text, fix.edits, MAIN);
}

/** A diagnostic on a few lines: code, place, the text it marks, message, what it is related to, and its fixes. */
export function shown(diagnostic: Diagnostic, text: string): string {
  const { code, severity, message, span, related } = diagnostic;
  return [
    `${severity} ${code} at ${place(text, span)}`,
    `  ${message}`,
    ...related.map((other) => `  - ${place(text, other.span)}: ${other.message}`),
    ...fixesOf(diagnostic, text).map((fix) => `  fix: ${fix.title}`),
  ].join('\n');
}

function place(text: string, { file, start, end }: Diagnostic['span']): string {
  if (file !== MAIN) return file;
  const lines = text.slice(0, start).split('\n');
  return `${lines.length}:${lines.at(-1)!.length + 1} «${text.slice(start, end)}»`;
}
