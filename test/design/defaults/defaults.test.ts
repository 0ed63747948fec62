import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { balance, type Wish } from '../../../server/design/defaults/balance.ts';
import { tokenCycles } from '../../../server/design/defaults/generating.ts';
import { weightPorts } from '../../../server/design/defaults/ports.ts';
import type { Surroundings } from '../../../server/design/defaults/settling.ts';
import type { Accelerator, Kernel } from '../../../server/design/design.ts';
import type { Draft } from '../../../server/design/mapping/mapping.ts';
import { isMatrixProduct } from '../../../server/design/operators.ts';
import { library } from '../../../server/library/index.ts';
import { acceleratorOf } from '../../kit/sources.ts';

const cyclesOf = (kernel: Kernel): number => {
  const { tokens, outputs, dot } = kernel.array!.value;
  const work = kernel.turns.flat().reduce((sum, operator) => sum + operator.macs, 0);
  return work / (tokens * outputs * dot * kernel.pack.value * kernel.replicate.value);
};
const multipliers = (accelerator: Accelerator): number =>
  accelerator.kernels.reduce(
    (sum, { array }) => sum + (array ? array.value.tokens * array.value.outputs * array.value.dot : 0),
    0,
  );
const arraysOf = (accelerator: Accelerator): Kernel[] => accelerator.kernels.filter((kernel) => kernel.array);

const devices = library.flatMap(({ uri }) => /devices\/(\w+)\.weft$/.exec(uri)?.[1] ?? []);

describe.each(devices)('three lines on %s', (device) => {
  test.each(['bert_base', 'gpt2_medium'])('%s: on the chip, within its channels', (model) => {
    for (const phase of ['prefill(tokens: 512)', 'decode(past: 1024)']) {
      const accelerator = acceleratorOf(`accelerator a { device ${device} model ${model} phase ${phase} }`);
      const dsp = accelerator.device.dies.reduce((sum, die) => sum + die.resources.dsp, 0);
      expect(multipliers(accelerator)).toBeLessThanOrEqual(0.7 * dsp);
      // Rows stream through: sides are powers of two, so that nobody is more than twice as fast as needed. Whose K or V lie in
      // memory takes the narrowest beat at least.
      const inMemory = ({ cache }: Kernel): boolean => cache?.value.kind === 'channels';
      const cycles = arraysOf(accelerator)
        .filter((kernel) => !inMemory(kernel))
        .map(cyclesOf);
      if (accelerator.phase.tokens > 1) expect(Math.max(...cycles) / Math.min(...cycles)).toBeLessThanOrEqual(2.001);
      for (const kernel of accelerator.kernels) {
        expect(kernel.dies.value).toHaveLength(1);
        expect(Boolean(kernel.array)).toBe(kernel.turns.flat().some((operator) => isMatrixProduct(operator.kind)));
        expect(Boolean(kernel.lanes)).toBe(!kernel.array);
      }
    }
  });
});

test('rows of a prompt stream through all arrays at once: they share the one channel of a small card by what they read', () => {
  const { kernels, clock, device } = acceleratorOf(
    'accelerator a { device zcu102 model tinyllama phase prefill(tokens: 128) precision W8A8 }',
  );
  const asked = kernels.reduce((sum, { array, pack, weights }) => {
    if (!array || !weights) return sum;
    return sum + array.value.outputs * array.value.dot * pack.value * clock.value;
  }, 0);
  const [memory] = device.memories;
  const channels = memory!.channels.last - memory!.channels.first + 1;
  expect(asked).toBeLessThanOrEqual(memory!.bandwidth * channels);
  expect(asked).toBeGreaterThan((memory!.bandwidth * channels) / 8);
});

describe('a card with fewer channels than kernels that read weights', () => {
  const onU250 = (phase: string) =>
    acceleratorOf(`accelerator a { device u250 model gpt2_medium phase ${phase} precision W8A8 }`);
  const channelsOf = ({ weights }: Kernel): readonly number[] =>
    weights?.value.kind === 'channels' ? weights.value.channels : [];

  test.each(['prefill(tokens: 128)', 'decode(past: 256)'])('%s: each lies on all of them', (phase) => {
    const products = onU250(phase).kernels.filter((kernel) => kernel.array && channelsOf(kernel).length > 0);
    expect(products.map(({ name }) => name)).toEqual(['q', 'k', 'v', 'proj', 'up', 'down']);
    for (const kernel of products) expect(channelsOf(kernel)).toEqual([0, 1, 2, 3]);
  });

  test('a prompt: K and V have the channels for themselves, the rest share them by what they read', () => {
    const { kernels, clock, device } = onU250('prefill(tokens: 128)');
    const rate = (names: readonly string[]): number =>
      kernels
        .filter(({ name }) => names.includes(name))
        .reduce((sum, { array, pack }) => sum + array!.value.outputs * array!.value.dot * pack.value * clock.value, 0);
    const [memory] = device.memories;
    const all = memory!.bandwidth * 4;
    expect(rate(['k', 'v'])).toBeLessThanOrEqual(all);
    expect(rate(['q', 'proj', 'up', 'down'])).toBeLessThanOrEqual(all);
    expect(rate(['q', 'proj', 'up', 'down'])).toBeGreaterThan(all / 3);
  });
});

