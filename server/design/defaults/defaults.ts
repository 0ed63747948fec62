/**
 * Everything that is `auto`: a deterministic value in closed form, recomputed at each edit. Clauses that are written stay
 * as they are; what is left follows from them and from the device.
 */

import type { ArrayShape, Dealt, Kernel, Setting, Store } from '../design.ts';
import type { AskedArray, Given } from '../mapping/clauses.ts';
import type { Draft } from '../mapping/mapping.ts';
import { isMatrixProduct } from '../operators.ts';
import { bitsOf } from '../sheets/precision.ts';
import type { Operator } from '../workload.ts';
import { balance, greatest, sideBySide, type Wish } from './balance.ts';
import { dspBudget, engineBudget, mostTokens, needOf, withRoom } from './budget.ts';
import { bitsACycle, Channels } from './channels.ts';
import { promptCycles, tokenCycles, tokensWorthATry } from './generating.ts';
import { keepingOf, onChipStorage } from './keeping.ts';
import { lanesOf } from './lanes.ts';
import { diesOf, fullestDie } from './placement.ts';
import {
  ANY,
  isOnEngines,
  leastCycles,
  macsACycle,
  matrixProducts,
  packOf,
  usefulWeights,
  workOf,
} from './products.ts';
import { auto, type Built, type Pace, type Surroundings, settle } from './settling.ts';

/** Shares of the DSPs that arrays make do with where the dies cannot be filled with more. */
const LESS = [0.85, 0.7, 0.5];

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
  const written = products.find(({ asked }) => asked.array?.value?.tokens !== undefined)?.asked.array?.value?.tokens;
  const most = sideBySide(rows, mostTokens(onChip.length, around), written);
  const choices = written === undefined ? tokensWorthATry(most, around) : [most];
  const { arrays, dies, pace, channels } = choices
    .map((tokens) => settled(tokens, onChip, products, rows, around))
    .reduce((best, other) => (other.cycles < best.cycles ? other : best));
  return drafts.map((draft) => kernel(draft, arrays.get(draft), dies.get(draft), pace, channels, around));
}

/** Arrays, places and channels with so many tokens side by side, and the cycles that a layer takes of all that is asked. */
function settled(
  tokens: number,
  onChip: readonly Draft[],
  products: readonly Draft[],
  rows: number,
  around: Surroundings,
) {
  const budget = dspBudget(onChip, tokens, around);
  const fastest = leastCycles(products, budget, around);
  const channels = new Channels(onChip, around, {
    // A pass that is one block of rows goes from product to product.
    inTurn: rows <= tokens,
    useful: (draft) => usefulWeights(draft, fastest, tokens, around) * bitsOf(around.precision.weights),
    keeping: keepingOf(onChip, around, (draft) => usefulWeights(draft, fastest, tokens, around)),
  });
  const within = (dsp: number) => {
    const arrays = arraysOf(products, tokens, dsp, channels, around);
    const slowest = {
      cycles: Math.max(1, greatest(onChip.map((draft) => cyclesOf(draft, arrays.get(draft))))),
      tokens: [...arrays.values()][0]?.array.value.tokens ?? 1,
    };
    const pace = withRoom(slowest, onChip, arrays, around);
    const needs = onChip.map((draft) => needOf(draft, arrays.get(draft), pace, channels, around.device));
    const dies = diesOf(onChip, needs, around.device);
    return { arrays, pace, dies, fits: fullestDie(onChip, needs, dies, around.device) <= 1 };
  };
  const whole = within(budget);
  // Three large arrays that a card has room for need not be what its dies have room for. Who places kernels sees it, and says where.
  const placed = onChip.some(({ asked }) => asked.dies?.value);
  const best =
    whole.fits || placed ? whole : (LESS.map((share) => within(share * budget)).find(({ fits }) => fits) ?? whole);
  return {
    ...best,
    channels,
    cycles:
      promptCycles(onChip, (draft) => cyclesOf(draft, best.arrays.get(draft))) +
      tokenCycles(onChip, best.arrays, around),
  };
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

/** Arrays that share what there is, so that all take equally long. */
function balancedArrays(
  products: readonly Draft[],
  budget: number,
  tokens: number,
  channels: Channels,
  around: Surroundings,
): Map<Draft, Built> {
  const packs = products.map((draft) => settle(draft.asked.pack, () => packOf(draft, around)));
  const wishes = products.map((draft, index): Wish => {
    const operators = matrixProducts(draft);
    return {
      operators,
      work: workOf(draft),
      pack: packs[index]!.value,
      replicate: draft.asked.replicate?.value ?? 1,
      operands: operandsOf(draft, channels, around),
      ports: channels.portsOf(draft, 'weights'),
      fewest: fewestOf(draft, channels, around),
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

/** Bits of the narrowest beat in which K or V is kept in memory: a beat is a word of the array. */
const NARROWEST_BEAT = 64;

function fewestOf(draft: Draft, channels: Channels, around: Surroundings): number {
  const store = draft.asked.cache?.value;
  const kept = matrixProducts(draft).some((operator) => operator.keys > 0);
  const inMemory = store ? store.kind === 'channels' : channels.keeping === 'in memory';
  return kept && inMemory ? NARROWEST_BEAT / bitsOf(around.precision.cache) : 1;
}

/** Operands a cycle that a kernel's ports bring at its clock. */
function operandsOf(draft: Draft, channels: Channels, around: Surroundings): number {
  const memory = around.device.memories[0];
  const products = matrixProducts(draft);
  const trained = products.some((operator) => operator.weights > 0);
  const bits = bitsOf(trained ? around.precision.weights : around.precision.cache);
  const store = trained ? draft.asked.weights?.value : draft.asked.cache?.value;
  const external = store
    ? store.kind === 'channels'
    : trained
      ? memory !== undefined
      : channels.keeping === 'in memory';
  if (!external) return Infinity;
  const what = trained ? 'weights' : 'cache';
  const named = store?.kind === 'channels' ? store.memory : undefined;
  const from = around.device.memories.find((candidate) => candidate.name === named) ?? memory;
  if (!from) return Infinity;
  const clock = draft.asked.clock?.value ?? around.clock.value;
  const share = store ? 1 : channels.shareOf(draft, what);
  return Math.max(1, Math.floor((bitsACycle(from, clock, share) * channels.portsOf(draft, what)) / bits));
}

/** K and V of one pass stay on the chip as long as there is room; those of a past that is kept for every layer lie in memory. */
function cacheOf(draft: Draft, channels: Channels, { device }: Surroundings): Store {
  if (channels.keeping === 'in memory') return { ...channels.storeOf(draft, 'cache'), double: true };
  return { kind: 'on-chip', storage: onChipStorage(device), double: channels.keeping === 'twice' };
}

/** Cycles of the kernel's matrix products: what the rest keeps up with. */
function cyclesOf(draft: Draft, built: Built | undefined): number {
  return built ? workOf(draft) / macsACycle(built) : 0;
}
