/** A choice as edits of the spec: the tuner proposes text, and what a spec means never depends on how it came about. */
import type { Accelerator, Kernel, Setting, Store } from '../design/design.ts';
import type { TextEdit } from '../diagnostic.ts';
import type { KernelChange } from '../estimate/evaluate.ts';
import { ranges } from '../format.ts';
import type { Heads } from './turns.ts';

/** A stream that is deeper than the timeline makes it by itself. */
export interface StreamDepth {
  readonly from: string;
  readonly to: string;
  readonly depth: number;
}

/** What the tuner proposes. */
export interface Proposal {
  /** By the kernel's name. */
  readonly kernels: ReadonlyMap<string, KernelChange>;
  readonly streams: readonly StreamDepth[];
}

/** 'array 8 x 16  weights hbm[0..3]  on slr0': what the proposal says of a kernel; empty where nothing changes. */
export function clauseOf(change: KernelChange): string {
  return clausesOf(change)
    .map(({ text }) => text)
    .join('  ');
}

/** 'stream q -> scores  depth 24578' */
export function streamOf({ from, to, depth }: StreamDepth): string {
  return `stream ${from} -> ${to}  depth ${depth}`;
}

interface Clause {
  readonly of: 'array' | 'pack' | 'lanes' | 'weights' | 'cache' | 'dies';
  readonly text: string;
}

function clausesOf({ array, pack, lanes, weights, cache, dies }: KernelChange): Clause[] {
  const clauses: (Clause | undefined)[] = [
    array && { of: 'array', text: `array ${array.tokens} x ${array.outputs}${array.dot > 1 ? ` x ${array.dot}` : ''}` },
    pack === undefined ? undefined : { of: 'pack', text: `pack ${pack}` },
    lanes === undefined ? undefined : { of: 'lanes', text: `lanes ${lanes}` },
    weights && { of: 'weights', text: `weights ${placeOf(weights)}` },
    cache && { of: 'cache', text: `cache ${placeOf(cache)}` },
    dies && { of: 'dies', text: `on ${dies.join(', ')}` },
  ];
  return clauses.filter((clause) => clause !== undefined);
}

/** 'hbm[0..3, 8]  double' */
function placeOf(store: Store): string {
  const double = store.double ? '  double' : '';
  if (store.kind === 'on-chip') return store.storage + double;
  return `${store.memory}[${ranges(store.channels)}]${double}`;
}

/**
 * @param heads of all kernels that nobody wrote, where they are others than those of the accelerator
 * @returns edits that write what is proposed for a kernel into its line, and lines for kernels and streams that nobody wrote.
 */
export function editsOf(accelerator: Accelerator, { kernels, streams }: Proposal, heads?: Heads): TextEdit[] {
  const written = accelerator.kernels.filter(({ auto }) => !auto);
  const edits = written.flatMap((kernel): TextEdit[] => {
    const change = kernels.get(kernel.name);
    return change && clauseOf(change) !== '' ? clauseEdits(kernel, clausesOf(change)) : [];
  });
  const auto = heads ?? new Map(accelerator.kernels.flatMap(({ auto, name }) => (auto ? [[name, name] as const] : [])));
  const lines = [...auto].flatMap(([name, head]) => {
    const clause = clauseOf(kernels.get(name) ?? {});
    // Of another mapping each kernel must be said.
    return clause === '' && !heads ? [] : [`  kernel ${[head, clause].join('  ').trimEnd()}\n`];
  });
  lines.push(...streams.map((stream) => `  ${streamOf(stream)}\n`));
  const end = accelerator.span.end - 1;
  const at = { file: accelerator.span.file, start: end, end };
  return lines.length > 0 ? [...edits, { span: at, newText: lines.join('') }] : edits;
}

/** A clause that says `auto` is replaced; what nothing says goes to the end of the line. */
function clauseEdits(kernel: Kernel, clauses: readonly Clause[]): TextEdit[] {
  const { file, start, end } = kernel.span;
  const own = ({ of }: Clause) => {
    const setting: Setting<unknown> | undefined = kernel[of];
    const span = setting?.span;
    return span && span.file === file && span.start >= start && span.end <= end ? span : undefined;
  };
  const behind = clauses.filter((clause) => !own(clause)).map(({ text }) => `  ${text}`);
  return [
    ...clauses.flatMap((clause) => {
      const span = own(clause);
      return span ? [{ span, newText: clause.text }] : [];
    }),
    ...(behind.length > 0 ? [{ span: { file, start: end, end }, newText: behind.join('') }] : []),
  ];
}
