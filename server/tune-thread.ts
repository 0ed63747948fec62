/** The tuner in a thread of its own: the server's own bundle, started once more, with a job in the place of a connection. */
import { parentPort, Worker, workerData } from 'node:worker_threads';
import type { TuneRun } from './features/door.ts';
import { loadSolver } from './solver.ts';
import { type Progress, type RunMessage, runOf, runTuneJob, type TuneJob } from './tuning.ts';

/** @param script the bundle that calls `tuneHere` where it finds itself in a thread */
export function tuneInThread(script: string, job: TuneJob, onProgress: (progress: Progress) => void): TuneRun {
  const worker = new Worker(script, { workerData: job });
  const run = runOf(onProgress, () => void worker.terminate());
  worker.on('message', run.receive);
  worker.once('error', run.fail);
  worker.once('exit', (code) =>
    run.fail(new Error(`the tuner’s thread ended with exit code ${code} before it answered`)),
  );
  return run;
}

/** What the thread does: one job. */
export async function tuneHere(): Promise<void> {
  const tell = (message: RunMessage): void => parentPort?.postMessage(message);
  try {
    tell({ answer: runTuneJob(workerData as TuneJob, await loadSolver(), tell) });
  } catch (error) {
    tell({ failed: error instanceof Error ? error.message : String(error) });
  }
}
