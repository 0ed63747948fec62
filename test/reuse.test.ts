/** What an edit leaves as it is, counted by the objects that are still the same: `npm run bench` measures what that saves. */
import { expect, test } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { createWorkspace } from '../server/workspace.ts';
import { several, shared } from './kit/several.ts';

const uri = 'file:///workspace/main.weft';

function opened() {
  let other = shared;
  const workspace = createWorkspace({ read: (file) => (file.endsWith('/shared.weft') ? other : undefined) });
  let text = several;
  const open = () => workspace.open(TextDocument.create(uri, 'weft', 1, text));
  const accelerators = () => {
    const found = workspace.analysis(uri)!.design.accelerators;
    expect(found.map(({ name }) => name)).toEqual(['first', 'second']);
    return found;
  };
  open();
  let before = accelerators();
  /** Names of the accelerators that are made anew, and with them all that is said of them. */
  const anew = () => {
    const now = accelerators();
    const changed = now.filter((one) => !before.includes(one)).map(({ name }) => name);
    before = now;
    return changed;
  };
  return {
    edit(from: string, to: string) {
      expect(text).toContain(from);
      text = text.replace(from, to);
      open();
      return anew();
    },
    editShared(from: string, to: string) {
      expect(other).toContain(from);
      other = other.replace(from, to);
      workspace.touched('file:///workspace/shared.weft');
      return anew();
    },
    spanOfSecond: () => {
      const { start, end } = before[1]!.span;
      return text.slice(start, end);
    },
    diagnostics: () =>
      workspace.analysis(uri)!.diagnostics.map(({ span, code }) => [code, text.slice(span.start, span.end)]),
  };
}

test.each([
  ['a comment in an accelerator', '  device    card', '  // the card\n  device    card', []],
  ['a line in front of all', 'import', '// A file.\n\nimport', []],
  ['the first letters of a clause', 'weights hbm[2]', 'weights hbm[2] la', []],
  ['a constant that nobody reads', 'let unread = 2', 'let unread = 3', []],
  ['a model that nobody uses', 'let rows', 'model unused = mlp(ffn: 32)\nlet rows', []],
  ['a constant that both read', 'let rows = 16', 'let rows = 32', ['first', 'second']],
  ['a constant behind a constant', '50 MHz', '40 MHz', ['first']],
  ['the sheet of one card', 'dsp: 3_008', 'dsp: 3_000', ['first']],
  // Each is compared with the other, so that both say something new.
  [
    'a kernel of one of two that are compared',
    'array 4 x 8  pack 2  weights hbm[1]',
    'array 4 x 4  weights hbm[1]',
    ['first', 'second'],
  ],
  [
    'a name that takes the place of the library’s',
    'let rows',
    'device u250 { clock: 300 MHz, die a { lut: 9 } }\nlet rows',
    ['second'],
  ],
])('%s', (_, from, to, changed) => {
  const { edit, spanOfSecond } = opened();
  expect(edit(from, to)).toEqual(changed);
  expect(spanOfSecond()).toMatch(/^accelerator second \{[\s\S]*\}$/);
});

test('what an imported file says differently is read anew', () => {
  const { editShared } = opened();
  expect(editShared('let width = 64', '// wider\nlet width = 96')).toContain('first');
  expect(editShared('let inner = 4', 'let inner = 2')).toContain('first');
});

test('findings move with the text, and go with their reason', () => {
  const { edit, diagnostics } = opened();
  expect(diagnostics()).toContainEqual(['unused-name', 'let unread = 2 * rows']);
  edit('import', '// A file.\nimport');
  expect(diagnostics()).toContainEqual(['unused-name', 'let unread = 2 * rows']);
  edit('2 * rows)', '2 * unread)');
  expect(diagnostics().filter(([code]) => code === 'unused-name')).toEqual([]);
});
