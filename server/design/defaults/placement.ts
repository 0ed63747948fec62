/** Where kernels go that nobody has placed: the data flow is cut into stretches, so that the fullest die is as empty as can be. */
import type { Setting } from '../design.ts';
import type { Device } from '../hardware.ts';
import type { Draft } from '../mapping/mapping.ts';
import { settle } from './settling.ts';

/** Blocks of a die, or those that a kernel takes, as far as they are known before its netlist. */
export interface Blocks {
  readonly dsp: number;
  readonly lut: number;
}

/** Halvings of what the fullest die may hold: to a millionth of it. */
const HALVINGS = 20;

/** Place of each kernel among the dies, in the order of the data flow: never on a die before that of the kernel before it. */
export function stretches(needs: readonly Blocks[], rooms: readonly Blocks[]): number[] {
  if (rooms.length === 0) return needs.map(() => 0);
  let [low, high] = [0, rooms.reduce((most, room) => Math.max(most, fullness(total(needs), room)), 0)];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (filled(needs, rooms, middle).fits) high = middle;
    else low = middle;
  }
  return filled(needs, rooms, high).places;
}

/** Share of a die or a card beyond which closure gets unlikely (UltraFast recommendation, Xilinx/finn). */
export const CLOSES = 0.7;

/** The same beside kernels whose place is written: each goes where the one before it is, and on to the next die when that is full. */
export function followed(
  needs: readonly Blocks[],
  rooms: readonly Blocks[],
  written: readonly (number | undefined)[],
): number[] {
  const taken = rooms.map((_, die) => total(needs.filter((_, index) => written[index] === die)));
  let die = Math.max(0, written.find((one) => one !== undefined) ?? 0);
  return needs.map((need, index) => {
    const asked = written[index];
    if (asked !== undefined) die = asked;
    else {
      while (die < rooms.length - 1 && fullness(total([taken[die]!, need]), rooms[die]!) > CLOSES) die++;
      taken[die] = total([taken[die]!, need]);
    }
    return die;
  });
}

/**
 * Dies of each kernel. Where some are written, the others go to the die of the kernel before them, or the next one when that is
 * full; where none is, the data flow is cut into stretches that fill the dies evenly.
 */
export function diesOf(
  drafts: readonly Draft[],
  needs: readonly Blocks[],
  device: Device,
): Map<Draft, Setting<readonly string[]>> {
  const rooms = device.dies.map((die) => roomOf(die, device));
  const written = drafts.map(({ asked }) => {
    const [first] = asked.dies?.value ?? [];
    const die = device.dies.findIndex(({ name }) => name === first);
    return die < 0 ? undefined : die;
  });
  const places = written.some((die) => die !== undefined) ? followed(needs, rooms, written) : stretches(needs, rooms);
  return new Map(
    drafts.map((draft, index) => {
      const name = device.dies[places[index]!]?.name;
      return [draft, settle(draft.asked.dies, () => (name === undefined ? [] : [name]))];
    }),
  );
}

/** Share of its DSPs that kernels take on the die where it is greatest. */
export function fullestDie(
  drafts: readonly Draft[],
  needs: readonly Blocks[],
  places: ReadonlyMap<Draft, Setting<readonly string[]>>,
  device: Device,
): number {
  const shares = device.dies.map((die) => {
    const taken = total(needs.filter((_, i) => places.get(drafts[i]!)?.value[0] === die.name));
    return fullness({ dsp: taken.dsp, lut: 0 }, roomOf(die, device));
  });
  return shares.reduce((most, share) => Math.max(most, share), 0);
}

function roomOf({ name, resources }: Device['dies'][number], { shell }: Device): Blocks {
  const taken = shell?.die === name ? shell.resources : { dsp: 0, lut: 0 };
  return { dsp: Math.max(0, resources.dsp - taken.dsp), lut: Math.max(0, resources.lut - taken.lut) };
}

/** Die after die, each as full as that, the last one fuller if need be. */
function filled(
  needs: readonly Blocks[],
  rooms: readonly Blocks[],
  most: number,
): { readonly places: number[]; readonly fits: boolean } {
  let [die, fits] = [0, true];
  let taken: Blocks = { dsp: 0, lut: 0 };
  const places = needs.map((need) => {
    const more = total([taken, need]);
    const full = fullness(more, rooms[die]!) > most;
    if (full && die < rooms.length - 1) {
      die++;
      taken = need;
    } else taken = more;
    fits &&= fullness(taken, rooms[die]!) <= most;
    return die;
  });
  return { places, fits };
}

/** Share of a die that is taken: of the blocks of which most are. A sheet that names none of a kind has no limit there. */
function fullness({ dsp, lut }: Blocks, room: Blocks): number {
  return Math.max(room.dsp > 0 ? dsp / room.dsp : 0, room.lut > 0 ? lut / room.lut : 0);
}

function total(blocks: readonly Blocks[]): Blocks {
  return blocks.reduce((sum, { dsp, lut }) => ({ dsp: sum.dsp + dsp, lut: sum.lut + lut }), { dsp: 0, lut: 0 });
}
