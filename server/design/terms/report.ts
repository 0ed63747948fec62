/** What a resolution finds besides the design: problems, definitions, and which name stands for which. */
import type * as tree from '../../../grammar/tree.ts';
import type { Span } from '../../diagnostic.ts';
import { isLibrary } from '../../library/index.ts';
import type { Binding, Definition, DefinitionSort, DesignProblem, Names } from '../problem.ts';

/** A file that is being resolved, as far as messages need it. */
export interface FileText {
  readonly uri: string;
  readonly text: string;
}

/** Whoever has more mistakes than this mends the first ones first. */
const MAX_PROBLEMS = 1000;
/** Enough to choose from; the lists of a huge file would fill the memory. */
const MAX_CANDIDATES = 200;

export class Report implements Names {
  readonly definitions: Definition[] = [];
  private readonly defined = new Map<DefinitionSort, Set<number>>();
  private readonly found = new Map<string, DesignProblem>();
  private readonly bound = new Map<number, Binding>();
  private blamed: Span | undefined;
  readonly uri: string;

  /** Problems are those of every file that is read, names only those of the file `uri`. */
  constructor(uri: string) {
    this.uri = uri;
  }

  /**
   * While something is made of the library's text, what is wrong with it is wrong with the values that it was given: said where
   * they stand, because nobody reads the library for mistakes.
   */
  blaming<Made>(file: FileText, node: tree.Node, make: () => Made): Made {
    const before = this.blamed;
    this.blamed = spanOf(file, node);
    try {
      return make();
    } finally {
      this.blamed = before;
    }
  }

  /** One problem a place and kind: a model that two accelerators use is wrong once. */
  problem(found: DesignProblem): void {
    const problem = this.blamed && isLibrary(found.span.file) ? { ...found, span: this.blamed } : found;
    // Several parts of what one path imports may be left out.
    const part = problem.code === 'not-modelled' ? problem.subject : '';
    const key = `${problem.code} ${problem.span.start} ${problem.span.end} ${problem.span.file} ${part}`;
    if (this.found.size < MAX_PROBLEMS && !this.found.has(key)) this.found.set(key, problem);
  }

  /** What is wrong with another declaration, as if it had been found here. */
  addProblems({ found }: Report): void {
    for (const problem of found.values()) this.problem(problem);
  }

  /** The names of another declaration, as if they had been found here. */
  addNames({ definitions, bindings }: Names): void {
    for (const definition of definitions) this.define(definition);
    for (const binding of bindings) this.bindAt(binding);
  }

  get problems(): DesignProblem[] {
    return [...this.found.values()];
  }

  /** In order of position. */
  get bindings(): Binding[] {
    return [...this.bound.values()].sort((a, b) => a.span.start - b.span.start);
  }

  /** The two passes of `generate` define the same kernels. */
  define(definition: Definition): Definition {
    const { span, sort } = definition;
    if (span.file !== this.uri) return definition;
    const places = this.defined.get(sort) ?? new Set();
    this.defined.set(sort, places);
    if (!places.has(span.start)) this.definitions.push(definition);
    places.add(span.start);
    return definition;
  }

  /** What a name stands for; of several answers (a model that is used twice) the first one stays. */
  bind(file: FileText, name: tree.Node, target: Definition): void {
    if (file.uri === this.uri) this.bindAt({ span: spanOf(file, name), target });
  }

  private bindAt(binding: Binding): void {
    const { start } = binding.span;
    if (!this.bound.has(start)) this.bound.set(start, binding);
  }

  unknown(file: FileText, name: tree.Name, sort: string, candidates: Iterable<string>): void {
    if (this.found.size >= MAX_PROBLEMS) return;
    const distinct = new Set<string>();
    for (const candidate of candidates) {
      if (distinct.size === MAX_CANDIDATES) break;
      distinct.add(candidate);
    }
    this.problem({ code: 'unknown-name', span: spanOf(file, name), name: name.text, sort, candidates: [...distinct] });
  }

  invalid(file: FileText, node: tree.Node, subject: string, found: string, expected: string): void {
    this.problem({ code: 'invalid-value', span: spanOf(file, node), subject, found, expected });
  }

  missing(file: FileText, node: tree.Node, owner: string, part: string): void {
    this.problem({ code: 'missing-part', span: spanOf(file, node), owner, part });
  }

  notModelled(file: FileText, node: tree.Node, subject: string, consequence: string): void {
    this.problem({ code: 'not-modelled', span: spanOf(file, node), subject, consequence });
  }

  duplicate(file: FileText, name: tree.Node & { text?: string }, sort: string, first: Span): void {
    const text = name.text ?? textOf(file, name);
    this.problem({ code: 'duplicate-name', span: spanOf(file, name), name: text, sort, first });
  }
}

/** The place of a node; it moves with the text around the node. */
class Placed implements Span {
  readonly file: string;
  private readonly range: tree.Range;

  constructor(file: string, range: tree.Range) {
    this.file = file;
    this.range = range;
  }

  get start(): number {
    return this.range.start;
  }

  get end(): number {
    return this.range.end;
  }

  toJSON(): Span {
    return { file: this.file, start: this.start, end: this.end };
  }
}

export function spanOf(file: { readonly uri: string }, node: tree.Node): Span {
  return new Placed(file.uri, node.range);
}

/** A node as it is written, blanks collapsed. */
export function textOf(file: FileText, node: tree.Node): string {
  return file.text.slice(node.range.start, node.range.end).replace(/\s+/g, ' ').trim();
}

/** A definition; `doc` and `detail` only where there are any. */
export function definition(
  sort: DefinitionSort,
  file: { readonly uri: string },
  name: tree.Name,
  full: tree.Node & tree.Documented,
  detail?: string,
): Definition {
  return {
    sort,
    name: name.text,
    span: spanOf(file, name),
    full: spanOf(file, full),
    ...(full.doc === undefined ? {} : { doc: full.doc }),
    ...(detail === undefined ? {} : { detail }),
  };
}
