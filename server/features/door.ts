/** What a door hands to the server: the world around it. */
import type { Project } from '../emit/project.ts';
import type { ExportParams, ExportResult } from '../requests.ts';
import type { Files } from '../workspace.ts';

export interface Door {
  readonly version: string;
  readonly files: Files;
  /** Writes a project into the folder of the request, all or nothing; absent where there is no disk. */
  write?(project: Project, request: ExportParams): Promise<ExportResult>;
}
