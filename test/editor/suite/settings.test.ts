import { strict as assert } from 'node:assert';
import {
  ConfigurationTarget,
  commands,
  DiagnosticSeverity,
  languages,
  Selection,
  Uri,
  window,
  workspace,
} from 'vscode';
import { behind, codeOf, diagnostics, hints, hintsWhen, lenses, replace } from '../asking.ts';
import { notified, open, screenshot, shown, until, weft, write } from '../editor.ts';

const set = (section: string, value: unknown) =>
  workspace.getConfiguration().update(section, value, ConfigurationTarget.Workspace);

suite('settings', () => {
  test('each has a type, a default and a description', () => {
    const { properties } = weft().packageJSON.contributes.configuration;
    for (const [name, setting] of Object.entries<Record<string, unknown>>(properties)) {
      assert.match(name, /^weft\./);
      assert.ok(typeof setting.type === 'string' && 'default' in setting, name);
      assert.match(String(setting.markdownDescription ?? setting.description), /\.$/, name);
      if (Array.isArray(setting.enum))
        assert.ok(
          'enumDescriptions' in setting === false ||
            (setting.enumDescriptions as unknown[]).length === setting.enum.length,
          name,
        );
    }
  });

  test('hints are full, compact or off, at once', async () => {
    const { document } = await open('bert_u280.weft');
    await hintsWhen(document, 'full', (all) => [...all.values()].some((text) => /DSP/.test(text)));
    await set('weft.inlayHints', 'compact');
    await hintsWhen(document, 'compact', (all) => {
      const texts = [...all.values()];
      return texts.length > 0 && texts.every((text) => /(ms|µs) · /.test(text) && !/DSP/.test(text));
    });
    await screenshot('hints-compact');
    await set('weft.inlayHints', 'off');
    await hintsWhen(document, 'none', (all) => all.size === 0);
    await set('weft.inlayHints', undefined);
    await hintsWhen(document, 'full again', (all) => [...all.values()].some((text) => /DSP/.test(text)));
  });

  test('lenses can be off', async () => {
    const { document } = await open('bert_u280.weft');
    await until('lenses', async () => (await lenses(document)).length > 0);
    await set('weft.codeLens', false);
    await until('no lenses', async () => (await lenses(document)).length === 0);
    await set('weft.codeLens', undefined);
    await until('lenses again', async () => (await lenses(document)).length > 0);
  });

  test('a rule is as loud as is set, and back', async () => {
    const original = await open('bert_u280.weft');
    const { document } = await write(
      'loud.weft',
      original.document.getText().replace('q       array 8 x 16', 'q array 8 x 20'),
    );
    const severity = async (value: unknown, expected: DiagnosticSeverity | undefined) => {
      await set('weft.rules', value);
      const found = () => diagnostics(document.uri).find((one) => codeOf(one) === 'array-does-not-divide')?.severity;
      await until(`it as ${expected}`, () => found() === expected);
    };
    await severity(undefined, DiagnosticSeverity.Warning);
    await severity({ 'array-does-not-divide': 'error' }, DiagnosticSeverity.Error);
    await severity({ 'array-does-not-divide': 'off' }, undefined);
    await severity(undefined, DiagnosticSeverity.Warning);
  });

  test('a file is formatted when it is saved, where that is set', async () => {
    const editor = await write('on-save.weft', 'accelerator a {\n  device    u280\n  model     bert_base\n}\n');
    await set('editor.formatOnSave', true);
    await replace(editor, '  device    u280', 'device u280');
    await editor.document.save();
    await until('the one layout', () => /^ {2}device +u280$/m.test(editor.document.getText()));
    await set('editor.formatOnSave', undefined);
  });

  test('an untrusted or virtual workspace keeps its estimates', () => {
    const { capabilities } = weft().packageJSON;
    assert.equal(capabilities.untrustedWorkspaces.supported, 'limited');
    assert.match(capabilities.untrustedWorkspaces.description, /Export HLS/);
    assert.equal(capabilities.virtualWorkspaces, true);
    assert.ok(workspace.isTrusted);
  });
});

suite('typing', () => {
  test('a documentation line goes on, a comment that is broken goes on, a block indents', async () => {
    const editor = await write('typing.weft', '/// Weights\n// what routing must keep\naccelerator a {');
    const { document } = editor;
    const enter = async (text: string) => {
      const at = behind(document, text);
      editor.selection = new Selection(at, at);
      await commands.executeCommand('type', { text: '\n' });
    };
    // What was typed is in the document when the window has told so, which may be after the command has ended.
    const line = (number: number, text: RegExp) =>
      until(`${text} in line ${number}`, () => number < document.lineCount && text.test(document.lineAt(number).text));
    await enter('/// Weights');
    await line(1, /^\/\/\/ $/);
    await enter('// what routing');
    await line(3, /^\/\/ +must keep$/);
    await enter('accelerator a {');
    await line(5, /^ {2}$/);
  });
});

