/** `weft tune`: the best hardware for what a spec leaves open, printed, as JSON, or written into the file. */
import { writeFileSync } from 'node:fs';
import loadHighs from 'highs';
import { type Analysis, type Analyst, applyEdits } from './analysis.ts';
import type { SourceSet } from './design/scope.ts';
import { tunedText } from './report/tune.ts';

export interface TuneRequest {
  readonly path: string;
  readonly accelerator: string | undefined;
  readonly write: boolean;
  readonly json: boolean;
}

/** @returns whether anything was found for every accelerator that was asked for. */
export async function tuneFile(
  { path, accelerator: wanted, write, json }: TuneRequest,
  { analysis, sources, analyst }: { analysis: Analysis; sources: SourceSet; analyst: Analyst },
): Promise<{ readonly found: boolean; readonly text: string }> {
  const solver = await loadHighs();
  const asked = analysis.estimate.accelerators.filter(
    ({ accelerator: { name } }) => wanted === undefined || name === wanted,
  );
  const results = asked.map((estimate) => ({
    name: estimate.accelerator.name,
    result: analyst.tune(estimate, analysis, sources, solver),
  }));
  const edits = results.flatMap(({ result }) => ('edits' in result ? result.edits : []));
  if (write && edits.length > 0) writeFileSync(path, applyEdits(analysis.text, edits, analysis.file));
  const text = json
    ? `${JSON.stringify({ accelerators: results.map(({ name, result }) => ({ name, ...jsonOf(result) })) }, null, 2)}\n`
    : results
        .map(({ name, result }) => ('edits' in result ? tunedText(name, result) : `${name}: ${result.reason}\n`))
        .join('\n');
  return { found: results.length > 0, text };
}

/** Edits as what they leave of a file: offsets mean nothing to a reader of JSON. */
function jsonOf(result: ReturnType<Analyst['tune']>): object {
  if (!('edits' in result)) return result;
  const { edits: _, ...figures } = result;
  return figures;
}