test('three large arrays that the card has room for, and its dies have not, make do with less', () => {
  const { kernels, device } = acceleratorOf(
    'accelerator a { device u200 model tinyllama phase prefill(tokens: 256) precision W4A8 }',
  );
  for (const { name, resources } of device.dies) {
    const there = kernels.filter(({ dies }) => dies.value[0] === name);
    const dsp = there.reduce(
      (sum, { array }) => sum + (array ? array.value.tokens * array.value.outputs * array.value.dot : 0),
      0,
    );
    expect(dsp).toBeLessThan(0.9 * resources.dsp);
  }
});

describe('a token, whose products work one after the other', () => {
  const decode = (model: string) =>
    acceleratorOf(`accelerator a { device u280 model ${model} phase decode(past: 512) }`);
  const portsOf = ({ weights }: Kernel): number =>
    weights?.value.kind === 'channels' ? weights.value.channels.length : 0;

  test.each(['gpt2_medium', 'tinyllama'])('%s: channels are dealt out, each to one kernel', (model) => {
    const { kernels } = decode(model);
    const channels = kernels.flatMap(({ weights, cache }) =>
      [weights, cache].flatMap((store) => (store?.value.kind === 'channels' ? store.value.channels : [])),
    );
    expect(new Set(channels).size).toBe(channels.length);
    expect(channels.length).toBeGreaterThan(16);
  });

  test('who reads most has most ports, and an array as wide as they bring', () => {
    const { kernels, clock } = decode('tinyllama');
    const by = new Map(kernels.map((kernel) => [kernel.name, kernel]));
    expect(portsOf(by.get('up')!)).toBeGreaterThan(portsOf(by.get('k')!));
    for (const kernel of kernels) {
      if (!kernel.weights || !kernel.array) continue;
      const { outputs, dot } = kernel.array.value;
      const bytes = outputs * dot * kernel.pack.value * clock.value;
      // A power of two, at most a third more than a channel gives: an array that seldom waits.
      expect(bytes).toBeLessThanOrEqual((14.375e9 / 0.75) * portsOf(kernel));
      expect(bytes).toBeGreaterThan((14.375e9 / 1.5) * portsOf(kernel));
    }
  });

  test('three channels have a port each: an array of three times a power of two has equal shares for them', () => {
    const { kernels } = decode('llama2_7b');
    const q = kernels.find(({ name }) => name === 'q')!;
    const { outputs } = q.array!.value;
    expect(portsOf(q)).toBe(3);
    expect(weightPorts(outputs * q.pack.value, 3, 3)).toEqual({ ports: 3, span: 1 });
  });

  test('no channel is asked to hold more than it can', () => {
    const { kernels } = decode('llama2_7b');
    const channels = kernels.flatMap(({ weights }) =>
      weights?.value.kind === 'channels' ? weights.value.channels : [],
    );
    expect(new Set(channels).size).toBe(channels.length);
    expect(portsOf(kernels.find(({ name }) => name === 'gate')!)).toBe(6);
  });
});

test('a kernel whose weights come from channels asks for no more than they bring', () => {
  const { kernels, clock } = acceleratorOf(
    'accelerator a { device u280 model bert_base phase forward(tokens: 512) precision W4A8 }',
  );
  for (const { array, pack, weights } of kernels) {
    if (!array || !weights) continue;
    const bytes = array.value.outputs * array.value.dot * pack.value * 0.5 * clock.value;
    expect(bytes).toBeLessThanOrEqual(
      14.375e9 * (weights.value.kind === 'channels' ? weights.value.channels.length : 0),
    );
  }
});

