import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from '../../grammar/parser.ts';
import { format } from '../../grammar/print.ts';
import { meaning, SPECS, sentence } from './support.ts';

const blanks = fc.constantFrom(' ', '  ', '\n', '\r\n', '\n\n\n', ' // why\n', '\n// above\n', '\n/// doc\n');
const texts = fc
  .tuple(fc.array(fc.nat(100_000), { maxLength: 60 }), fc.array(blanks, { minLength: 1, maxLength: 20 }))
  .map(([choices, gaps]) =>
    sentence(choices)
      .map((word, index) => word + gaps[index % gaps.length])
      .join(''),
  );

const commentsOf = (text: string): string[] => parse(text).comments.map((comment) => comment.text.trimEnd());
const withoutDocs = (node: unknown): unknown =>
  JSON.parse(JSON.stringify(node, (key, value) => (key === 'doc' ? undefined : value)));

describe('the formatter', () => {
  test.each(SPECS)('%s keeps its meaning, and formatting it twice changes nothing more', (_, text) => {
    const formatted = format(text);
    expect(parse(formatted).problems).toEqual([]);
    expect(meaning(parse(formatted).tree)).toEqual(meaning(parse(text).tree));
    expect(commentsOf(formatted)).toEqual(commentsOf(text));
    expect(format(formatted)).toBe(formatted);
  });

  test.each(SPECS)('%s gets the same layout from any spacing', (_, text) => {
    const squeezed = text.replace(/[ \t]+/g, ' ');
    expect(format(squeezed)).toBe(format(text));
  });

  test('any sentence of the grammar keeps its meaning and its comments', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const before = parse(text);
        expect(before.problems).toEqual([]);
        const formatted = format(text);
        const after = parse(formatted);
        expect(after.problems).toEqual([]);
        expect(withoutDocs(meaning(after.tree))).toEqual(withoutDocs(meaning(before.tree)));
        expect(commentsOf(formatted)).toEqual(commentsOf(text));
        expect(format(formatted)).toBe(formatted);
      }),
      { numRuns: 1500 },
    );
  });

  test('the BERT example is the table that an architect would draw', async () => {
    const [, text] = SPECS.find(([name]) => name === 'bert_u280.weft')!;
    await expect(format(text)).toMatchFileSnapshot('../golden/grammar/bert_u280.weft');
  });

  test('columns: names, shapes, and what feeds them, each below each other', () => {
    expect(
      format(
        'accelerator {region r on slr0 pack 2{\nkernel q array 8x16 weights hbm[3]\nkernel softmax lanes 8 as fp32\nkernel p array 8 x 16 pack 2 weights hbm[4] double port 512bit}}',
      ),
    ).toBe(`accelerator {
  region r on slr0  pack 2 {
    kernel q       array 8 x 16          weights hbm[3]
    kernel softmax lanes 8               as fp32
    kernel p       array 8 x 16  pack 2  weights hbm[4] double  port 512 bit
  }
}
`);
  });

  test('settings, streams and requirements are columns too, and trailing comments line up', () => {
    expect(
      format(`accelerator a {
device 4x u280 at 245MHz link qsfp split tensor 4,pipeline 1 // cards
precision W4A8
  // what must keep free


reserve lut 10 %,bram 5%
stream hbm[0]->q,k 64 x int8 //in
stream softmax->context 8 x int8 depth 512 in uram // probabilities
require use( slr1.dsp )<80% // room
require block.latency < 30ms
}`),
    ).toBe(
      `accelerator a {
  device    4 x u280 at 245 MHz  link qsfp  split tensor 4, pipeline 1  // cards
  precision W4A8
  // what must keep free

  reserve lut 10%, bram 5%
  stream hbm[0]  -> q, k     64 x int8                     //in
  stream softmax -> context  8 x int8  depth 512  in uram  // probabilities
  require use(slr1.dsp)  < 80%                             // room
  require block.latency  < 30 ms
}
`,
    );
  });

  test('a text with a syntax problem is left alone', () => {
    const text = 'accelerator a {\n kernel q   array 8 x\n}';
    expect(format(text)).toBe(text);
  });

  test('line ends stay what they are', () => {
    expect(format('let a = 1\r\nlet bcd = 2')).toBe('let a   = 1\r\nlet bcd = 2\r\n');
  });

  test('an empty text stays empty, comments alone stay', () => {
    expect(format('')).toBe('');
    expect(format('// only\n\n\n\n// this')).toBe('// only\n\n// this\n');
  });

  test('a number never gets the name on the next line as its unit', () => {
    const text = 'accelerator { device d split a 4\ns 2 }';
    expect(meaning(parse(format(text)).tree)).toEqual(meaning(parse(text).tree));
  });
});
