import { commands, type Disposable, env, Uri, ViewColumn, window, workspace } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { type ExportParams, type ExportResult, methods, schemes } from '../server/requests.ts';
import { estimateUri, specName } from './documents.ts';
import { title as frontTitle, tuneFront } from './front.ts';
import { reached } from './progress.ts';
import { tune } from './proposals.ts';
import type { Statuses } from './status.ts';

/** Commands run on the accelerator of a code lens, or on the spec in the active editor. */
type Target = { uri: string; accelerator?: string };

export function registerCommands(client: BaseLanguageClient, statuses: Statuses, extension: Uri): Disposable[] {
  const onSpec = (name: string, action: (target: Target) => Promise<void>) =>
    commands.registerCommand(name, async (from?: string | Uri, accelerator?: string) => {
      const uri = from?.toString() ?? window.activeTextEditor?.document.uri.toString();
      if (uri === undefined) return void window.showInformationMessage('Open a Weft spec first.');
      // A context menu hands over more arguments than ours; only a lens names an accelerator.
      await action({ uri, ...(typeof accelerator === 'string' && { accelerator }) });
    });
  return [
    onSpec('weft.exportHls', async (target) => {
      const chosen = await chooseAccelerator(target, statuses, 'Weft: Export HLS');
      if (chosen) await exportHls(client, chosen);
    }),
    onSpec('weft.showEstimate', showEstimate),
    onSpec('weft.tune', (target) => tune(client, target)),
    onSpec('weft.tuneFront', async (target) => {
      const chosen = await chooseAccelerator(target, statuses, frontTitle);
      if (chosen) await tuneFront(client, chosen);
    }),
    commands.registerCommand('weft.openExample', () => openExample(extension)),
    commands.registerCommand('weft.restartServer', async () => {
      if (client.needsStop()) await client.stop(); // not after a start that failed
      await client.start();
    }),
    commands.registerCommand('weft.showLog', () => client.outputChannel.show()),
  ];
}

/** In no file: whoever keeps it says where. */
async function openExample(extension: Uri): Promise<void> {
  const file = await workspace.fs.readFile(Uri.joinPath(extension, 'examples/bert_u280.weft'));
  const content = new TextDecoder().decode(file);
  await window.showTextDocument(await workspace.openTextDocument({ language: 'weft', content }));
}

async function showEstimate({ uri, accelerator }: Target): Promise<void> {
  const document = await workspace.openTextDocument(estimateUri(uri, accelerator));
  await window.showTextDocument(document, { viewColumn: ViewColumn.Beside, preview: true, preserveFocus: true });
}

/** Asks which one, where a file has several accelerators and nothing names one. */
async function chooseAccelerator(target: Target, statuses: Statuses, title: string): Promise<Target | undefined> {
  const names = statuses.of(target.uri)?.accelerators ?? [];
  if (target.accelerator !== undefined || names.length === 0) return target;
  const accelerator =
    names.length === 1 ? names[0] : await window.showQuickPick(names, { title, placeHolder: 'Which accelerator?' });
  return accelerator === undefined ? undefined : { ...target, accelerator };
}

async function exportHls(client: BaseLanguageClient, target: Target): Promise<void> {
  if (!workspace.isTrusted)
    return void window.showWarningMessage('Weft: Export HLS writes files, so it asks for a trusted workspace.');
  const folder = await chooseFolder(target);
  if (!folder) return;
  await exportTo(client, { ...target, folder: folder.toString() });
}

/** A folder beside the spec, named after the accelerator, unless the setting or the person says otherwise. */
async function chooseFolder({ uri, accelerator }: Target): Promise<Uri | undefined> {
  const spec = Uri.parse(uri);
  const setting = workspace.getConfiguration('weft', spec).get<string>('exportFolder', '');
  const name = accelerator ?? specName(spec);
  const home =
    workspace.getWorkspaceFolder(spec)?.uri ?? (spec.scheme === 'untitled' ? undefined : Uri.joinPath(spec, '..'));
  if (setting !== '' && home) return Uri.joinPath(home, setting, name);
  return pickFolder({ uri, ...(accelerator !== undefined && { accelerator }) }, home);
}

