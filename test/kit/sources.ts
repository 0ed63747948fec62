/** Virtual files for tests: the standard library, parsed once, and whatever a test adds. */
import { parse } from '../../grammar/parser.ts';
import type { Accelerator, Design } from '../../server/design/design.ts';
import { resolve } from '../../server/design/resolve.ts';
import type { Source, SourceSet } from '../../server/design/terms/scope.ts';
import { library } from '../../server/library/index.ts';

const standard = new Map<string, Source>(library.map(({ uri, text }) => [uri, { text, parsed: parse(text) }]));

/** A workspace with these files by URI, the standard library behind them. */
export function sourceSet(files: Readonly<Record<string, string>>): SourceSet {
  const specs = Object.entries(files).filter(([uri]) => uri.endsWith('.weft'));
  const parsed = new Map(specs.map(([uri, text]) => [uri, { text, parsed: parse(text) }]));
  return { get: (uri) => parsed.get(uri) ?? standard.get(uri), data: (uri) => files[uri] };
}

export const MAIN = 'file:///workspace/main.weft';

/** The design of one file of a workspace, which is `MAIN` unless it is named. */
export function designOf(text: string, others: Readonly<Record<string, string>> = {}): Design {
  return resolve(MAIN, sourceSet({ [MAIN]: text, ...others }));
}

/** The first accelerator of a text; fails where it has none. */
export function acceleratorOf(text: string): Accelerator {
  const [accelerator] = designOf(text).accelerators;
  if (!accelerator) throw new Error('the text has no accelerator that means something');
  return accelerator;
}
