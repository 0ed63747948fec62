/** Refactorings over the protocol: every result is analysed again and means the same, comments and all. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { sameEstimate } from '../../../server/features/refactorings/same-estimate.ts';
import { analysisOf } from '../../kit/analyses.ts';
import { accelerator, example, opened, URI } from '../opened.ts';

const specs = ['bert_u280', 'custom_card_mlp', 'dfx_overlay', 'gpt2_decode', 'llama_hybrid'].map((name) => ({
  name,
  text: readFileSync(`test/fixtures/specs/${name}.weft`, 'utf8'),
}));

/** Titles of what is offered for a marked selection, and the text after the one that matches. */
async function taken(source: string, title: RegExp) {
  const { client, ranges, text } = await opened(source);
  const [{ start, end } = { start: 0, end: 0 }] = ranges;
  const document = client.document(URI);
  const range = { start: document.positionAt(start), end: document.positionAt(end) };
  const actions = await client.actions(URI, range, { diagnostics: [], only: ['refactor'] });
  const action = actions.find((one) => title.test(one.title));
  const edits = action?.edit?.changes?.[URI];
  const after = edits && TextDocument.applyEdits(TextDocument.create(URI, 'weft', 1, text), edits);
  return { titles: actions.map((one) => one.title), before: text, after: after ?? '' };
}

const comments = (text: string) => [...text.matchAll(/\/\/.*/g)].map(([comment]) => comment.trim()).sort();

function expectSame(before: string, after: string): void {
  expect(after).not.toBe('');
  expect(after).not.toBe(before);
  expect(comments(after)).toEqual(comments(before));
  expect(sameEstimate(analysisOf(before), analysisOf(after))).toBe(true);
}

test('the estimate is compared in earnest: another array is another estimate', () => {
  const other = example.replace('kernel up      array 8 x 16', 'kernel up      array 8 x 8 ');
  expect(other).not.toBe(example);
  expect(sameEstimate(analysisOf(example), analysisOf(other))).toBe(false);
});

describe('make auto values explicit', () => {
  test('of a kernel', async () => {
    const line = 'kernel down    array 8 x 16  weights hbm[6]';
    expect(example).toContain(line);
    const { before, after } = await taken(
      example.replace(line, 'kernel down    array auto x 16^^ // wide'),
      /of ‘down’/,
    );
    expectSame(before, after);
    expect(after).toMatch(/kernel down +array 8 x 16 +weights hbm\[[\d., ]+\] +\/\/ wide/);
  });

  test('of a region, as far as nothing else changes by it', async () => {
    const { before, after } = await taken(
      accelerator('region r on slr1 { // mine\n kernel q ^^\n kernel k array auto x 16\n }\n kernel v'),
      /region ‘r’/,
    );
    expectSame(before, after);
    expect(after).toMatch(/kernel q {2}pack 2 {2}weights hbm\[\d+\]/);
    expect(after).toMatch(/kernel v$/m);
  });

  test('of an accelerator: every kernel gets its line', async () => {
    const { before, after } = await taken(
      'accelerator a {\n  device u280\n  model gpt2_medium^^ // small\n  phase decode(past: 1024)\n}\n',
      /accelerator ‘a’/,
    );
    expectSame(before, after);
    expect(after.match(/^ {2}kernel /gm)?.length).toBeGreaterThan(10);
    expect(analysisOf(after).design.accelerators[0]?.kernels.filter(({ auto }) => auto)).toEqual([]);
  });

  test('of an accelerator whose passes have kernels of their own: each says which', async () => {
    const { before, after } = await taken(
      `accelerator a {
  device u280
  model bert(layers: 4, hidden: 64, heads: 2, ffn: 256)^^
  phase forward(tokens: 16)
  kernel q for block[0..1]
  kernel fast : q for block[3]
}
`,
      /accelerator ‘a’/,
    );
    expectSame(before, after);
    expect(after).toMatch(/kernel q_2 : q {2}.* for block\[2\]$/m);
    expect(analysisOf(after).design.accelerators[0]?.kernels.filter(({ auto }) => auto)).toEqual([]);
  });

  test('of a stream: its depth', async () => {
    const { before, after } = await taken(example.replace('model  ', 'model ^^ '), /accelerator ‘bert_u280’/);
    expectSame(before, after);
    expect(after).not.toContain('depth auto');
  });

  test('is not offered where nothing is auto', async () => {
    const { titles } = await taken(accelerator('kernel up ^^array 8 x 16 pack 2 weights hbm[1] on slr2'), /never/);
    expect(titles.join()).not.toContain('of ‘up’');
  });
});