test.each([
  ['u280', 16],
  ['zcu102', 16],
  ['zcu104', 8],
  ['kv260', 4],
  ['ultra96', 2],
  ['pynq_z2', 1],
])('%s: %d tokens side by side leave room around the arrays', (device, tokens) => {
  const { kernels } = acceleratorOf(`accelerator a { device ${device} model bert_base phase forward(tokens: 128) }`);
  expect(new Set(kernels.flatMap(({ array }) => array?.value.tokens ?? []))).toEqual(new Set([tokens]));
});

describe('weights that are `auto`', () => {
  const channels = (model: string, clauses = '') =>
    acceleratorOf(`accelerator a { device u280 model ${model} phase decode(past: 128) ${clauses} }`).kernels.flatMap(
      ({ name, weights, cache }) =>
        [weights?.value, cache?.value].flatMap((store) =>
          store?.kind === 'channels' ? { name, on: store.channels } : [],
        ),
    );

  test('nobody shares while there are others', () => {
    const all = channels('gpt2_medium').flatMap(({ on }) => on);
    expect(new Set(all).size).toBe(all.length);
    expect(all).not.toContain(0); // the rows between passes
  });

  test('as many channels as hold those of all layers', () => {
    const by = new Map(channels('llama2_7b').map(({ name, on }) => [name, on]));
    expect(by.get('q')).toHaveLength(3); // 32 · 4096² bytes, 256 MiB a channel
    expect(by.get('gate')).toHaveLength(6); // of 32; with a port a channel, 4 of q and 8 of gate would be 40
    const halved = new Map(channels('llama2_7b', 'precision W4A8').map(({ name, on }) => [name, on]));
    expect(halved.get('q')).toEqual([1, 2]);
  });

  test('counted out where a port a channel would take too many: neighbours, so that a port spans them', () => {
    // q and its neighbours fill 30 channels; K and V of a short past take one each, rows lie with the first.
    const all = channels('llama2_7b');
    const users = (channel: number) => all.filter(({ on }) => on.includes(channel)).map(({ name }) => name);
    expect(Array.from({ length: 32 }, (_, channel) => users(channel).length)).toEqual(Array(32).fill(1));
    for (const { on } of all) expect(on).toEqual(on.map((_, index) => on[0]! + index));
  });

  test('a model that is larger than the memory takes all of it', () => {
    expect(channels('llama2_70b').find(({ name }) => name === 'gate')?.on).toHaveLength(32);
  });
});

describe('beside written arrays', () => {
  const auto = (written: readonly string[], name: string) => {
    const lines = written.map((each) => `kernel ${each} array 8 x 16 pack 2`).join(' ');
    const text = `accelerator a { device u280 model bert_base phase forward(tokens: 512) ${lines} }`;
    return acceleratorOf(text).kernels.find((kernel) => kernel.name === name)!;
  };

  test('what is written sets the pace for what is not', () => {
    // As fast as up (8 x 16, four times the work), with the same tokens side by side.
    const proj = auto(['up', 'down'], 'proj');
    expect(proj.array).toMatchObject({ value: { tokens: 8, outputs: 4, dot: 1 }, origin: 'auto' });
    expect(proj.pack).toMatchObject({ value: 2, origin: 'auto' });
  });

  test('a product of the same size as a written one is built like it', () => {
    const k = auto(['q', 'v', 'proj', 'up', 'down'], 'k');
    expect(k.array).toMatchObject({ value: { tokens: 8, outputs: 16, dot: 1 }, origin: 'auto' });
  });
});

test('sides that are `auto` are filled in beside those that are not', () => {
  const text = (array: string) =>
    `accelerator a { device u280 model bert_base phase forward(tokens: 512) kernel q array ${array} }`;
  const arrayOf = (array: string) => acceleratorOf(text(array)).kernels[0]!.array!;
  expect(arrayOf('4 x auto').value.tokens).toBe(4);
  expect(arrayOf('4 x auto').origin).toBe('auto');
  expect(arrayOf('auto x 12').value.outputs).toBe(12);
  expect(arrayOf('auto').value.outputs).toBeGreaterThan(1);
});

test('two products share a DSP block where types allow it', () => {
  const packOf = (precision: string, name: string) =>
    acceleratorOf(
      `accelerator a { device u280 model bert_base phase forward(tokens: 64) precision ${precision} }`,
    ).kernels.find((kernel) => kernel.name === name)?.pack.value;
  expect(packOf('W4A8', 'q')).toBe(2);
  expect(packOf('W8A8', 'q')).toBe(2);
  expect(packOf('fp16', 'q')).toBe(1);
  expect(packOf('W4A8', 'scores')).toBe(1);
});

