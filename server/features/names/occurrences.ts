/** Where a name is declared and used, in every file that the server knows: the ground of references and rename. */
import type { Definition } from '../../design/problem.ts';
import type { Span } from '../../diagnostic.ts';
import { contains, type Snapshot } from '../snapshot.ts';

export interface Occurrences {
  readonly name: string;
  /** The occurrence that was asked about. */
  readonly here: Span;
  /** Several where one name has several meanings: a kernel that bears its operator's name stands for both. */
  readonly definitions: readonly Definition[];
  /** Places that are no declaration. */
  readonly uses: readonly Span[];
}

const keyOf = ({ file, start }: Span): string => `${start} ${file}`;

/** The name at an offset with all its places; undefined where there is none that the resolver knows. */
export function occurrencesAt(snapshot: Snapshot, offset: number): Occurrences | undefined {
  const { analysis } = snapshot;
  const here = (span: Span) => contains(span, analysis.file, offset);
  const binding = analysis.design.bindings.find(({ span }) => here(span));
  const target = binding?.target ?? analysis.design.definitions.find(({ span }) => here(span));
  if (!target) return undefined;

  const known = snapshot.known([target.name]);
  const bindings = known.flatMap(({ design }) =>
    design.bindings.map((one) => ({ ...one, place: keyOf(one.span), meaning: keyOf(one.target.span) })),
  );
  const declared = new Map(bindings.map((one) => [one.meaning, one.target]));
  for (const { design } of known) for (const one of design.definitions) declared.set(keyOf(one.span), one);

  // `kernel up` declares a kernel and names an operator with one word: both are followed.
  const twofold = bindings.filter(({ place }) => declared.has(place));
  const found = new Set([keyOf(target.span)]);
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    for (const { place, meaning } of twofold) {
      if (found.has(place) || found.has(meaning)) found.add(place).add(meaning);
    }
  }
  const uses = new Map(
    bindings
      .filter(({ place, meaning }) => found.has(meaning) && !found.has(place))
      .map(({ place, span }) => [place, span]),
  );
  return {
    name: target.name,
    here: binding?.span ?? target.span,
    definitions: [...found].flatMap((key) => declared.get(key) ?? []),
    uses: [...uses.values()],
  };
}
