/** The tuner in a Web Worker of its own: the server's own bundle, started once more under another name. */
import type { TuneRun } from './features/door.ts';
import { type Progress, type RunMessage, runOf, runTuneJob, type TuneJob } from './tuning.ts';

/** What the worker is sent, once. */
interface Task {
  readonly job: TuneJob;
  /** URL of the solver's WebAssembly. */
  readonly wasm: string;
}

/** The name by which the bundle knows what it is started for. */
const NAME = 'weft-tuner';

export const isTuner = (): boolean => globalThis.name === NAME;

/** @param dist URL of the folder with the built files, with a slash behind it */
export function tuneInWorker(dist: string, job: TuneJob, onProgress: (progress: Progress) => void): TuneRun {
  // A script of another origin cannot be a worker, but a worker of ours may load it.
  const script = new Blob([`importScripts(${JSON.stringify(`${dist}server.browser.js`)});`], {
    type: 'text/javascript',
  });
  const url = URL.createObjectURL(script);
  const worker = new Worker(url, { name: NAME });
  const stop = (): void => {
    worker.terminate();
    URL.revokeObjectURL(url);
  };
  const run = runOf(onProgress, stop);
  worker.onmessage = ({ data }: MessageEvent<RunMessage>) => run.receive(data);
  worker.onerror = ({ message }) => run.fail(new Error(message || 'the worker of the tuner cannot be started'));
  worker.postMessage({ job, wasm: `${dist}highs.wasm` } satisfies Task);
  return run;
}

/** What the worker does: one job, when it comes. */
export function tuneHere(): void {
  const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
  const tell = (message: RunMessage): void => scope.postMessage(message);
  scope.onmessage = async ({ data: { job, wasm } }: MessageEvent<Task>) => {
    try {
      const { default: loadHighs } = await import('highs');
      const solver = await loadHighs({ locateFile: () => wasm });
      tell({ answer: runTuneJob(job, solver, tell) });
    } catch (error) {
      tell({ failed: error instanceof Error ? error.message : String(error) });
    }
  };
}