test('channels that are taken are left alone, and each kernel gets its own', () => {
  const text =
    'accelerator a { device u280 model bert_base phase forward(tokens: 64) kernel q weights hbm[1] stream hbm[2] -> q, k, v }';
  const [q, ...others] = acceleratorOf(text).kernels.flatMap(({ weights }) =>
    weights?.value.kind === 'channels' ? [weights.value.channels] : [],
  );
  expect(q).toEqual([1]);
  const taken = others.flat();
  expect(new Set([1, 2, ...taken]).size).toBe(2 + taken.length);
});

test('K and V stay on the chip for one pass, and lie in memory where there is a past', () => {
  const cacheOf = (model: string, phase: string, device = 'u280') =>
    acceleratorOf(`accelerator a { device ${device} model ${model} phase ${phase} }`).kernels.find(
      ({ name }) => name === 'scores',
    )?.cache?.value;
  expect(cacheOf('bert_base', 'forward(tokens: 64)')).toEqual({ kind: 'on-chip', storage: 'uram', double: true });
  expect(cacheOf('bert_base', 'forward(tokens: 64)', 'zcu102')).toEqual({
    kind: 'on-chip',
    storage: 'bram',
    double: true,
  });
  expect(cacheOf('gpt2_small', 'decode(past: 64)')).toMatchObject({ kind: 'channels', memory: 'hbm', double: true });
});

test('K and V of a longer prompt are kept once, of one that no die has room for in memory', () => {
  const cacheOf = (tokens: number, device: string, precision = 'W8A8') =>
    acceleratorOf(
      `accelerator a { device ${device} model llama2_7b phase prefill(tokens: ${tokens}) precision ${precision} }`,
    ).kernels.find(({ name }) => name === 'context')?.cache?.value;
  expect(cacheOf(512, 'u250')).toEqual({ kind: 'on-chip', storage: 'uram', double: false });
  expect(cacheOf(1024, 'u250')).toMatchObject({ kind: 'channels', memory: 'ddr', double: true });
  // A memory that the weights fill has no room for them either.
  expect(cacheOf(4096, 'u280')).toEqual({ kind: 'on-chip', storage: 'uram', double: false });
  expect(cacheOf(1024, 'u250', 'fp16')).toMatchObject({ kind: 'on-chip' });
  expect(cacheOf(1024, 'vu11p')).toEqual({ kind: 'on-chip', storage: 'uram', double: false });
});

test('kernels without a place go where the one before them is; without any place, along the data flow', () => {
  const placed = acceleratorOf(
    'accelerator a { device u280 model bert_base phase forward(tokens: 64) kernel scores on slr1 kernel up on slr2 }',
  );
  const diesOf = (accelerator: Accelerator) =>
    Object.fromEntries(accelerator.kernels.map(({ name, dies }) => [name, dies.value[0]]));
  expect(diesOf(placed)).toMatchObject({ scores: 'slr1', softmax: 'slr1', context: 'slr1', up: 'slr2', down: 'slr2' });
  // On to the next die when that is full: q, k, v and proj leave no room for norm1.
  expect(diesOf(placed).norm1).toBe('slr2');
  const free = diesOf(acceleratorOf('accelerator a { device u280 model bert_base phase forward(tokens: 512) }'));
  expect([free.q, free.down]).toEqual(['slr0', 'slr2']);
});

