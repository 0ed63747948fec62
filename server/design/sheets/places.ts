/** Names of places: dies, memories with their channels, the host, links, cards; and passes through layers. */
import type * as tree from '../../../grammar/tree.ts';
import type { Passes, StorageKind } from '../design.ts';
import type { Memory } from '../hardware.ts';
import type { Definition } from '../problem.ts';
import { type Environment, read, type Wanted } from '../terms/expression.ts';
import { isPhase, PHASE_NAMES } from '../terms/phase.ts';
import { textOf } from '../terms/report.ts';
import { formatNumber } from '../terms/units.ts';
import type { Phase } from '../workload.ts';
import type { ResolvedDevice } from './device.ts';

export const STORAGE_KINDS: readonly StorageKind[] = ['srl', 'lutram', 'bram', 'uram'];

export function isStorage(name: string): name is StorageKind {
  return (STORAGE_KINDS as readonly string[]).includes(name);
}

/** Memories that a kernel can keep things in; shift registers are FIFOs only. */
export type OnChip = Exclude<StorageKind, 'srl'>;
export const ON_CHIP: readonly OnChip[] = ['bram', 'uram', 'lutram'];

export function isOnChip(name: string): name is OnChip {
  return (ON_CHIP as readonly string[]).includes(name);
}

/** A name of the device's sheet, bound; undefined where it is none of its dies, memories or links. */
export function devicePart(name: tree.Name, env: Environment, device: ResolvedDevice): string | undefined {
  const target = device.parts.get(name.text);
  if (target) env.report.bind(env.file, name, target);
  return target?.sort;
}

export function memoryNames(device: ResolvedDevice): string[] {
  return device.device.memories.map((memory) => memory.name);
}

type Bounds = Wanted & { readonly least: number; readonly most: number };

/** `hbm[0..7, 12]` → channels in order; undefined, reported, where one of them is not there. */
export function channelsOf(part: tree.PlacePart, memory: Memory, env: Environment): number[] | undefined {
  const { first, last } = memory.channels;
  if (!part.index) {
    if (first === last) return [first];
    const owner = `‘${memory.name}’`;
    env.report.missing(env.file, part, owner, `a channel, such as ‘${memory.name}[${first}]’`);
    return undefined;
  }
  const wanted = { subject: `a channel of ‘${memory.name}’`, whole: true, least: first, most: last };
  return indicesOf(part, wanted, env);
}

/** All that the index of a place counts up, in order, each once; undefined, reported, where one of them is not there. */
function indicesOf(part: tree.PlacePart, wanted: Bounds, env: Environment): number[] | undefined {
  const indices = new Set<number>();
  for (const span of part.index ?? []) {
    const range = rangeOf(span, wanted, env);
    if (!range) return undefined;
    for (let index = range.first; index <= range.last; index++) indices.add(index);
  }
  return indices.size > 0 ? [...indices] : undefined;
}

function rangeOf(span: tree.Span, wanted: Bounds, env: Environment): { first: number; last: number } | undefined {
  const first = read(span.from, env, wanted);
  const last = span.to ? read(span.to, env, wanted) : first;
  if (first === undefined || last === undefined) return undefined;
  if (last >= first) return { first, last };
  const expected = `a range that rises, within ${wanted.least}..${wanted.most}`;
  env.report.invalid(env.file, span, wanted.subject, textOf(env.file, span), expected);
  return undefined;
}

/** Where an `on` clause puts a kernel; undefined: nothing usable is said of it, or nobody knows the device. */
interface Placement {
  readonly dies: string[] | undefined;
  readonly cards: number[] | undefined;
  readonly host: boolean;
  readonly engines: boolean;
}

/** The word in front of a card's number: `card[1].slr0`. */
const CARD = 'card';

