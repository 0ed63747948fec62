import { describe, expect, test } from 'vitest';
import { annotated } from '../kit/annotated.ts';
import { designOf, MAIN } from '../kit/sources.ts';

/** Statements in an accelerator that lacks nothing. */
const within = (statements: string): string => `accelerator a {
  device u280 at 245 MHz
  model  bert_base
  phase  forward(tokens: 512)
  ${statements}
}`;
const model = (body: string): string => `model m(hidden) {
  input x : [tokens, hidden]
  ${body}
}
accelerator a { device u280 model m(hidden: 64) phase forward(tokens: 4) }`;

/** Each source has exactly one problem, and it stands at the mark. */
const cases: [what: string, source: string, problem: Record<string, unknown>][] = [
  [
    'a card that is misspelt',
    'accelerator a { device ^u28^ model bert_base phase forward(tokens: 8) }',
    { code: 'unknown-name', sort: 'device', name: 'u28' },
  ],
  [
    'a model that is misspelt',
    'accelerator a { device u280 model ^bert_bas^ phase forward(tokens: 8) require block.latency < 3 ms }',
    { code: 'unknown-name', sort: 'model' },
  ],
  [
    'a kernel without an operator',
    within('kernel ^softmx^ lanes 8  kernel q'),
    { code: 'unknown-name', sort: 'operator' },
  ],
  [
    'an operator of a turn that is not there',
    within('kernel up : up + ^akt^'),
    { code: 'unknown-name', sort: 'operator', name: 'akt' },
  ],
  [
    'a die that the card lacks',
    within('kernel q on ^slr7^'),
    { code: 'unknown-name', sort: 'die', candidates: ['slr0', 'slr1', 'slr2', 'host'] },
  ],
  [
    'a memory that the card lacks',
    within('kernel q weights ^hmb^[3]'),
    { code: 'unknown-name', sort: 'memory', candidates: ['hbm', 'ddr', 'bram', 'uram', 'lutram'] },
  ],
  ['a precision', within('precision ^W5A8^'), { code: 'unknown-name', sort: 'precision' }],
  ['an element type', within('kernel softmax as ^fp31^'), { code: 'unknown-name', sort: 'element type' }],
  ['a constant', within('kernel q array ^rows^ x 8'), { code: 'unknown-name', sort: 'constant' }],
  ['a function', within('kernel q array ^round^(8) x 8'), { code: 'unknown-name', sort: 'function' }],
  [
    'a phase',
    'accelerator a { device u280 model bert_base phase ^foward^(tokens: 8) }',
    { code: 'unknown-name', sort: 'phase' },
  ],
  [
    'an argument of a phase',
    within('').replace('(tokens: 512)', '(tokens: 512, ^batsh^: 2)'),
    { code: 'unknown-name', sort: 'argument' },
  ],
  [
    'a parameter of a model',
    'accelerator a { device u280 model gpt2_small(^layer^: 2) phase decode(past: 8) }',
    { code: 'unknown-name', sort: 'parameter' },
  ],
  ['an end of a stream', within('stream ^akt^ -> down'), { code: 'unknown-name', sort: 'end of a stream' }],
  ['a storage', within('stream act -> down in ^utam^'), { code: 'unknown-name', sort: 'storage' }],
  ['a resource', within('require use(^dps^) < 80%'), { code: 'unknown-name', sort: 'resource' }],
  ['a die of a metric', within('require use(^slr7^.dsp) < 80%'), { code: 'unknown-name', sort: 'die' }],
  ['a memory of a metric', within('require bandwidth(^hmb^) < 80%'), { code: 'unknown-name', sort: 'memory' }],
  ['a metric', within('require block.^latensy^ < 8 ms'), { code: 'unknown-name', sort: 'metric' }],
  ['a metric that stands alone', within('minimize ^latensy^'), { code: 'unknown-name', sort: 'metric' }],
  [
    'a scope of a metric',
    within('require ^blok^.latency < 8 ms'),
    { code: 'unknown-name', sort: 'layer, region, kernel or phase' },
  ],
  ['a baseline', within('compare a100, ^rtx^'), { code: 'unknown-name', sort: 'baseline' }],
  ['a layer', within('copies 2 of ^blok^'), { code: 'unknown-name', sort: 'layer' }],
  ['a resource of a reserve', within('reserve ^dps^ 20%'), { code: 'unknown-name', sort: 'resource' }],
  ['an operator kind', model('y = ^liner^(x, 8)  output y'), { code: 'unknown-name', sort: 'operator kind' }],
  [
    'a tensor',
    model('y = linear(x, 8)  z = gelu(^w^)  output y'),
    { code: 'unknown-name', sort: 'tensor', candidates: ['x', 'y'] },
  ],
  [
    'an argument of an operator',
    model('y = linear(x, 8, ^colums^: 4)  output y'),
    { code: 'unknown-name', sort: 'argument' },
  ],
  ['a field of a sheet', 'baseline b { ^bandwith^: 3 GB/s }', { code: 'unknown-name', sort: 'field' }],
  [
    'a die of a sheet',
    'device d { clock: 1 MHz die a { dsp: 1 } memory m { capacity: 1 GB, bandwidth: 1 GB/s, on: ^b^ } }',
    { code: 'unknown-name', sort: 'die' },
  ],

  [
    'a clock in GB/s',
    within('').replace('245 MHz', '^245 GB/s^'),
    { code: 'unit-mismatch', subject: 'a clock', expected: 'a frequency (MHz)', found: '245 GB/s' },
  ],
  ['a clock without a unit', within('kernel q at ^245^'), { code: 'unit-mismatch', subject: 'a clock' }],
  [
    'a side with a unit',
    within('let r = 8 ms  kernel q array ^r^ x 8'),
    { code: 'unit-mismatch', subject: 'array', found: 'r = 8 ms' },
  ],
  ['a depth with a unit', within('stream act -> down depth ^3 KiB^'), { code: 'unit-mismatch', subject: 'depth' }],
  ['a share without its sign', within('reserve dsp ^20^'), { code: 'unit-mismatch', expected: 'a share (%)' }],
  [
    'a comparison of a time and a number',
    within('require ^latency < 30^'),
    { code: 'unit-mismatch', subject: 'the comparison', expected: 'a time (ms)', found: 'a plain number' },
  ],
  ['a sum of different things', 'let a = ^3 ms + 4 GB/s^', { code: 'unit-mismatch', subject: 'the sum' }],
  ['a product that is nothing', 'let a = ^3 ms * 4 ms^', { code: 'unit-mismatch', subject: 'the product' }],
  ['a minimum of different things', 'let a = min(3 ms, ^4^)', { code: 'unit-mismatch', subject: '‘min’' }],

  [
    'an array of no rows',
    within('kernel q array ^0^ x 8'),
    { code: 'invalid-value', subject: 'array', found: '0', expected: 'a whole number from 1 to 4,096' },
  ],
  ['an array of halves', within('kernel q array ^2.5^ x 8'), { code: 'invalid-value', subject: 'array', found: '2.5' }],
  ['a negative array', within('kernel q array 8 x ^-1^'), { code: 'invalid-value', subject: 'array', found: '-1' }],
  [
    'an array beyond all chips',
    within('kernel q array ^1_000_000_000^ x 1_000_000_000'),
    { code: 'invalid-value', subject: 'array' },
  ],
  [
    'an array that no chip holds',
    within('kernel q ^array 4096 x 4096^'),
    { code: 'invalid-value', expected: 'at most 1,048,576 multipliers' },
  ],
  ['an array of one side', within('kernel q ^array 8^'), { code: 'invalid-value', subject: 'array' }],
  [
    'three products a block',
    within('kernel q pack ^3^'),
    { code: 'invalid-value', subject: 'pack', expected: '1, 2 or 4' },
  ],
  [
    'an array for a softmax',
    within('kernel softmax ^array 8 x 8^'),
    { code: 'invalid-value', expected: '‘lanes’, because softmax is no matrix product' },
  ],
  [
    'lanes for a product',
    within('kernel q ^lanes 8^'),
    { code: 'invalid-value', expected: '‘array’, because linear is a matrix product' },
  ],
  [
    'weights on the chip that are staged',
    within('kernel q weights uram ^via bram^'),
    { code: 'invalid-value', subject: 'via', expected: 'no ‘via’: uram is on the chip' },
  ],
  [
    'a port for K on the chip',
    within('kernel scores cache uram double ^port 512 bit^'),
    { code: 'invalid-value', subject: 'port' },
  ],
  [
    'gain and bias that are staged',
    within('kernel norm1 weights hbm[3] ^via uram^'),
    { code: 'invalid-value', subject: 'via' },
  ],
  [
    'weights staged in shift registers',
    within('kernel q weights hbm[3] via ^srl^'),
    { code: 'unknown-name', name: 'srl' },
  ],
  [
    'an interval that nothing is built for',
    within('kernel norm1 ii ^8^'),
    { code: 'invalid-value', expected: '1, 2 or 4' },
  ],
  [
    'an interval of an array',
    within('kernel up array 8 x 16 ^ii 4^'),
    { code: 'invalid-value', expected: expect.stringMatching(/^no ‘ii’: the loops of linear .* a smaller ‘array’/) },
  ],
  [
    'an interval of an add',
    within('kernel add1 ^ii 2^'),
    { code: 'invalid-value', expected: expect.stringContaining('fewer ‘lanes’') },
  ],
  [
    'a type of queries, K and V',
    within('kernel scores array 8 x 16 ^as int16^'),
    { code: 'invalid-value', expected: expect.stringMatching(/^no ‘as’: queries, keys and values/) },
  ],
  [
    'weights for a gelu',
    within('kernel act ^weights hbm[1]^'),
    { code: 'invalid-value', subject: '‘weights’ of ‘act’' },
  ],
  ['a cache for an add', within('kernel add1 ^cache uram^'), { code: 'invalid-value', subject: '‘cache’ of ‘add1’' }],
  [
    'sizes that a model of the library cannot have, where they are given',
    'accelerator a { device u280 at 245 MHz model ^bert_base(hidden: 770)^ phase forward(tokens: 8) }',
    { code: 'shape-mismatch', operator: 'scores' },
  ],
  [
    'the same in an instance of a file of one’s own',
    'model m = bert_base(layers: 0) accelerator a { device u280 at 245 MHz model ^m^ phase forward(tokens: 8) }',
    { code: 'invalid-value', subject: 'repeat', found: 'layers = 0' },
  ],
  [
    'how many channels there are in the place of which',
    'device d { clock: 1 MHz die a { dsp: 1 } memory m { channels: ^2^, capacity: 1 GB, bandwidth: 1 GB/s } }',
    { code: 'invalid-value', subject: 'channels', expected: 'the first and the last, as in 0..1' },
  ],
  [
    'a memory that gives nothing',
    'device d { clock: 1 MHz die a { dsp: 1 } memory ^m^ { channels: 0..1, capacity: 1 GB } }',
    { code: 'missing-part', owner: 'memory ‘m’', part: '‘bandwidth:’' },
  ],
  [
    'a channel that is not there',
    within('kernel q weights hbm[^32^]'),
    { code: 'invalid-value', expected: 'a whole number from 0 to 31' },
  ],
  ['more channels than anybody counts', within('kernel q weights hbm[0..^1_000_000_000^]'), { code: 'invalid-value' }],
  [
    'channels that fall',
    within('kernel q weights hbm[^4..2^]'),
    { code: 'invalid-value', expected: 'a range that rises, within 0..31' },
  ],
  ['both the host and a die', within('kernel q on ^slr0^, host'), { code: 'invalid-value', subject: 'on' }],
  [
    'more copies than layers',
    within('copies ^13^'),
    { code: 'invalid-value', expected: 'a whole number from 1 to 12' },
  ],
  ['fusion of what does not meet', within('kernel a : q + ^v^'), { code: 'invalid-value', subject: 'fusion' }],
  [
    'a stream that carries nothing',
    within('stream act -> ^proj^'),
    { code: 'invalid-value', subject: 'stream', expected: 'a reader of ‘act’: ‘down’' },
  ],
  ['a contract that compares nothing', within('require ^latency^'), { code: 'invalid-value', subject: 'require' }],
  [
    'a repeat of 10 to the 9',
    model('layer l(x) repeat ^1_000_000_000^ { y = linear(x, hidden) output y } output l'),
    { code: 'invalid-value', subject: 'repeat', expected: 'a whole number from 1 to 10,000' },
  ],
  ['tokens without end', within('').replace('512', '^2_000_000^'), { code: 'invalid-value', subject: 'tokens' }],
  ['a division by nothing', 'let a = ^1 / 0^', { code: 'invalid-value' }],
  [
    'a constant that needs itself',
    'let ^a^ = b\nlet b = a',
    { code: 'invalid-value', subject: 'let', found: 'a value that needs itself' },
  ],
  [
    'an operator in an operator',
    model('y = gelu(^linear(x, 8)^)  output y'),
    { code: 'invalid-value', subject: 'gelu' },
  ],

  [
    'an accelerator without a card',
    'accelerator ^a^ { model bert_base phase forward(tokens: 8) }',
    { code: 'missing-part', part: 'a device, such as ‘device u280’' },
  ],
  [
    'an accelerator without a model',
    'accelerator ^a^ { device u280 phase forward(tokens: 8) require block.latency < 2 ms }',
    { code: 'missing-part', part: 'a model, such as ‘model bert_base’' },
  ],
  [
    'an accelerator without a phase',
    'accelerator ^a^ { device u280 model bert_base }',
    { code: 'missing-part', part: 'a phase, such as ‘phase forward(tokens: 512)’' },
  ],
  [
    'an accelerator without a name',
    '^accelerator^ { device u280 model bert_base phase forward(tokens: 8) }',
    { code: 'missing-part', part: 'a name' },
  ],
  [
    'a forward pass without tokens',
    'accelerator a { device u280 model bert_base phase ^forward^ }',
    { code: 'missing-part', owner: '‘forward’' },
  ],
  [
    'cards whose sheet has no link',
    'accelerator a { ^device 2 x v80^ model bert_base phase forward(tokens: 8) }',
    {
      code: 'missing-part',
      owner: 'device ‘v80’',
      part: expect.stringMatching(/in a copy under a name of your own\), such as ‘link qsfp \{ .* on: slr0 \}’$/),
    },
  ],
  [
    'a decode without a past',
    'accelerator a { device u280 model gpt2_small phase ^decode^ }',
    { code: 'missing-part', part: '‘past:’' },
  ],
  ['a kernel without a name', within('^kernel^'), { code: 'missing-part', owner: 'a kernel' }],
  ['a region without a name', within('^region { kernel q }^'), { code: 'missing-part', owner: 'a region' }],
  ['two ways to buffer', within('kernel q weights hbm[1] double ^single^'), { code: 'duplicate-name', sort: 'mode' }],
  [
    'a memory without a channel',
    within('kernel q weights ^hbm^'),
    { code: 'missing-part', part: 'a channel, such as ‘hbm[0]’' },
  ],
  [
    'a model without its parameters',
    'accelerator a { device u280 model ^gpt2(layers: 2, hidden: 8, heads: 2)^ phase decode(past: 8) }',
    { code: 'missing-part', part: '‘ffn:’' },
  ],
  ['a product without its columns', model('y = ^linear(x)^  output y'), { code: 'missing-part', part: '‘columns’' }],
  [
    'a layer without an output',
    model('layer ^l^(x) { y = gelu(x) }  output l'),
    { code: 'missing-part', part: 'an ‘output’' },
  ],
  ['a card without a clock', 'device ^d^ { die a { dsp: 1 } }', { code: 'missing-part', part: 'a clock' }],
  ['a card without dies', 'device ^d^ { clock: 1 MHz }', { code: 'missing-part', part: 'a die' }],

  ['two constants of one name', 'let a = 1\nlet ^a^ = 2', { code: 'duplicate-name', sort: 'let' }],
  [
    'two clauses of one word',
    within('kernel q array 8 x 8 ^array 8 x 16^'),
    { code: 'duplicate-name', sort: 'clause' },
  ],
  ['two cards', within('^device u250^'), { code: 'duplicate-name', sort: 'statement' }],
  [
    'two regions of one name',
    within('region r { kernel q } region ^r^ { kernel k }'),
    { code: 'duplicate-name', sort: 'region' },
  ],
  [
    'two tensors of one name',
    model('y = linear(x, 8)  ^y^ = gelu(x)  output y'),
    { code: 'duplicate-name', sort: 'operator' },
  ],
  [
    'two streams for one edge',
    within('stream act -> down depth 4  stream act -> ^down^ depth 8'),
    { code: 'duplicate-name' },
  ],
  [
    'two dies of one name',
    'device d { clock: 1 MHz die a { dsp: 1 } die ^a^ { dsp: 1 } }',
    { code: 'duplicate-name', sort: 'die' },
  ],
  ['two kernels of one name', within('kernel a : q  kernel ^a^ : k'), { code: 'duplicate-name', sort: 'kernel' }],

  [
    'two kernels of one operator',
    within('kernel q  kernel ^q^'),
    { code: 'operator-mapped-twice', operator: 'q', kernels: ['q', 'q'] },
  ],
  [
    'an operator in two units',
    within('kernel q  kernel all : k, ^q^, v'),
    { code: 'operator-mapped-twice', kernels: ['q', 'all'] },
  ],

  [
    'an add of different shapes',
    model('a = linear(x, 8)  b = linear(x, 9)  c = ^add(a, b)^  output c'),
    { code: 'shape-mismatch', left: '‘a’ [4, 8]', right: '‘b’ [4, 9]' },
  ],
  [
    'heads that do not fit',
    model('q = linear(x, 8)  k = linear(x, 8)  s = ^scores(q, k, heads: 3)^  output s'),
    { code: 'shape-mismatch', left: '‘q’ [4, 8]', right: '3 heads' },
  ],
  [
    'a layer whose result is not its input',
    model('layer ^l^(x) repeat 2 { y = linear(x, 8) output y }  output l'),
    { code: 'shape-mismatch', operator: 'l' },
  ],

  [
    'a tile of what reads no weights again',
    within('kernel scores ^tile 128^'),
    { code: 'invalid-value', expected: expect.stringMatching(/^no ‘tile’: scores reads no weights again/) },
  ],
  [
    'a tile of operators in turn',
    within('kernel all : q, k, v ^tile 128^'),
    { code: 'invalid-value', expected: expect.stringContaining('in turn') },
  ],
  [
    'a tile of weights that are kept anyway',
    within('kernel q weights uram ^tile 128^'),
    { code: 'invalid-value', expected: expect.stringContaining('read once a pass') },
  ],
  [
    'a label of an instance that names no parameter',
    'model m = gpt2(layers: 2, hidden: 64, ^head^: 2, ffn: 64)\naccelerator a { device u280 model m phase decode(past: 8) kernel lm_head }',
    { code: 'unknown-name', sort: 'parameter', name: 'head' },
  ],
  [
    'an instance that lacks a size, where it is made',
    'model m = ^gpt2(layers: 2, hidden: 64, ffn: 64)^\naccelerator a { device u280 model m phase decode(past: 8) kernel lm_head }',
    { code: 'missing-part', part: '‘heads:’' },
  ],
  [
    'a card of a pipeline that has not these layers',
    within('kernel q for block[0..3] ^on card[1].slr0^').replace('u280', '2 x u280 link qsfp split pipeline 2'),
    { code: 'invalid-value', subject: 'on', expected: expect.stringContaining('block[6..11]') },
  ],
  [
    'a part of a stage',
    within('kernel q ^on card[2].slr0^').replace('u280', '4 x u280 link qsfp split tensor 2, pipeline 2'),
    { code: 'invalid-value', subject: 'on', expected: expect.stringMatching(/^card\[2\] and card\[3\]:/) },
  ],
  [
    'a split that is not of these cards',
    within('').replace('u280 at 245 MHz', '4 x u280 split tensor ^3^'),
    { code: 'invalid-value', subject: 'split', found: 'tensor 3, pipeline 1' },
  ],
  [
    'cards that nothing joins',
    within('').replace('device u280 at 245 MHz', '^device 4 x u200^'),
    { code: 'missing-part', owner: 'device ‘u200’' },
  ],
  ['a kernel of another phase', within('kernel ^q^ for decode'), { code: 'not-modelled' }],
  ['a stream to another card', within('stream norm2 -> ^qsfp^'), { code: 'not-modelled' }],
  [
    'a configuration file that is not there',
    'model m = import ^"config.json"^\naccelerator a { device u280 model m phase forward(tokens: 8) }',
    { code: 'import-failed', reason: 'not-found' },
  ],

  ['an import that is not there', 'import ^"x.weft"^', { code: 'import-failed', reason: 'not-found' }],
  ['an import above the root', 'import ^"../../x.weft"^', { code: 'import-failed', reason: 'outside-workspace' }],
  [
    'an import of an address',
    'import ^"https://example.org/x.weft"^',
    { code: 'import-failed', reason: 'outside-workspace' },
  ],
  ['an import of something else', 'import ^"model.json"^', { code: 'import-failed', reason: 'not-a-spec' }],
  ['an import of itself', 'import ^"main.weft"^', { code: 'import-failed', reason: 'cycle', chain: [MAIN, MAIN] }],
];

