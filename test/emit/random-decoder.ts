/** Decoder layers drawn at random: a prompt or a token, heads that share K and V, rotated positions, caches of every kind. */
import fc from 'fast-check';

interface Draw {
  readonly family: 'gpt2' | 'llama';
  readonly prompt: boolean;
  /** Rows of the prompt, or rows before the token. */
  readonly rows: number;
  readonly kvHeads: number;
  readonly sharers: number;
  /** Columns of a head. */
  readonly width: 8 | 16;
  readonly ffn: number;
  readonly precision: string;
  readonly dies: readonly [number, number, number];
  readonly products: readonly {
    readonly rows: number;
    readonly outputs: number;
    readonly dot: number;
    readonly weights: string;
  }[];
  readonly lanes: readonly number[];
  readonly attention: 'chip' | 'memory' | 'staged' | 'tiled';
  /** Elements of a word of K and of V, and how many of them are a dot product. */
  readonly beat: readonly [16 | 32, 16 | 32];
  readonly dots: readonly [1 | 2 | 4, 1 | 2 | 4];
  readonly channels: readonly [number, number];
  readonly storage: string;
  /** One array takes all products in turn; where its weights lie. */
  readonly inTurn: string | undefined;
}

/** Of an array that takes products in turn, by one port or several. */
export const turningStores = [
  'weights hbm[16]',
  'weights hbm[16..17]',
  'weights hbm[16..19]',
  'weights hbm[16..18] port 128 bit',
  'weights hbm[16..17] via bram',
  'weights uram',
];

const stores = [
  'weights hbm[3]',
  'weights hbm[4..5]',
  'weights hbm[7] port 128 bit',
  'weights bram',
  'weights uram',
  '',
];

const draws: fc.Arbitrary<Draw> = fc
  .record({
    family: fc.constantFrom('gpt2', 'llama'),
    prompt: fc.boolean(),
    rows: fc.integer({ min: 2, max: 18 }),
    kvHeads: fc.integer({ min: 1, max: 2 }),
    sharers: fc.integer({ min: 1, max: 2 }),
    width: fc.constantFrom(8, 16),
    ffn: fc.integer({ min: 5, max: 60 }),
    precision: fc.constantFrom('W8A8', 'W4A8'),
    dies: fc.constantFrom([0, 0, 0], [0, 1, 2], [0, 0, 1], [2, 1, 0]),
    products: fc.array(
      fc.record({
        rows: fc.constantFrom(1, 2, 4),
        outputs: fc.integer({ min: 1, max: 5 }),
        dot: fc.constantFrom(1, 1, 2, 8),
        weights: fc.constantFrom(...stores),
      }),
      { minLength: 9, maxLength: 9 },
    ),
    lanes: fc.array(fc.constantFrom(1, 2, 4), { minLength: 9, maxLength: 9 }),
    attention: fc.constantFrom('chip', 'memory', 'staged', 'tiled'),
    beat: fc.tuple(fc.constantFrom(16, 32), fc.constantFrom(16, 32)),
    dots: fc.tuple(fc.constantFrom(1, 2, 4), fc.constantFrom(1, 2, 4)),
    channels: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    storage: fc.constantFrom('bram', 'uram double', 'lutram'),
    inTurn: fc.option(fc.constantFrom(...turningStores), { freq: 2 }),
  })
  .map(({ inTurn, ...draw }): Draw => ({ ...draw, inTurn: inTurn ?? undefined }));

/** Kernels of attention: on the chip a prompt's alone, a tile at a time as well; in memory either’s. */
function attentionOf(draw: Draw, rows: number): string[] {
  const { prompt, attention, width, beat, dots, channels, storage } = draw;
  const softmax = `kernel softmax : masked + softmax  lanes ${draw.lanes[8]}`;
  if (prompt && attention === 'tiled' && width === 16)
    return [
      `kernel attend : scores + masked + softmax + context  array ${rows} x 4 x 4  tile ${rows} x 8  cache hbm[9..10]`,
    ];
  if (prompt && attention === 'chip')
    return [
      `kernel scores   array ${rows} x 4 x ${dots[0]}  cache ${storage}`,
      softmax,
      `kernel context  array ${rows} x 4  cache ${storage}`,
    ];
  const cache = (first: number, count: number): string =>
    `cache hbm[${first}..${first + count - 1}]${attention === 'staged' ? ' via bram double' : ''}`;
  return [
    `kernel scores   array ${rows} x ${beat[0] / dots[0]} x ${dots[0]}  ${cache(8, channels[0])}`,
    softmax,
    // Columns of a tile divide a head.
    `kernel context  array ${rows} x 8 x ${beat[1] / 8}  ${cache(12, channels[1])}`,
  ];
}

function textOf(draw: Draw): string {
  const { family, prompt, kvHeads, sharers, width, ffn, precision, dies, products, lanes, inTurn } = draw;
  const rows = prompt ? products[0]!.rows : 1;
  const linear = (index: number): string => {
    const { rows: own, outputs, dot, weights } = products[index]!;
    return `array ${prompt ? own : 1} x ${outputs} x ${dot}  ${weights}`;
  };
  const llama = family === 'llama';
  const heads = kvHeads * (llama ? sharers : 1);
  const turning = [];
  const own = (line: string): string[] => (inTurn === undefined ? [line] : []);
  if (inTurn !== undefined) {
    const { outputs, dot } = products[0]!;
    const turns = llama ? 'gate + act, up' : lanes[5] === 2 ? 'up + act' : 'up';
    turning.push(
      `kernel gemm : q, k, v, proj, ${turns}, down  array ${rows} x ${2 * outputs} x ${dot}  ${inTurn}  on slr${dies[0]}`,
    );
  }
  const project = [
    `kernel norm1  lanes ${lanes[0]}`,
    ...['q', 'k', 'v'].flatMap((name, index) => own(`kernel ${name}  ${linear(index)}`)),
    ...(llama ? [`kernel qr  lanes ${lanes[1]}`, `kernel kr  lanes ${lanes[2]}`] : []),
  ];
  const attend = [...attentionOf(draw, rows), ...own(`kernel proj  ${linear(3)}`), `kernel add1  lanes ${lanes[3]}`];
  const feedForward = [
    `kernel norm2  lanes ${lanes[4]}`,
    ...(llama ? own(`kernel gate : gate + act  ${linear(4)}`) : []),
    ...own(`kernel up  ${linear(5)}`),
    ...(llama ? [`kernel gated  lanes ${lanes[5]}`] : []),
    ...(llama || turning.some((line) => line.includes('up + act')) ? [] : [`kernel act  lanes ${lanes[5]}`]),
    ...own(`kernel down  ${linear(6)}`),
    `kernel add2  lanes ${lanes[6]}`,
  ];
  const region = (kernels: readonly string[], index: number): string =>
    `  region part${index} on slr${dies[index]} {\n${kernels.map((kernel) => `    ${kernel}\n`).join('')}  }\n`;
  const shared = llama ? `, kv_heads: ${kvHeads}` : '';
  return `accelerator random_decoder {
  device u280 at 200 MHz
  model ${family}(layers: 2, hidden: ${heads * width}, heads: ${heads}${shared}, ffn: ${ffn})
  phase ${prompt ? `prefill(tokens: ${draw.rows})` : `decode(past: ${draw.rows})`}
  precision ${precision}
  kernel cpu : embed, last, lm_head  on host
${turning.map((line) => `  ${line}\n`).join('')}${[project, attend, feedForward].map(region).join('')}}
`;
}

export const randomDecoders: fc.Arbitrary<string> = draws.map(textOf);
