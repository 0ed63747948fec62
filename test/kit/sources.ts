/** Virtual files for tests: the standard library, parsed once, and whatever a test adds. */
import { parse } from '../../grammar/parser.ts';
import type { Source, SourceSet } from '../../server/design/scope.ts';
import { library } from '../../server/library/index.ts';

const standard = new Map<string, Source>(library.map(({ uri, text }) => [uri, { text, parsed: parse(text) }]));

/** A workspace with these files by URI, the standard library behind them. */
export function sourceSet(files: Readonly<Record<string, string>>): SourceSet {
  const parsed = new Map(Object.entries(files).map(([uri, text]) => [uri, { text, parsed: parse(text) }]));
  return { get: (uri) => parsed.get(uri) ?? standard.get(uri) };
}

export const MAIN = 'file:///workspace/main.weft';
