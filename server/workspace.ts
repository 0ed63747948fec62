/** Documents, imports and analyses: what the server remembers between two keystrokes. */
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Parsed } from '../grammar/tree.ts';
import { type Analysis, type Analyst, createAnalyst } from './analysis.ts';
import type { Source, SourceSet } from './design/terms/scope.ts';
import type { Diagnostic, Fix } from './diagnostic.ts';
import { type Documents, documentsIn } from './documents.ts';
import type { AcceleratorEstimate } from './estimate/estimate.ts';
import type { Levels } from './rules/levels.ts';
import { readAfter, readBeside, recorded, type TextBundle, withLibrary } from './sources.ts';

/** Files that no editor has open. */
export interface Files {
  read(uri: string): string | undefined;
  /** Why there is nothing under a URI. */
  reason?(uri: string): 'not-found' | 'outside-workspace' | 'unreadable';
  /** A file of trained values that a spec names: where it is, and why it cannot be read; undefined where nobody can tell. */
  parameters?(spec: string, path: string): { readonly uri: string; readonly problem?: string } | undefined;
  /** A file has changed: whoever remembers its text forgets it. */
  forget?(uri: string): void;
  /** Whether the file has been asked for and has not come yet. */
  awaits?(uri: string): boolean;
  /** Calls back when a file has come, or is known not to be there: it can be read then. */
  onArrival?(listener: (uri: string) => void): void;
  /** URIs of the `.weft` files below a folder. */
  list?(folder: string): string[];
}

export interface Workspace {
  /** Text as an editor has it. */
  open(document: TextDocument): void;
  close(uri: string): void;
  /** A file changed on disk, vanished, or has arrived. */
  touched(uri: string): void;
  /** Whether a file that the analysis read is still on its way: what is missing now may be there in a moment. */
  awaits(uri: string): boolean;
  analysis(uri: string): Analysis | undefined;
  /**
   * The last estimate that an accelerator of an open document had, by name: what an editor goes on to show, marked as
   * old, while a half-typed line leaves the accelerator without a device or a model.
   */
  lastEstimate(uri: string, accelerator: string): AcceleratorEstimate | undefined;
  /** Open documents whose analysis may depend on that file: itself, and whatever imports it. */
  dependents(uri: string): string[];
  document(uri: string): TextDocument | undefined;
  parsed(uri: string): Parsed | undefined;
  fixes(diagnostic: Diagnostic, analysis: Analysis): Fix[];
  /** How loud each rule is from now on. */
  setLevels(levels: Levels): void;
  /** What a file would be with another text; nothing of it is remembered. */
  trial(uri: string, text: string): Trial;
  price: Analyst['price'];
  /** A spec with every text that it reads: what another process needs to analyse it. */
  bundle(uri: string): TextBundle | undefined;
}

/** Accelerators of a document whose last estimates are kept, each some 0.3 MB with its design; more, where it has more. */
const MOST_REMEMBERED = 8;

export interface Trial {
  readonly analysis: Analysis;
  fixes(diagnostic: Diagnostic): Fix[];
}

const plain = documentsIn(() => 'utf-16');

