import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from '../../grammar/parser.ts';
import { endOf } from '../../grammar/tokens.ts';
import type { SyntaxProblem } from '../../grammar/tree.ts';
import { all, SPECS, tokensOf } from './support.ts';

/** Everything that a reader would miss: declarations, statements, operators, entries, clauses. */
const KINDS = new Set([
  ...['import', 'let', 'model', 'sheet', 'accelerator', 'input', 'output', 'layer', 'operation', 'item', 'device'],
  ...['use-model', 'phase', 'use-precision', 'copies', 'reserve', 'region', 'kernel', 'stream', 'require', 'objective'],
  ...['parameters', 'choose', 'compare', 'dimensions', 'scalar', 'replicate', 'storage', 'places', 'stream-attribute'],
]);

const signature = (kind: string, start: number): string => `${kind}@${start}`;

const nodesOf = new Map(SPECS.map(([, text]) => [text, all(parse(text).tree).filter(({ kind }) => KINDS.has(kind))]));

/** Puts `added` for `removed` characters at an offset; whether every node that does not hold the place is still there. */
function edited(text: string, at: number, removed: number, added: string) {
  const { tree, problems } = parse(text.slice(0, at) + added + text.slice(at + removed));
  const kept = new Set(all(tree).map(({ kind, range }) => signature(kind, range.start)));
  const lost = nodesOf.get(text)!.filter(({ kind, range }) => {
    // A node that holds the edited place is part of the edit; one that begins with what is removed is, too.
    const touched = removed > 0 ? range.start <= at && at + removed <= range.end : range.start < at && at < range.end;
    const start = range.start >= at + removed ? range.start + added.length - removed : range.start;
    return !touched && !kept.has(signature(kind, start));
  });
  return { lost, problems };
}

function share(edits: { lost: unknown[]; problems: SyntaxProblem[] }[]) {
  const part = (count: number): number => count / edits.length;
  return {
    keepsAll: part(edits.filter(({ lost }) => lost.length === 0).length),
    atMostOneProblem: part(edits.filter(({ problems }) => problems.length <= 1).length),
  };
}

const places = SPECS.flatMap(([, text]) => tokensOf(text).map((token) => ({ text, token })));

describe('one wrong token, anywhere in the example specs', () => {
  test('a missing token loses nothing else in 99 % of all cases', () => {
    const { keepsAll, atMostOneProblem } = share(
      places.map(({ text, token }) => {
        const length = token.image.length;
        return edited(text, token.startOffset, length, ' '.repeat(length));
      }),
    );
    expect(keepsAll).toBeGreaterThan(0.99);
    expect(atMostOneProblem).toBeGreaterThan(0.99);
  });

  test('a doubled token loses nothing else in 99 % of all cases', () => {
    const { keepsAll, atMostOneProblem } = share(
      places.map(({ text, token }) => edited(text, endOf(token), 0, ` ${token.image}`)),
    );
    expect(keepsAll).toBeGreaterThan(0.99);
    expect(atMostOneProblem).toBeGreaterThan(0.99);
  });

  test.each([
    ['foo', 0.96],
    [']', 0.99],
    ['}', 0.99],
    ['{', 0.99],
    ['8', 0.99],
    [',', 0.99],
    ['=', 0.99],
    ['kernel', 0.95],
  ])('a stray `%s` loses nothing else in %d of all cases', (stray, least) => {
    const { keepsAll, atMostOneProblem } = share(
      places
        .filter((_, index) => index % 8 === 0) // every token would take half a minute
        .map(({ text, token }) => edited(text, endOf(token), 0, ` ${stray}`)),
    );
    expect(keepsAll).toBeGreaterThan(least);
    expect(atMostOneProblem).toBeGreaterThan(0.98);
  });
});

describe('one wrong line, anywhere in the example specs', () => {
  const lines = SPECS.flatMap(([, text]) => {
    let at = 0;
    return text.split('\n').map((line) => {
      const start = at;
      at += line.length + 1;
      return { text, line, start };
    });
  }).filter(({ line }) => line.trim() !== '' && !/[{}]/.test(line));

  test('a half-typed line is at most one problem and loses nothing else', () => {
    const edits = lines.map(({ text, line, start }) => {
      const half = line.slice(0, line.trimEnd().length / 2).padEnd(line.length);
      return edited(text, start, line.length, half);
    });
    expect(share(edits).atMostOneProblem).toBe(1);
    const others = edits.map(({ lost }, index) => {
      const { start, line } = lines[index]!;
      return lost.filter(({ range }) => range.end <= start || range.start >= start + line.length);
    });
    expect(others.filter((lost) => lost.length > 0).length / others.length).toBeLessThan(0.02);
  });

  test('a garbage line is one problem and loses nothing', () => {
    const edits = lines.map(({ text, start }) => edited(text, start, 0, '  foo bar; baz ?? 12\n'));
    expect(edits.filter(({ problems }) => problems.length !== 1)).toEqual([]);
    expect(edits.filter(({ lost }) => lost.length > 0)).toEqual([]);
  });
});

