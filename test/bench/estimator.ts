import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { Design } from '../../server/design/design.ts';
import type * as evaluator from '../../server/estimate/evaluate.ts';
import type * as estimator from '../../server/estimate/index.ts';
import type * as kit from '../estimate/example.ts';
import type { Figure } from './figures.ts';

type Rooms = typeof evaluator & typeof estimator & typeof kit;

/** The estimator as it is bundled for the server, with what resolves a text. */
async function load(): Promise<Rooms> {
  const folder = mkdtempSync(join(tmpdir(), 'weft-bench-'));
  const outfile = join(folder, 'estimator.mjs');
  const rooms = ['server/estimate/index.ts', 'server/estimate/evaluate.ts', 'test/estimate/example.ts'];
  await build({
    stdin: { contents: rooms.map((room) => `export * from './${room}';`).join('\n'), resolveDir: process.cwd() },
    loader: { '.weft': 'text', '.h': 'text', '.cpp': 'text' },
    define: { 'import.meta.url': JSON.stringify(pathToFileURL('test/estimate/example.ts').href) },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
  });
  const loaded: Rooms = await import(pathToFileURL(outfile).href);
  rmSync(folder, { recursive: true });
  return loaded;
}

/** The fastest of several runs: what is left is the program, not what else the machine does. */
function fastest(times: number, prepare: () => () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const action = prepare();
    const start = performance.now();
    action();
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/** Milliseconds of estimates that begin with empty caches, of one after an edit, and of the points of a search. */
export async function estimates(): Promise<readonly Figure[]> {
  const { createEstimator, createEvaluator, designOf, bert } = await load();
  const whole = (model: string, phase: string): Design =>
    designOf(`accelerator a { device u280 model ${model} phase ${phase} }`);
  const cold = (design: Design) => () => {
    const fresh = createEstimator();
    return () => fresh.estimate(design);
  };
  const widths = [4, 8, 32, 16];
  const edited = widths.map((width) => designOf(bert.replace(/(kernel up +array 8 x) 16/, `$1 ${width}`)));
  const afterEdit = () => {
    const known = createEstimator();
    known.estimate(edited[0]!);
    return () => known.estimate(edited[2]!);
  };
  const { accelerators } = createEstimator().estimate(designOf(bert));
  const evaluate = createEvaluator(accelerators[0]!);
  const search = () => () => {
    for (let i = 0; i < 1000; i++)
      evaluate({ [i % 2 ? 'up' : 'q']: { array: { tokens: 8, outputs: widths[i % 4]!, dot: 1 }, pack: 1 + (i % 3) } });
  };
  const ms = (name: string, value: number, limit: number): Figure => ({ name, value, unit: 'ms', limit });
  return [
    ms('estimate, GPT-2 medium, 1,024 rows', fastest(15, cold(whole('gpt2_medium', 'prefill(tokens: 1024)'))), 2),
    ms('estimate, Llama 2 7B, 4,096 rows', fastest(15, cold(whole('llama2_7b', 'prefill(tokens: 4096)'))), 10),
    ms('estimate, the example', fastest(15, cold(designOf(bert))), 3),
    ms('estimate after an array was edited', fastest(15, afterEdit), 0.5),
    ms('1,000 points of a search', fastest(15, search), 100),
  ];
}
