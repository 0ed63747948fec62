import { strict as assert } from 'node:assert';
import {
  ConfigurationTarget,
  commands,
  type SymbolInformation,
  type TextDocument,
  Uri,
  type WorkspaceEdit,
  window,
  workspace,
} from 'vscode';
import { behind, definition, diagnostic, hintsWhen, replace } from '../asking.ts';
import { screenshot, until } from '../editor.ts';

const model = `/// Two products.
model small(hidden) {
  input x : [tokens, hidden]
  up = linear(x, hidden)
  act = gelu(up)
  output act
}
`;
const design = (name: string) => `import "../models/small.weft"
accelerator ${name} {
  device u280
  model  small(hidden: 64)
  phase  forward(tokens: 16)
  kernel up   array 4 x 4
  kernel act  lanes 4
}
`;

const folder = (name: string): Uri => workspace.workspaceFolders!.find((one) => one.name === name)!.uri;

async function exists(uri: Uri): Promise<boolean> {
  return workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}

async function written(where: string, name: string, text: string): Promise<TextDocument> {
  const uri = Uri.joinPath(folder(where), name);
  await workspace.fs.writeFile(uri, Buffer.from(text));
  return workspace.openTextDocument(uri);
}

suite('a window of two folders', () => {
  let models: TextDocument;
  let designs: TextDocument;

  suiteSetup(async () => {
    assert.deepEqual(
      workspace.workspaceFolders?.map(({ name }) => name),
      ['models', 'designs'],
    );
    models = await written('models', 'small.weft', model);
    designs = await written('designs', 'one.weft', design('one'));
    await window.showTextDocument(designs);
    await hintsWhen(designs, 'hints of the second folder', (all) => all.size >= 2);
  });

  test('a spec of one imports from the other, follows its edits, and jumps there', async () => {
    const found = await definition(designs, behind(designs, 'model  sma'));
    assert.equal(found?.targetUri.path, models.uri.path);
    const editor = await window.showTextDocument(models);
    await replace(editor, 'linear(x, hidden)', 'linear(x, wide)');
    await diagnostic(models, 'unknown-name');
    await replace(editor, 'linear(x, wide)', 'linear(x, hidden)');
    await window.showTextDocument(designs);
    await hintsWhen(designs, 'hints again', (all) => all.size >= 2);
    await screenshot('two-folders');
  });

  test('symbols of both are found, those of files that nobody has opened too', async () => {
    const names = async (query: string): Promise<string[]> => {
      const all = await commands.executeCommand<SymbolInformation[]>('vscode.executeWorkspaceSymbolProvider', query);
      return all.map(({ name, location }) => `${name} ${location.uri.path.split('/').at(-2)}`);
    };
    await until('the model of the first', async () => (await names('small')).includes('small models'));
    await until('the accelerator of the second', async () =>
      (await names('never_opened')).includes('never_opened designs'),
    );
  });

  test('a name of one folder is renamed in the specs of both', async () => {
    const command = 'vscode.executeDocumentRenameProvider';
    const at = behind(designs, 'model  sma');
    const edit = await commands.executeCommand<WorkspaceEdit>(command, designs.uri, at, 'tiny');
    assert.equal(edit.size, 2);
    assert.ok(await workspace.applyEdit(edit));
    assert.match(models.getText(), /^model tiny\(hidden\)/m);
    assert.match(designs.getText(), /^ {2}model +tiny\(hidden: 64\)/m);
    await hintsWhen(designs, 'hints under the new name', (all) => all.size >= 2);
    const back = await commands.executeCommand<WorkspaceEdit>(
      command,
      designs.uri,
      behind(designs, 'model  ti'),
      'small',
    );
    assert.ok(await workspace.applyEdit(back));
    assert.equal(models.getText(), model);
  });

  test('a setting of one folder is not that of the other', async () => {
    const other = await written('models', 'two.weft', design('two').replace('../models/', ''));
    await window.showTextDocument(other);
    await hintsWhen(other, 'hints of the first folder', (all) => all.size >= 2);
    const settings = workspace.getConfiguration('weft', folder('models'));
    await settings.update('inlayHints', 'off', ConfigurationTarget.WorkspaceFolder);
    await hintsWhen(other, 'no hints where they are off', (all) => all.size === 0);
    await window.showTextDocument(designs);
    await hintsWhen(designs, 'hints where they are on', (all) => all.size >= 2);
    await settings.update('inlayHints', undefined, ConfigurationTarget.WorkspaceFolder);
    await hintsWhen(other, 'hints once more', (all) => all.size >= 2);
  });

  test('Export HLS writes below the folder of its spec', async () => {
    const settings = workspace.getConfiguration('weft');
    await settings.update('exportFolder', 'out', ConfigurationTarget.Workspace);
    await window.showTextDocument(designs);
    void commands.executeCommand('weft.exportHls');
    const made = Uri.joinPath(folder('designs'), 'out/one/Makefile');
    await until('a Makefile', async () => exists(made));
    const there = await workspace.fs.readDirectory(folder('models'));
    assert.ok(!there.some(([name]) => name === 'out'));
    await commands.executeCommand('notifications.clearAll');
  });
});
