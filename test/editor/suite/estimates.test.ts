import { strict as assert } from 'node:assert';
import { commands } from 'vscode';
import { behind, hintsWhen, hover, kernelLines, lenses, replace } from '../asking.ts';
import { open, openText, shown, until, write } from '../editor.ts';

suite('estimates', () => {
  test('every kernel of the example has an estimate at the end of its line', async () => {
    const { document } = await open('bert_u280.weft');
    const kernels = kernelLines(document);
    assert.equal(kernels.length, 14);
    const found = await hintsWhen(document, 'a hint on every kernel', (all) => kernels.every((line) => all.has(line)));
    for (const line of kernels) assert.match(found.get(line) ?? '', /\d DSP · .*(ms|µs) · busy \d/);
    await shown('.view-line', /kernel q .*DSP · .* ms · busy \d+%/);
  });

  test('totals and actions stand above the accelerator', async () => {
    const { document } = await open('bert_u280.weft');
    const titles = await until('code lenses', async () => {
      const all = await lenses(document);
      return all.length >= 4 && all;
    });
    assert.match(titles.join('\n'), /ms per layer · \d+ ms per model · bottleneck up/);
    assert.match(titles.join('\n'), /DSP \d+% · .*BRAM36 \d+%/);
    assert.ok(titles.includes('Export HLS') && titles.includes('Show Estimate'));
    await shown('.codelens-decoration', /ms per layer .*Export HLS/);
  });

  test('a hover shows the formula with the numbers put in', async () => {
    const { document } = await open('bert_u280.weft');
    const text = await until('a hover', async () => (await hover(document, behind(document, 'kernel u'))) || undefined);
    assert.match(text, /cycles = .*\n\s+= 64 · 96 · .*\n\s+= [\d,]+ .* ms/);
    assert.match(text, /\| DSP \| \d+ \|/);
  });

  test('the status bar shows latency and the fullest resource', async () => {
    await open('bert_u280.weft');
    await shown('.statusbar-item', /ms\/layer · slr\d \w+ \d+%/);
  });

  test('text that is in no file has estimates, too', async () => {
    const { document } = await open('bert_u280.weft');
    const untitled = await openText(document.getText());
    const kernels = kernelLines(document);
    await hintsWhen(untitled.document, 'hints', (all) => kernels.every((line) => all.has(line)));
    await commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  test('an empty file is silent', async () => {
    const { document } = await write('empty.weft', '');
    assert.deepEqual(await lenses(document), []);
    const editor = await write('soon.weft', 'accelerator a { }\n');
    await until('a lens', async () => (await lenses(editor.document)).includes('No estimate yet'));
    await replace(editor, 'accelerator a { }\n', '');
    await until('no lens', async () => (await lenses(editor.document)).length === 0);
  });
});
