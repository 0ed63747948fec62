/** Blocks for what is `auto`: how many there are for arrays, and what a kernel takes, as far as it is known before its netlist. */

import type { Device } from '../hardware.ts';
import type { Draft } from '../mapping/mapping.ts';
import { isMatrixProduct } from '../operators.ts';
import type { Operator } from '../workload.ts';
import { greatest, MOST_TOKENS } from './balance.ts';
import type { Channels } from './channels.ts';
import { lanesOf, MOST_LANES } from './lanes.ts';
import { type Blocks, CLOSES } from './placement.ts';
import { isOnEngines, matrixProducts, sizeOf } from './products.ts';
import type { Built, Pace, Surroundings } from './settling.ts';

/**
 * LUTs of a unit of the kernel library with all that stands around it, and those that each token side by side adds: means
 * over the units of a transformer layer, as the library's own cost laws price BERT-base with 1 to 16 tokens.
 */
const UNIT_LUT = 2400;
const TOKEN_LUT = 900;
/**
 * In the same way: DSPs of a lane of a row unit in fp32, and of each token behind an array; LUTs of a multiplier with its sums,
 * which are 88 … 180 by width, types and packing.
 */
const LANE_DSP: Readonly<Partial<Record<Operator['kind'], number>>> = {
  layernorm: 18,
  rmsnorm: 16,
  rope: 16,
  softmax: 10,
  gelu: 8,
  silu: 11,
};
const OTHER_LANE_DSP = 6;
const EPILOGUE_DSP = 3;
const MULTIPLIER_LUT = 110;
/** A memory port of 512 bits, see docs/estimator.md, with what joins several. */
const PORT_LUT = 7000;
/** Part of these where floating point is a mode of the DSP block. */
const NATIVE_FLOAT = 0.4;
/** Of the DSP blocks, what a card may have taken by all that is `auto`. */
const FULL = 0.95;
/** Of what is left, what row units may take: no cut into dies is even. */
const EVEN = 0.8;

/** Blocks of the card that its shell leaves. */
function blocksOf({ dies, shell }: Device, of: keyof Blocks): number {
  return dies.reduce((sum, { resources }) => sum + resources[of], 0) - (shell?.resources[of] ?? 0);
}

/** Multiply-accumulates a cycle that engines have for arrays. */
export function engineBudget({ device: { engines }, clock }: Surroundings): number {
  if (!engines || !(clock.value > 0)) return 0;
  return Math.floor(((engines.count * engines.macsPerCycle * engines.clock) / clock.value) * CLOSES);
}

/**
 * DSP blocks for arrays: the device's, without the shell, what is reserved on the whole card, what stands around the arrays,
 * and the arrays of other parts of the work.
 */
export function dspBudget(drafts: readonly Draft[], tokens: number, { device, reserves, built }: Surroundings): number {
  const all = blocksOf(device, 'dsp');
  const reserved = reserves.filter((reserve) => reserve.resource === 'dsp' && reserve.die === undefined);
  const here = new Set(drafts.map((draft) => draft.name));
  const taken = [...built.values()].reduce(
    (sum, kernel) => sum + (here.has(kernel.name) || kernel.engines ? 0 : sizeOf(kernel)),
    0,
  );
  const beside = drafts.reduce((sum, draft) => sum + besideArray(draft, tokens, device), 0);
  const most = 1 - greatest(reserved.map((reserve) => reserve.share));
  return Math.floor(Math.min(all * Math.min(CLOSES, most), all * Math.min(FULL, most) - beside)) - taken;
}

/** DSPs of a kernel beside its array: of its row units, and of what rescales the sums of a product. */
function besideArray(draft: Draft, lanes: number, { dspKind }: Device): number {
  const operators = draft.turns.flat().filter(({ kind }) => !isMatrixProduct(kind));
  const rows = operators.reduce((sum, { kind }) => sum + (LANE_DSP[kind] ?? OTHER_LANE_DSP), 0);
  const each = rows + (matrixProducts(draft).length > 0 ? EPILOGUE_DSP : 0);
  return each * lanes * (dspKind === 'DSP48E2' ? 1 : NATIVE_FLOAT);
}

/**
 * Tokens side by side that leave room for everything around the arrays: on a small device, loaders, converters, epilogues
 * and row units of 16 tokens take more than there is.
 */
export function mostTokens(units: number, { device }: Surroundings): number {
  const all = blocksOf(device, 'lut');
  const each = (all / Math.max(1, units) - UNIT_LUT) / TOKEN_LUT;
  // A sheet without LUTs is not a device without them.
  return all > 0 ? Math.min(MOST_TOKENS, Math.max(1, each)) : MOST_TOKENS;
}

/** The pace with so many lanes in its units as what the arrays leave has room for. */
export function withRoom(
  pace: Omit<Pace, 'lanes'>,
  drafts: readonly Draft[],
  arrays: ReadonlyMap<Draft, Built>,
  { device }: Surroundings,
): Pace {
  const all = blocksOf(device, 'dsp');
  const left = all * FULL - [...arrays.values()].reduce((sum, built) => sum + sizeOf(built), 0);
  for (let lanes = MOST_LANES; ; lanes /= 2) {
    const now = { ...pace, lanes };
    const taken = drafts.reduce((sum, one) => sum + besideArray(one, lanesFor(one, arrays.get(one), now), device), 0);
    if (taken <= left * EVEN || lanes <= pace.tokens) return now;
  }
}

function lanesFor(draft: Draft, built: Built | undefined, pace: Pace): number {
  return built ? built.array.value.tokens : (draft.asked.lanes?.value ?? lanesOf(draft.turns.flat(), pace));
}

/** What a kernel takes, nearly: where it goes depends on it, not what it costs. */
export function needOf(draft: Draft, built: Built | undefined, pace: Pace, channels: Channels, device: Device): Blocks {
  if (isOnEngines(draft)) return { dsp: 0, lut: UNIT_LUT };
  const multipliers = sizeOf(built);
  const lanes = lanesFor(draft, built, pace);
  const ports = multipliers > 0 ? channels.portsOf(draft, 'weights') : 0;
  return {
    dsp: multipliers + besideArray(draft, lanes, device),
    lut: UNIT_LUT + TOKEN_LUT * lanes + MULTIPLIER_LUT * multipliers + PORT_LUT * ports,
  };
}
