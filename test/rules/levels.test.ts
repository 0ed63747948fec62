/** How loud a rule is: settings, and comments beside a line. */
import { describe, expect, test } from 'vitest';
import { codes } from '../../server/rules/index.ts';
import { atLevels, readLevels } from '../../server/rules/levels.ts';
import { diagnosticsOf } from '../kit/analyses.ts';

const spec = (limit: string) => `accelerator a {
  device u280 at 245 MHz
  model  bert_base
  phase  forward(tokens: 512)
  ${limit}
}`;
const said = (text: string) => diagnosticsOf(text).map(({ code, message }) => `${code}: ${message}`);

describe('settings', () => {
  const [failed] = diagnosticsOf(spec('require block.latency < 1 us'));

  test.each([
    ['off', []],
    ['hint', ['hint']],
    ['warn', ['warning']],
    ['error', ['error']],
  ])('%s', (level, severities) => {
    const { levels, wrong } = readLevels({ 'requirement-failed': level }, codes);
    expect(wrong).toEqual([]);
    expect(atLevels([failed!], levels).map(({ severity }) => severity)).toEqual(severities);
  });

  test('what is no rule or no level is named and changes nothing', () => {
    const { levels, wrong } = readLevels({ 'requirment-failed': 'off', 'fifo-stall': 'loud' }, codes);
    expect(levels).toEqual({});
    expect(wrong).toEqual([
      'there is no rule ‘requirment-failed’',
      '‘fifo-stall’ is off, hint, information, warning, error, not "loud"',
    ]);
  });

  test.each([[null], [[]], ['off'], [3]])('%j is no settings', (written) => {
    expect(readLevels(written, codes)).toEqual({ levels: {}, wrong: [] });
  });
});

describe('comments', () => {
  test('behind a line, and above it', () => {
    expect(said(spec('require block.latency < 1 us // weft-ignore requirement-failed: for the next card'))).toEqual([]);
    expect(
      said(spec('// weft-ignore requirement-failed: for the next card\n  // more\n\n  require block.latency < 1 us')),
    ).toEqual([]);
  });

  test('only that line', () => {
    const two = spec('require latency < 1 us // weft-ignore requirement-failed: later\n  require block.latency < 1 us');
    expect(diagnosticsOf(two)).toHaveLength(1);
  });

  test.each([
    [
      '// weft-ignore requirement-failed: why',
      'require latency < 1000 s',
      'The line has no ‘requirement-failed’ to ignore.',
    ],
    ['// weft-ignore requirement-failed', 'require latency < 1 us', 'Say why: `// weft-ignore rule: why`.'],
    ['// weft-ignore', 'require latency < 1000 s', 'No rule is named: `// weft-ignore rule: why`.'],
    [
      '// weft-ignore requirment-failed: why',
      'require latency < 1000 s',
      'There is no rule ‘requirment-failed’ that can be ignored; perhaps ‘requirement-failed’.',
    ],
  ])('%s above %s', (comment, line, message) => {
    expect(said(spec(`${comment}\n  ${line}`))).toEqual([`ignore-without-effect: ${message}`]);
  });

  test('an error of the text is never ignored', () => {
    const codesSaid = said(spec('// weft-ignore unknown-name: hush\n  require latancy < 1 s')).map((one) =>
      one.slice(0, one.indexOf(':')),
    );
    expect(codesSaid).toContain('unknown-name');
    expect(codesSaid).toContain('ignore-without-effect');
  });
});