describe('extract region', () => {
  test('with the clauses that all kernels have', async () => {
    const source = `^kernel q array 8 x 16 pack 2 on slr0 // Q
  // keys
  kernel k array 8 x 16 pack 2 on slr0^
  kernel v array 8 x 16 pack 2 on slr0`;
    const { before, after } = await taken(accelerator(source), /Extract region/);
    expectSame(before, after);
    expect(after).toMatch(/region part pack 2 on slr0 \{\n {4}kernel q array 8 x 16 \/\/ Q\n {4}\/\/ keys\n/);
  });

  test('out of another region', async () => {
    const source = `region all on slr0 pack 2 {
    kernel q array 8 x 16
    ^kernel k array 8 x 16 // K
    kernel v array 8 x 16^
  }`;
    const { before, after } = await taken(accelerator(source), /Extract region/);
    expectSame(before, after);
    expect(after).toContain('region part on slr0 pack 2 {');
  });

  test('is refused where a requirement would speak of something else', async () => {
    const source = `region all on slr0 pack 2 {
    kernel q array 8 x 16
    ^kernel k array 8 x 16
    kernel scores array 8 x 8^
  }
  require all.latency < 1 ms`;
    const { titles } = await taken(accelerator(source), /Extract region/);
    expect(titles).not.toContain('Extract region');
  });
});

describe('split a kernel', () => {
  test('that takes operators in turn', async () => {
    const source = `^^kernel gemm : q, k, up + act // one for all
      array 8 x 16 pack 2 lanes 8 weights hbm[4] on slr0
  stream gemm -> down 8 x int8`;
    const { before, after } = await taken(accelerator(source), /Split ‘gemm’/);
    expect(comments(after)).toEqual(comments(before));
    expect(after).toMatch(/kernel q {2}array 8 x 16 {2}pack 2 {2}weights hbm\[4\] {2}on slr0\n/);
    expect(after).toMatch(/kernel act {2}lanes 8 {2}on slr0\n/);
    expect(after).toContain('stream act -> down');
    const [design] = analysisOf(after).design.accelerators;
    expect(design?.kernels.filter(({ auto }) => !auto).map(({ name }) => name)).toEqual(['q', 'k', 'up', 'act']);
    expect(analysisOf(after).diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test('is not offered of one operator', async () => {
    const { titles } = await taken(accelerator('kernel up^^ array 8 x 16'), /never/);
    expect(titles.join()).not.toContain('Split');
  });
});

describe('sort kernels', () => {
  test('in dataflow order, each with its comments', async () => {
    const source = `// second
  kernel k array 8 x 16 on slr0 // K

  kernel q array 8 x 16 on slr0
  region r on slr2 {
    kernel down array 8 x 16
    /// the wide one
    kernel up array 8 x 16
  } ^^`;
    const { before, after } = await taken(accelerator(source), /Sort kernels/);
    expectSame(before, after);
    const order = [...after.matchAll(/kernel (\w+)/g)].map(([, name]) => name);
    expect(order).toEqual(['q', 'k', 'up', 'down']);
    expect(after).toContain('/// the wide one\n    kernel up');
    expect(after).toContain('// second\n  kernel k array 8 x 16 on slr0 // K');
  });

  test('is not offered where they are', async () => {
    const { titles } = await taken(example.replace('model  ', 'model ^^ '), /never/);
    expect(titles).not.toContain('Sort kernels in dataflow order');
  });
});

test.each(specs)('every refactoring of every line of $name keeps meaning and comments', async ({ text }) => {
  const { client } = await opened(text.replaceAll('^', '**'));
  const document = client.document(URI);
  const before = analysisOf(document.getText());
  const done = new Set<string>();
  const units = [...document.getText().matchAll(/^ *(kernel|region|accelerator)\b/gm)];
  for (const { index, 0: head } of units) {
    const start = document.positionAt(index + head.length);
    const end = { line: start.line + 2, character: 0 };
    for (const range of [
      { start, end: start },
      { start, end },
    ]) {
      for (const { title, edit } of await client.actions(URI, range, { diagnostics: [], only: ['refactor'] })) {
        const edits = edit?.changes?.[URI];
        expect(edits, title).toBeDefined();
        const after = TextDocument.applyEdits(document, edits!);
        if (done.has(after)) continue;
        done.add(after);
        expect(comments(after), title).toEqual(comments(document.getText()));
        if (!title.startsWith('Split')) expect(sameEstimate(before, analysisOf(after)), title).toBe(true);
      }
    }
  }
  expect(client.log).toEqual([]);
});

describe('fix all of a kind', () => {
  const source = accelerator(
    'kernel q array 8 x 20 pack 2 on slr0 weights hbm[1]\n  kernel k array 8 x 20 pack 2 on slr0 weights hbm[1]',
  );

  test('one after the other, until none is left', async () => {
    const { client, diagnostics } = await opened(source);
    const [first] = diagnostics.filter(({ code }) => code === 'array-does-not-divide');
    const action = (await client.fixes(URI, first!)).find(({ title }) => title.startsWith('Fix all'));
    expect(action?.title).toBe('Fix all 2 ‘array-does-not-divide’');
    const after = TextDocument.applyEdits(client.document(URI), action!.edit!.changes![URI]!);
    const left = await client.change(URI, { text: after });
    expect(left.map(({ code }) => code)).not.toContain('array-does-not-divide');
    expect(after).toContain('weights hbm[1]\n  kernel k'); // of another kind
  });

  test('of every kind as a source action, and format', async () => {
    const { client } = await opened(source);
    const start = { line: 0, character: 0 };
    const context = { diagnostics: [], only: ['source'] };
    const actions = await client.actions(URI, { start, end: start }, context);
    expect(actions.map(({ kind }) => kind)).toEqual(['source.fixAll.weft', 'source.format']);
    for (const { edit } of actions) expect(edit?.changes?.[URI]).not.toEqual([]);
    expect(await client.actions(URI, { start, end: start })).not.toContainEqual(
      expect.objectContaining({ kind: 'source.format' }),
    );
  });

  test('an editor that fetches edits later is told why one is not made', async () => {
    const { client, ranges } = await opened(
      accelerator('region all on slr0 pack 2 {\n kernel q\n ^kernel scores^\n}\n require all.latency < 1 ms'),
      { capabilities: { textDocument: { codeAction: { resolveSupport: { properties: ['edit'] } } } } },
    );
    const document = client.document(URI);
    const range = { start: document.positionAt(ranges[0]!.start), end: document.positionAt(ranges[0]!.end) };
    const action = (await client.actions(URI, range)).find(({ title }) => title === 'Extract region');
    expect(action?.edit).toBeUndefined();
    await expect(client.connection.sendRequest('codeAction/resolve', action)).rejects.toThrow(
      /would change what the spec means/,
    );
  });
});
