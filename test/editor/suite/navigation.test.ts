// Every feature that leads from one place of a spec to another, or says more about one.
import { strict as assert } from 'node:assert';
import {
  type CallHierarchyIncomingCall,
  type CallHierarchyItem,
  type CallHierarchyOutgoingCall,
  commands,
  type DocumentHighlight,
  type DocumentLink,
  type Location,
  type Position,
  type SelectionRange,
  type SemanticTokens,
  type SemanticTokensLegend,
  type SignatureHelp,
  type SymbolInformation,
  type TextDocument,
  type WorkspaceEdit,
  workspace,
} from 'vscode';
import { behind, hintsWhen, replace } from '../asking.ts';
import { file, open, until, write } from '../editor.ts';

/** What VS Code's own command for a feature answers at a place. */
function ask<Answer>(command: string, { uri }: TextDocument, at?: Position, ...more: unknown[]): Promise<Answer> {
  return Promise.resolve(commands.executeCommand<Answer>(command, uri, ...(at ? [at] : []), ...more));
}

async function ready(name: string) {
  const editor = await open(name);
  await hintsWhen(editor.document, 'hints', (all) => all.size > 0);
  return editor;
}

suite('navigation', () => {
  test('references and highlights of a kernel: its own line and the streams that it is on', async () => {
    const { document } = await ready('bert_u280.weft');
    const at = behind(document, 'kernel soft');
    const everywhere = await ask<Location[]>('vscode.executeReferenceProvider', document, at);
    const references = everywhere.filter(({ uri }) => uri.toString() === document.uri.toString());
    const lines = references.map(({ range }) => document.lineAt(range.start).text.trim());
    assert.ok(
      lines.some((line) => line.startsWith('kernel softmax')),
      lines.join(' | '),
    );
    assert.ok(
      lines.some((line) => line.startsWith('stream softmax')),
      lines.join(' | '),
    );
    const highlights = await ask<DocumentHighlight[]>('vscode.executeDocumentHighlights', document, at);
    assert.deepEqual(
      highlights.map(({ range }) => document.getText(range)),
      references.map(() => 'softmax'),
    );
  });

  test('rename changes every use; a name that is taken is refused, and nothing changes', async () => {
    const { document: original } = await open('bert_u280.weft');
    const { document } = await write('rename.weft', original.getText());
    await hintsWhen(document, 'hints', (all) => all.size > 0);
    const at = behind(document, 'region atten');
    const edit = await ask<WorkspaceEdit>('vscode.executeDocumentRenameProvider', document, at, 'attention');
    assert.ok(await workspace.applyEdit(edit));
    assert.match(document.getText(), /region attention on slr1/);
    assert.doesNotMatch(document.getText(), /\battend\b/);
    const before = document.getText();
    await assert.rejects(
      ask('vscode.executeDocumentRenameProvider', document, behind(document, 'region attent'), 'project'),
      /project/,
    );
    assert.equal(document.getText(), before);
  });

  test('an import is a link to its file; a path that leads nowhere is none', async () => {
    await workspace.fs.writeFile(file('linked.weft'), Buffer.from('let rows = 8\n'));
    const { document } = await write('links.weft', 'import "linked.weft"\nimport "nowhere.weft"\nlet a = rows\n');
    const links = await until('a link', async () => {
      const all = await ask<DocumentLink[]>('vscode.executeLinkProvider', document);
      return all.length > 0 && all;
    });
    assert.deepEqual(
      links.map(({ target }) => target?.path.replace(/^.*\//, '')),
      ['linked.weft'],
    );
  });

  test('symbols of the workspace and of the library are found by name', async () => {
    await ready('bert_u280.weft');
    const named = async (query: string) =>
      (await commands.executeCommand<SymbolInformation[]>('vscode.executeWorkspaceSymbolProvider', query)).map(
        ({ name, location }) => `${name} ${location.uri.scheme}`,
      );
    assert.ok((await named('bert_u280')).some((one) => /bert_u280 file/.test(one)));
    assert.ok(
      (await named('u250')).some((one) => /u250 weft-library/.test(one)),
      (await named('u250')).join(),
    );
  });

  test('selections grow from a word to its kernel, its region, the accelerator', async () => {
    const { document } = await ready('bert_u280.weft');
    const [first] = await ask<SelectionRange[]>('vscode.executeSelectionRangeProvider', document, undefined, [
      behind(document, 'kernel soft'),
    ]);
    const texts: string[] = [];
    for (let range = first; range; range = range.parent) texts.push(document.getText(range.range));
    assert.equal(texts[0], 'softmax');
    assert.ok(
      texts.some((text) => /^kernel softmax .*fp32$/.test(text)),
      texts.join('\n---\n'),
    );
    assert.ok(texts.some((text) => /^region attend[\s\S]*}$/.test(text)));
    assert.ok(texts.some((text) => /^accelerator [\s\S]*}$/.test(text)));
  });

  test('open brackets say what goes into them', async () => {
    const { document } = await ready('bert_u280.weft');
    const help = await ask<SignatureHelp>(
      'vscode.executeSignatureHelpProvider',
      document,
      behind(document, 'forward('),
    );
    assert.match(help.signatures[0]?.label ?? '', /forward\(tokens/);
  });

  test('semantic colours say what a name is: a kernel is no region, a device no model', async () => {
    const { document } = await ready('bert_u280.weft');
    const legend = await ask<SemanticTokensLegend>('vscode.provideDocumentSemanticTokensLegend', document);
    const { data } = await ask<SemanticTokens>('vscode.provideDocumentSemanticTokens', document);
    const kinds = new Map<string, string>();
    let [line, character] = [0, 0];
    for (let i = 0; i < data.length; i += 5) {
      const [down = 0, right = 0, length = 0, kind = 0] = data.slice(i, i + 4);
      character = down > 0 ? right : character + right;
      line += down;
      kinds.set(document.lineAt(line).text.slice(character, character + length), legend.tokenTypes[kind] ?? '');
    }
    const of = (name: string) => kinds.get(name) ?? `no colour for ${name}`;
    assert.notEqual(of('softmax'), of('attend'));
    assert.ok(kinds.has('u280') && kinds.has('bert_base') && kinds.has('slr1'), [...kinds.keys()].join());
  });

  test('the call hierarchy of a kernel is what feeds it and what it feeds, as far as the memory', async () => {
    const { document } = await ready('bert_u280.weft');
    const at = behind(document, 'kernel cont');
    const [context] = await ask<CallHierarchyItem[]>('vscode.prepareCallHierarchy', document, at);
    assert.ok(context, 'a kernel has no hierarchy');
    assert.match(context.detail ?? '', /^on slr1 · /);
    const feeding = (item: CallHierarchyItem) =>
      commands.executeCommand<CallHierarchyIncomingCall[]>('vscode.provideIncomingCalls', item);
    const feeds = await feeding(context);
    assert.deepEqual(feeds.map(({ from }) => from.name).sort(), ['softmax', 'v']);
    const [place] = feeds.find(({ from }) => from.name === 'softmax')?.fromRanges ?? [];
    assert.match(document.getText(place), /^stream softmax -> context/);
    const values = feeds.find(({ from }) => from.name === 'v')?.from;
    assert.ok(values);
    assert.deepEqual((await feeding(values)).map(({ from }) => from.name).sort(), ['hbm[0]', 'hbm[2]']);
    const fed = await commands.executeCommand<CallHierarchyOutgoingCall[]>('vscode.provideOutgoingCalls', context);
    assert.deepEqual(
      fed.map(({ to }) => to.name),
      ['proj'],
    );
  });

  test('a change of a stream is seen in what the names mean', async () => {
    const { document: original } = await open('bert_u280.weft');
    const editor = await write('follow.weft', original.getText());
    await hintsWhen(editor.document, 'hints', (all) => all.size > 0);
    await replace(editor, 'stream softmax -> context', 'stream softmax -> contex');
    await until('one highlight less', async () => {
      const all = await ask<DocumentHighlight[]>(
        'vscode.executeDocumentHighlights',
        editor.document,
        behind(editor.document, 'kernel cont'),
      );
      return all.length === 1;
    });
  });
});
