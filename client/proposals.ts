/** *Weft: Tune*: what the tuner proposes, beside the spec, until a person applies or discards it. */
import { commands, type Disposable, TabInputTextDiff, Uri, WorkspaceEdit, window, workspace } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { methods, schemes, type TuneParams, type TuneResult } from '../server/requests.ts';
import { specName } from './documents.ts';

type Proposal = Extract<TuneResult, { kind: 'tuned' }> & { readonly spec: Uri };

/** Those that are shown, by the URI of their document. */
const open = new Map<string, Proposal>();

export function registerProposals(client: BaseLanguageClient): Disposable[] {
  const onProposal = (name: string, action: (proposal: Proposal) => Promise<void>) =>
    commands.registerCommand(name, async (from?: Uri) => {
      const proposal = open.get((from ?? window.activeTextEditor?.document.uri)?.toString() ?? '');
      if (proposal) await action(proposal);
      else void window.showInformationMessage('There is no proposal here: run Weft: Tune on a spec first.');
    });
  return [
    onProposal('weft.applyTuned', (proposal) => apply(client, proposal)),
    onProposal('weft.discardTuned', discard),
    workspace.onDidCloseTextDocument(({ uri }) => uri.scheme === schemes.tuned && open.delete(uri.toString())),
  ];
}

/** The progress, with its *Cancel*, is the server's. */
export async function tune(client: BaseLanguageClient, params: TuneParams): Promise<void> {
  const result = await client.sendRequest<TuneResult>(methods.tune, params);
  if (result.kind === 'cancelled') return;
  if (result.kind === 'none') return void window.showInformationMessage(`Not tuned. ${result.reasons.join(' ')}`);
  const spec = Uri.parse(params.uri);
  const document = Uri.parse(result.proposal);
  const proposal = { ...result, spec };
  open.set(document.toString(), proposal);
  await commands.executeCommand('vscode.diff', spec, document, `${specName(spec)}: as it is ↔ tuned`, {
    preview: false,
  });
  const found = result.reports.map((report) => report.split('\n', 1)[0]).join(' · ');
  void window.showInformationMessage(found, 'Apply', 'Discard').then(async (answer) => {
    if (answer === 'Apply') await apply(client, proposal);
    if (answer === 'Discard') await discard(proposal);
  });
}

async function apply(client: BaseLanguageClient, proposal: Proposal): Promise<void> {
  const { spec, version, edits } = proposal;
  const document = await workspace.openTextDocument(spec);
  if (document.version !== version) {
    const again = await window.showWarningMessage(
      'The spec has changed since it was tuned, so the proposal is of another text. Nothing was changed.',
      'Tune Again',
    );
    if (again !== 'Tune Again') return;
    await discard(proposal);
    return commands.executeCommand('weft.tune', spec.toString());
  }
  const edit = new WorkspaceEdit();
  edit.set(spec, await client.protocol2CodeConverter.asTextEdits([...edits]));
  if (!(await workspace.applyEdit(edit)))
    return void window.showErrorMessage('The editor did not let the spec be changed.');
  await discard(proposal);
  await window.showTextDocument(document);
}

/** Closes the comparison. */
async function discard({ proposal }: Proposal): Promise<void> {
  open.delete(Uri.parse(proposal).toString());
  const shown = window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(
      ({ input }) => input instanceof TabInputTextDiff && input.modified.toString() === Uri.parse(proposal).toString(),
    );
  await window.tabGroups.close(shown);
}
