// Code actions as a person takes them: from the light bulb, into the text, and back by undo.
import { strict as assert } from 'node:assert';
import { commands } from 'vscode';
import { act, between, codeOf, diagnostics, hintsWhen, kernelLines } from '../asking.ts';
import { until, write } from '../editor.ts';

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

const untidy = `accelerator a {
  device u280 at 245 MHz
  model bert_base
  phase forward(tokens: 512)
  precision W4A8
  // K stands first
  kernel k array 8 x 20 pack 2 on slr0 weights hbm[1] // keys
  kernel q array 8 x 20 pack 2 on slr0 weights hbm[2]
  kernel v array 8 x 16 pack 2 on slr1 weights hbm[3]
}
`;

interface Action {
  readonly title: RegExp;
  readonly kind: string;
  readonly text: string;
  /** What is selected: from the first text to the last. */
  readonly at: readonly [string, string?];
  /** What the text has behind it, and what it has no more. */
  readonly has: readonly RegExp[];
  readonly lost?: readonly RegExp[];
  /** How many kernels it has then. */
  readonly kernels: number;
}

const actions: Readonly<Record<string, Action>> = {
  'auto values of a kernel become those that its hint shows': {
    title: /^Make auto values of ‘down’ explicit$/,
    kind: 'refactor.rewrite',
    text: spec,
    at: ['kernel do'],
    has: [/kernel down +array \d+ x 16 .*weights hbm\[\d+\].* \/\/ wide\n/, /kernel gemm : q, k, up \+ act array/],
    kernels: 2,
  },
  'a kernel of several operators becomes a kernel for each, and its streams follow': {
    title: /^Split ‘gemm’ per operator$/,
    kind: 'refactor.rewrite',
    text: spec,
    at: ['kernel ge'],
    has: [
      ...['q', 'k', 'up'].map((name) => new RegExp(`kernel ${name} .*array 8 x 16 .*hbm\\[4\\]`)),
      /kernel act +lanes 8 /,
      /stream act -> down/,
      /\/\/ one for all/,
    ],
    lost: [/gemm/],
    kernels: 5,
  },
  'kernels that are selected become a region, with the clauses that all of them have': {
    title: /^Extract region$/,
    kind: 'refactor.extract',
    text: untidy,
    at: ['kernel k', 'kernel q'],
    has: [
      /region part +pack 2 +on slr0 \{\n +\/\/ K stands first\n +kernel k +array 8 x 20 +weights hbm\[1\] \/\/ keys\n/,
    ],
    kernels: 3,
  },
  'kernels are sorted as the data flows, each with its comments': {
    title: /^Sort kernels in dataflow order$/,
    kind: 'refactor.rewrite',
    text: untidy,
    at: ['kernel v'],
    has: [/kernel q .*\n +\/\/ K stands first\n +kernel k .*\/\/ keys\n +kernel v /],
    kernels: 3,
  },
  'all diagnostics of a kind are mended at once': {
    title: /^Fix all 2 ‘array-does-not-divide’$/,
    kind: 'quickfix',
    text: untidy,
    at: ['array 8 x 20'],
    has: [/kernel k array \d+ x \d+ pack 2 on slr0 weights hbm\[1\]/],
    lost: [/8 x 20/],
    kernels: 3,
  },
};

async function ready(name: string, text: string) {
  const { document } = await write(name, text);
  await hintsWhen(document, 'hints', (all) => all.size > 0);
  return document;
}

suite('code actions', () => {
  for (const [index, [what, { title, kind, text, at, has, lost = [], kernels }]] of Object.entries(actions).entries())
    test(`${what}; each is priced, and undo takes it back`, async () => {
      const document = await ready(`action-${index}.weft`, text);
      await act(document, between(document, ...at), kind, title);
      const after = document.getText();
      for (const pattern of has) assert.match(after, pattern);
      for (const pattern of lost) assert.doesNotMatch(after, pattern);
      const lines = kernelLines(document);
      assert.equal(lines.length, kernels);
      await hintsWhen(document, 'a hint of each kernel', (all) => lines.every((line) => all.has(line)));
      await commands.executeCommand('undo');
      assert.equal(document.getText(), text);
    });

  test('source actions of the whole file: Fix all, and Format', async () => {
    const document = await ready('source.weft', untidy);
    const codes = () => diagnostics(document.uri).map(codeOf);
    await until('what there is to mend', () => codes().includes('array-does-not-divide'));
    // As the menu *Source Action…*, a key or `editor.codeActionsOnSave` has it.
    const source = (kind: string) => commands.executeCommand('editor.action.sourceAction', { kind, apply: 'first' });
    // It gives up when it comes while the editor still works on what came before: asked for until it is done.
    const sourceUntil = (kind: string, what: string, done: () => boolean) =>
      until(what, async () => {
        await source(kind);
        return until(what, done, 3000).catch(() => false);
      });
    await sourceUntil('source.fixAll.weft', 'nothing left of it', () => !codes().includes('array-does-not-divide'));
    assert.doesNotMatch(document.getText(), /8 x 20/);
    await sourceUntil('source.format', 'the one layout', () =>
      /^ {2}device {4}u280 at 245 MHz$/m.test(document.getText()),
    );
  });
});
