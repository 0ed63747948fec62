/** Diagnostics for clients that ask for them: of a document, and of every spec of the workspace. */
import {
  type CancellationToken,
  type DocumentDiagnosticReport,
  DocumentDiagnosticReportKind,
  type PreviousResultId,
  type WorkspaceDiagnosticReport,
  type WorkspaceDocumentDiagnosticReport,
} from 'vscode-languageserver';
import type { Analysis } from '../../analysis.ts';
import { cancelled, type Pass } from '../guard.ts';
import type { Snapshot } from '../snapshot.ts';
import type { Features } from './features.ts';

export interface Pulled {
  ofDocument(snapshot: Snapshot, previous: string | undefined): DocumentDiagnosticReport;
  /** Answers when there is something new: clients ask again as soon as they have an answer. */
  ofWorkspace(
    uris: () => readonly string[],
    previous: readonly PreviousResultId[],
    pass: Pass,
    token: CancellationToken,
    progress: (done: number, all: number) => void,
  ): Promise<WorkspaceDiagnosticReport>;
  /** Something that diagnostics depend on is no longer what it was. */
  changed(): void;
}

export function createPulled(
  snapshotOf: (uri: string) => Snapshot | undefined,
  versionOf: (uri: string) => number | null,
  diagnostics: Features['diagnostics'],
): Pulled {
  /** The same analysis says the same. */
  const results = new WeakMap<Analysis, string>();
  let count = 0;
  let wake = () => {};
  let change = new Promise<void>(() => {});
  const arm = () => {
    change = new Promise((resolve) => {
      wake = resolve;
    });
  };
  arm();

  function ofDocument(snapshot: Snapshot, previous: string | undefined): DocumentDiagnosticReport {
    const { analysis } = snapshot;
    const resultId = results.get(analysis) ?? `${++count}`;
    results.set(analysis, resultId);
    return resultId === previous
      ? { kind: DocumentDiagnosticReportKind.Unchanged, resultId }
      : { kind: DocumentDiagnosticReportKind.Full, resultId, items: diagnostics(snapshot) };
  }

  return {
    ofDocument,

    async ofWorkspace(uris, previous, pass, token, progress) {
      const known = new Map(previous.map(({ uri, value }) => [uri, value]));
      const cancel = new Promise<void>((resolve) => void token.onCancellationRequested(() => resolve()));
      for (;;) {
        const next = change; // what changes while the files are read counts as well
        const items: WorkspaceDocumentDiagnosticReport[] = [];
        const all = uris();
        for (const [done, uri] of all.entries()) {
          await pass.breathe();
          progress(done, all.length);
          const snapshot = snapshotOf(uri);
          if (snapshot) items.push({ ...ofDocument(snapshot, known.get(uri)), uri, version: versionOf(uri) });
        }
        const gone = [...known.keys()].filter((uri) => !all.includes(uri));
        for (const uri of gone) {
          items.push({ kind: DocumentDiagnosticReportKind.Full, uri, version: null, items: [] });
        }
        const news = items.filter(({ kind }) => kind === DocumentDiagnosticReportKind.Full);
        if (news.length > 0 || known.size === 0) return { items };
        await Promise.race([next, cancel]);
        if (token.isCancellationRequested) throw cancelled();
      }
    },

    changed() {
      wake();
      arm();
    },
  };
}