/** `on slr0, slr1`, `on card[1].slr0`, `on engines` of a card that has some, `on host` */
export function diesOf(
  places: readonly tree.Place[],
  env: Environment,
  device: ResolvedDevice | undefined,
  count: number,
): Placement {
  const dies: string[] = [];
  const cards: number[] = [];
  let host = false;
  let engines = false;
  for (const place of places) {
    const [first] = place.parts;
    const onCard = first?.name.text === CARD && device?.parts.get(CARD)?.sort !== 'die';
    if (onCard) for (const card of cardsAt(first, count, env) ?? []) if (!cards.includes(card)) cards.push(card);
    const [part, extra] = onCard ? place.parts.slice(1) : place.parts;
    if (extra) {
      // What stands in front of the last name is no card.
      env.report.unknown(env.file, part!.name, 'card', [`${CARD}[0]`]);
      continue;
    }
    const name = part?.name;
    if (!name) continue;
    if (name.text === 'host') host = true;
    else if (name.text === 'engines' && device?.device.engines && !device.parts.has('engines')) engines = true;
    else if (device && devicePart(name, env, device) !== 'die') {
      const known = device.device.dies.map((die) => die.name);
      env.report.unknown(env.file, name, 'die', [...known, ...(device.device.engines ? ['engines'] : []), 'host']);
    } else if (device && !dies.includes(name.text)) dies.push(name.text);
    if (part?.index)
      env.report.invalid(env.file, part, 'on', textOf(env.file, part), `‘${name.text}’ without a number`);
  }
  if (host && (dies.length > 0 || engines)) {
    const found = engines ? 'engines' : `${formatNumber(dies.length)} die${dies.length > 1 ? 's' : ''}`;
    env.report.invalid(env.file, places[0]!, 'on', `the host and ${found}`, 'either ‘host’ or a place on the card');
  }
  return { dies: dies.length > 0 ? dies : undefined, cards: cards.length > 0 ? cards : undefined, host, engines };
}

function cardsAt(part: tree.PlacePart, count: number, env: Environment): number[] | undefined {
  const last = `‘${CARD}[0]’${count > 1 ? ` to ‘${CARD}[${count - 1}]’` : ''}`;
  if (!part.index) env.report.missing(env.file, part, `‘${CARD}’`, `a number, ${last}`);
  return indicesOf(part, { subject: 'a card', whole: true, least: 0, most: count - 1 }, env);
}

/** The part of a place that names a memory: `hbm[3]`, or `card[1].hbm[3]`, of the card that the kernel is on. */
export function memoryPart(place: tree.Place, env: Environment, device: ResolvedDevice | undefined, count: number) {
  const [first] = place.parts;
  const named = first?.name.text === CARD && device?.parts.get(CARD)?.sort !== 'memory';
  if (named) cardsAt(first, count, env);
  const [part, extra] = named ? place.parts.slice(1) : place.parts;
  if (extra)
    env.report.invalid(env.file, extra, 'a memory', textOf(env.file, place), `‘${textOf(env.file, part!)}’ alone`);
  return part;
}

/** A repeated layer of the model, with the definition of its name. */
export interface KnownLayer {
  readonly name: string;
  readonly repeat: number;
  readonly target?: Definition | undefined;
}

/** What a `for` clause names: phases, and passes through repeated layers. */
export function servedBy(
  clause: tree.PlaceClause,
  env: Environment,
  layers: readonly KnownLayer[],
): { phases: Phase['name'][] | undefined; passes: Passes[] | undefined } {
  const phases: Phase['name'][] = [];
  const passes: Passes[] = [];
  for (const { parts } of clause.places) {
    const [part, extra] = parts;
    if (!part) continue;
    const name = part.name.text;
    const layer = layers.find((known) => known.name === name);
    if (extra)
      env.report.invalid(env.file, extra, 'for', `‘.${extra.name.text}’`, 'the name of a phase or a layer alone');
    else if (layer) {
      if (layer.target) env.report.bind(env.file, part.name, layer.target);
      passes.push(...passesOf(part, layer, env));
    } else if (!isPhase(name)) {
      const candidates = [...PHASE_NAMES, ...layers.map((known) => known.name)];
      env.report.unknown(env.file, part.name, 'phase or layer', candidates);
    } else if (part.index)
      env.report.invalid(env.file, part, 'for', textOf(env.file, part), `‘${name}’ without a number`);
    else if (!phases.includes(name)) phases.push(name);
  }
  return { phases: phases.length > 0 ? phases : undefined, passes: passes.length > 0 ? passes : undefined };
}

/** `block[0..5, 7]` → stretches of consecutive passes. */
function passesOf(part: tree.PlacePart, layer: KnownLayer, env: Environment): Passes[] {
  const last = layer.repeat - 1;
  if (!part.index) return [{ layer: layer.name, first: 0, last }];
  const wanted = { subject: `a pass of ‘${layer.name}’`, whole: true, least: 0, most: last };
  return part.index.flatMap((span) => {
    const range = rangeOf(span, wanted, env);
    return range ? [{ layer: layer.name, ...range }] : [];
  });
}
