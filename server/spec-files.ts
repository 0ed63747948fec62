/** Specs on this machine's disk, with what they import, analysed. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { URI } from 'vscode-uri';
import { MAX_TEXT } from '../grammar/parser.ts';
import { createAnalyst } from './analysis.ts';
import type { SourceSet } from './design/terms/scope.ts';
import type { Span } from './diagnostic.ts';
import { parameterFile } from './parameter-files.ts';
import { readSource, withLibrary } from './sources.ts';
import { NoFile } from './usage.ts';

/** The path that means standard input, as everywhere in a shell; its imports are those of the folder in which the command runs. */
export const STDIN = '-';

/** @throws Usage where there is no such file: nothing was wrong with a spec. */
export function read(path: string): string {
  try {
    // Strictly: a byte replaced here would be lost when the file is formatted.
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path === STDIN ? 0 : path));
  } catch (error) {
    throw new NoFile(`${path} cannot be read: ${reasonOf(error as NodeJS.ErrnoException)}.`);
  }
}

/** @throws Usage where the file cannot be written: the disk's word in one line, no stack of calls. */
export function write(path: string, text: string): void {
  if (path === STDIN) throw new NoFile('standard input is no file to write to: name one.');
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new NoFile(`${path} cannot be written: ${reasonOf(error as NodeJS.ErrnoException)}.`);
  }
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'it is no text in UTF-8; save it in that encoding';
  return code === 'EACCES' ? 'permission denied' : message;
}

/** A file that a spec imports; undefined where it is none, cannot be read, or is too large to be one. */
function imported(uri: string): string | undefined {
  try {
    const file = URI.parse(uri).fsPath;
    const found = statSync(file, { throwIfNoEntry: false });
    return found?.isFile() && found.size <= MAX_TEXT ? readFileSync(file, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

export function analyse(path: string, analyst = createAnalyst()) {
  const main = URI.file(resolve(path)).toString();
  const texts = new Map([[main, readSource(read(path))]]);
  const sources: SourceSet = withLibrary({
    get(uri) {
      const known = texts.get(uri);
      if (known) return known;
      const text = imported(uri);
      if (text === undefined) return undefined;
      const source = readSource(text);
      texts.set(uri, source);
      return source;
    },
    data: imported,
    parameters: (spec, path) => parameterFile(dirname(URI.parse(spec).fsPath), path).problem,
    reason: (uri) => (statSync(URI.parse(uri).fsPath, { throwIfNoEntry: false }) ? 'unreadable' : 'not-found'),
  });
  const locate = ({ file, start }: Span) => {
    const before = (sources.get(file)?.text ?? '').slice(0, start).split(/\r\n|\r|\n/);
    if (path === STDIN && file === main) return { file: STDIN, line: before.length, column: before.at(-1)!.length + 1 };
    const shown = file.startsWith('file:') ? relative(process.cwd(), URI.parse(file).fsPath) : file;
    return { file: shown, line: before.length, column: before.at(-1)!.length + 1 };
  };
  return { analysis: analyst.analyse(main, sources)!, sources, locate };
}
