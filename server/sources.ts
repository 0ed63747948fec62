/** Texts with their trees, parsed once each: the library's, and those that a door hands over. */
import { parse, parseAfter, parseBeside } from '../grammar/parser.ts';
import type { Source, SourceSet } from './design/terms/scope.ts';
import { isLibrary, libraryFile } from './library/index.ts';

export function readSource(text: string): Source {
  return { text, parsed: parse(text) };
}

/** The next text of a file, read as far as it differs; the source before is used up. */
export function readAfter(before: Source | undefined, text: string): Source {
  return before ? { text, parsed: parseAfter(before.parsed, text) } : readSource(text);
}

/** Another text of a file that is tried out. */
export function readBeside(other: Source | undefined, text: string): Source {
  return other ? { text, parsed: parseBeside(other.parsed, text) } : readSource(text);
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

/** A spec with all that it reads, as text by URI, without the library's, which everybody has: what another process needs of it. */
export interface TextBundle {
  readonly texts: Readonly<Record<string, string>>;
  /** Files that are no specs: configurations of models. */
  readonly data: Readonly<Record<string, string>>;
}

/** The files of a bundle, with the library behind them. */
export function bundled({ texts, data }: TextBundle): SourceSet {
  const parsed = new Map(Object.entries(texts).map(([uri, text]) => [uri, readSource(text)]));
  return withLibrary({ get: (uri) => parsed.get(uri), data: (uri) => data[uri] });
}

/** The same files, and a bundle that grows with what is read of them. */
export function recorded(sources: SourceSet): { readonly sources: SourceSet; readonly bundle: TextBundle } {
  const bundle = { texts: {} as Record<string, string>, data: {} as Record<string, string> };
  const keep = (into: Record<string, string>, uri: string, text: string | undefined): void => {
    if (text !== undefined && !isLibrary(uri)) into[uri] = text;
  };
  return {
    bundle,
    sources: {
      ...sources,
      get(uri) {
        const source = sources.get(uri);
        keep(bundle.texts, uri, source?.text);
        return source;
      },
      data(uri) {
        const text = sources.data?.(uri);
        keep(bundle.data, uri, text);
        return text;
      },
    },
  };
}
