/** What an architect does to the BERT example, and what is said. */
import { describe, expect, test } from 'vitest';
import bert from '../../examples/bert_u280.weft';
import { analysisOf, codesOf, diagnosticsOf, fixed, fixesOf, shown } from '../kit/analyses.ts';

/** The example with some of its text replaced; fails where it is not there. */
function edited(...edits: readonly (readonly [from: string, to: string])[]): string {
  return edits.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the example has no ‘${from}’`);
    return text.replaceAll(from, to);
  }, bert);
}

test('the example has nothing to complain of', () => {
  expect(diagnosticsOf(bert)).toEqual([]);
});

describe('an array far too large', () => {
  const text = edited(['up      array 8 x 16', 'up      array 64 x 64']);

  test('is marked, with its die, by how much, and the biggest users', () => {
    const [first] = diagnosticsOf(text);
    expect(shown(first!, text)).toMatchInlineSnapshot(`
      "error dsp-oversubscribed at 24:20 «array 64 x 64»
        slr2 needs 4,802 DSP of 3,072: 1,730 too many (156%).
        - 24:20 «array 64 x 64»: ‘up’ takes 4,416 DSP
        - 26:20 «array 8 x 16»: ‘down’ takes 168 DSP
        - 28:20 «lanes 8»: ‘norm2’ takes 138 DSP
        fix: Use \`array 64 x 32\`: slr2 fits"
    `);
  });

  test('has a quick fix that brings the die back under in every resource', () => {
    const [first] = diagnosticsOf(text);
    const [fix] = fixesOf(first!, text);
    // An `up` that much faster than the rest leaves the FIFOs of the example too shallow and most of its DSPs idle;
    // a die that is just not over-subscribed is fuller than routing likes.
    expect(codesOf(fixed(text, fix!))).toEqual(['closure-unlikely', 'unbalanced-pipeline', 'fifo-stall']);
  });

  test('every array too large: every die has its error, and each fix brings its die back', () => {
    const all = edited(['array 8 x 16', 'array 64 x 64']);
    const errors = diagnosticsOf(all).filter((one) => one.code === 'dsp-oversubscribed');
    expect(errors.map((one) => one.subject.die)).toEqual(['slr0', 'slr1', 'slr2']);
    for (const error of errors) {
      const [fix] = fixesOf(error, all);
      const left = diagnosticsOf(fixed(all, fix!)).filter((one) => one.code === 'dsp-oversubscribed');
      expect(left.map((one) => one.subject.die)).not.toContain(error.subject.die);
      expect(left).toHaveLength(2);
    }
  });
});

describe('one channel for three projections', () => {
  const text = edited(
    ['q       array 8 x 16  weights hbm[3]', 'q       array 8 x 32  weights hbm[1]'],
    ['k       array 8 x 16  weights hbm[1]', 'k       array 8 x 32  weights hbm[1]'],
    ['v       array 8 x 16  weights hbm[2]', 'v       array 8 x 32  weights hbm[1]'],
  );

  test('is over-subscribed: by how much, and who waits', () => {
    expect(diagnosticsOf(text).map((one) => shown(one, text))).toMatchInlineSnapshot(`
      [
        "warning hbm-channel-bandwidth at 11:34 «weights hbm[1]»
        hbm[1] is over-subscribed: 23.5 of 14.4 GB/s (164%). ‘q’, ‘k’ and ‘v’ use it at the same time: each gets 61% of what it asks for then, and waits up to 6% of the layer.
        - 11:34 «weights hbm[1]»: ‘q’ asks for 7.8 GB/s
        - 12:34 «weights hbm[1]»: ‘k’ asks for 7.8 GB/s
        - 13:34 «weights hbm[1]»: ‘v’ asks for 7.8 GB/s
        fix: Use free channels of hbm (latency 288 ms → 270 ms)
        fix: Keep weights for 2 blocks of rows (latency 288 ms → 271 ms)",
      ]
    `);
  });

  test('the quick fix gives each a channel of its own, and keeps its other words', () => {
    const longer = text.replace('hbm[1]', 'hbm[1] double burst 64');
    const [diagnostic] = diagnosticsOf(longer);
    const [fix] = fixesOf(diagnostic!, longer);
    expect(codesOf(fixed(longer, fix!))).toEqual([]);
    expect(fixed(longer, fix!)).toContain('double burst 64');
  });

  test('two of them fit on one channel', () => {
    expect(codesOf(text.replace('hbm[1]', 'hbm[3]'))).toEqual(['hbm-channel-bandwidth']);
    expect(codesOf(text.replace('k       array 8 x 32', 'k       array 8 x 16').replace('hbm[1]', 'hbm[3]'))).toEqual([
      'hbm-channel-shared',
    ]);
  });
});

test('kernels that never run at the same time share a channel without complaint', () => {
  // Every row of K is there before attention starts, and so before the feed-forward network does.
  const shared = edited(['array 8 x 16', 'array 8 x 32'], ['hbm[5]', 'hbm[1]']);
  const estimate = analysisOf(shared).estimate.accelerators[0]!;
  const [k, up] = ['k', 'up'].map((name) => estimate.kernels.find((kernel) => kernel.name === name)!);
  const channel = estimate.channels.find(({ name }) => name === 'hbm[1]')!;
  expect(k!.end).toBeLessThan(up!.start);
  // Together they would ask for twice 7.84 GB/s of 14.375 GB/s.
  expect(channel.demand).toBeLessThan(10e9);
  expect(codesOf(shared)).toEqual([]);
});

