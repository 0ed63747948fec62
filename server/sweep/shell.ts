/** `weft sweep` and `weft sweep-point` as the shell calls them. */
import { createAnalyst } from '../analysis.ts';
import { sweepText } from '../report/sweep.ts';
import { analyse } from '../spec-files.ts';
import { CLEAN, countOf, ERRORS, NoFile, oneFile, options, print, Usage } from '../usage.ts';
import { type SweepRequest, sweepFile } from './command.ts';
import { settingOf } from './knobs.ts';
import { runPoints } from './point.ts';
import { Store, SweepError } from './store.ts';

export async function sweep(args: readonly string[]): Promise<number> {
  const { values, positionals } = options(args, {
    ...{ set: { type: 'string', multiple: true }, sbatch: { type: 'string', multiple: true } },
    ...{ engine: { type: 'string' }, jobs: { type: 'string' }, retries: { type: 'string' } },
    ...{ out: { type: 'string' }, export: { type: 'string' }, accelerator: { type: 'string' } },
    ...{ csim: { type: 'boolean' }, synthesis: { type: 'boolean' }, json: { type: 'boolean' } },
  });
  const [path] = oneFile(positionals, 'sweep');
  const {
    engine = 'local',
    jobs,
    retries = '2',
    sbatch = [],
    accelerator,
    out,
    csim = false,
    synthesis = false,
  } = values;
  if (engine !== 'local' && engine !== 'slurm') throw new Usage(`--engine is local or slurm; found ‘${engine}’.`);
  const settings = (values.set ?? []).map((text) => {
    const setting = settingOf(text);
    if (!setting) throw new Usage(`--set needs NAME=VALUE,VALUE…, as in rows=4,8; found ‘${text}’.`);
    return setting;
  });
  const analyst = createAnalyst();
  const { analysis, sources } = analyse(path, analyst);
  const tell = (sentence: string) => void process.stderr.write(`weft: ${sentence}\n`);
  try {
    const request: SweepRequest = {
      engine,
      ...{ path, settings, retries: countOf('--retries', retries, 0), sbatch, csim, synthesis },
      ...(jobs === undefined ? {} : { jobs: countOf('--jobs', jobs, 1) }),
      ...(out === undefined ? {} : { out }),
      ...(values.export === undefined ? {} : { exportTo: values.export }),
      ...(accelerator === undefined ? {} : { accelerator }),
    };
    const result = await sweepFile(request, { analysis, sources, analyst }, tell);
    print(values.json ? `${JSON.stringify(result, null, 2)}\n` : sweepText(result));
    return result.points.some(({ state }) => state === 'broken' || state === 'lost') ? ERRORS : CLEAN;
  } catch (error) {
    if (!(error instanceof SweepError)) throw error;
    throw new NoFile(error.message);
  }
}

/** What the processes of a sweep run; nobody types it. */
export async function sweepPoint([folder = '', ...indices]: readonly string[]): Promise<number> {
  return (await runPoints(Store.open(folder), indices.map(Number))) ? CLEAN : ERRORS;
}
