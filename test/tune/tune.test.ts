/** The tuner on specs: what it proposes is what the full estimate says, and nothing beats its bound. */
import highs from 'highs';
import { describe, expect, test } from 'vitest';
import bert from '../../examples/bert_u280.weft';
import { applyEdits, createAnalyst } from '../../server/analysis.ts';
import { readSource, withLibrary } from '../../server/sources.ts';
import { MAIN } from '../kit/sources.ts';

const solver = await highs();
const analyst = createAnalyst();

function analysed(text: string) {
  const source = readSource(text);
  const sources = withLibrary({ get: (uri) => (uri === MAIN ? source : undefined) });
  return { analysis: analyst.analyse(MAIN, sources)!, sources };
}

function tuned(text: string) {
  const { analysis, sources } = analysed(text);
  const [estimate] = analysis.estimate.accelerators;
  return { estimate: estimate!, result: analyst.tune(estimate!, analysis, sources, solver) };
}

const ffn = (up: string, more = '') => `model ffn {
  input x : [tokens, 256]
  up   = linear(x, 512)
  act  = gelu(up)
  down = linear(act, 256)
  output down
}
accelerator a {
  device    u280 at 245 MHz
  model     ffn
  phase     forward(tokens: 64)
  precision W8A8
  ${more}
  kernel up    ${up}
  kernel act
  kernel down  array auto  weights hbm[5]
}`;