async function pickFolder({ uri, accelerator }: Target, home: Uri | undefined): Promise<Uri | undefined> {
  const name = accelerator ?? specName(Uri.parse(uri));
  const chosen = await window.showOpenDialog({
    title: 'Weft: Export HLS',
    openLabel: `Export into ${name}_hls here`,
    canSelectFiles: false,
    canSelectFolders: true,
    ...(home && { defaultUri: home }),
  });
  return chosen?.[0] && Uri.joinPath(chosen[0], `${name}_hls`);
}

async function exportTo(client: BaseLanguageClient, params: ExportParams): Promise<void> {
  const result = await client.sendRequest<ExportResult>(methods.exportHls, params);
  switch (result.kind) {
    case 'refused':
      await window.showErrorMessage(`Not exported. ${result.reasons.join(' ')}`);
      return;
    case 'ask':
      return askAboutEdits(client, params, result.edited);
    case 'foreign':
      return askAboutFolder(client, params, result.holds);
    case 'written':
      return tellOfExport(result);
  }
}

/** The folder is somebody else's: nothing goes between other people's files unasked. */
async function askAboutFolder(client: BaseLanguageClient, params: ExportParams, holds: string): Promise<void> {
  const folder = workspace.asRelativePath(Uri.parse(params.folder));
  const answer = await window.showWarningMessage(
    `${folder} is not empty, and no export of Weft’s is in it. Nothing is written yet.`,
    { modal: true, detail: `It holds ${holds}.` },
    'Add the Project to It',
    'Choose Another Folder',
  );
  if (answer === 'Add the Project to It') await exportTo(client, { ...params, add: true });
  if (answer === 'Choose Another Folder') {
    const chosen = await pickFolder(params, Uri.joinPath(Uri.parse(params.folder), '..'));
    if (chosen) await exportTo(client, { ...params, folder: chosen.toString() });
  }
}

async function askAboutEdits(
  client: BaseLanguageClient,
  params: ExportParams,
  edited: readonly string[],
): Promise<void> {
  const answer = await window.showWarningMessage(
    `${edited.length} ${edited.length === 1 ? 'file was' : 'files were'} changed since the last export. Nothing is written yet.`,
    { modal: true, detail: edited.join('\n') },
    'Show Changes',
    'Keep My Files',
    'Overwrite',
  );
  if (answer === 'Show Changes') await showEdits(params, edited);
  if (answer === 'Keep My Files') await exportTo(client, { ...params, keep: true });
  if (answer === 'Overwrite') await exportTo(client, { ...params, overwrite: edited });
}

/** What the export would write beside what is there; the person edits the latter, or exports again. */
async function showEdits({ uri, accelerator, folder }: ExportParams, edited: readonly string[]): Promise<void> {
  for (const path of edited) {
    const fragment = accelerator === undefined ? {} : { fragment: accelerator };
    const wanted = Uri.from({ scheme: schemes.exported, path: `/${path}`, query: uri, ...fragment });
    const own = Uri.joinPath(Uri.parse(folder), path);
    await commands.executeCommand('vscode.diff', wanted, own, `${path}: as exported ↔ as you changed it`, {
      preview: false,
    });
  }
}

async function tellOfExport({ folder, files, kept }: Extract<ExportResult, { kind: 'written' }>): Promise<void> {
  reached('exported');
  const path = Uri.parse(folder);
  const note = kept.length > 0 ? `, ${kept.length} kept as you changed them` : '';
  const local = path.scheme === 'file'; // a terminal can be opened there
  const answer = await window.showInformationMessage(
    `${files} files written to ${workspace.asRelativePath(path)}${note}. Simulate with: make csim`,
    ...(local ? ['Simulate'] : []),
    'Open README',
    'Copy Path',
  );
  if (answer === 'Simulate') simulate(path);
  if (answer === 'Open README') await commands.executeCommand('markdown.showPreview', Uri.joinPath(path, 'README.md'));
  if (answer === 'Copy Path') await env.clipboard.writeText(local ? path.fsPath : path.toString());
}

function simulate(folder: Uri): void {
  const terminal = window.createTerminal({ name: 'Weft: csim', cwd: folder });
  terminal.show();
  terminal.sendText('make csim');
}
