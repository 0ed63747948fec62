/** Specs resolved as a door would resolve them, for the tests of this folder. */
import { readFileSync } from 'node:fs';
import type { Design } from '../../server/design/design.ts';
import { resolve } from '../../server/design/resolve.ts';
import { library } from '../../server/library/index.ts';
import { readSource } from '../../server/sources.ts';

const libraryTexts = new Map(library.map(({ uri, text }) => [uri, readSource(text)]));

export function designOf(text: string): Design {
  const file = 'file:///spec.weft';
  const own = readSource(text);
  return resolve(file, { get: (uri) => (uri === file ? own : libraryTexts.get(uri)) });
}

export const bert = readFileSync(new URL('../../examples/bert_u280.weft', import.meta.url), 'utf8');

export function specText(name: string): string {
  return readFileSync(new URL(`../fixtures/specs/${name}.weft`, import.meta.url), 'utf8');
}
