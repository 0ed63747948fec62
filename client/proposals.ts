/** *Weft: Tune*: what the tuner proposes, beside the spec, until a person applies or discards it. */
import { commands, type Disposable, TabInputTextDiff, Uri, WorkspaceEdit, window, workspace } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { methods, schemes, type TunedText, type TuneParams, type TuneResult } from '../server/requests.ts';
import { specName } from './documents.ts';

export interface Proposal extends TunedText {
  readonly spec: Uri;
  /** Of the spec that it was made of. */
  readonly version: number | null;
  /** Runs the tuner once more, on the spec as it has become. */
  again(): Promise<void>;
}

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

export async function tune(client: BaseLanguageClient, params: TuneParams): Promise<void> {
  const result = await found(client, params);
  if (result?.kind !== 'tuned') return;
  const message = result.reports.map((report) => report.split('\n', 1)[0]).join(' · ');
  const again = () => tune(client, params);
  await compare(client, { ...result, spec: Uri.parse(params.uri), again }, 'tuned', message);
}

/** The progress, with its *Cancel*, is the server's; why nothing was found is said. */
export async function found(client: BaseLanguageClient, params: TuneParams): Promise<TuneResult | undefined> {
  const result = await client.sendRequest<TuneResult>(methods.tune, params);
  if (result.kind === 'none') void window.showInformationMessage(`Not tuned. ${result.reasons.join(' ')}`);
  return result.kind === 'none' || result.kind === 'cancelled' ? undefined : result;
}

/**
 * Shows it beside the spec, and asks.
 * @param name what it is called in the title
 * @param more further answers, and what they do
 */
export async function compare(
  client: BaseLanguageClient,
  proposal: Proposal,
  name: string,
  message: string,
  more: Readonly<Record<string, () => Promise<void>>> = {},
): Promise<void> {
  const { spec } = proposal;
  const document = Uri.parse(proposal.proposal);
  open.set(document.toString(), proposal);
  await commands.executeCommand('vscode.diff', spec, document, `${specName(spec)}: as it is ↔ ${name}`, {
    preview: false,
  });
  const answers: Readonly<Record<string, () => Promise<void>>> = {
    Apply: () => apply(client, proposal),
    Discard: () => discard(proposal),
    ...more,
  };
  void window
    .showInformationMessage(message, ...Object.keys(answers))
    .then((answer) => (answer === undefined ? undefined : answers[answer]?.()));
}

async function apply(client: BaseLanguageClient, proposal: Proposal): Promise<void> {
  const { spec, version, edits, again } = proposal;
  const document = await workspace.openTextDocument(spec);
  if (document.version !== version) {
    const answer = await window.showWarningMessage(
      'The spec has changed since it was tuned, so the proposal is of another text. Nothing was changed.',
      'Tune Again',
    );
    if (answer !== 'Tune Again') return;
    await discard(proposal);
    return again();
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
