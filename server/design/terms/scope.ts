/** Files and the names that they declare, with what they import; the standard library stands behind every file. */
import type * as tree from '../../../grammar/tree.ts';
import { isLibrary, libraryDeclares, libraryNames } from '../../library/index.ts';
import { type Answering, type DeclarationSort, Lookups, type Question } from './lookups.ts';
import { type FileText, type Report, spanOf } from './report.ts';

export interface Source {
  readonly text: string;
  readonly parsed: tree.Parsed;
}

/** Where the texts come from, workspace and library alike. */
export interface SourceSet {
  get(uri: string): Source | undefined;
  /** The text of a file that is no spec: a model's configuration. */
  data?(uri: string): string | undefined;
  /** Why a file of trained values that a spec names cannot be read; undefined where it can, or nobody knows. */
  parameters?(spec: string, path: string): string | undefined;
  /** Why there is nothing under a URI; 'not-found' where this is not answered. */
  reason?(uri: string): 'not-found' | 'outside-workspace' | 'unreadable';
}

interface Declarations {
  readonly let: Map<string, tree.Let>;
  readonly model: Map<string, tree.Model>;
  readonly device: Map<string, tree.Sheet>;
  readonly baseline: Map<string, tree.Sheet>;
  readonly precision: Map<string, tree.Sheet>;
  readonly accelerator: Map<string, tree.Accelerator>;
}

export interface FileScope extends FileText, Source {
  readonly declared: Declarations;
  readonly imports: FileScope[];
}

/** A declaration with the file whose names its parts mean. */
export interface Found<T> {
  readonly node: T;
  readonly file: FileScope;
}

type NodeOf<S extends DeclarationSort> = Declarations[S] extends Map<string, infer T> ? T : never;

/** More files than this in one import graph are a mistake. */
const MAX_FILES = 256;

const declarationsOf = new WeakMap<tree.Parsed, Declarations>();

/** The first declaration of each name; later ones are duplicates. Depends on the tree alone, hence remembered with it. */
function declarations(parsed: tree.Parsed): Declarations {
  const known = declarationsOf.get(parsed);
  if (known) return known;
  const declared: Declarations = {
    let: new Map(),
    model: new Map(),
    device: new Map(),
    baseline: new Map(),
    precision: new Map(),
    accelerator: new Map(),
  };
  for (const node of parsed.tree.declarations) {
    if (node.kind === 'import' || !node.name) continue;
    const names = declared[sortOf(node)] as Map<string, tree.Declaration>;
    if (!names.has(node.name.text)) names.set(node.name.text, node);
  }
  declarationsOf.set(parsed, declared);
  return declared;
}

export function sortOf(node: Exclude<tree.Declaration, tree.Import>): DeclarationSort {
  return node.kind === 'sheet' ? node.sort : node.kind;
}

/** The files of one resolution, as one declaration sees them: what it asks is noted, what is wrong goes to its report. */
export class Files implements Answering {
  private readonly opened: Map<string, FileScope>;
  private readonly sources: SourceSet;
  private readonly report: Report;
  private readonly lookups: Lookups;

  constructor(
    sources: SourceSet,
    report: Report,
    lookups: Lookups = new Lookups(),
    opened: Map<string, FileScope> = new Map(),
  ) {
    this.sources = sources;
    this.report = report;
    this.lookups = lookups;
    this.opened = opened;
  }

  /** The same files for another declaration. */
  seenBy(report: Report, lookups: Lookups): Files {
    return new Files(this.sources, report, lookups, this.opened);
  }

  /** Workspace files opened so far, in the order of discovery. */
  get workspace(): FileScope[] {
    return [...this.opened.values()].filter((file) => !isLibrary(file.uri));
  }

  /** A file and, transitively, what it imports; `chain` are the files that are being opened. */
  open(uri: string, chain: readonly string[] = []): FileScope | undefined {
    const known = this.opened.get(uri);
    if (known) return known;
    const source = this.sources.get(uri);
    if (!source || this.opened.size >= MAX_FILES) return undefined;
    const file: FileScope = { uri, ...source, declared: declarations(source.parsed), imports: [] };
    this.opened.set(uri, file);
    for (const node of source.parsed.tree.declarations) {
      if (node.kind === 'import') this.import(file, node, [...chain, uri]);
    }
    return file;
  }

  private import(file: FileScope, node: tree.Import, chain: readonly string[]): void {
    if (!node.path) return;
    const path = node.path.value;
    const span = spanOf(file, node.path);
    const target = this.target(file, node.path);
    if (target === undefined) return;
    if (!target.endsWith('.weft')) {
      this.report.problem({ code: 'import-failed', span, path, reason: 'not-a-spec' });
    } else if (chain.includes(target)) {
      const circle = [...chain.slice(chain.indexOf(target)), target];
      this.report.problem({ code: 'import-failed', span, path, reason: 'cycle', chain: circle });
    } else {
      const imported = this.open(target, chain);
      if (imported) file.imports.push(imported);
      else this.failed(file, node.path, target);
    }
  }

  /** The text of a file that a literal names and that is no spec; undefined, reported, where there is none. */
  data(file: FileScope, path: tree.StringLiteral): string | undefined {
    const target = this.target(file, path);
    if (target === undefined) return undefined;
    const text = this.noted({ what: 'data', name: target }, file, this.sources.data?.(target));
    if (text === undefined) this.failed(file, path, target);
    return text;
  }

