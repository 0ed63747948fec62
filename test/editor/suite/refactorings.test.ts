// Refactorings as a person takes them: from the light bulb, into the text, and back by undo.
import { strict as assert } from 'node:assert';
import { commands } from 'vscode';
import { behind, hintsWhen, kernelLines, refactor } from '../asking.ts';
import { write } from '../editor.ts';

const spec = `accelerator a {
  device    u280 at 245 MHz
  model     bert_base
  phase     forward(tokens: 512)
  precision W4A8
  kernel gemm : q, k, up + act array 8 x 16 pack 2 lanes 8 weights hbm[4] on slr0 // one for all
  kernel down array auto x 16 // wide
  stream gemm -> down 8 x int8
}
`;

async function ready(name: string) {
  const { document } = await write(name, spec);
  await hintsWhen(document, 'hints', (all) => all.size > 0);
  return document;
}

suite('refactorings', () => {
  test('auto values of a kernel become those that its hint shows, and undo takes them back', async () => {
    const document = await ready('explicit.weft');
    const at = behind(document, 'kernel do');
    await refactor(document, at, /^Make auto values of ‘down’ explicit$/);
    assert.match(document.getText(), /kernel down +array \d+ x 16 .*weights hbm\[\d+\].* \/\/ wide\n/);
    assert.match(document.getText(), /kernel gemm : q, k, up \+ act array/);
    await commands.executeCommand('undo');
    assert.equal(document.getText(), spec);
  });

  test('a kernel of several operators becomes a kernel for each, its streams follow, and each is priced', async () => {
    const document = await ready('split.weft');
    await refactor(document, behind(document, 'kernel ge'), /^Split ‘gemm’ per operator$/);
    const text = document.getText();
    for (const name of ['q', 'k', 'up']) assert.match(text, new RegExp(`kernel ${name} .*array 8 x 16 .*hbm\\[4\\]`));
    assert.match(text, /kernel act +lanes 8 /);
    assert.match(text, /stream act -> down/);
    assert.doesNotMatch(text, /gemm/);
    assert.match(text, /\/\/ one for all/);
    await hintsWhen(document, 'a hint of each kernel', (all) => kernelLines(document).every((line) => all.has(line)));
    assert.equal(kernelLines(document).length, 5);
  });
});
