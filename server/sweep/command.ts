/** `weft sweep`: the plan from a spec and the options, an engine to run it, and one table of what it came to. */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { type Analysis, type Analyst, applyEdits } from '../analysis.ts';
import type { SourceSet } from '../design/terms/scope.ts';
import type { SweepResult } from '../report/sweep.ts';
import { readSource, recorded } from '../sources.ts';
import { version } from '../version.ts';
import { complete } from './engine.ts';
import { knobsOf, pointsOf, type Setting, turned } from './knobs.ts';
import { localEngine } from './local.ts';
import { isOnPath } from './point.ts';
import { slurmEngine } from './slurm.ts';
import { type Plan, Store, SweepError } from './store.ts';

export interface SweepRequest {
  readonly path: string;
  readonly settings: readonly Setting[];
  readonly engine: 'local' | 'slurm';
  readonly jobs?: number;
  readonly retries: number;
  readonly sbatch: readonly string[];
  readonly out?: string;
  readonly exportTo?: string;
  readonly csim: boolean;
  readonly synthesis: boolean;
  readonly accelerator?: string;
}

/** @throws SweepError in words for the user, before anything is run */
export async function sweepFile(
  request: SweepRequest,
  { analysis, sources, analyst }: { analysis: Analysis; sources: SourceSet; analyst: Analyst },
  tell: (sentence: string) => void,
): Promise<SweepResult> {
  const knobs = turned(knobsOf(analysis, request.accelerator), request.settings);
  if (typeof knobs === 'string') throw new SweepError(knobs);
  if (request.engine === 'slurm' && request.out === undefined)
    throw new SweepError('A sweep on a cluster needs --out DIR, a folder that every node sees under the same path.');
  if (request.synthesis && request.engine === 'local' && !isOnPath('v++'))
    throw new SweepError('--synthesis runs the vendor’s tools, and v++ is not on the PATH here.');
  const folder = request.out === undefined ? mkdtempSync(join(tmpdir(), 'weft-sweep-')) : resolve(request.out);
  const needsProjects = request.csim || request.synthesis;
  const exportTo =
    request.exportTo === undefined ? needsProjects && join(folder, 'projects') : resolve(request.exportTo);
  const plan: Plan = {
    weft: version,
    spec: request.path,
    folder: dirname(resolve(request.path)),
    file: analysis.file,
    bundle: bundleOf(analysis, sources, analyst, knobs),
    ...(request.accelerator === undefined ? {} : { accelerator: request.accelerator }),
    knobs,
    points: pointsOf(knobs),
    ...(exportTo ? { exportTo } : {}),
    csim: request.csim,
    synthesis: request.synthesis,
  };
  const command = [process.execPath, ...process.execArgv, resolve(process.argv[1] ?? '')];
  const engine =
    request.engine === 'local'
      ? localEngine(command, request.jobs ?? availableParallelism())
      : slurmEngine({ command, sbatch: request.sbatch, ...(request.jobs === undefined ? {} : { jobs: request.jobs }) });
  try {
    const store = Store.begin(folder, plan);
    const points = await complete(engine, store, request.retries, tell);
    return {
      spec: request.path,
      engine: engine.name,
      knobs: knobs.map(({ name, values }) => ({ name, values })),
      points,
    };
  } finally {
    if (request.out === undefined && !(needsProjects && request.exportTo === undefined))
      rmSync(folder, { recursive: true, force: true });
    else tell(`Results, logs and projects are in ${folder}`);
  }
}

/** What the spec reads, with each model that a knob brings in: its configuration may be in a file of its own. */
function bundleOf(analysis: Analysis, sources: SourceSet, analyst: Analyst, knobs: Plan['knobs']) {
  const { sources: read, bundle } = recorded(sources);
  analyst.analyse(analysis.file, read);
  const models = knobs.find(({ name }) => name === 'model');
  for (const value of models?.values ?? []) {
    const edits = models!.places.map((place) => ({ span: { file: analysis.file, ...place }, newText: value }));
    const source = readSource(applyEdits(analysis.text, edits, analysis.file));
    analyst.analyse(analysis.file, { ...read, get: (uri) => (uri === analysis.file ? source : read.get(uri)) });
  }
  return bundle;
}
