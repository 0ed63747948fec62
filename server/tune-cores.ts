/** `weft tune` on all cores: threads measure shares of what the search will ask for, which then finds it measured. */
import { join } from 'node:path';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import type { Analysis, Analyst } from './analysis.ts';
import type { SourceSet } from './design/terms/scope.ts';
import type { AcceleratorEstimate } from './estimate/estimate.ts';
import { analyseWith } from './sweep/chosen.ts';
import { type Entry, Measures } from './tune/measures.ts';
import type { Share } from './tune/shares.ts';

/** What a thread is to measure. It reads the spec itself: should that be another one by then, its measures are of no use, and do no harm. */
interface Task {
  readonly path: string;
  readonly choose: readonly string[];
  readonly accelerator: string;
  readonly share: Share;
}

/** What starts the command line’s bundle, which its threads run as well. */
const script = join(__dirname, 'cli.cjs');

/** Measures that are worth a thread: to start it and to read the spec takes as long as half as many. */
const WORTH_A_THREAD = 400;

/** @param jobs threads at most, this one among them */
export async function measuredBy(
  jobs: number,
  { path, choose }: Pick<Task, 'path' | 'choose'>,
  estimate: AcceleratorEstimate,
  { analysis, sources, analyst }: { analysis: Analysis; sources: SourceSet; analyst: Analyst },
): Promise<Measures> {
  const measures = new Measures();
  if (jobs < 2) return measures;
  const count = analyst.measure(estimate, analysis, sources, measures);
  const of = Math.min(jobs, Math.floor(count / WORTH_A_THREAD));
  if (of < 2) return measures;
  const { name: accelerator } = estimate.accelerator;
  const others = Array.from({ length: of - 1 }, (_, index) =>
    entriesOf({ path, choose, accelerator, share: { index: index + 1, of } }),
  );
  analyst.measure(estimate, analysis, sources, measures, { index: 0, of });
  for (const entries of await Promise.all(others)) measures.add(entries);
  return measures;
}

/** What a thread has measured; nothing where it broke: the search measures what is missing. */
function entriesOf(task: Task): Promise<readonly Entry[]> {
  const worker = new Worker(script, { workerData: task });
  return new Promise((resolve) => {
    worker.once('message', resolve);
    worker.once('error', () => resolve([]));
    worker.once('exit', () => resolve([]));
  });
}

/** What the thread does: one task. */
export function measureHere(): void {
  const { path, choose, accelerator, share }: Task = workerData;
  const { analysis, sources, analyst } = analyseWith(path, choose);
  const measures = new Measures();
  const estimate = analysis.estimate.accelerators.find((one) => one.accelerator.name === accelerator);
  if (estimate) analyst.measure(estimate, analysis, sources, measures, share);
  parentPort?.postMessage(measures.entries());
}
