/** Texts with their trees, parsed once each: the library's, and those that a door hands over. */
import { parse } from '../grammar/parser.ts';
import type { Source, SourceSet } from './design/scope.ts';
import { libraryFile } from './library/index.ts';

export function readSource(text: string): Source {
  return { text, parsed: parse(text) };
}

/** Parsed library files live as long as the process: their text never changes. */
const libraryFiles = new Map<string, Source>();

export function librarySource(uri: string): Source | undefined {
  const known = libraryFiles.get(uri);
  if (known) return known;
  const file = libraryFile(uri);
  if (!file) return undefined;
  const source = readSource(file.text);
  libraryFiles.set(uri, source);
  return source;
}

/** The library behind a door's own files. */
export function withLibrary(files: SourceSet): SourceSet {
  return { ...files, get: (uri) => librarySource(uri) ?? files.get(uri) };
}
