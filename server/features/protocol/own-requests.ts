/** What the client asks beyond the protocol: texts of read-only documents, and the export with its progress. */
import { type CancellationToken, type Connection, RequestType } from 'vscode-languageserver';
import type { Analysis } from '../../analysis.ts';
import type { Refusal } from '../../emit/emit.ts';
import type { Project } from '../../emit/project.ts';
import { projectOf } from '../../exporting.ts';
import { type ExportParams, type ExportResult, methods } from '../../requests.ts';
import type { Workspace } from '../../workspace.ts';
import type { Door } from '../door.ts';
import type { Guard } from '../guard.ts';
import { type Texts, virtualText } from '../virtual-text.ts';
import type { Proposals } from './tuning.ts';

const text = new RequestType<{ uri: string }, string | null, void>(methods.text);
const exportHls = new RequestType<ExportParams, ExportResult, void>(methods.exportHls);

export function registerOwnRequests(
  connection: Connection,
  workspace: Workspace,
  door: Door,
  guard: Guard,
  proposals: Proposals,
): void {
  const exported = (uri: string, analysis: Analysis, accelerator: string | undefined): Project | Refusal => {
    const files = door.parameters?.(uri);
    const project = projectOf(analysis, accelerator, door.version, files);
    files?.close();
    return project;
  };
  const texts: Texts = {
    analysis: workspace.analysis,
    proposal: (uri) => proposals.text(uri),
    project(uri, accelerator) {
      const analysis = workspace.analysis(uri);
      const project = analysis && exported(uri, analysis, accelerator);
      return project && 'files' in project ? project : undefined;
    },
  };
  connection.onRequest(text, ({ uri }, token) =>
    guard.answer(methods.text, token, () => virtualText(uri, texts) ?? null),
  );
  connection.onRequest(exportHls, (params, token) =>
    guard.answer(methods.exportHls, token, () => write(params, token)),
  );

  async function write(params: ExportParams, cancellation: CancellationToken): Promise<ExportResult> {
    const refused = (...reasons: string[]): ExportResult => ({ kind: 'refused', reasons });
    const progress = await connection.window.createWorkDoneProgress();
    progress.begin('Weft: Export HLS', undefined, 'estimating', false);
    try {
      const analysis = workspace.analysis(params.uri);
      if (!analysis) return refused('The file cannot be read.');
      const project = exported(params.uri, analysis, params.accelerator);
      if ('refused' in project) return refused(...project.refused);
      if (!door.write) return refused('There is no disk to write to here: open the folder in VS Code on a machine.');
      if (cancellation.isCancellationRequested) return refused('Cancelled: nothing was written.');
      progress.report(`writing ${project.files.length} files`);
      return await door.write(project, params);
    } finally {
      progress.done();
    }
  }
}