describe('balance', () => {
  const wish = (work: number, extra: Partial<Wish> = {}): Wish => ({
    work,
    operators: [{ rows: 512, columns: 4096, reduction: 4096, kind: 'linear', heads: 1 } as Wish['operators'][number]],
    pack: 2,
    replicate: 1,
    operands: Infinity,
    ports: 1,
    fewest: 1,
    asked: { tokens: undefined, outputs: undefined, dot: undefined },
    ...extra,
  });
  const wishes = fc.array(
    fc.record({
      work: fc.integer({ min: 1, max: 1e12 }),
      operands: fc.integer({ min: 2, max: 4096 }),
      pack: fc.constantFrom(1, 2),
    }),
    { minLength: 1, maxLength: 20 },
  );

  test('never takes more than there is, and never less than one multiplier each', () => {
    fc.assert(
      fc.property(wishes, fc.integer({ min: 1, max: 12_000 }), (asked, dsp) => {
        const shapes = balance(
          asked.map(({ work, ...extra }) => wish(work, extra)),
          dsp,
        );
        expect(shapes).toHaveLength(asked.length);
        const spent = shapes.reduce((sum, { tokens, outputs, dot }) => sum + tokens * outputs * dot, 0);
        // Whoever has less work than fits into one column of its tokens still gets that column.
        expect(spent).toBeLessThanOrEqual(dsp + 16 * asked.length);
        for (const { tokens, outputs, dot } of shapes)
          for (const side of [tokens, outputs, dot]) expect(Number.isInteger(side) && side >= 1).toBe(true);
      }),
    );
  });

  test('one block of rows: as the roots of the work, since times add up', () => {
    const operators = [
      { rows: 1, columns: 4096, reduction: 4096, kind: 'linear', heads: 1 } as Wish['operators'][number],
    ];
    const [large, small] = balance([wish(16e6, { operators, pack: 1 }), wish(1e6, { operators, pack: 1 })], 1280);
    expect([large, small].map((one) => one!.outputs * one!.dot)).toEqual([1024, 256]);
  });

  test('leaves written shapes as they are', () => {
    const asked = { tokens: 3, outputs: 5, dot: 7 };
    expect(balance([wish(1e9, { asked }), wish(1e9)], 4000)[0]).toEqual(asked);
  });

  test('one row has nothing to share: the array gets wide in the dot product', () => {
    const operators = [
      { rows: 1, columns: 1024, reduction: 1024, kind: 'linear', heads: 1 } as Wish['operators'][number],
    ];
    const [shape] = balance([wish(1 << 20, { operators, operands: 64 })], 4000);
    expect(shape).toEqual({ tokens: 1, outputs: 4, dot: 8 });
  });
});

describe('a prompt and the tokens behind it', () => {
  const three = (phase: string, more = '') =>
    acceleratorOf(`accelerator a { device v80 model tinyllama phase ${phase} precision W4A8 ${more} }`);
  const rows = (accelerator: Accelerator): number => arraysOf(accelerator)[0]!.array!.value.tokens;

  test('fewer rows side by side the more tokens there are: each of these uses one', () => {
    const alone = rows(three('prefill(tokens: 512)'));
    const outputs = [1, 2, 16, 128, 1024, 8192];
    const found = outputs.map((output) => rows(three(`generate(prompt: 512, output: ${output})`)));
    expect(found[0]).toBe(alone);
    for (let i = 1; i < found.length; i++) expect(found[i]).toBeLessThanOrEqual(found[i - 1]!);
    expect(found.at(-1)).toBeLessThan(alone);
  });

  test('where tokens have kernels of their own, the prompt has the rows that are best for it', () => {
    const own = 'kernel gemv : q, k, v, proj, gate, up, down for decode';
    expect(rows(three('generate(prompt: 512, output: 8192)', own))).toBe(rows(three('prefill(tokens: 512)')));
  });

  test('rows that are written stay', () => {
    const whole = three('generate(prompt: 512, output: 8192)', 'kernel q array 16 x 16');
    expect(arraysOf(whole).map(({ array }) => array!.value.tokens)).toEqual(arraysOf(whole).map(() => 16));
  });

  test('the way of a token: k beside q, heads one after the other, and no more', () => {
    const [q, k, scores, context, down] = ['q', 'k', 'scores', 'context', 'down'].map((name) => ({ name }));
    const operator = (kind: string, inputs: { name?: string }[], heads = 1) => ({
      kind,
      inputs,
      heads,
      macs: 64,
      rows: 8,
      keys: 0,
    });
    const draft = (own: object | undefined, kind: string, inputs: ({ name: string } | undefined)[], heads = 1) => ({
      ...own,
      turns: [[{ ...own, ...operator(kind, inputs as { name: string }[], heads) }]],
      asked: {},
    });
    const drafts = [
      draft(q, 'linear', [{ name: 'x' }]),
      draft(k, 'linear', [{ name: 'x' }]),
      draft(scores, 'scores', [q, k], 4),
      draft(context, 'context', [scores], 4),
      draft(down, 'linear', [context]),
    ] as unknown as Draft[];
    const array = { value: { tokens: 8, outputs: 2, dot: 1 }, origin: 'auto' as const };
    const arrays = new Map(
      drafts.map((one) => [one, { array, pack: { ...array, value: 1 }, replicate: { ...array, value: 1 } }]),
    );
    // 8 multiply-accumulates a row, two a cycle: q or k, scores with context, down.
    const around = { phase: { name: 'generate', tokens: 8, past: 0, batch: 1, prompt: 8, output: 3 }, tokensBehind: 2 };
    expect(tokenCycles(drafts, arrays, around as unknown as Surroundings)).toBe(2 * 3 * 4);
  });
});
