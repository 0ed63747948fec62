/**
 * Everything that is `auto`: a deterministic value in closed form, recomputed at each edit. Clauses that are written stay
 * as they are; what is left follows from them and from the device.
 */
import { balance, ceilPower, greatest, MOST_TOKENS, sideBySide, type Wish } from './balance.ts';
import { Channels, outlives } from './channels.ts';
import type { AskedArray, Given } from './clauses.ts';
import type { ArrayShape, Dealt, Kernel, Reserve, Setting, Store } from './design.ts';
import type { Device } from './hardware.ts';
import type { Draft } from './mapping.ts';
import { isMatrixProduct } from './operators.ts';
import { bitsOf, isFloat } from './precision.ts';
import type { Operator, Phase, Precision } from './workload.ts';

/** What defaults are made from. `drafts` come in dataflow order. */
export interface Surroundings {
  readonly device: Device;
  readonly clock: Setting<number>;
  readonly precision: Precision;
  readonly phase: Phase;
  readonly reserves: readonly Reserve[];
  /** Passes through the repeated layer: each has its own weights, and its own K and V of the past. */
  readonly repeat: number;
  /** Channels of the first memory that streams use: rows, not weights. */
  readonly rowChannels: readonly number[];
  /** Kernels of the parts of the work that come before: a kernel of the same name is the same hardware. */
  readonly built: ReadonlyMap<string, Kernel>;
}

/** Share of the DSP blocks for arrays: beyond 0.7, closure gets unlikely (UltraFast recommendation, Xilinx/finn). */
const ARRAY_SHARE = 0.7;
/** An asked array of which nothing is written. */
const ANY: AskedArray = { tokens: undefined, outputs: undefined, dot: undefined };
/**
 * LUTs of a unit of the kernel library with all that stands around it, and those that each token side by side adds: means
 * over the units of a transformer layer, as the library's own cost laws price BERT-base with 1 to 16 tokens.
 */
const UNIT_LUT = 2400;
const TOKEN_LUT = 900;
/** Lanes beyond this do not shorten a row any more: it ends before its own fill. */
const MOST_LANES = 64;
/** Of the slowest array's time, the part (1/16) that a row unit may add to a pass that does not overlap. */
const ROW_SHARE = 16;

const auto = <T>(value: T, given?: Given<unknown>): Setting<T> =>
  given ? { value, origin: 'auto', span: given.span } : { value, origin: 'auto' };

/** What is asked, or the default. */
function settle<T>(given: Given<T> | undefined, fallback: () => T): Setting<T> {
  return given?.value === undefined
    ? auto(fallback(), given)
    : { value: given.value, origin: given.origin, span: given.span };
}

/** Kernels with everything filled in, in the order of `drafts`. */
export function fillDefaults(drafts: readonly Draft[], around: Surroundings): Kernel[] {
  return fillAll(
    drafts.map((draft) => withSettled(draft, around.built.get(draft.name))),
    around,
  ).map((kernel) => {
    const known = around.built.get(kernel.name);
    return known ? { ...kernel, ...known, turns: kernel.turns } : kernel;
  });
}

/** What is settled already counts as asked. */
function withSettled(draft: Draft, kernel: Kernel | undefined): Draft {
  if (!kernel) return draft;
  const given = <T>(setting: Setting<T> | undefined): Given<T> | undefined =>
    setting && { value: setting.value, origin: 'written', span: setting.span ?? kernel.span };
  const { array, pack, lanes, ii, replicate, over, weights, cache, dies, clock } = kernel;
  const settled = { array, pack, lanes, ii, replicate, over, weights, cache, dies, clock };
  const known = Object.entries(settled).flatMap(([key, setting]) => (setting ? [[key, given<unknown>(setting)]] : []));
  return { ...draft, asked: { ...draft.asked, ...Object.fromEntries(known) } };
}

function fillAll(drafts: readonly Draft[], around: Surroundings): Kernel[] {
  const onChip = drafts.filter((draft) => !draft.asked.host?.value);
  const products = onChip.filter((draft) => matrixProducts(draft).length > 0);
  const rows = greatest(products.flatMap(matrixProducts).map((operator) => operator.rows));
  const most = mostTokens(onChip.length, around);
  const written = products.find(({ asked }) => asked.array?.value?.tokens !== undefined)?.asked.array?.value?.tokens;
  // A pass that is one block of rows goes from product to product.
  const channels = new Channels(onChip, around, rows <= sideBySide(rows, most, written));
  const arrays = arraysOf(products, most, dspBudget(onChip, around), channels, around);
  const pace: Pace = {
    cycles: Math.max(1, greatest(onChip.map((draft) => cyclesOf(draft, arrays.get(draft))))),
    tokens: [...arrays.values()][0]?.array.value.tokens ?? 1,
  };
  const dies = diesOf(onChip, arrays, around);
  return drafts.map((draft) => kernel(draft, arrays.get(draft), dies.get(draft), pace, channels, around));
}