describe('an open feed-forward network', () => {
  const text = ffn('array auto  weights hbm[4]');
  const { estimate, result } = tuned(text);
  if (!('edits' in result)) throw new Error(result.reason);

  test('is faster than as it stands, and as fast as the full estimate of the written spec', () => {
    expect(result.before).toBe(estimate.timing.perLayer);
    expect(result.after).toBeLessThan(result.before);
    const { analysis } = analysed(applyEdits(text, result.edits, MAIN));
    expect(analysis.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    const [after] = analysis.estimate.accelerators;
    expect(after!.timing.perLayer).toBe(result.after);
    for (const die of after!.dies) expect(die.resources.dsp.used).toBeLessThanOrEqual(die.available.dsp);
  });

  test('is never below its bound', () => {
    expect(result.bound).toBeGreaterThan(0);
    expect(result.bound).toBeLessThanOrEqual(result.after);
  });

  test('writes each open clause in its own line, in the place of `auto`', () => {
    const after = applyEdits(text, result.edits, MAIN);
    expect(after).toMatch(/kernel up {4}array \d+ x \d+( x \d+)? {2}weights hbm\[4\]/);
    expect(after).toMatch(/kernel act {2}lanes \d+/);
    expect(after).not.toContain('auto');
    expect(result.changes.map(({ kernel }) => kernel)).toEqual(['up', 'act', 'down']);
  });

  test('twice is the same', () => {
    expect(tuned(text).result).toEqual(result);
  });

  test('no design of the space that the timeline was asked about is below the bound', () => {
    for (const outputs of [1, 2, 4, 8, 16, 32, 64]) {
      const [one] = analysed(ffn(`array 16 x ${outputs}  weights hbm[4]`).replace('auto', `16 x ${outputs}`)).analysis
        .estimate.accelerators;
      expect(one!.timing.perLayer, `16 x ${outputs}`).toBeGreaterThanOrEqual(result.bound);
    }
  });
});

test('a reserve is kept', () => {
  const { result } = tuned(ffn('array auto  weights hbm[4]', 'reserve dsp 60%'));
  if (!('edits' in result)) throw new Error(result.reason);
  const dsp = result.use.find(({ resource }) => resource === 'dsp')!;
  expect(dsp.limit).toBeLessThan(0.4 * 9024 + 1);
  expect(dsp.used).toBeLessThanOrEqual(dsp.limit);
  expect(result.after).toBeGreaterThan(0);
});

test('what is written is left alone', () => {
  expect(tuned(bert).result).toEqual({
    reason: 'nothing is left open: arrays, lanes and memory channels are written',
  });
});

test('so are the sides of an array that are written', () => {
  const { result } = tuned(ffn('array 4 x auto x 2  weights hbm[4]'));
  if (!('edits' in result)) throw new Error(result.reason);
  expect(result.changes[0]!.clause).toMatch(/^array 4 x \d+ x 2( |$)/);
});

test('a search that is called off proposes nothing, and says how far it is until then', () => {
  const { analysis, sources } = analysed(ffn('array auto  weights hbm[4]'));
  const signal = { aborted: false };
  const seen: number[] = [];
  const result = analyst.tune(analysis.estimate.accelerators[0]!, analysis, sources, solver, {
    signal,
    progress: (done) => {
      seen.push(done);
      signal.aborted = seen.length === 2;
    },
  });
  expect(result).toEqual({ reason: 'the search was called off' });
  expect(seen).toHaveLength(2);
  expect(seen[1]).toBeGreaterThan(seen[0]!);
});

const token = 'accelerator a { device u280  model gpt2_small  phase decode(past: 64) }';
const decode = tuned(token).result;
if (!('edits' in decode)) throw new Error(decode.reason);

describe('a token of a model of which nothing but the card is said', () => {
  const text = token;
  const result = decode;

  test('gets channels of memory as well as arrays, and is a quarter faster than what they are by default', () => {
    expect(result.changes.find(({ kernel }) => /\bup\b/.test(kernel))?.clause).toMatch(
      /^array 1 x \d+( x \d+)? .*weights hbm\[\d+\.\.\d+\]/,
    );
    expect(result.after).toBeLessThan(0.75 * result.before);
  });

  test('is within a quarter of its bound', () => {
    expect(result.after).toBeGreaterThanOrEqual(result.bound);
    expect(result.after / result.bound).toBeLessThan(1.25);
  });

  test('would gain by one more port to memory, and by nothing that it has enough of', () => {
    const saves = new Map(result.use.map((one) => [one.resource, one.saves]));
    expect(saves.get('hbm ports')).toBeGreaterThan(0);
    expect(saves.get('hbm ports')).toBeLessThan(result.after / 4);
    expect(saves.get('uram')).toBe(0);
    for (const { used, limit, saves: gain } of result.use) if (gain > 0) expect(used).toBeGreaterThan(0.8 * limit);
  });

  test('means what the proposal says when it is written', () => {
    const { analysis } = analysed(applyEdits(text, result.edits, MAIN));
    // Among others, that no more ports are tied to a memory than it has.
    expect(analysis.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    const [after] = analysis.estimate.accelerators;
    expect(after!.timing.perLayer).toBe(result.after);
    for (const die of after!.dies) expect(die.resources.lut.used).toBeLessThanOrEqual(die.available.lut);
  });
});

/** A network of two products on a card of one die whose memory is given. */
const onSmallCard = (
  memory: string,
  [columns, hidden]: readonly [number, number],
  tokens: number,
) => `device small_hbm {
  part: "xcvu37p-fsvh2892-2L-e", family: ultrascale_plus, slice: DSP48E2, clock: 250 MHz
  die slr0 { lut: 434_560, ff: 869_120, dsp: 3_008, bram: 672, uram: 320 }
  memory hbm { ${memory}, port: 512 bit, on: slr0 }
}
model ffn {
  input x : [tokens, ${columns}]
  up   = linear(x, ${hidden})
  down = linear(up, ${columns})
  output down
}
accelerator a { device small_hbm  model ffn  phase forward(tokens: ${tokens}) }`;

test('weights that fill three channels each have a port for each, and channels of their own', () => {
  const full = onSmallCard('channels: 0..8, capacity: 1 MiB, bandwidth: 14.4 GB/s', [1024, 2752], 1);
  const { result } = tuned(full);
  if (!('edits' in result)) throw new Error(result.reason);
  const { analysis } = analysed(applyEdits(full, result.edits, MAIN));
  expect(analysis.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  const [after] = analysis.estimate.accelerators;
  expect(after!.timing.perLayer).toBe(result.after);
  const ports = after!.netlist.units.flatMap(({ role, kernel, channels }) =>
    role === 'weights' ? Object.values(channels).map((all) => ({ kernel, all })) : [],
  );
  for (const name of ['up', 'down']) expect(ports.filter(({ kernel }) => kernel === name).length).toBeGreaterThan(2);
  const channels = ports.flatMap(({ all }) => all.map(({ channel }) => channel));
  expect(new Set(channels).size).toBe(channels.length);
});

describe('where weights, K and V are', () => {
  const slow = onSmallCard('channels: 0..3, capacity: 256 MiB, bandwidth: 3.6 GB/s', [128, 256], 128);
  const { result } = tuned(slow);
  if (!('edits' in result)) throw new Error(result.reason);
  const text = applyEdits(slow, result.edits, MAIN);
  const inMemory = (spec: string, place: string) => spec.replace(/weights (uram|bram|lutram)/g, `weights ${place}`);

  test('weights that every block of rows reads are kept on the chip where that is faster than what channels give', () => {
    const clauses = result.changes.map(({ clause }) => clause).join('\n');
    expect(clauses).toMatch(/weights (uram|bram|lutram)/);
    const { analysis } = analysed(text);
    expect(analysis.estimate.accelerators[0]!.timing.perLayer).toBe(result.after);
    expect(analysis.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    const [streamed] = analysed(inMemory(text, 'hbm[3]')).analysis.estimate.accelerators;
    expect(streamed!.timing.perLayer).toBeGreaterThan(result.after);
  });

  test('a token, which reads them once, has them in memory', () => {
    const clauses = decode.changes.map(({ clause }) => clause).join('\n');
    expect(clauses).toMatch(/weights hbm/);
    expect(clauses).not.toMatch(/weights (uram|bram|lutram)/);
  });
});

test('what fits no card says so', () => {
  const { result } = tuned(ffn('array auto  weights hbm[4]', 'reserve dsp 99.9%'));
  expect(result).toEqual({ reason: 'nothing that is open fits the card; the diagnostics say what is too much' });
});

describe('what the spec asks for besides a short pass', () => {
  const open = 'array auto  weights hbm[4]';

  test('`minimize use(dsp)` takes fewer DSPs than the fastest design, as slow as it may be', () => {
    const fastest = tuned(ffn(open)).result;
    const { result } = tuned(ffn(open, 'minimize use(dsp)\n  require latency < 100 us'));
    if (!('edits' in result && 'edits' in fastest)) throw new Error('nothing found');
    const dsp = ({ use }: typeof result) => use.find(({ resource }) => resource === 'dsp')!.used;
    expect(dsp(result)).toBeLessThan(dsp(fastest));
    expect(result.after).toBeGreaterThan(fastest.after);
    expect(result.after).toBeLessThan(100e-6);
    expect(result.goal).toMatchObject({ objective: 'minimize use(dsp)', unmet: [] });
    expect(result.goal!.after).toBeCloseTo(
      analysed(applyEdits(ffn(open, 'minimize use(dsp)\n  require latency < 100 us'), result.edits, MAIN)).analysis
        .estimate.accelerators[0]!.resources.dsp.used / 9024,
      9,
    );
  });

  test('what nothing holds is said', () => {
    const { result } = tuned(ffn(open, 'require latency < 1 ns'));
    expect('edits' in result && result.goal?.unmet).toEqual(['latency < 1 ns']);
  });
});

describe('a front', () => {
  const text = ffn('array auto  weights hbm[4]');
  const { analysis, sources } = analysed(text);
  const [estimate] = analysis.estimate.accelerators;
  const result = analyst.tune(estimate!, analysis, sources, solver, { front: ['latency', 'dsp'] });
  if (!('edits' in result)) throw new Error(result.reason);
  const { points } = result.front!;

  test('begins with the fastest design, and each point is slower and leaner than the one before', () => {
    expect(points.length).toBeGreaterThan(2);
    expect(points[0]!.figures[0]).toBe(result.after);
    for (const [index, { figures }] of points.slice(1).entries()) {
      expect(figures[0]).toBeGreaterThan(points[index]!.figures[0]!);
      expect(figures[1]).toBeLessThan(points[index]!.figures[1]!);
    }
  });

  test('has the figures of the specs that its points write', () => {
    for (const { edits, figures } of [points[1]!, points.at(-1)!]) {
      const [after] = analysed(applyEdits(text, edits, MAIN)).analysis.estimate.accelerators;
      expect([after!.timing.perLayer, after!.resources.dsp.used]).toEqual(figures);
    }
  });
});
