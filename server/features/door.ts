/** What a door hands to the server: the world around it. */
import type { Project } from '../emit/project.ts';
import type { ParameterFiles } from '../exporting.ts';
import type { ExportParams, ExportResult } from '../requests.ts';
import type { Progress, TuneAnswer, TuneJob } from '../tuning.ts';
import type { Files } from '../workspace.ts';

/** A run of the tuner that goes on beside the server. */
export interface TuneRun {
  /** Rejects where the run dies by itself; never settles after `stop`. */
  readonly answer: Promise<TuneAnswer>;
  stop(): void;
}

export interface Door {
  readonly version: string;
  readonly files: Files;
  /** Is told what the client sent with its first request (`initializationOptions`). */
  started?(options: unknown): void;
  /** Writes a project into the folder of the request, all or nothing; absent where there is no disk. */
  write?(project: Project, request: ExportParams): Promise<ExportResult>;
  /** Starts the tuner where it does not hold up the server; absent where there is no such place. */
  tune?(job: TuneJob, onProgress: (progress: Progress) => void): TuneRun;
  /** Files of trained values, with paths relative to the folder of a spec; absent where there is no disk. */
  parameters?(spec: string): (ParameterFiles & { readonly close: () => void }) | undefined;
}
