/**
 * Whether a new name is free. The files are resolved again as the rename would leave them: scopes, imports, the library and
 * words with a meaning in one place are the resolver's matter, and a second list of them here would be wrong some day.
 */
import { applyEdits } from '../../analysis.ts';
import type { Design } from '../../design/design.ts';
import type { Definition } from '../../design/problem.ts';
import { resolve } from '../../design/resolve.ts';
import type { Span } from '../../diagnostic.ts';
import { readSource, withLibrary } from '../../sources.ts';
import type { Snapshot } from '../snapshot.ts';

/** Why these places cannot bear a name: a sentence; undefined where every name keeps its meaning. */
export function conflictOf(snapshot: Snapshot, places: readonly Span[], newName: string): string | undefined {
  const oldNames = places.flatMap(({ file, start, end }) => snapshot.other(file)?.getText().slice(start, end) ?? []);
  const known = snapshot.known([...new Set(oldNames), newName]);
  const edits = places.map((span) => ({ span, newText: newName }));
  const texts = new Map(known.map(({ file, text, parsed }) => [file, { text, parsed }]));
  for (const file of new Set(places.map((span) => span.file))) {
    const text = texts.get(file)?.text ?? snapshot.other(file)?.getText() ?? '';
    texts.set(file, readSource(applyEdits(text, edits, file)));
  }
  const sources = withLibrary({ get: (uri) => texts.get(uri), data: (uri) => snapshot.other(uri)?.getText() });
  const moved = (span: Span) => movedPlace(span, places, newName);
  for (const { file, design } of known) {
    if (sameMeaning(design, resolve(file, sources), moved)) continue;
    const taken = [...design.definitions, ...design.bindings.map(({ target }) => target)].find(
      ({ name }) => name === newName,
    );
    return taken
      ? `The name ‘${newName}’ is taken: ${describe(taken, snapshot)}.`
      : `With the name ‘${newName}’, something in ${fileName(file)} would mean something else.`;
  }
  return undefined;
}

function sameMeaning(before: Design, after: Design, moved: (span: Span) => string): boolean {
  const still = ({ file, start }: Span) => `${start} ${file}`;
  const problems = new Set(before.problems.map(({ code, span }) => `${code} ${moved(span)}`));
  return (
    after.problems.every(({ code, span }) => problems.has(`${code} ${still(span)}`)) &&
    after.bindings.length === before.bindings.length &&
    before.bindings.every(({ span, target }, index) => {
      const other = after.bindings[index]!;
      return moved(span) === still(other.span) && moved(target.span) === still(other.target.span);
    })
  );
}

/** Where a span begins once the places before it bear the new name. */
function movedPlace({ file, start }: Span, places: readonly Span[], newName: string): string {
  const before = places.filter((place) => place.file === file && place.start < start);
  return `${before.reduce((at, place) => at + newName.length - (place.end - place.start), start)} ${file}`;
}

/** 'kernel in line 12 of main.weft' */
function describe({ sort, span }: Definition, snapshot: Snapshot): string {
  const line = snapshot.other(span.file)?.positionAt(span.start).line;
  return `${sort}${line === undefined ? '' : ` in line ${line + 1}`} of ${fileName(span.file)}`;
}

function fileName(uri: string): string {
  return uri.replace(/^.*\//, '');
}