function kernel(
  draft: Draft,
  built: Built | undefined,
  dies: Setting<readonly string[]> | undefined,
  pace: Pace,
  channels: Channels,
  around: Surroundings,
): Kernel {
  const { asked } = draft;
  const operators = draft.turns.flat();
  const rowOperators = operators.filter((operator) => !isMatrixProduct(operator.kind));
  const alone = rowOperators.length === operators.length;
  const weights = operators.some((operator) => operator.weights > 0);
  // Gains and biases come with the weights of a neighbour unless the kernel says where its own are.
  const gains = asked.weights?.value !== undefined && operators.some((operator) => operator.parameters > 0);
  const cached = operators.some((operator) => operator.keys > 0);
  const host = asked.host?.value === true;
  const lanes =
    !host && rowOperators.length > 0 && (alone || asked.lanes)
      ? settle(asked.lanes, () => lanesOf(rowOperators, pace))
      : undefined;
  return {
    name: draft.name,
    span: draft.span,
    nameSpan: draft.nameSpan,
    ...(draft.doc === undefined ? {} : { doc: draft.doc }),
    auto: draft.auto,
    ...(draft.region === undefined ? {} : { region: draft.region }),
    turns: draft.turns,
    ...(built ? { array: built.array, ...(built.sides ? { sides: built.sides } : {}) } : {}),
    pack: built?.pack ?? auto(1),
    ...(lanes ? { lanes } : {}),
    ii: settle(asked.ii, () => 1),
    replicate: settle(asked.replicate, () => 1),
    over: asked.over?.value ? { ...asked.over, value: asked.over.value } : auto(dealtBy(operators)),
    ...(asked.tile?.value ? { tile: { ...asked.tile, value: asked.tile.value } } : {}),
    ...((weights || gains) && !host
      ? { weights: settle(asked.weights, () => channels.storeOf(draft, 'weights')) }
      : {}),
    ...(cached && !host ? { cache: settle(asked.cache, () => cacheOf(draft, channels, around)) } : {}),
    dies: dies ?? auto([]),
    ...(asked.cards?.value ? { cards: asked.cards.value } : {}),
    onHost: host,
    ...(asked.engines?.value ? { engines: true as const } : {}),
    ...(asked.as?.value ? { as: settle(asked.as, () => around.precision.nonlinear) } : {}),
    clock: asked.clock?.value === undefined ? around.clock : settle(asked.clock, () => around.clock.value),
    ...(asked.phases?.value ? { phases: asked.phases.value } : {}),
    ...(asked.passes?.value ? { passes: asked.passes.value } : {}),
  };
}

/** Heads never meet; columns of a product share its rows; everything else works row by row. */
function dealtBy(operators: readonly Operator[]): Dealt {
  if (operators.some((operator) => operator.heads > 1)) return 'heads';
  return operators.some((operator) => isMatrixProduct(operator.kind)) ? 'outputs' : 'tokens';
}

/** What units without an array keep up with: cycles of the slowest array, and the tokens side by side in its words. */
interface Pace {
  readonly cycles: number;
  readonly tokens: number;
}

type Built = Required<Pick<Kernel, 'array' | 'pack' | 'replicate'>> & Pick<Kernel, 'sides'>;

/** Array and packing of each kernel that has a matrix product. */
function arraysOf(
  products: readonly Draft[],
  tokens: number,
  dsp: number,
  channels: Channels,
  around: Surroundings,
): Map<Draft, Built> {
  const balanced = (some: readonly Draft[], budget: number) =>
    some.length > 0 ? [...balancedArrays(some, Math.max(1, budget), tokens, channels, around)] : [];
  return new Map([
    ...balanced(
      products.filter((draft) => !isOnEngines(draft)),
      dsp,
    ),
    ...balanced(products.filter(isOnEngines), engineBudget(around)),
  ]);
}

function isOnEngines({ asked }: Draft): boolean {
  return asked.engines?.value === true;
}

/** Multiply-accumulates a cycle that engines have for arrays. */
function engineBudget({ device: { engines }, clock }: Surroundings): number {
  if (!engines || !(clock.value > 0)) return 0;
  return Math.floor(((engines.count * engines.macsPerCycle * engines.clock) / clock.value) * ARRAY_SHARE);
}

