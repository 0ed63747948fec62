import { strict as assert } from 'node:assert';
import {
  type CompletionList,
  ConfigurationTarget,
  commands,
  type DocumentSymbol,
  type FoldingRange,
  Position,
  type SemanticTokens,
  SnippetString,
  type TextEdit,
  window,
  workspace,
} from 'vscode';
import { behind, completion, definition, hintsWhen, hover, replace } from '../asking.ts';
import { open, point, screenshot, shown, until, write } from '../editor.ts';

async function ready(name: string) {
  const editor = await open(name);
  await hintsWhen(editor.document, 'hints', (all) => all.size > 0);
  return editor;
}

suite('language', () => {
  test('completion offers clauses, operators without a kernel first, devices, and channels with their load', async () => {
    const { document } = await ready('bert_u280.weft');
    const editor = await write('completion.weft', document.getText());
    await replace(editor, '    kernel act     lanes 8\n', '    kernel \n');
    await until(
      'operators',
      async () =>
        (await completion(editor.document, behind(editor.document, '    kernel \n').translate(-1, 11)))[0] === 'act',
    );
    const here = editor.document;
    assert.ok((await completion(here, behind(here, 'device    '))).includes('u250'));
    assert.equal((await completion(here, behind(here, 'q       array 8 x 16  weights ')))[0]?.startsWith('hbm['), true);
    assert.ok((await completion(here, behind(here, 'kernel scores  '))).includes('array'));
  });

  test('what is offered has documentation, and goes in with places to fill', async () => {
    const { document } = await write('offered.weft', '\n');
    const list = await commands.executeCommand<CompletionList>(
      'vscode.executeCompletionItemProvider',
      document.uri,
      new Position(0, 0),
      undefined,
      50,
    );
    const word = list.items.find(({ label }) => label === 'accelerator');
    assert.ok(word?.documentation, 'a word of the grammar without documentation');
    const snippet = list.items.find(({ label }) => typeof label === 'object' && label.description === 'Accelerator');
    assert.ok(snippet?.insertText instanceof SnippetString);
    const editor = await write('explained.weft', 'accelerator a {\n  device u280\n}\n');
    assert.match(
      await until(
        'a hover',
        async () => (await hover(editor.document, behind(editor.document, 'device u2'))) || undefined,
      ),
      /Alveo U280/,
    );
  });

  test('u280 and bert_base lead to read-only documents of the library', async () => {
    for (const name of ['u280', 'bert_base']) {
      const { document } = await ready('bert_u280.weft');
      const word = name === 'u280' ? 'device    u2' : 'model     bert';
      const link = await definition(document, behind(document, word));
      assert.equal(link?.targetUri.scheme, 'weft-library');
      const there = await window.showTextDocument(await workspace.openTextDocument(link.targetUri));
      assert.match(there.document.lineAt(link.targetSelectionRange!.start).text, new RegExp(`\\b${name}\\b`));
      assert.equal(there.document.languageId, 'weft');
      const tried = await there
        .edit((edit) => edit.insert(there.document.positionAt(0), 'x'))
        .then(
          (done) => done,
          () => false,
        );
      assert.ok(!tried || !there.document.getText().startsWith('x'), 'read-only');
      await screenshot(`library-${name}`);
    }
  });

  test('outline, folding, semantic colours', async () => {
    const { document } = await ready('bert_u280.weft');
    const symbols = await commands.executeCommand<DocumentSymbol[]>(
      'vscode.executeDocumentSymbolProvider',
      document.uri,
    );
    assert.deepEqual(symbols[0]?.children.filter(({ name }) => name === 'attend').length, 1);
    const folds = await commands.executeCommand<FoldingRange[]>('vscode.executeFoldingRangeProvider', document.uri);
    assert.ok(folds.length >= 4);
    const tokens = await commands.executeCommand<SemanticTokens>('vscode.provideDocumentSemanticTokens', document.uri);
    assert.ok(tokens.data.length > 100);
  });

  test('a hint explains itself to whoever points at it', async () => {
    const { document } = await ready('bert_u280.weft');
    await hintsWhen(document, 'hints', (all) => all.size > 0);
    await until('its formula', async () => {
      await point('.view-line span[class*="dyn-rule"]', 'DSP');
      return shown('.monaco-hover:not(.hidden) .hover-contents', /K\/D/, 2000).then(
        () => true,
        () => false,
      );
    });
    await screenshot('hint-tooltip');
  });

  test('after an edit, semantic colours come as what has changed', async () => {
    const original = await open('bert_u280.weft');
    const editor = await write('delta.weft', original.document.getText());
    await hintsWhen(editor.document, 'hints', (all) => all.size > 0);
    await shown('.view-line span span', /^softmax$/);
    const trace = (value?: string) =>
      workspace.getConfiguration().update('weft.trace.server', value, ConfigurationTarget.Workspace);
    await trace('verbose');
    try {
      await commands.executeCommand('weft.showLog');
      const answer = /Received response 'textDocument\/semanticTokens\/full\/delta[^']*'[^']*"edits": \[\s*\{/;
      const answered = () =>
        workspace.textDocuments.some(({ uri, getText }) => uri.scheme === 'output' && answer.test(getText()));
      // VS Code asks for a delta only once it has had all colours, and logs only once it knows of the setting: edit again until both are so.
      const names = ['down', 'dawn'];
      await until('an answer with edits in the log', async () => {
        await replace(editor, `stream act     -> ${names[0]}`, `stream act     -> ${names[1]}`);
        names.reverse();
        return until('this answer', answered, 2000).catch(() => false);
      });
    } finally {
      await trace();
      await commands.executeCommand('workbench.action.closePanel');
    }
  });

  test('Format Document aligns what a person left untidy', async () => {
    const { document } = await write('untidy.weft', 'accelerator a {\ndevice u280\n  model     bert_base\n}\n');
    const options = { tabSize: 2, insertSpaces: true };
    const edits = await until('edits', async () => {
      const all = await commands.executeCommand<TextEdit[]>(
        'vscode.executeFormatDocumentProvider',
        document.uri,
        options,
      );
      return (all?.length ?? 0) > 0 && all;
    });
    assert.ok(edits.length > 0);
    await commands.executeCommand('editor.action.formatDocument');
    await until('the one layout', () => /^ {2}device +u280$/m.test(document.getText()));
  });
});
