import { describe, expect, test } from 'vitest';
import { type Expectation, expectedAt } from '../../grammar/expect.ts';
import { CLAUSE_WORDS, STATEMENT_WORDS } from '../../grammar/tokens.ts';
import { SPECS, tokensOf } from './support.ts';

/** What is expected at the `^`. */
const at = (marked: string): Expectation => expectedAt(marked.replace('^', ''), marked.indexOf('^'));
const inside = (body: string): Expectation => at(`accelerator a {\n  device u280\n  region r on slr0 {\n    ${body}`);

describe('words', () => {
  test('declarations at the start of a file and behind another', () => {
    const all = ['import', 'let', 'model', 'accelerator', 'device', 'baseline', 'precision'];
    expect(at('^')).toMatchObject({ words: all, within: 'tree' });
    expect(at('device d { lut: 1 }\nacc^').words).toEqual(all);
  });

  test('statements in an accelerator', () => {
    const { words, within } = at('accelerator a { ^');
    expect(words).toEqual(
      expect.arrayContaining(['device', 'phase', 'kernel', 'region', 'require', 'minimize', 'let']),
    );
    expect(words).not.toContain('input');
    expect(within).toBe('accelerator');
  });

  test('clauses in a half-typed kernel come before what may follow it', () => {
    const { words, start, within, after } = inside('kernel q arr^');
    expect(words.indexOf('array')).toBeLessThan(words.indexOf('stream'));
    expect(words).not.toContain('device');
    expect([within, after]).toEqual(['kernel', 'kernel']);
    expect(start).toBe('accelerator a {\n  device u280\n  region r on slr0 {\n    kernel q '.length);
  });

  test('modes of a storage', () => {
    expect(inside('kernel q weights hbm[3] ^').words).toEqual(
      expect.arrayContaining(['double', 'single', 'via', 'port', 'burst', 'on']),
    );
  });

  test('only what a stream takes', () => {
    const { words, signs } = inside('stream a -> b 8 ^');
    expect(words).toEqual(expect.arrayContaining(['depth', 'in']));
    expect(words).not.toContain('array');
    expect(signs).toContain('x');
  });
});

describe('classes', () => {
  test.each<[string, Partial<Expectation>]>([
    ['kernel q array ^', { classes: ['expression'], after: 'array', within: 'kernel' }],
    ['kernel q array 8 x ^', { classes: ['expression'], after: 'array' }],
    ['kernel q array 8x^', { classes: ['expression'], after: 'array' }],
    ['kernel q weights ^', { classes: ['place'], after: 'weights' }],
    ['kernel q weights hbm[^', { classes: ['expression'], after: 'weights' }],
    ['kernel q on slr^', { classes: ['place'], after: 'on' }],
    ['kernel mpu : q, ^', { classes: ['place'], within: 'kernel', after: 'kernel' }],
    ['stream ^', { classes: ['place'], within: 'stream' }],
    ['stream a -> b 8 x ^', { classes: ['name'], within: 'stream' }],
  ])('in a region: %s', (body, expected) => {
    expect(inside(body)).toMatchObject(expected);
  });

  test.each<[string, Partial<Expectation>]>([
    ['accelerator a { device ^', { classes: ['name', 'expression'], within: 'device' }],
    ['accelerator a { model ^', { classes: ['name'], words: ['import'], within: 'use-model' }],
    ['accelerator a { compare a100, ^', { classes: ['name'], within: 'compare' }],
    ['model m { q = ^', { classes: ['expression'], within: 'operation' }],
    ['device d { ^', { classes: ['label'], within: 'sheet' }],
    ['import "car^', { classes: ['text'], words: [] }],
    ['let a = 3 // ker^', { classes: [], words: [], signs: [] }],
  ])('%s', (marked, expected) => {
    expect(at(marked)).toMatchObject(expected);
  });

  test.each(['at 245^', 'at 245 ^', 'at 245 M^', 'at 245MHz^'])('units behind a number: %s', (clock) => {
    expect(at(`accelerator a { device u280 ${clock}`).classes).toContain('unit');
  });

  test('no unit on the line behind a number', () => {
    expect(at('accelerator a { copies 1\n^').classes).not.toContain('unit');
  });
});

describe('calls', () => {
  test('callee, argument and label', () => {
    expect(at('model m { q = linear(^').call).toEqual({ callee: 'linear', argument: 0 });
    expect(at('model m { q = scores(f(a, b), k, heads: ^').call).toEqual({
      callee: 'scores',
      argument: 2,
      label: 'heads',
    });
    expect(at('accelerator a { phase forward(tokens: 512, b^').call).toEqual({ callee: 'forward', argument: 1 });
    expect(at('accelerator a { require use(dsp) < ^')).not.toHaveProperty('call');
  });

  test('a label may come where an argument begins, but not behind one', () => {
    expect(at('accelerator a { phase forward(^').classes).toContain('label');
    expect(at('accelerator a { phase forward(tokens: ^').classes).not.toContain('label');
  });
});

test('broken lines above do not matter', () => {
  expect(inside('kernel a array 8 x\n kernel b ??? foo bar\n kernel c lanes ^')).toMatchObject({
    classes: ['expression'],
    after: 'lanes',
    within: 'kernel',
  });
  expect(at('device d { die {\nmodel m {\naccelerator a { phase ^')).toMatchObject({
    classes: ['name'],
    within: 'phase',
  });
});

test('in front of every word of the example specs, that word is expected', () => {
  const reserved = new Set<string>([...STATEMENT_WORDS, ...CLAUSE_WORDS]);
  for (const [, text] of SPECS) {
    const tokens = tokensOf(text);
    const words = tokens.filter(
      ({ image }, index) =>
        reserved.has(image) && tokens[index + 1]?.image !== ':' && tokens[index + 1]?.image !== 'qsfp',
    );
    for (const { image, startOffset } of words) expect(expectedAt(text, startOffset).words).toContain(image);
  }
});
