import { strict as assert } from 'node:assert';
import { commands, workspace } from 'vscode';
import { behind, hintsWhen, hover, lenses } from '../asking.ts';
import { file, notified, open, screenshot, until, weft } from '../editor.ts';

suite('a workspace that nobody trusts', () => {
  test('has its estimates: hints, lenses, hovers', async () => {
    assert.equal(workspace.isTrusted, false);
    const { document } = await open('bert_u280.weft');
    await until('the extension is active', () => weft().isActive);
    await hintsWhen(document, 'hints', (all) => [...all.values()].some((text) => /DSP/.test(text)));
    await until('lenses', async () => (await lenses(document)).length > 0);
    assert.match(await hover(document, behind(document, 'kernel q')), /DSP/);
    await screenshot('untrusted');
  });

  test('Export HLS writes nothing, and says what it asks for', async () => {
    await open('bert_u280.weft');
    await workspace.getConfiguration('weft').update('exportFolder', 'out');
    void commands.executeCommand('weft.exportHls');
    await notified(/Export HLS writes files, so it asks for a trusted workspace/);
    const there = await workspace.fs.stat(file('out')).then(
      () => true,
      () => false,
    );
    assert.equal(there, false);
    await commands.executeCommand('notifications.clearAll');
  });

  test('Show Estimate opens the report, which is no file', async () => {
    await open('bert_u280.weft');
    await commands.executeCommand('weft.showEstimate');
    const report = await until('the report', () =>
      workspace.textDocuments.find(({ uri }) => uri.scheme === 'weft-estimate'),
    );
    assert.match(report.getText(), /bert_u280: bert_base[\s\S]*Per model/);
  });
});
