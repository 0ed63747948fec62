/** One run of the tuner as plain data: what goes to a worker, and what comes back. The solver is handed in by whoever loads it. */
import { format } from '../grammar/print.ts';
import { applyEdits, createAnalyst } from './analysis.ts';
import { tunedText } from './report/tune.ts';
import { bundled, type TextBundle } from './sources.ts';
import type { Solver } from './tune/integer-program.ts';

/** A spec with everything that it reads, as text: a worker has no disk and no editor. */
export interface TuneJob extends TextBundle {
  /** URI of the spec, which is one of the texts. */
  readonly file: string;
  /** One of the file's; all of them without it. */
  readonly accelerator?: string;
}

export type TuneAnswer =
  | {
      readonly kind: 'tuned';
      /** The spec with the winners written into it. */
      readonly text: string;
      /** What was found, an accelerator each, as `weft tune` prints it. */
      readonly reports: readonly string[];
    }
  /** Nothing better was found, or nothing can be said; the reasons are sentences. */
  | { readonly kind: 'none'; readonly reasons: readonly string[] };

export interface Progress {
  /** Share of the work, 0 … 1. */
  readonly done: number;
  /** What is being done. */
  readonly step: string;
}

/** What a worker tells of its run. */
export type RunMessage =
  | Progress
  | { readonly answer: TuneAnswer }
  /** A sentence: the tuner itself broke. */
  | { readonly failed: string };

/** A run in another thread, as seen from this one. */
export function runOf(onProgress: (progress: Progress) => void, end: () => void) {
  let [resolve, reject] = [(_: TuneAnswer): void => {}, (_: Error): void => {}];
  const answer = new Promise<TuneAnswer>((...both) => {
    [resolve, reject] = both;
  });
  answer.catch(() => undefined); // whoever has stopped it no longer listens
  const settle = (how: () => void): void => {
    how();
    end();
  };
  return {
    answer,
    stop: end,
    fail: (error: Error) => settle(() => reject(error)),
    receive(message: RunMessage) {
      if ('done' in message) onProgress(message);
      else if ('answer' in message) settle(() => resolve(message.answer));
      else settle(() => reject(new Error(message.failed)));
    },
  };
}

export function runTuneJob(job: TuneJob, solver: Solver, onProgress: (progress: Progress) => void): TuneAnswer {
  const { file, accelerator: wanted } = job;
  const analyst = createAnalyst();
  const sources = bundled(job);
  const analysis = analyst.analyse(file, sources);
  if (!analysis) return { kind: 'none', reasons: ['The file cannot be read.'] };
  const broken = analysis.diagnostics.filter(({ severity, code }) => severity === 'error' && !isTunable(code));
  if (broken.length > 0)
    return { kind: 'none', reasons: broken.map(({ code, message }) => `${code}: ${sentence(message)}`) };
  const asked = analysis.estimate.accelerators.filter(
    ({ accelerator: { name } }) => wanted === undefined || name === wanted,
  );
  if (asked.length === 0) {
    const missing =
      wanted === undefined ? 'There is no accelerator in the file.' : `There is no accelerator ‘${wanted}’.`;
    return { kind: 'none', reasons: [missing] };
  }
  const results = asked.map((estimate, index) => ({
    name: estimate.accelerator.name,
    result: analyst.tune(estimate, analysis, sources, solver, {
      progress: (done, step) => onProgress({ done: (index + done) / asked.length, step }),
    }),
  }));
  const edits = results.flatMap(({ result }) => ('edits' in result ? result.edits : []));
  if (edits.length === 0) {
    const reasons = results.map(
      ({ name, result }) => `${name}: ${'reason' in result ? sentence(result.reason) : 'nothing to change.'}`,
    );
    return { kind: 'none', reasons };
  }
  const tuned = applyEdits(analysis.text, edits, file);
  return {
    kind: 'tuned',
    // Columns stay aligned in a file that is kept so; one that is not keeps its layout.
    text: format(analysis.text) === analysis.text ? format(tuned) : tuned,
    reports: results.map(({ name, result }) =>
      'edits' in result ? tunedText(name, result) : `${name}: ${result.reason}\n`,
    ),
  };
}

/** What a tuner is asked to mend is no reason to refuse it. */
export function isTunable(code: string): boolean {
  return code.endsWith('-oversubscribed') || code === 'requirement-failed';
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