suite('language configuration', () => {
  test('a bracket brings its other half, a line is commented and back, a snippet has places to fill', async () => {
    const { document } = await write('configuration.weft', '\nlet a = 1\n');
    await commands.executeCommand('cursorTop');
    await commands.executeCommand('type', { text: 'model m(' });
    assert.equal(document.lineAt(0).text, 'model m()');
    await commands.executeCommand('cursorDown');
    await commands.executeCommand('editor.action.commentLine');
    assert.equal(document.lineAt(1).text, '// let a = 1');
    await commands.executeCommand('editor.action.commentLine');
    assert.equal(document.lineAt(1).text, 'let a = 1');
    await commands.executeCommand('cursorBottom');
    await commands.executeCommand('editor.action.insertSnippet', { langId: 'weft', name: 'Accelerator' });
    await commands.executeCommand('type', { text: 'mine' });
    await commands.executeCommand('jumpToNextSnippetPlaceholder');
    await commands.executeCommand('type', { text: 'u50' });
    assert.match(document.getText(), /^accelerator mine \{\n {2}device +u50 at 245 MHz\n/m);
  });
});

suite('walkthrough', () => {
  test('each step has a picture or a page that is there, and is done by something that happens', async () => {
    const [walkthrough] = weft().packageJSON.contributes.walkthroughs;
    assert.ok(walkthrough.steps.length >= 5);
    for (const { id, media, completionEvents } of walkthrough.steps) {
      const page = Uri.joinPath(weft().extensionUri, media.markdown);
      assert.match(Buffer.from(await workspace.fs.readFile(page)).toString(), /^## /, id);
      for (const event of completionEvents)
        assert.match(event, /^(onContext:weft\.(priced|repriced|mended|exported) == (tick|tock)|onCommand:weft\.\w+)$/);
    }
  });

  test('the example opens and is priced, goes red and is mended, is exported: each step of it is ticked', async () => {
    await commands.executeCommand('workbench.action.closeAllEditors');
    await commands.executeCommand('workbench.action.openWalkthrough', 'weft.weft#start', false);
    await shown('.getting-started-step', /Price a Spec/);
    await new Promise((resolve) => setTimeout(resolve, 2000)); // its page is a webview, which has no event for its first paint
    await screenshot('walkthrough');
    await commands.executeCommand('weft.openExample');
    const editor = await until('the example', () => {
      const active = window.activeTextEditor;
      return active?.document.languageId === 'weft' && active;
    });
    assert.ok(editor.document.isUntitled && languages.match({ language: 'weft' }, editor.document));
    await hintsWhen(editor.document, 'hints', (all) => all.size > 0);
    assert.equal((await hints(editor.document)).size > 10, true);
    const { document } = editor;
    const errors = () => diagnostics(document.uri).filter(({ severity }) => severity === DiagnosticSeverity.Error);
    await replace(editor, 'up      array 8 x 16', 'up      array 64 x 64'); // is priced, and another price
    await shown('.squiggly-error', /^/);
    await until('an error', () => errors().length > 0);
    await replace(editor, 'up      array 64 x 64', 'up      array 8 x 32');
    await until('no error', () => errors().length === 0); // is mended
    // By way of the window, as a person's click goes: what an extension runs itself is no event there.
    await commands.executeCommand('runCommands', { commands: ['weft.showEstimate'] });
    await set('weft.exportFolder', 'walked');
    await open('bert_u280.weft');
    void commands.executeCommand('weft.exportHls'); // it ends when its message is answered
    await notified(/files written to walked/);
    await commands.executeCommand('notifications.clearAll');
    await commands.executeCommand('workbench.action.openWalkthrough', 'weft.weft#start', false);
    for (const { id } of weft().packageJSON.contributes.walkthroughs[0].steps)
      await shown(`[data-done-step-id="weft.weft#start#${id}"].complete`, /^/);
    await screenshot('walkthrough-done');
    await commands.executeCommand('workbench.action.closeAllEditors');
  });
});

suite('file icon', () => {
  test('is in the package for both grounds', async () => {
    const { light, dark } = weft().packageJSON.contributes.languages[0].icon;
    for (const icon of [light, dark]) {
      const content = await workspace.fs.readFile(Uri.joinPath(weft().extensionUri, icon));
      assert.match(Buffer.from(content).toString(), /viewBox="0 0 16 16"/);
    }
    await open('bert_u280.weft');
    await commands.executeCommand('workbench.view.explorer');
    await shown('.explorer-folders-view .monaco-list-row', /bert_u280/);
    await screenshot('explorer');
    await commands.executeCommand('workbench.action.closeSidebar');
  });
});
