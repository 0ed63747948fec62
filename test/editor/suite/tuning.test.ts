import { strict as assert } from 'node:assert';
import { commands, DiagnosticSeverity, TabInputTextDiff, type Uri, window, workspace } from 'vscode';
import { diagnostics, hints, hintsWhen, lenses, replace } from '../asking.ts';
import { notified, screenshot, shown, until, write } from '../editor.ts';

const spec = (hidden: number) => `model ffn {
  input x : [tokens, ${hidden}]
  up   = linear(x, ${4 * hidden})
  act  = gelu(up)
  down = linear(act, ${hidden})
  output down
}
accelerator open_ffn {
  device    u280 at 245 MHz
  model     ffn
  phase     forward(tokens: 64)
  precision W4A8
}
`;

/** The right side of the comparison that is shown. */
const comparison = (): Uri | undefined =>
  window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .flatMap(({ input }) => (input instanceof TabInputTextDiff ? [input.modified] : []))
    .find(({ scheme }) => scheme === 'weft-tuned');

/** Starts the tuner, and waits for its proposal. */
async function tune(): Promise<Uri> {
  void commands.executeCommand('weft.tune');
  return until('the comparison', comparison, 50_000);
}

suite('Tune', () => {
  teardown(async () => {
    await commands.executeCommand('notifications.clearAll');
    await commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await commands.executeCommand('workbench.action.closeAllEditors');
  });

  test('stays live meanwhile, ends in a comparison, and Apply writes it into the spec', async () => {
    const { document } = await write('open.weft', spec(768));
    await until('the lens', async () => (await lenses(document)).includes('Tune'));
    void commands.executeCommand('weft.tune');
    // Both at once: on a quiet machine the tuner is done before one after the other is looked for.
    const seen = async () => {
      await notified(/Cancel.*Weft: Tune: (reading the spec|options with|the best with)/, '.notification-list-item');
    };
    const answered = async () => {
      await hints(document);
      assert.equal(comparison(), undefined, 'it was answered for only when the tuner was done');
    };
    await Promise.all([seen(), answered()]);
    const proposal = await until('the comparison', comparison, 50_000);
    assert.ok(!document.isDirty, 'nothing is changed before a person says so');
    await notified(/open_ffn: .* a layer, .* less/);
    const tuned = await workspace.openTextDocument(proposal);
    assert.match(tuned.getText(), /kernel up +array \d+ x \d+/);
    await hintsWhen(tuned, 'the proposal is priced', (all) => all.size > 0);
    const errors = diagnostics(proposal).filter(({ severity }) => severity === DiagnosticSeverity.Error);
    assert.deepEqual(errors, []);
    await screenshot('tuned');
    await commands.executeCommand('weft.applyTuned', proposal);
    assert.equal(document.getText(), tuned.getText());
    await until('the comparison closed', () => comparison() === undefined);
    await commands.executeCommand('undo');
    assert.equal(document.getText(), spec(768), 'one step back');
  });

  test('a front: what is held against latency is asked, the points are listed, one opens, and Apply writes it', async () => {
    const { document } = await write('front.weft', spec(64));
    await hintsWhen(document, 'an answer', () => true);
    const accept = () => commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    void commands.executeCommand('weft.tuneFront');
    await shown('.quick-input-list .label-name', /^Latency against DSP$/);
    await accept();
    await shown('.quick-input-list .label-name', /^[\d.]+ µs · [\d,]+ DSP$/);
    await shown('.quick-input-list', /\d+% of the latency and \d+% of the DSP of the first/);
    await screenshot('front');
    await commands.executeCommand('workbench.action.quickOpenSelectNext');
    // Desktop VS Code does not say what it lists: there the first of each list is taken when it is there.
    const acceptedOne = async () => {
      await accept();
      return comparison();
    };
    const proposal = await until('the comparison', acceptedOne, 50_000);
    await notified(/^open_ffn: [\d.]+ µs · [\d,]+ DSP$/);
    await shown('.notification-list-item-buttons-container', /Apply.*Discard.*Other Points/);
    const tuned = await workspace.openTextDocument(proposal);
    assert.match(tuned.getText(), /kernel up +array \d+ x \d+/);
    assert.equal(document.getText(), spec(64), 'nothing is changed before a person says so');
    await commands.executeCommand('weft.applyTuned', proposal);
    assert.equal(document.getText(), tuned.getText());
    await until('the comparison closed', () => comparison() === undefined);
  });

  test('Discard leaves the spec as it is; a proposal of another text is not applied', async () => {
    const editor = await write('changed.weft', spec(64));
    await hintsWhen(editor.document, 'an answer', () => true);
    const proposal = await tune();
    await replace(editor, '245 MHz', '200 MHz');
    void commands.executeCommand('weft.applyTuned', proposal);
    await notified(/The spec has changed since it was tuned/);
    assert.ok(!editor.document.getText().includes('kernel'));
    await commands.executeCommand('weft.discardTuned', proposal);
    await until('the comparison closed', () => comparison() === undefined);
    assert.ok(!editor.document.getText().includes('kernel'));
  });
});
