/** One run of the tuner as plain data: what goes to a worker, and what comes back. The solver is handed in by whoever loads it. */
import { format } from '../grammar/print.ts';
import { type Analysis, applyEdits, createAnalyst } from './analysis.ts';
import type { TextEdit } from './diagnostic.ts';
import { enumeration } from './format.ts';
import { choicesText } from './report/choices.ts';
import { figuresText, pointText, tunedText } from './report/tune.ts';
import { bundled, type TextBundle } from './sources.ts';
import type { Axis } from './tune/front.ts';
import type { Solver } from './tune/integer-program.ts';
import type { NotTuned, Tuned } from './tune/tune.ts';

/** A spec with everything that it reads, as text: a worker has no disk and no editor. */
export interface TuneJob extends TextBundle {
  /** URI of the spec, which is one of the texts. */
  readonly file: string;
  /** One of the file's; all of them without it. */
  readonly accelerator?: string;
  /** Also less hardware for a longer pass, by these: the answer has the designs of one accelerator to choose from. */
  readonly front?: readonly Axis[];
}

/** A design of a front, in one line, and the spec with it. */
export interface Point {
  readonly title: string;
  readonly detail: string;
  readonly text: string;
}

export type TuneAnswer =
  | {
      readonly kind: 'tuned';
      /** The spec with the winners written into it. */
      readonly text: string;
      /** What was found, an accelerator each, as `weft tune` prints it. */
      readonly reports: readonly string[];
    }
  /** By the first axis; at least one. */
  | {
      readonly kind: 'front';
      readonly accelerator: string;
      /** The figures of the spec as it stands, in one line. */
      readonly asItStands: string;
      readonly points: readonly Point[];
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
  const { file, accelerator: wanted, front } = job;
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
  if (front && asked.length > 1) {
    const names = enumeration(asked.map(({ accelerator: { name } }) => name));
    return { kind: 'none', reasons: [`A front is of one accelerator: name one of ${names}.`] };
  }
  const results: readonly Result[] = asked.map((estimate, index) => ({
    name: estimate.accelerator.name,
    choices: choicesText(estimate.accelerator),
    result: analyst.tune(estimate, analysis, sources, solver, {
      ...(front ? { front } : {}),
      progress: (done, step) => onProgress({ done: (index + done) / asked.length, step }),
    }),
  }));
  return front ? pointsOf(results, analysis) : winnersOf(results, analysis);
}

interface Result {
  readonly name: string;
  /** ', with rows = 4', of the spec as it stands. */
  readonly choices: string;
  readonly result: Tuned | NotTuned;
}

function winnersOf(results: readonly Result[], analysis: Analysis): TuneAnswer {
  const edits = results.flatMap(({ result }) => ('edits' in result ? result.edits : []));
  if (edits.length === 0) return { kind: 'none', reasons: results.map(whyNot) };
  return {
    kind: 'tuned',
    text: written(edits, analysis),
    reports: results.map(({ name, choices, result }) =>
      'edits' in result ? tunedText(name, result, choices) : `${name}: ${result.reason}\n`,
    ),
  };
}

function pointsOf(results: readonly Result[], analysis: Analysis): TuneAnswer {
  const [first] = results;
  const front = first && 'edits' in first.result ? first.result.front : undefined;
  if (!first || !front) return { kind: 'none', reasons: results.map(whyNot) };
  const points = front.points.map(({ edits }, p) => ({ ...pointText(front, p), text: written(edits, analysis) }));
  return { kind: 'front', accelerator: first.name, asItStands: figuresText(front.axes, front.asItStands), points };
}

function whyNot({ name, result }: Result): string {
  return `${name}: ${'reason' in result ? sentence(result.reason) : 'nothing to change.'}`;
}

/** The spec with a design in it: columns stay aligned in a file that is kept so; one that is not keeps its layout. */
function written(edits: readonly TextEdit[], { file, text }: Analysis): string {
  const tuned = applyEdits(text, edits, file);
  return format(text) === text ? format(tuned) : tuned;
}

/** What a tuner is asked to mend is no reason to refuse it. */
export function isTunable(code: string): boolean {
  return code.endsWith('-oversubscribed') || code === 'requirement-failed';
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