test.each([
  ['0.1', '10%'],
  ['0.125', '12.5%'],
  ['1', '100%'],
  ['10', '10%'],
])('a share without its sign, %s, is meant as %s', (written, meant) => {
  const text = edited(['lut 10%', `lut ${written}`]);
  const [diagnostic] = diagnosticsOf(text);
  expect(diagnostic?.code).toBe('unit-mismatch');
  const [fix] = fixesOf(diagnostic!, text);
  expect(fix?.title).toBe(`Use ${meant}`);
  expect(fixed(text, fix!)).toContain(`reserve   lut ${meant}`);
});

test('a throughput in frames is of whole sequences, in the unit that was asked for', () => {
  const said = (rate: string) =>
    diagnosticsOf(edited(['require use(slr1.dsp)  < 80%', `require throughput > ${rate}`])).map(
      ({ message }) => message,
    );
  const { interval } = analysisOf(bert).estimate.accelerators[0]!.timing;
  expect(said('1_000 frame/s')).toEqual([
    expect.stringContaining(`throughput is ${(1 / interval).toPrecision(3)} frame/s`),
  ]);
  expect(said('1_000_000 tok/s')).toEqual([
    expect.stringContaining(`throughput is ${Math.round(512 / interval).toLocaleString('en-US')} tok/s`),
  ]);
  expect(said('1 frame/s')).toEqual([]);
});

describe('slips of the pen: one clear error each, and the rest keeps its estimates', () => {
  const softmax = '    kernel softmax lanes 8               as fp32';
  const q = 'kernel q       array 8 x 16  weights hbm[3]';
  test.each<[what: string, from: string, to: string]>([
    ['half a line: a kernel without its clauses', softmax, '    kernel softmax lanes'],
    ['half a line: a kernel without its name', softmax, '    kernel'],
    ['half a line: a word half typed', softmax, '    kern'],
    ['half a line: a name half typed', softmax, '    kernel sof'],
    ['half a line: a clause half typed', q, 'kernel q       array 8 x 16  wei'],
    ['half a line: an array with one side', q, 'kernel q       array 8 x'],
    ['half a line: a channel that is not closed', q, 'kernel q       array 8 x 16  weights hbm[3'],
    ['half a line: a phase', '  phase     forward(tokens: 512)', '  phase'],
    ['half a line: a requirement', '  require use(slr1.dsp)  < 80%', '  require use(slr1.dsp)  <'],
    ['half a line: a stream', 'stream act     -> down', 'stream act     ->  '],
    ['garbage between two lines', softmax, `    asdf qwer 12 zxcv\n${softmax}`],
    ['garbage instead of a line', softmax, '    asdf qwer zxcv'],
    ['characters that mean nothing', softmax, `    %%%% ### @@@\n${softmax}`],
    ['an unknown operator', softmax, '    kernel softmx lanes 8  as fp32'],
    ['a bandwidth for a clock', '245 MHz', '245 GB/s'],
    ['a clock without its unit', '245 MHz', '245'],
    ['an array without rows', q, 'kernel q       array 0 x 8'],
    ['an array of halves', q, 'kernel q       array 2.5 x 8'],
    ['an array of 10^9 x 10^9', q, 'kernel q       array 1_000_000_000 x 1_000_000_000'],
    ['a line removed from a region', `${softmax}\n`, ''],
    ['a phase removed', '  phase     forward(tokens: 512)\n', ''],
    ['a phase misspelt', 'forward(tokens', 'foward(tokens'],
    ['a precision misspelt', 'W4A8', 'W5A8'],
    ['a card misspelt', 'device    u280', 'device    u28'],
    ['a model misspelt', 'bert_base', 'bert_bse'],
    ['an opening brace removed', 'region attend on slr1 {', 'region attend on slr1'],
    ['the head of a region removed', '  region attend on slr1 {\n', ''],
    ['a closing brace removed', '  }\n  region attend', '\n  region attend'],
    ['a closing brace too many', softmax, `${softmax} }`],
    ['a kernel twice', softmax, `${softmax}\n${softmax}`],
    ['a channel that the card lacks', 'hbm[3]', 'hbm[32]'],
    ['a die that the card lacks', 'on slr1', 'on slr7'],
    ['a contract of the wrong unit', '< 30 ms', '< 30 GB/s'],
    ['a unit in small letters', '245 MHz', '245 mhz'],
    ['a capital times sign', q, 'kernel q       array 8 X 16  weights hbm[3]'],
    ['a colon behind a statement', 'device    u280', 'device:   u280'],
    ['an equals sign behind a statement', 'precision W4A8', 'precision = W4A8'],
    ['a comma at the end of a line', 'W4A8', 'W4A8,'],
    ['a statement misspelt', 'copies    1 ', 'copys     1 '],
    [
      'clauses behind a region',
      '  region attend on slr1 {',
      '  region early on slr0 { } on slr1\n  region attend on slr1 {',
    ],
    ['a word that begins nothing', '  copies    1 ', '  amount    1 '],
  ])('%s', async (what, from, to) => {
    const text = edited([from, to]);
    const diagnostics = diagnosticsOf(text);
    const said = diagnostics.map((one) => shown(one, text)).join('\n');
    await expect(`${said}\n`).toMatchFileSnapshot(`../golden/rules/slips/${what.replaceAll(/[^a-z0-9]+/g, '-')}.txt`);
    expect(diagnostics).toHaveLength(1);
    const lost = what.includes('card misspelt') || what.includes('model misspelt');
    const kernels = analysisOf(text).estimate.accelerators[0]?.kernels ?? [];
    expect(kernels.length).toBe(lost ? 0 : 14);
    for (const kernel of kernels) expect(kernel.cycles).toBeGreaterThan(0);
  });
});
