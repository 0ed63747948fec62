/** What a door hands to the server: the world around it. */
import type { Project } from '../emit/project.ts';
import type { ParameterFiles } from '../exporting.ts';
import type { ExportParams, ExportResult } from '../requests.ts';
import type { Files } from '../workspace.ts';

export interface Door {
  readonly version: string;
  readonly files: Files;
  /** Writes a project into the folder of the request, all or nothing; absent where there is no disk. */
  write?(project: Project, request: ExportParams): Promise<ExportResult>;
  /** Files of trained values, with paths relative to the folder of a spec; absent where there is no disk. */
  parameters?(spec: string): (ParameterFiles & { readonly close: () => void }) | undefined;
}
