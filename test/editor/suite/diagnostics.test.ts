import { strict as assert } from 'node:assert';
import { commands, DiagnosticSeverity, TabInputWebview, type Uri, window, workspace } from 'vscode';
import { codeOf, diagnostic, diagnostics, fixes, hintsWhen, kernelLines, replace } from '../asking.ts';
import { file, open, screenshot, shown, until, write } from '../editor.ts';

/** The example under another name, as each test leaves it. */
async function copy(name: string) {
  const { document } = await open('bert_u280.weft');
  const editor = await write(name, document.getText());
  await hintsWhen(editor.document, 'hints', (all) => all.size > 0);
  return editor;
}

suite('diagnostics', () => {
  test('array 64 x 64 is red on its line, with the biggest users, and a quick fix that brings it back', async () => {
    const editor = await copy('too-large.weft');
    const { document } = editor;
    await replace(editor, 'up      array 8 x 16', 'up      array 64 x 64');
    const found = await diagnostic(document, 'dsp-oversubscribed');
    assert.equal(found.severity, DiagnosticSeverity.Error);
    assert.match(document.lineAt(found.range.start).text, /kernel up/);
    assert.match(found.message, /slr2 .*DSP of 3,072.*too many/);
    assert.ok((found.relatedInformation?.length ?? 0) >= 2, 'the biggest users');
    await shown('.squiggly-error', /^/);
    await screenshot('dsp-oversubscribed');
    const [fix] = (await fixes(document, found)).filter(({ isPreferred }) => isPreferred);
    assert.ok(fix?.edit, 'a quick fix');
    assert.ok(await workspace.applyEdit(fix.edit));
    await until('no red line', () => diagnostics(document.uri).every((one) => codeOf(one) !== 'dsp-oversubscribed'));
  });

  test('three kernels on one HBM channel: by how much, and what waits', async () => {
    const editor = await copy('one-channel.weft');
    for (const [name, channel] of ['q 3', 'k 1', 'v 2'].map((one) => one.split(' ')))
      await replace(
        editor,
        `kernel ${name}       array 8 x 16  weights hbm[${channel}]`,
        `kernel ${name}       array 8 x 32  weights hbm[1]`,
      );
    const message = await until('the message about three kernels', () =>
      diagnostics(editor.document.uri)
        .filter((one) => codeOf(one) === 'hbm-channel-bandwidth')
        .map((one) => one.message)
        .find((one) => /‘v’/.test(one)),
    );
    assert.match(message, /hbm\[1\].*23\.5( GB\/s)? of 14\.4 GB\/s/);
    assert.match(message, /‘q’.*‘k’.*‘v’.*wait/);
    await hintsWhen(editor.document, 'who waits', (all) => /waits for hbm\[1\]/.test([...all.values()].join()));
    await screenshot('one-channel');
  });

  test('a broken line has one error, and the rest keeps its estimates', async () => {
    const slips: [string, string][] = [
      ['array 8 x 8           cache uram double\n    kernel softmax', 'array 8 x \n    kernel softmax'],
      ['kernel softmax lanes 8', 'kernel softmax § $$ lanes 8'],
      ['kernel softmax', 'kernel sofmax'],
      ['at 245 MHz', 'at 245 GB/s'],
      ['up      array 8 x 16', 'up      array 0 x 8'],
      ['up      array 8 x 16', 'up      array 2.5 x 8'],
    ];
    for (const [index, [before, after]] of slips.entries()) {
      const editor = await copy(`slip-${index}.weft`);
      const { document } = editor;
      await replace(editor, before, after);
      const errors = await until(`an error for ${after}`, () => {
        const all = diagnostics(document.uri).filter(({ severity }) => severity === DiagnosticSeverity.Error);
        return all.length > 0 && all;
      });
      assert.equal(errors.length, 1, `${after}: ${errors.map(({ message }) => message).join(' | ')}`);
      const rest = kernelLines(document).length - 1;
      await hintsWhen(document, `hints of the rest for ${after}`, (all) => {
        const kernels = kernelLines(document).filter((line) => /ms|µs/.test(all.get(line) ?? ''));
        return kernels.length >= rest;
      });
    }
    await screenshot('broken-line');
  });

  test('the code of a diagnostic opens its page', async () => {
    const editor = await copy('page.weft');
    await replace(editor, 'up      array 8 x 16', 'up      array 64 x 64');
    const { code } = await diagnostic(editor.document, 'dsp-oversubscribed');
    assert.ok(typeof code === 'object');
    await commands.executeCommand('vscode.open', code.target); // what a click on the code does
    const page = () => window.tabGroups.activeTabGroup.activeTab;
    await until('the page', () => /dsp-oversubscribed/.test(page()?.label ?? ''));
    await new Promise((resolve) => setTimeout(resolve, 1500)); // a webview has no event for its first paint
    await screenshot('page');
    const text = await workspace.openTextDocument(code.target as Uri);
    assert.match(text.getText(), /# dsp-oversubscribed[\s\S]*```weft/);
    assert.ok(!(page()?.input instanceof TabInputWebview));
  });

  test('an import is read from disk, and again when the file changes', async () => {
    await workspace.fs.writeFile(file('cards.weft'), Buffer.from('let rows = 8\n'));
    const { document } = await write('imports.weft', 'import "cards.weft"\nlet half = rows / 2\n');
    await until('no diagnostics', () => diagnostics(document.uri).length === 0);
    await workspace.fs.writeFile(file('cards.weft'), Buffer.from('let columns = 8\n'));
    await diagnostic(document, 'unknown-name');
  });
});
