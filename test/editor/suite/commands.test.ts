import { strict as assert } from 'node:assert';
import { commands, FileType, window, workspace } from 'vscode';
import { hintsWhen, lenses, replace } from '../asking.ts';
import { file, notified, open, screenshot, shown, until, write } from '../editor.ts';

async function exists(name: string): Promise<boolean> {
  return workspace.fs.stat(file(name)).then(
    () => true,
    () => false,
  );
}

suite('commands', () => {
  test('Export HLS writes a project into the folder of the setting', async () => {
    const { document } = await open('bert_u280.weft');
    await hintsWhen(document, 'hints', (all) => all.size > 0);
    await workspace.getConfiguration('weft').update('exportFolder', 'out');
    void commands.executeCommand('weft.exportHls');
    await until('a Makefile', () => exists('out/bert_u280/Makefile'), 60_000);
    await until('a README', () => exists('out/bert_u280/README.md'));
    const sources = await workspace.fs.readDirectory(file('out/bert_u280/src'));
    assert.ok(sources.some(([name, type]) => type === FileType.File && name.endsWith('.cpp')));
    await notified(/files written to out\/bert_u280/);
    await screenshot('exported');
    await commands.executeCommand('notifications.clearAll');
  });

  test('Export HLS of a spec with holes says why not', async () => {
    const text =
      'accelerator a {\n  device u280\n  model bert_base\n  phase forward(tokens: 128)\n  kernel upp lanes 8\n}\n';
    const { document } = await write('holes.weft', text);
    await hintsWhen(document, 'hints', () => true);
    void commands.executeCommand('weft.exportHls');
    await notified(/Not exported.*unknown-name/);
    await commands.executeCommand('notifications.clearAll');
  });

  test('Show Estimate opens a read-only report that follows the spec', async () => {
    const original = await open('bert_u280.weft');
    const editor = await write('report.weft', original.document.getText());
    await hintsWhen(editor.document, 'hints', (all) => all.size > 0);
    await commands.executeCommand('weft.showEstimate');
    const report = await until('the report', () =>
      workspace.textDocuments.find(({ uri }) => uri.scheme === 'weft-estimate'),
    );
    assert.match(report.getText(), /bert_u280: bert_base[\s\S]*Per model/);
    await screenshot('report');
    await replace(editor, 'at 245 MHz', 'at 200 MHz');
    await until('the report of the new clock', () => /200 MHz/.test(report.getText()));
    assert.ok(!report.isDirty);
    await commands.executeCommand('workbench.action.closeAllEditors');
  });

  test('Restart Server: the estimates come back', async () => {
    const { document } = await open('bert_u280.weft');
    await hintsWhen(document, 'hints', (all) => all.size > 0);
    await commands.executeCommand('weft.restartServer');
    await hintsWhen(document, 'hints again', (all) => all.size > 0);
    await until('lenses again', async () => (await lenses(document)).length > 0);
  });

  test('Show Log opens the log', async () => {
    await open('bert_u280.weft');
    await commands.executeCommand('weft.showLog');
    await shown('.pane-body, .panel .title, .output-view', /Weft|/);
    assert.ok(window.visibleTextEditors.length > 0);
    await commands.executeCommand('workbench.action.closePanel');
  });
});
