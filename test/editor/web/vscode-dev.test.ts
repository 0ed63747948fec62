// The extension in VS Code for the Web: the server in a Web Worker, the workspace in a file system that no process can read.
import { commands, env, extensions, FileType, UIKind, Uri, window, workspace } from 'vscode';
import {
  behind,
  completion,
  diagnostic,
  diagnostics,
  hintsWhen,
  hover,
  kernelLines,
  lenses,
  replace,
} from '../asking.ts';
import { until } from '../until.ts';

/** Folder for pictures, put in by test/editor/web.ts. */
declare const SHOTS: string;

/** Node's assert is not there. */
function expect(holds: unknown, message: string): asserts holds {
  if (!holds) throw new Error(message);
}

const file = (name: string) => Uri.from({ scheme: 'weft-memory', path: `/${name}` });
const open = async (name: string) => window.showTextDocument(await workspace.openTextDocument(file(name)));
const text = async (name: string) => new TextDecoder().decode(await workspace.fs.readFile(file(name)));

suite('vscode.dev', () => {
  test('the browser entry is active, in a host without Node', async () => {
    expect(env.uiKind === UIKind.Web && typeof process === 'undefined', 'this is VS Code for the Web');
    await open('main.weft');
    await extensions.getExtension('weft.weft')?.activate();
  });

  test('every kernel has its estimate, lenses, hovers and completion', async () => {
    const { document } = await open('main.weft');
    const kernels = kernelLines(document);
    const found = await hintsWhen(document, 'hints', (all) => kernels.every((line) => all.has(line)));
    for (const line of kernels)
      expect(/(ms|µs) · busy/.test(found.get(line) ?? ''), `line ${line}: ${found.get(line)}`);
    await until('lenses', async () => (await lenses(document)).includes('Export HLS'));
    const explained = await hover(document, behind(document, 'kernel u'));
    expect(/cycles =/.test(explained), explained);
    const offered = await completion(document, behind(document, 'device    '));
    expect(offered.includes('u250'), offered.join());
    console.log(`@@screenshot ${SHOTS}/web.png`); // a worker cannot wait for the file
    await new Promise((resolve) => setTimeout(resolve, 1000));
  });

  test('imports of files that are not open are read through the editor, and so are theirs', async () => {
    const { document } = await open('imports.weft');
    await hintsWhen(document, 'an answer', () => true);
    const broken = await open('missing.weft');
    await diagnostic(broken.document, 'import-failed');
    expect(diagnostics(document.uri).length === 0, JSON.stringify(diagnostics(document.uri)));
    const configured = await open('configured.weft');
    await until('the architecture in the configuration', () =>
      diagnostics(configured.document.uri).some(({ message }) => message.includes('no-such-architecture')),
    );
  });

  test('a file that changes in that file system is read again', async () => {
    const { document } = await open('imports.weft');
    const before = await workspace.fs.readFile(file('cards.weft'));
    await workspace.fs.writeFile(file('cards.weft'), new TextEncoder().encode('let lines = 8\n'));
    await until('the error', () => diagnostics(document.uri).length > 0);
    await workspace.fs.writeFile(file('cards.weft'), before);
    await until('no error', () => diagnostics(document.uri).length === 0);
  });

  test('the server can be restarted', async () => {
    const { document } = await open('main.weft');
    await commands.executeCommand('weft.restartServer');
    await hintsWhen(document, 'hints again', (all) => all.size > 0);
  });

  test('Tune runs in a worker of its own, and ends in a comparison', async () => {
    const content = `accelerator open {
  device    u280 at 245 MHz
  model     bert(layers: 2, hidden: 64, heads: 2, ffn: 128)
  phase     forward(tokens: 8)
  precision W8A8
}
`;
    await workspace.fs.writeFile(file('open.weft'), new TextEncoder().encode(content));
    await open('open.weft');
    void commands.executeCommand('weft.tune');
    const proposal = await until(
      'the proposal',
      () => workspace.textDocuments.find(({ uri }) => uri.scheme === 'weft-tuned'),
      50_000,
    );
    expect(/kernel q +array \d+ x \d+/.test(proposal.getText()), proposal.getText());
    await commands.executeCommand('workbench.action.closeActiveEditor');
  });

  test('Export HLS writes the project into that file system, whole, and not over what a person changed', async () => {
    const editor = await open('main.weft');
    await hintsWhen(editor.document, 'hints', (all) => all.size > 0);
    await workspace.getConfiguration('weft', editor.document.uri).update('exportFolder', 'out');
    void commands.executeCommand('weft.exportHls');
    const written = (name: string) => text(`out/bert_u280/${name}`).catch(() => undefined);
    const manifest = await until('the manifest, which is written last', () => written('.weft-manifest.json'), 40_000);
    expect(Object.keys(JSON.parse(manifest).files).length > 10, manifest);
    expect(/csim/.test((await written('Makefile')) ?? ''), 'a Makefile');
    await until('no staging folder is left', async () =>
      (await workspace.fs.readDirectory(file(''))).every(([name]) => !name.startsWith('.weft-export')),
    );
    const sources = await workspace.fs.readDirectory(file('out/bert_u280/src'));
    expect(
      sources.some(([name, type]) => type === FileType.File && name.endsWith('.cpp')),
      sources.join(),
    );
    await workspace.fs.writeFile(file('out/bert_u280/README.md'), new TextEncoder().encode('mine'));
    await replace(editor, 'at 245 MHz', 'at 200 MHz');
    void commands.executeCommand('weft.exportHls');
    // The question about the changed file is a dialog: nothing is written while it stands.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect((await written('README.md')) === 'mine', 'a changed file is kept until the person agrees');
    expect((await written('.weft-manifest.json')) === manifest, 'nothing else was written either');
  });
});