/** Arrays that share what there is, so that all take equally long. */
function balancedArrays(
  products: readonly Draft[],
  budget: number,
  tokens: number,
  channels: Channels,
  around: Surroundings,
): Map<Draft, Built> {
  // Engines have no products to pack: an array says how many it does.
  const packs = products.map((draft) =>
    settle(draft.asked.pack, () => (isOnEngines(draft) ? 1 : packOf(matrixProducts(draft), around.precision))),
  );
  const wishes = products.map((draft, index): Wish => {
    const operators = matrixProducts(draft);
    return {
      operators,
      work: operators.reduce((sum, operator) => sum + operator.macs, 0),
      pack: packs[index]!.value,
      replicate: draft.asked.replicate?.value ?? 1,
      operands: operandsOf(draft, channels, around),
      ports: trainedPorts(draft, channels),
      fewest: fewestOf(draft, around),
      asked: draft.asked.array?.value ?? ANY,
    };
  });
  const shapes = balance(wishes, budget, tokens);
  return new Map(
    products.map((draft, index) => {
      const asked = draft.asked.array;
      const complete = asked?.value && Object.values(asked.value).every((side) => side !== undefined);
      const value = shapes[index]!;
      const replicate = settle(draft.asked.replicate, () => 1);
      const array = complete ? { value, origin: asked.origin, span: asked.span } : auto(value, asked);
      const sides = complete || !asked?.value ? undefined : writtenSides(asked.value);
      return [draft, { array, ...(sides ? { sides } : {}), pack: packs[index]!, replicate }];
    }),
  );
}

function writtenSides({ tokens, outputs, dot }: AskedArray): Partial<ArrayShape> {
  return {
    ...(tokens === undefined ? {} : { tokens }),
    ...(outputs === undefined ? {} : { outputs }),
    ...(dot === undefined ? {} : { dot }),
  };
}

function matrixProducts(draft: Draft): Operator[] {
  return draft.turns.flat().filter((operator) => isMatrixProduct(operator.kind));
}

/** Two int8 or narrower weights share one activation of as many bits in a DSP block; products of activations are not packed. */
function packOf(operators: readonly Operator[], precision: Precision): number {
  const trained = operators.every((operator) => operator.weights > 0);
  return trained &&
    (precision.activations === 'int8' || precision.activations === 'int4') &&
    !isFloat(precision.weights) &&
    bitsOf(precision.weights) <= 8
    ? 2
    : 1;
}

/**
 * DSP blocks for arrays: the device's, without the shell, what is reserved on the whole card, and the arrays of other parts of
 * the work.
 */
function dspBudget(drafts: readonly Draft[], { device, reserves, built }: Surroundings): number {
  const all = device.dies.reduce((sum, die) => sum + die.resources.dsp, 0) - (device.shell?.resources.dsp ?? 0);
  const reserved = reserves.filter((reserve) => reserve.resource === 'dsp' && reserve.die === undefined);
  const here = new Set(drafts.map((draft) => draft.name));
  const taken = [...built.values()].reduce(
    (sum, kernel) => sum + (here.has(kernel.name) || kernel.engines ? 0 : sizeOf(kernel)),
    0,
  );
  return Math.floor(all * Math.min(ARRAY_SHARE, 1 - greatest(reserved.map((reserve) => reserve.share)))) - taken;
}

/**
 * Tokens side by side that leave room for everything around the arrays: on a small device, loaders, converters, epilogues
 * and row units of 16 tokens take more than there is.
 */
function mostTokens(units: number, { device }: Surroundings): number {
  const all = device.dies.reduce((sum, die) => sum + die.resources.lut, 0) - (device.shell?.resources.lut ?? 0);
  const each = (all / Math.max(1, units) - UNIT_LUT) / TOKEN_LUT;
  // A sheet without LUTs is not a device without them.
  return all > 0 ? Math.min(MOST_TOKENS, Math.max(1, each)) : MOST_TOKENS;
}

/** Bits of the narrowest beat in which K or V is kept in memory: a beat is a word of the array. */
const NARROWEST_BEAT = 64;

function fewestOf(draft: Draft, around: Surroundings): number {
  const store = draft.asked.cache?.value;
  const kept = matrixProducts(draft).some((operator) => operator.keys > 0);
  const inMemory = store ? store.kind === 'channels' : outlives(around.phase) && around.device.memories.length > 0;
  return kept && inMemory ? NARROWEST_BEAT / bitsOf(around.precision.cache) : 1;
}

/** Ports that have equal shares of a tile of weights. */
function trainedPorts(draft: Draft, channels: Channels): number {
  const store = draft.asked.weights?.value;
  if (store) return store.kind === 'channels' ? store.channels.length : 1;
  return channels.portsOf(draft, 'weights');
}

