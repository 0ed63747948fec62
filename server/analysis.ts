/** Everything that is known of one spec: text → tree → design → estimate → diagnostics, in one call and one value. */
import type { Parsed } from '../grammar/tree.ts';
import type { Design } from './design/design.ts';
import { resolve } from './design/resolve.ts';
import type { Chosen } from './design/terms/choices.ts';
import { Meanings } from './design/terms/meanings.ts';
import type { SourceSet } from './design/terms/scope.ts';
import type { Diagnostic, Fix, TextEdit } from './diagnostic.ts';
import type { AcceleratorEstimate, Estimate } from './estimate/estimate.ts';
import { createEstimator, type Estimator } from './estimate/index.ts';
import { instanceCache } from './estimate/lower/instances.ts';
import { check, fixes } from './rules/index.ts';
import type { Levels } from './rules/levels.ts';
import { readBeside } from './sources.ts';
import type { Solver } from './tune/integer-program.ts';
import { Measures } from './tune/measures.ts';
import type { Workbench } from './tune/search.ts';
import { measureShare, type Share } from './tune/shares.ts';
import { type NotTuned, type Tuned, type TuneOptions, tune } from './tune/tune.ts';

export interface Analysis {
  /** URI */
  readonly file: string;
  readonly text: string;
  readonly parsed: Parsed;
  readonly design: Design;
  readonly estimate: Estimate;
  readonly diagnostics: readonly Diagnostic[];
}

export interface Analyst {
  /** What the knobs of every file are, where they are named. */
  readonly chosen: Chosen;
  /** @param levels how loud each rule is, where a person has said so. */
  analyse(file: string, sources: SourceSet, levels?: Levels): Analysis | undefined;
  /** Quick fixes, tried out on the estimator; `analysis` is of the file as `sources` has it. */
  fixes(diagnostic: Diagnostic, analysis: Analysis, sources: SourceSet): Fix[];
  price: Estimator['price'];
  /** Better hardware for what an accelerator of the file leaves open. */
  tune(
    estimate: AcceleratorEstimate,
    analysis: Analysis,
    sources: SourceSet,
    solver: Solver,
    options?: TuneOptions,
    measures?: Measures,
  ): Tuned | NotTuned;
  /** A share of what that search would measure, or nothing of it; says how much there is in all. */
  measure(
    estimate: AcceleratorEstimate,
    analysis: Analysis,
    sources: SourceSet,
    measures: Measures,
    share?: Share,
  ): number;
}

/**
 * One estimator with its caches behind it: make one a process.
 *
 * @param choose what the knobs of every file are; the first of their values where they are not named
 */
export function createAnalyst(choose: Chosen = {}): Analyst {
  const estimator = createEstimator();
  const meanings = new Meanings();

  function facts(file: string, sources: SourceSet) {
    const design = resolve(file, sources, { choose, meanings });
    return { design, estimate: estimator.estimate(design) };
  }

  function bench(
    { accelerator }: AcceleratorEstimate,
    { file }: Analysis,
    sources: SourceSet,
  ): Pick<Workbench, 'evaluate' | 'pinned' | 'instanceOf'> {
    return {
      evaluate: (edits) => facts(file, edited(sources, edits)),
      pinned: ({ name }) => name in choose || `${accelerator.name}.${name}` in choose,
      instanceOf: instanceCache(),
    };
  }

  return {
    chosen: choose,
    price: estimator.price,
    analyse(file, sources, levels) {
      const source = sources.get(file);
      if (!source) return undefined;
      const { design, estimate } = facts(file, sources);
      return { file, ...source, design, estimate, diagnostics: check({ design, estimate }, source, levels) };
    },

    fixes(diagnostic, analysis, sources) {
      let left = trialsOf(analysis.estimate);
      return fixes(diagnostic, {
        facts: analysis,
        text: (span) => sources.get(span.file)?.text.slice(span.start, span.end) ?? '',
        // What is not tried helps nothing, and is not offered.
        evaluate: (edits) => (left-- > 0 ? facts(analysis.file, edited(sources, edits)) : analysis),
      });
    },

    tune: (estimate, analysis, sources, solver, options, measures = new Measures()) =>
      tune(estimate.accelerator, estimate, { ...bench(estimate, analysis, sources), measures, solver }, options),

    measure: (estimate, analysis, sources, measures, share) =>
      measureShare(estimate, { ...bench(estimate, analysis, sources), measures }, share),
  };
}

/** Units that the trials of a quick fix put on a timeline, all together: some seconds, while a person waits for the menu. */
const TRIED_UNITS = 10_000;
const LEAST_TRIALS = 4;

/** Edits that are tried out for a quick fix: fewer, the more each takes. */
export function trialsOf({ accelerators }: Estimate): number {
  const units = accelerators.reduce((sum, { netlist, accelerator: { decoding = [] } }) => {
    return sum + netlist.units.length * (1 + decoding.length);
  }, 0);
  return Math.max(LEAST_TRIALS, Math.floor(TRIED_UNITS / Math.max(1, units)));
}

/** The same files with edits made: what a quick fix would leave. */
function edited(sources: SourceSet, edits: readonly TextEdit[]): SourceSet {
  const files = new Map(
    edits.map(({ span: { file } }) => {
      const source = sources.get(file);
      return [file, readBeside(source, applyEdits(source?.text ?? '', edits, file))];
    }),
  );
  return { ...sources, get: (uri) => files.get(uri) ?? sources.get(uri) };
}

/** Edits of one file, made from the end to the start so that no offset moves under another; lines end as those of the text do. */
export function applyEdits(text: string, edits: readonly TextEdit[], file: string): string {
  const ended = (newText: string): string =>
    newText.includes('\n') && text.includes('\r\n') ? newText.replaceAll(/\r?\n/g, '\r\n') : newText;
  return edits
    .filter(({ span }) => span.file === file)
    .sort((a, b) => b.span.start - a.span.start)
    .reduce((result, { span, newText }) => result.slice(0, span.start) + ended(newText) + result.slice(span.end), text);
}
