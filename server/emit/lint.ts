/** What a C++ compiler does not tell: pragmas with typos, and names that the vendor does not document. */
import { apNames, hlsNames, memberNames, pragmaForms, sourceHeaders } from './hls-api.ts';

export interface LintFinding {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** Findings in the synthesised sources of a project (tops and kernel headers); none is the only acceptable answer. */
export function lintSources(files: readonly { readonly path: string; readonly text: string }[]): LintFinding[] {
  const sources = files.map(({ path, text }) => ({ path, code: withoutCommentsAndStrings(text) }));
  let own: ReadonlySet<string> | undefined;
  // Looked for when a name first asks: the sources of a project define none that it needs.
  const isOwn = (name: string): boolean => {
    own ??= new Set(sources.flatMap(({ code }) => definedFunctions(code)));
    return own.has(name);
  };
  return sources.flatMap(({ path, code }) => lintSource(path, code, isOwn));
}

type IsOwn = (name: string) => boolean;

/** Functions with a body: a member function of a type that the sources define is their own. */
function definedFunctions(code: string): string[] {
  return [...code.matchAll(/[\w>&*]\s+[&*]?(\w+)\s*\([^;{}]*\)\s*(?:const\s*)?\{/g)].map(([, name]) => name!);
}

function lintSource(path: string, code: string, isOwn: IsOwn): LintFinding[] {
  const findings: LintFinding[] = [];
  const lines = code.split('\n');
  const outsidePragmas = lines.filter((line) => !line.trimStart().startsWith('#pragma')).join('\n');
  for (const [index, line] of lines.entries()) {
    const say = (message: string) => findings.push({ path, line: index + 1, message });
    if (/^\s*#\s*pragma\b/.test(line)) lintPragma(line, outsidePragmas, say);
    else if (/^\s*#\s*include\b/.test(line)) lintInclude(line, say);
    else lintNames(line, isOwn, say);
  }
  return findings;
}

type Say = (message: string) => void;

function lintPragma(line: string, code: string, say: Say): void {
  const [, hls, name = '', rest = ''] = /^\s*#\s*pragma\s+(\S+)\s*(\S*)\s*(.*)$/.exec(line) ?? [];
  if (hls === 'once') return;
  const form = hls === 'HLS' ? pragmaForms[name] : undefined;
  if (!form) {
    say(
      hls === 'HLS' ? `#pragma HLS ${name} is not a documented pragma` : `#pragma ${hls} is not of the vendor’s tool`,
    );
    return;
  }
  const words = rest.trim() === '' ? [] : rest.trim().split(/\s+/);
  const given = new Set<string>();
  for (const [index, word] of words.entries()) {
    if (index === 0 && form.modes) {
      if (form.modes.includes(word)) continue;
      say(`${name}: ${word} is not a mode`);
      continue;
    }
    const [option = '', value] = word.split(/=(.*)/);
    const allowed = form.options[option];
    given.add(option);
    if (allowed === undefined) say(`${name} has no option ${option}`);
    else if (allowed === 'flag' ? value !== undefined : !value) say(`${name}: ${word} is not how ${option} is written`);
    else if (Array.isArray(allowed) && !allowed.includes(value!)) say(`${name}: ${value} is not a ${option}`);
    if (option === 'variable' && value && !new RegExp(`\\b${value.replace(/\W.*/, '')}\\b`).test(code))
      say(`${name}: there is no variable ${value}`);
  }
  for (const option of form.required ?? []) if (!given.has(option)) say(`${name} without ${option}=`);
}

function lintInclude(line: string, say: Say): void {
  const header = /<([^>]*)>/.exec(line)?.[1];
  if (header !== undefined && !sourceHeaders.has(header)) say(`<${header}> is not a header that sources may include`);
}

function lintNames(line: string, isOwn: IsOwn, say: Say): void {
  for (const [, name] of line.matchAll(/\bhls::(\w+)/g))
    if (!hlsNames.has(name!)) say(`hls::${name} is not on the list of documented names`);
  for (const [name] of line.matchAll(/\b(?:ap|AP)_\w+/g))
    if (!apNames.has(name)) say(`${name} is not on the list of documented names`);
  for (const [, name] of line.matchAll(/\.(\w+)\s*\(/g))
    if (!memberNames.has(name!) && !isOwn(name!)) say(`.${name}() is not on the list of documented member functions`);
}

/** The same text with comments and literals blanked, line for line; include directives keep their file names. */
function withoutCommentsAndStrings(text: string): string {
  const blank = (match: string) => match.replace(/[^\n]/g, ' ');
  return text.replace(
    /^\s*#\s*include[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/gm,
    (match) => (/^\s*#/.test(match) ? match : blank(match)),
  );
}
