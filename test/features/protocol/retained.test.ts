/** What outlives an edit, counted: `npm run soak` measures the heap, these find the cache that grows. */
import { expect, test } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { MAX_POSITIONS } from '../../../grammar/automaton.ts';
import { grammarAutomaton, parse } from '../../../grammar/parser.ts';
import { type Remembered, rememberer } from '../../../server/estimate/remember.ts';
import { createWorkspace } from '../../../server/workspace.ts';
import { randomEdits } from '../../kit/random-edits.ts';
import { example, URI } from '../opened.ts';

test('recovery remembers the grammar around the last slips, not around all that there ever were', () => {
  const next = randomEdits(example, 7);
  let document = TextDocument.create(URI, 'weft', 0, example);
  const automaton = grammarAutomaton();
  const first: { text: string; parsed: ReturnType<typeof parse> }[] = [];
  let dropped = 0;
  for (let edit = 1; edit <= 500; edit++) {
    const { change } = next(document);
    document = TextDocument.update(document, [change], edit);
    const text = document.getText();
    const before = automaton.size;
    const parsed = parse(text);
    // One text may add what it needs to what was there, and no more stays.
    const begun = automaton.size < before;
    if (begun) dropped++;
    expect(before <= MAX_POSITIONS || begun || automaton.size === before, `edit ${edit}`).toBe(true);
    expect(automaton.size, `edit ${edit}`).toBeLessThan(2 * MAX_POSITIONS);
    if (first.length < 100) first.push({ text, parsed });
  }
  expect(dropped).toBeGreaterThan(0);
  // What was forgotten is found again as it was.
  for (const { text, parsed } of first) expect(parse(text)).toEqual(parsed);
});

/** Those of the values numbered `from` down to `to` that are still there. */
function kept(values: Remembered<number>, from: number, to: number): number {
  let made = 0;
  for (let key = from; key >= to; key--) values.get(String(key), () => ++made);
  return from - to + 1 - made;
}

test('an estimator remembers what the last estimates needed', () => {
  const values = rememberer<number>();
  for (let estimate = 0; estimate < 1000; estimate++) {
    values.age();
    values.get('asked for each time', () => estimate);
    for (let i = 0; i < 3; i++) values.get(String(3 * estimate + i), () => 0);
  }
  expect(values.get('asked for each time', () => -1)).toBe(0);
  expect(kept(values, 2999, 0)).toBeLessThanOrEqual(3 * 2 * 64);
});

test('a search over designs, in which no estimate ends, fills no memory either', () => {
  const values = rememberer<number>();
  for (let i = 0; i < 50_000; i++) values.get(String(i), () => 0);
  expect(kept(values, 49_999, 45_000)).toBeLessThanOrEqual(4096);
});

test('imports are kept as long as an open document needs them', () => {
  const reads = new Map<string, number>();
  const workspace = createWorkspace({
    read(uri) {
      reads.set(uri, (reads.get(uri) ?? 0) + 1);
      return uri.endsWith('/shared.weft') ? 'let tokens = 8' : undefined;
    },
  });
  const shared = 'file:///workspace/shared.weft';
  const open = (name: string) => {
    const uri = `file:///workspace/${name}.weft`;
    workspace.open(TextDocument.create(uri, 'weft', 1, 'import "shared.weft"'));
    expect(workspace.analysis(uri)).toBeDefined();
    return uri;
  };
  const one = open('one');
  const other = open('other');
  expect(reads.get(shared)).toBe(1);
  workspace.close(one);
  expect(workspace.document(shared)).toBeDefined();
  expect(reads.get(shared)).toBe(1);
  workspace.close(other);
  open('one');
  expect(reads.get(shared)).toBe(2);
});

test('whoever types a name leaves no estimate behind with each letter', () => {
  const workspace = createWorkspace({ read: () => undefined });
  const names = Array.from({ length: 20 }, (_, i) => `a${'x'.repeat(i)}`);
  const head = example.replace(/accelerator \w+/, 'accelerator NAME');
  for (const [i, name] of names.entries()) {
    workspace.open(TextDocument.create(URI, 'weft', i, head.replace('NAME', name)));
    expect(workspace.analysis(URI)?.estimate.accelerators).toHaveLength(1);
    expect(workspace.lastEstimate(URI, name)).toBeDefined();
  }
  expect(names.filter((name) => workspace.lastEstimate(URI, name))).toEqual(names.slice(-8));
});