export function createWorkspace(
  files: Files,
  { create }: Pick<Documents, 'create'> = plain,
  analyst: Analyst = createAnalyst(),
): Workspace {
  const documents = new Map<string, TextDocument>();
  const sources = new Map<string, Source>();
  /** Of documents whose next text has not been asked for yet. */
  const before = new Map<string, Source>();
  const data = new Map<string, string>();
  let levels: Levels = {};
  const analyses = new Map<string, { analysis: Analysis; reads: ReadonlySet<string> }>();
  const lastEstimates = new Map<string, Map<string, AcceleratorEstimate>>();

  const texts: SourceSet = withLibrary({
    get(uri) {
      const known = sources.get(uri);
      if (known) return known;
      const text = documents.get(uri)?.getText() ?? files.read(uri);
      if (text === undefined) return undefined;
      const source = readAfter(before.get(uri), text);
      before.delete(uri);
      sources.set(uri, source);
      return source;
    },
    data(uri) {
      const text = data.get(uri) ?? files.read(uri);
      if (text !== undefined) data.set(uri, text);
      return text;
    },
    parameters: (spec, path) => files.parameters?.(spec, path)?.problem,
    reason: (uri) => files.reason?.(uri) ?? 'not-found',
  });

  /** Analyses that read the file are no longer true. */
  function forget(uri: string): void {
    sources.delete(uri);
    data.delete(uri);
    for (const [file, { reads }] of analyses) if (file === uri || reads.has(uri)) analyses.delete(file);
  }

  /** Files that no open document needs any more: whoever opens one that imports them reads them again. */
  function tidy(): void {
    for (const uri of analyses.keys()) if (!documents.has(uri)) analyses.delete(uri);
    const read = new Set([...analyses.values()].flatMap(({ reads }) => [...reads]));
    for (const texts of [sources, data]) for (const uri of texts.keys()) if (!read.has(uri)) texts.delete(uri);
  }

  function remember({ file, estimate }: Analysis): void {
    if (!documents.has(file)) return;
    const known = lastEstimates.get(file) ?? new Map<string, AcceleratorEstimate>();
    for (const one of estimate.accelerators) {
      known.delete(one.accelerator.name); // the last one in is the youngest
      known.set(one.accelerator.name, one);
    }
    // Whoever types a name leaves an accelerator behind with each letter.
    for (const name of known.keys()) {
      if (known.size <= Math.max(MOST_REMEMBERED, estimate.accelerators.length)) break;
      known.delete(name);
    }
    lastEstimates.set(file, known);
  }

  return {
    open(document) {
      const known = sources.get(document.uri);
      if (known) before.set(document.uri, known);
      documents.set(document.uri, document);
      forget(document.uri);
    },
    close(uri) {
      documents.delete(uri);
      before.delete(uri);
      lastEstimates.delete(uri);
      forget(uri);
      tidy();
    },
    touched(uri) {
      if (!documents.has(uri)) forget(uri);
    },
    awaits: (uri) => [...(analyses.get(uri)?.reads ?? [])].some((file) => files.awaits?.(file)),
    analysis(uri) {
      const known = analyses.get(uri);
      if (known) return known.analysis;
      const reads = new Set<string>();
      const watched: SourceSet = {
        ...texts,
        get(file) {
          reads.add(file);
          return texts.get(file);
        },
        data(file) {
          reads.add(file);
          return texts.data?.(file);
        },
        parameters(spec, path) {
          const found = files.parameters?.(spec, path);
          if (found) reads.add(found.uri);
          return found?.problem;
        },
      };
      const analysis = analyst.analyse(uri, watched, levels);
      if (!analysis) return undefined;
      analyses.set(uri, { analysis, reads });
      remember(analysis);
      return analysis;
    },
    lastEstimate: (uri, accelerator) => lastEstimates.get(uri)?.get(accelerator),
    dependents: (uri) => [...documents.keys()].filter((file) => file === uri || analyses.get(file)?.reads.has(uri)),
    document(uri) {
      const open = documents.get(uri);
      if (open) return open;
      const source = texts.get(uri);
      return source && create(uri, 'weft', 0, source.text);
    },
    setLevels(wanted) {
      levels = wanted;
      analyses.clear();
    },
    parsed: (uri) => texts.get(uri)?.parsed,
    fixes: (diagnostic, analysis) => analyst.fixes(diagnostic, analysis, texts),
    price: analyst.price,
    bundle(uri) {
      const { sources: read, bundle } = recorded(texts);
      return analyst.analyse(uri, read) && bundle;
    },
    trial(uri, text) {
      const source = readBeside(texts.get(uri), text);
      const sources: SourceSet = { ...texts, get: (file) => (file === uri ? source : texts.get(file)) };
      const analysis = analyst.analyse(uri, sources, levels);
      if (!analysis) throw new Error('a text that is given is there');
      return { analysis, fixes: (diagnostic) => analyst.fixes(diagnostic, analysis, sources) };
    },
  };
}