describe('one problem, where it is', () => {
  test.each(cases)('%s', (_, source, problem) => {
    const { text, ranges } = annotated(source);
    const { problems } = designOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject(problem);
    const { start, end } = problems[0]!.span;
    expect(text.slice(start, end)).toBe(text.slice(ranges[0]!.start, ranges[0]!.end));
    expect({ start, end }).toEqual(ranges[0]);
  });
});

test('operators that nobody has mapped are the first candidates', () => {
  const [problem] = designOf(within('kernel softmx  kernel q  kernel scores')).problems;
  expect(problem).toMatchObject({ code: 'unknown-name', name: 'softmx' });
  const { candidates } = problem as { candidates: string[] };
  expect(candidates.indexOf('softmax')).toBeLessThan(candidates.indexOf('q'));
  expect(candidates).toContain('q');
});

test('a line that cannot be read has its syntax error and no other', () => {
  for (const line of [
    'kernel q array 8 x',
    'kernel q array',
    'kernel q weights',
    'kernel q at 245 at',
    'stream act ->',
    'require',
  ]) {
    const { problems } = designOf(within(`${line}\n  kernel k`));
    expect(problems.map((problem) => problem.code)).toEqual(['syntax']);
  }
});

test('an accelerator whose card cannot be read is not said to lack one', () => {
  const { problems } = designOf(within('').replace('device', 'devise'));
  expect(problems.map((problem) => problem.code)).toEqual(['syntax']);
});

test('problems are counted once where a model is used twice', () => {
  const wrong = 'model m { input x : [tokens, 8]  a = linear(x, 8)  b = linear(x, 9)  c = add(a, b)  output a }\n';
  const use = (name: string): string => `accelerator ${name} { device u280 model m phase forward(tokens: 8) }\n`;
  expect(designOf(wrong + use('a') + use('b')).problems).toHaveLength(1);
});

test('there is an end to the list of problems, and to each list of candidates', () => {
  const lines = Array.from({ length: 3000 }, (_, index) => `kernel a${index}`);
  const { problems } = designOf(within(lines.join('\n')));
  expect(problems).toHaveLength(1000);
  const names = Array.from({ length: 3000 }, (_, index) => `let b${index} = 1`);
  const [problem] = designOf(`${names.join('\n')}\nlet c = d`).problems;
  expect((problem as { candidates: string[] }).candidates.length).toBeLessThanOrEqual(200);
});
