/** `weft tune`: the best hardware for what a spec leaves open, printed or as JSON, and the spec with it. */
import { type Analysis, type Analyst, applyEdits } from './analysis.ts';
import type { SourceSet } from './design/terms/scope.ts';
import { choicesText } from './report/choices.ts';
import { tunedText } from './report/tune.ts';
import { loadSolver } from './solver.ts';
import type { Axis } from './tune/front.ts';
import { measuredBy } from './tune-cores.ts';

export interface TuneRequest {
  readonly path: string;
  readonly accelerator: string | undefined;
  readonly json: boolean;
  /** Axes of the front that is asked for; none. */
  readonly axes: readonly Axis[];
  /** Settings of knobs, as given. */
  readonly choose: readonly string[];
  /** Threads at most. */
  readonly jobs: number;
  /** Point of the front, from 1, that is written instead of the winner. */
  readonly point: number | undefined;
}

/** @returns whether anything was found for every accelerator that was asked for, and the spec with it, where that is another. */
export async function tuneFile(
  { path, accelerator: wanted, json, axes, choose, jobs, point }: TuneRequest,
  { analysis, sources, analyst }: { analysis: Analysis; sources: SourceSet; analyst: Analyst },
): Promise<{ readonly found: boolean; readonly text: string; readonly tuned?: string; readonly wrong?: string }> {
  const solver = await loadSolver();
  const asked = analysis.estimate.accelerators.filter(
    ({ accelerator: { name } }) => wanted === undefined || name === wanted,
  );
  const results: { name: string; choices: string; result: ReturnType<Analyst['tune']> }[] = [];
  for (const estimate of asked) {
    const { name } = estimate.accelerator;
    const measures = await measuredBy(jobs, { path, choose }, estimate, { analysis, sources, analyst });
    const options = axes.length > 0 ? { front: axes } : {};
    const result = analyst.tune(estimate, analysis, sources, solver, options, measures);
    results.push({ name, choices: choicesText(estimate.accelerator), result });
  }
  const edits = results.flatMap(({ result }) =>
    'edits' in result ? ((point === undefined ? result : result.front?.points[point - 1])?.edits ?? []) : [],
  );
  const fronts = results.flatMap(({ result }) => ('edits' in result ? [result.front?.points.length ?? 0] : []));
  const least = Math.min(...fronts);
  if (point !== undefined && point > least)
    return {
      found: true,
      text: '',
      wrong: `There is no point ${point}: the front has ${Number.isFinite(least) ? least : 0}.`,
    };
  const text = json
    ? `${JSON.stringify({ accelerators: results.map(({ name, result }) => ({ name, ...jsonOf(result) })) }, null, 2)}\n`
    : results
        .map(({ name, choices, result }) =>
          'edits' in result ? tunedText(name, result, choices) : `${name}${choices}: ${result.reason}\n`,
        )
        .join('\n');
  const tuned = edits.length > 0 ? { tuned: applyEdits(analysis.text, edits, analysis.file) } : {};
  return { found: results.length > 0, text, ...tuned };
}

/** Edits as what they leave of a file: offsets mean nothing to a reader of JSON. */
function jsonOf(result: ReturnType<Analyst['tune']>): object {
  if (!('edits' in result)) return result;
  const { edits: _, front, ...figures } = result;
  if (!front) return figures;
  const named = (values: readonly number[]) => Object.fromEntries(front.axes.map((axis, a) => [axis, values[a]]));
  const points = front.points.map(({ edits: _, figures: values, ...point }) => ({ ...point, ...named(values) }));
  return { ...figures, front: points, asItStands: named(front.asItStands) };
}
