/** One point of a sweep: estimated, and exported, simulated and synthesised where that is asked for. */
import { spawnSync } from 'node:child_process';
import { accessSync, closeSync, constants, openSync } from 'node:fs';
import { hostname } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Analysis, createAnalyst } from '../analysis.ts';
import type { Span } from '../diagnostic.ts';
import { disk } from '../disk.ts';
import { ExportError, writeProject } from '../export-files.ts';
import { blocks, projectOf } from '../exporting.ts';
import { enumeration } from '../format.ts';
import { parameterFiles } from '../parameter-files.ts';
import { acceleratorJson, diagnosticsJson } from '../report/json.ts';
import type { PointEstimate, PointResult, Step } from '../report/sweep.ts';
import { noAcceleratorIn } from '../rules/no-accelerator.ts';
import { bundled, readSource } from '../sources.ts';
import { nameOf, textOf } from './knobs.ts';
import type { Plan, Store } from './store.ts';

const analyst = createAnalyst();

/** The process that was sent for these points; one that throws leaves no result, and the others go on. */
export async function runPoints(store: Store, indices: readonly number[]): Promise<boolean> {
  let all = true;
  for (const index of indices) {
    store.began(index);
    try {
      store.finished(await runPoint(store, index));
    } catch (error) {
      all = false;
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.stderr.write(`point ${index}: ${text}\n`);
      store.threw(index, error instanceof Error ? error.message : text);
    }
  }
  return all;
}

async function runPoint({ plan, folder }: Store, index: number): Promise<PointResult> {
  const values = plan.points[index]!;
  const text = textOf(plan.bundle.texts[plan.file] ?? '', plan.knobs, values);
  const source = readSource(text);
  const sources = bundled(plan.bundle);
  const get = (uri: string) => (uri === plan.file ? source : sources.get(uri));
  const analysis = analyst.analyse(plan.file, { ...sources, get })!;
  const accelerators = analysis.estimate.accelerators.filter(
    ({ accelerator: { name } }) => plan.accelerator === undefined || name === plan.accelerator,
  );
  const found = analysis.diagnostics.filter(({ severity }) => severity === 'error');
  const errors = found.length > 0 || accelerators.length > 0 ? found : [noAcceleratorIn(plan.file, false)];
  const broken = errors.some(({ code }) => blocks(code)) || accelerators.length === 0;
  const steps = broken ? [] : await stepsOf(plan, index, analysis, folder);
  const failed = broken || steps.some(({ passed }) => !passed);
  return {
    index,
    values,
    state: failed ? 'broken' : errors.length > 0 ? 'unfit' : 'ok',
    retries: 0,
    // Figures of a spec with holes are those of defaults that nobody meant.
    accelerators: broken ? [] : accelerators.map((one) => kept(acceleratorJson(one))),
    errors: diagnosticsJson(errors, (span) => lineOf(span, (file) => get(file)?.text ?? '')),
    steps,
  };
}

function kept(one: ReturnType<typeof acceleratorJson>): PointEstimate {
  const { name, device, clockMHz, latencyMs, perLayerMs, bottleneck, deadlock, resources } = one;
  const { generate, power } = one;
  return {
    ...{ name, device, clockMHz, latencyMs, perLayerMs, bottleneck, deadlock, resources },
    ...(generate ? { generate } : {}),
    ...(power ? { power } : {}),
  };
}

function lineOf({ file, start }: Span, textOfFile: (file: string) => string) {
  const before = textOfFile(file)
    .slice(0, start)
    .split(/\r\n|\r|\n/);
  return { file: file.replace(/^.*\//, ''), line: before.length, column: before.at(-1)!.length + 1 };
}

/** Export, simulation and synthesis, each on what the one before left; the first that fails is the last. */
async function stepsOf(plan: Plan, index: number, analysis: Analysis, folder: string): Promise<Step[]> {
  if (plan.exportTo === undefined) return [];
  const project = join(plan.exportTo, nameOf(index, plan.points.length, plan.points[index]!));
  const steps = [await exported(plan, analysis, project)];
  const log = (step: string) => join(folder, 'log', `${index}-${step}.txt`);
  if (plan.csim && steps.at(-1)!.passed) steps.push(made('csim', project, 'csim', log('csim')));
  if (plan.synthesis && steps.at(-1)!.passed)
    steps.push(
      isOnPath('v++')
        ? made('synthesis', project, 'csynth', log('synthesis'))
        : { step: 'synthesis', passed: false, detail: `v++ is not on the PATH of ${hostname()}` },
    );
  return steps;
}

async function exported(plan: Plan, analysis: Analysis, folder: string): Promise<Step> {
  const refused = (reasons: readonly string[]): Step => ({ step: 'export', passed: false, detail: reasons.join(' ') });
  const files = parameterFiles(plan.folder);
  try {
    const project = projectOf(analysis, plan.accelerator, plan.weft, files);
    if ('refused' in project) return refused(project.refused);
    const { keepBecauseEdited, written, foreign } = await writeProject(disk, folder, project);
    if (foreign.length > 0)
      return refused([
        `${folder} is not empty, and no export of Weft’s is in it (${enumeration(foreign)}); empty it, or name another folder with --export`,
      ]);
    if (!written)
      return refused([
        `${folder} has files that were changed since: ${keepBecauseEdited.map(({ path }) => path).join(', ')}`,
      ]);
    return { step: 'export', passed: true, detail: folder };
  } catch (error) {
    if (error instanceof ExportError) return refused([error.message]);
    throw error;
  } finally {
    files.close();
  }
}

/** @throws where make is killed or cannot be started: that says nothing of the design. */
function made(step: Step['step'], project: string, target: string, log: string): Step {
  const out = openSync(log, 'w');
  try {
    const { status, signal, error } = spawnSync('make', ['-C', project, target], { stdio: ['ignore', out, out] });
    if (status === null) throw new Error(`make ${target}: ${error?.message ?? `killed by ${signal}`} (${log})`);
    return { step, passed: status === 0, detail: log };
  } finally {
    closeSync(out);
  }
}

export function isOnPath(command: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
