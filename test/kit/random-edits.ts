/** Edits that nobody would make on purpose, the same for the same seed: what a document must survive. */
import { globSync, readFileSync } from 'node:fs';
import type { TextDocumentContentChangeEvent } from 'vscode-languageserver-protocol';
import type { TextDocument } from 'vscode-languageserver-textdocument';

/** A number from 0 up to 1, each time; Mulberry32. */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pieces = [
  ...[
    'kernel ',
    'array ',
    '8 x 16',
    'weights hbm[',
    'stream a -> b',
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    ' ',
    '\n',
    '\r\n',
    '\r',
  ],
  ...[
    'u280',
    'bert_base',
    '245 GB/s',
    'auto',
    '0',
    '-1',
    '1e308',
    '99999999999',
    '"',
    '//',
    '///',
    '.',
    '..',
    ':',
    ',',
  ],
  ...[
    'accelerator x {',
    'layer l(x) repeat 1_000_000_000 {',
    'import "main.weft"',
    '\u0000',
    'é',
    'x',
    '%',
    'copies 7',
  ],
  // Whole surrogate pairs, halves of them, marks that combine, and what looks like a space or a line end and is none.
  ...['😀', '𝒳', '\ud83d', '\ude00', 'e\u0301', '\u200b', '\u00a0', '\u2028', '\ufeff'],
];

const pastes = globSync(['examples/*.weft', 'test/fixtures/specs/*.weft', 'server/library/**/*.weft'])
  .sort()
  .map((file) => readFileSync(file, 'utf8'));

/** A document that grows past this is whole again at the next edit: it is to be edited, not to be long. */
const LONGEST = 12_000;
/** How many edits in a row may be undone. */
const DEEPEST = 40;

export interface Edit {
  readonly kind: 'insert' | 'delete' | 'replace' | 'undo' | 'paste' | 'line-ends' | 'reset';
  readonly change: TextDocumentContentChangeEvent;
  /** Where it was made, an offset into the text before. */
  readonly at: number;
}

/**
 * @param whole what the document is reset to, now and then
 * @returns gives the next edit for the document as it is now; each is expected to be made
 */
export function randomEdits(whole: string, seed: number): (document: TextDocument) => Edit {
  const random = randomNumbers(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const oneOf = <T>(items: readonly T[]): T => items[below(items.length)]!;
  let undos: { start: number; end: number; text: string }[] = [];

  /** A few characters of anything, halves of surrogate pairs included. */
  const scrap = () => Array.from({ length: below(8) }, () => String.fromCharCode(below(0x10000))).join('');

  function kindOf(length: number): Edit['kind'] {
    if (length > LONGEST) return 'reset';
    const roll = random();
    if (roll < 0.3) return 'insert';
    if (roll < 0.5) return 'delete';
    if (roll < 0.68) return 'replace';
    if (roll < 0.84 && undos.length > 0) return 'undo';
    if (roll < 0.88) return 'paste';
    return roll < 0.96 ? 'line-ends' : 'reset';
  }

  return (document) => {
    const text = document.getText();
    const kind = kindOf(text.length);
    if (kind === 'reset') {
      undos = [];
      return {
        kind,
        change: { text: random() < 0.2 ? whole.replaceAll('\n', '\r\n') : whole },
        at: below(whole.length),
      };
    }
    const edit = kind === 'undo' ? undos.pop()! : made(kind, text);
    if (kind !== 'undo') {
      const { start, end } = edit;
      undos.push({ start, end: start + edit.text.length, text: text.slice(start, end) });
      if (undos.length > DEEPEST) undos.shift();
    }
    const range = { start: document.positionAt(edit.start), end: document.positionAt(edit.end) };
    // A position cannot stand between the two characters of one line end: the document says where it really is.
    const [start, end] = [document.offsetAt(range.start), document.offsetAt(range.end)];
    if (start !== edit.start || end !== edit.end) undos = [];
    return { kind, change: { range, text: edit.text }, at: edit.start };
  };

  function made(kind: Edit['kind'], text: string): { start: number; end: number; text: string } {
    const start = below(text.length + 1);
    const length = oneOf([0, 1, 1, 2, below(12), below(400)]);
    const end = kind === 'insert' || kind === 'paste' ? start : Math.min(text.length, start + length);
    if (kind === 'delete') return { start, end, text: '' };
    if (kind === 'paste') {
      const source = oneOf(pastes);
      const from = below(source.length);
      return { start, end, text: source.slice(from, from + below(1500)) };
    }
    if (kind === 'line-ends') {
      const here = text.slice(start, start + below(2000));
      const other = here.includes('\r\n') ? here.replaceAll('\r\n', '\n') : here.replaceAll('\n', '\r\n');
      return { start, end: start + here.length, text: other };
    }
    return { start, end, text: random() < 0.8 ? oneOf(pieces) : scrap() };
  }
}