describe('what is said', () => {
  /** The text that the only problem covers, between `^`. */
  const check = (marked: string): SyntaxProblem => {
    const [before = '', shown = '', behind = ''] = marked.split('^');
    const { problems } = parse(before + shown + behind);
    expect(problems).toHaveLength(1);
    expect(problems[0]!.range).toMatchObject({ start: before.length, end: before.length + shown.length });
    return problems[0]!;
  };

  test('half a clause: what is missing is said at the end of its line', () => {
    expect(check('accelerator a {\n kernel q array 8 ^x^\n kernel k array 8 x 16\n}')).toMatchObject({
      kind: 'missing',
      found: 'kernel',
      expected: ['an expression', 'auto'],
      after: 'x',
      within: 'the clause ‘array’',
    });
  });

  test('a stray word: said at the word', () => {
    expect(check('accelerator a {\n kernel q ^arr^\n kernel k array 8 x 16\n}')).toMatchObject({
      kind: 'unexpected',
      found: 'arr',
      within: 'a kernel',
    });
  });

  test('a line without its first word: the word that fits is named', () => {
    const { expected } = check('accelerator a {\n kernel q array 8 x 16\n ^k^ array 8 x 16\n kernel v array 8 x 8\n}');
    expect(expected[0]).toBe('kernel');
  });

  test.each([
    ['accelerator a {\n device u280 at 245 MHz\n ^modle^ bert_base\n}', 'model'],
    ['accelerator a {\n kernel q array 8 x 16 ^weigths^ hbm[3]\n}', 'weights'],
    ['accelerator a {\n kernel ^lane^ 8 as fp32\n}', 'lanes'],
    ['accelerator a {\n kernel q array 8 x 16\n ^kernal^ k array 8 x 16\n}', 'kernel'],
  ])('a misspelt word is read as the word that was meant: %s', (text, meant) => {
    expect(check(text)).toMatchObject({ kind: 'unexpected', found: text.split('^')[1] });
    expect(check(text).expected[0]).toBe(meant);
    const spelt = text.replace(/\^.*\^/, meant);
    const kindsOf = (spec: string) => all(parse(spec).tree).map(({ kind }) => kind);
    expect(kindsOf(text.replaceAll('^', ''))).toEqual(kindsOf(spelt));
  });

  test('a word is not made up where several would do', () => {
    check('accelerator a { kernel q ^8 x 16^ weights hbm[3] }');
    const { tree } = parse('accelerator a { kernel q 8 x 16 weights hbm[3] }');
    expect(all(tree).map(({ kind }) => kind)).not.toContain('dimensions');
  });

  test('a missing closing brace is one problem, and what follows is read', () => {
    const text =
      'accelerator a {\n region r {\n  kernel q array 8 x 8\n\n region s {\n  kernel k array 8 x 8\n }\n}\nlet b = 1\n';
    const { tree, problems } = parse(text);
    expect(problems).toHaveLength(1);
    expect(all(tree).filter(({ kind }) => kind === 'region' || kind === 'kernel' || kind === 'let')).toHaveLength(5);
  });

  test('an accelerator that is never closed does not swallow the device behind it', () => {
    const { tree, problems } = parse('accelerator a {\n device d\n copies 1\n\ndevice d {\n lut: 1\n}\n');
    expect(problems).toMatchObject([{ kind: 'missing', expected: expect.arrayContaining(['}']) }]);
    expect(tree.declarations.map(({ kind }) => kind)).toEqual(['accelerator', 'sheet']);
  });

  test('a brace too many is one problem, and the statements behind it stay in the accelerator', () => {
    const { tree, problems } = parse('accelerator a {\n device d }\n phase decode(past: 1)\n copies 1\n}\n');
    expect(problems).toMatchObject([{ kind: 'unexpected', found: '}' }]);
    expect(all(tree).filter(({ kind }) => kind === 'phase' || kind === 'copies')).toHaveLength(2);
  });

  test('an open quote ends with its line', () => {
    expect(check('import ^"cards.weft^\nlet a = 1')).toMatchObject({ kind: 'lexical', expected: ['"'] });
  });

  test('a character of no token is one problem for a line of them', () => {
    expect(check('let a = 1 ^?!^ $ #\nlet b = 2')).toMatchObject({ kind: 'lexical', found: '?!' });
  });

  test('names and numbers are never made up', () => {
    const { tree } = parse('let = 3\nlet b =\nmodel { }\nimport\nlet c = 1');
    expect(tree.declarations).toHaveLength(5);
    expect(tree.declarations[0]).not.toHaveProperty('name');
    expect(tree.declarations[1]).not.toHaveProperty('value');
    expect(tree.declarations[3]).not.toHaveProperty('path');
    for (const node of all(tree)) if (node.kind === 'name') expect(node).not.toMatchObject({ text: '' });
  });
});

test('any text parses, the same way each time', () => {
  const pieces = fc.constantFrom(
    ...[
      'accelerator',
      'kernel',
      'region',
      'model',
      'device',
      'stream',
      '{',
      '}',
      '(',
      ')',
      '[',
      ']',
      'x',
      '8',
      '->',
      ':',
    ],
    ...['array', 'weights', 'a', ',', '"', '=', '..', '\n', '//', '///', '80%', '\0', 'é', '+', '-', '<'],
  );
  const texts = fc.oneof(
    fc.array(pieces, { maxLength: 80 }).map((parts) => parts.join(' ')),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const parsed = parse(text);
      expect(parse(text)).toEqual(parsed);
      for (const { range } of parsed.problems) {
        expect(range.start).toBeGreaterThanOrEqual(0);
        expect(range.end).toBeLessThanOrEqual(text.length);
        expect(range.start).toBeLessThanOrEqual(range.end);
      }
    }),
    { numRuns: 2000 },
  );
});