/** Operands a cycle that a kernel's ports bring at its clock. */
function operandsOf(draft: Draft, channels: Channels, around: Surroundings): number {
  const memory = around.device.memories[0];
  const products = matrixProducts(draft);
  const trained = products.some((operator) => operator.weights > 0);
  const bits = bitsOf(trained ? around.precision.weights : around.precision.cache);
  const store = trained ? draft.asked.weights?.value : draft.asked.cache?.value;
  const external = store ? store.kind === 'channels' : trained ? memory !== undefined : outlives(around.phase);
  if (!external) return Infinity;
  const what = trained ? 'weights' : 'cache';
  const count = store?.kind === 'channels' ? store.channels.length : channels.portsOf(draft, what);
  const named = store?.kind === 'channels' ? store.memory : undefined;
  const from = around.device.memories.find((candidate) => candidate.name === named) ?? memory;
  if (!from) return Infinity;
  const clock = draft.asked.clock?.value ?? around.clock.value;
  const share = store ? 1 : channels.shareOf(draft, what);
  const perChannel = Math.min(from.portBits, (share * from.bandwidth * 8) / clock);
  return Math.max(1, Math.floor((perChannel * count) / bits));
}

/** Cycles of the kernel's matrix products: what the rest keeps up with. */
function cyclesOf(draft: Draft, built: Built | undefined): number {
  if (!built) return 0;
  const { tokens, outputs, dot } = built.array.value;
  const work = matrixProducts(draft).reduce((sum, operator) => sum + operator.macs, 0);
  return work / (tokens * outputs * dot * built.pack.value * built.replicate.value);
}

/**
 * Enough to keep up with the slowest array; at least its tokens, so that words need no re-blocking. Where a pass is one
 * block of rows (decode), units wait for each other instead of overlapping, so that rows must take a small part of it.
 */
function lanesOf(operators: readonly Operator[], pace: Pace): number {
  const elements = greatest(operators.map(({ rows, columns, heads }) => rows * columns * heads));
  const oneBlock = operators.every((operator) => operator.rows <= pace.tokens);
  const need = (elements / pace.cycles) * (oneBlock ? ROW_SHARE : 1);
  return Math.min(Math.max(MOST_LANES, pace.tokens), Math.max(pace.tokens, ceilPower(need)));
}

/** K and V of one pass stay on the chip; those of a past that is kept for every layer lie in memory. */
function cacheOf(draft: Draft, channels: Channels, around: Surroundings): Store {
  const { phase, device } = around;
  if (outlives(phase) && device.memories.length > 0) return { ...channels.storeOf(draft, 'cache'), double: true };
  const uram = device.dies.some((die) => die.resources.uram > 0);
  return { kind: 'on-chip', storage: uram ? 'uram' : 'bram', double: true };
}

/**
 * Dies of each kernel. Where some are written, the others go to the die of the kernel before them; where none is, the
 * data flow is cut into stretches whose arrays take DSP blocks in proportion to those of the dies.
 */
function diesOf(
  drafts: readonly Draft[],
  arrays: ReadonlyMap<Draft, Built>,
  { device }: Surroundings,
): Map<Draft, Setting<readonly string[]>> {
  const result = new Map<Draft, Setting<readonly string[]>>();
  const written = drafts.find((draft) => draft.asked.dies?.value);
  const total = drafts.reduce((sum, draft) => sum + sizeOf(arrays.get(draft)), 0);
  const all = device.dies.reduce((sum, die) => sum + die.resources.dsp, 0);
  let before = 0;
  let current = written?.asked.dies?.value ?? [];
  for (const draft of drafts) {
    const size = sizeOf(arrays.get(draft));
    const balanced = dieAt((all * (before + size / 2)) / Math.max(1, total), device);
    before += size;
    const dies = settle(draft.asked.dies, () => (written ? current.slice(0, 1) : balanced));
    current = dies.value;
    result.set(draft, dies);
  }
  return result;
}

function sizeOf(built: Pick<Kernel, 'array' | 'replicate'> | undefined): number {
  if (!built?.array) return 0;
  const { tokens, outputs, dot } = built.array.value;
  return tokens * outputs * dot * built.replicate.value;
}

/** The die that holds the n-th DSP block of the device. */
function dieAt(n: number, device: Device): string[] {
  let left = n;
  for (const die of device.dies) {
    if (left <= die.resources.dsp) return [die.name];
    left -= die.resources.dsp;
  }
  return device.dies.slice(-1).map((die) => die.name);
}