  /** Reports a file of trained values that is not there: nothing of it is read before the export. */
  parameters(file: FileScope, path: tree.StringLiteral): void {
    const wrong = this.sources.parameters?.(file.uri, path.value);
    const reason = this.noted({ what: 'parameters', name: path.value }, file, wrong);
    if (reason === undefined) return;
    this.report.problem({ code: 'parameters-missing', span: spanOf(file, path), path: path.value, reason });
  }

  /** The URI that a path means; undefined, reported, where it leads outside. */
  private target(file: FileScope, literal: tree.StringLiteral): string | undefined {
    const target = join(file.uri, literal.value);
    if (target !== undefined) return target;
    const span = spanOf(file, literal);
    this.report.problem({ code: 'import-failed', span, path: literal.value, reason: 'outside-workspace' });
    return undefined;
  }

  private failed(file: FileScope, literal: tree.StringLiteral, target: string): void {
    const reason = this.sources.reason?.(target) ?? 'not-found';
    this.report.problem({ code: 'import-failed', span: spanOf(file, literal), path: literal.value, reason });
  }

  /** What a name means in a file: its own declaration, an imported one, or the standard library's. */
  find<S extends DeclarationSort>(sort: S, name: string, from: FileScope): Found<NodeOf<S>> | undefined {
    const found = this.meaning(sort, name, from);
    this.lookups.note({ what: 'find', sort, name }, from.uri, found?.node);
    return found;
  }

  private meaning<S extends DeclarationSort>(sort: S, name: string, from: FileScope): Found<NodeOf<S>> | undefined {
    for (const file of [from, ...from.imports]) {
      const found = declaredIn(file, sort, name);
      if (found) return found;
    }
    return this.standard(sort, name);
  }

  /** What the file itself declares under a name. */
  own<S extends DeclarationSort>(sort: S, name: string, file: FileScope): NodeOf<S> | undefined {
    return this.noted({ what: 'own', sort, name }, file, declaredIn(file, sort, name)?.node);
  }

  /** What a name means in the standard library, whatever a spec has declared under it. */
  standard<S extends DeclarationSort>(sort: S, name: string): Found<NodeOf<S>> | undefined {
    // Only the file that declares the name is read: what a spec costs does not grow with the library.
    const uri = libraryDeclares(sort, name);
    const file = uri === undefined ? undefined : this.open(uri);
    return file && declaredIn(file, sort, name);
  }

  names(sort: DeclarationSort, from: FileScope): string[] {
    return this.listed('names', sort, from);
  }

  /** Names that the file itself declares. */
  ownNames(sort: DeclarationSort, file: FileScope): string[] {
    return this.listed('own-names', sort, file);
  }

  private listed(what: 'names' | 'own-names', sort: DeclarationSort, from: FileScope): string[] {
    const names = namesIn(what, sort, from);
    this.lookups.note({ what, sort, name: '' }, from.uri, names.join());
    return names;
  }

  private noted<T>(question: Question, from: FileScope, answer: T): T {
    this.lookups.note(question, from.uri, answer);
    return answer;
  }

  /** What a question that was noted is answered now, comparable by identity. */
  answer(question: Question, from: string): unknown {
    if (!('sort' in question)) {
      const { what, name } = question;
      return what === 'data' ? this.sources.data?.(name) : this.sources.parameters?.(from, name);
    }
    const file = isLibrary(from) ? this.open(from) : this.opened.get(from);
    if (!file) return undefined;
    const { what, sort, name } = question;
    if (what === 'find') return this.meaning(sort, name, file)?.node;
    if (what === 'own') return declaredIn(file, sort, name)?.node;
    return namesIn(what, sort, file).join();
  }
}

function namesIn(what: 'names' | 'own-names', sort: DeclarationSort, file: FileScope): string[] {
  const files = what === 'names' ? [file, ...file.imports] : [file];
  const written = files.flatMap(({ declared }) => [...declared[sort].keys()]);
  return [...new Set([...written, ...(what === 'names' ? libraryNames(sort) : [])])];
}

function declaredIn<S extends DeclarationSort>(file: FileScope, sort: S, name: string): Found<NodeOf<S>> | undefined {
  const node = (file.declared[sort] as Map<string, NodeOf<S>>).get(name);
  return node && { node, file };
}

/** Half of a character, which no URI can hold. */
const LONE_SURROGATE = /[\ud800-\udfff]/gu;

/** A relative path from a file's URI; undefined where it climbs above the root, or is no relative path at all. */
export function join(uri: string, path: string): string | undefined {
  const [, root, folders] = /^([^:/]+:(?:\/\/[^/]*)?)\/(.*)$/.exec(uri) ?? [];
  if (
    root === undefined ||
    folders === undefined ||
    path.startsWith('/') ||
    path.includes(':') ||
    path.includes('\\')
  ) {
    return undefined;
  }
  const parts = folders.split('/').slice(0, -1);
  for (const part of path.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== '.' && part !== '') parts.push(encodeURIComponent(part.replace(LONE_SURROGATE, '\ufffd')));
  }
  return `${root}/${parts.join('/')}`;
}
