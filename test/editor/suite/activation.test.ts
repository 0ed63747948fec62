import { strict as assert } from 'node:assert';
import { commands } from 'vscode';
import { open, screenshot, shown, until, weft, windowAnswers, write } from '../editor.ts';

suite('activation', () => {
  test('a .weft file activates the packaged extension', async () => {
    const { document } = await open('bert_u280.weft');
    assert.equal(document.languageId, 'weft');
    await until('the extension is active', () => weft().isActive);
    assert.match(weft().extensionPath, /weft\.weft-\d/, 'installed from the .vsix, not the checkout');
  });

  test('every command of the palette has something behind it', async () => {
    await open('bert_u280.weft');
    for (const { command } of weft().packageJSON.contributes.commands as { command: string }[])
      await until(command, async () => (await commands.getCommands(true)).includes(command));
  });

  test('the grammar colours a spec', async () => {
    await write('colours.weft', 'let clock = 245 MHz // why\n');
    const keyword = await shown('.view-line span span', /^let$/);
    const quantity = await shown('.view-line span span', /^245/);
    const comment = await shown('.view-line span span', /why$/);
    const colors = [keyword, quantity, comment].map((element) => element?.color);
    if (windowAnswers) assert.equal(new Set(colors).size, 3, `all different: ${colors}`);
    await screenshot('colours');
  });
});
