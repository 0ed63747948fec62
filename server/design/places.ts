/** Names of places: dies, memories with their channels, the host, links. */
import type * as tree from '../../grammar/tree.ts';
import type { Memory, StorageKind } from './design.ts';
import type { ResolvedDevice } from './device.ts';
import { type Environment, read } from './expression.ts';
import { textOf } from './report.ts';
import { formatNumber } from './units.ts';

export const STORAGE_KINDS: readonly StorageKind[] = ['srl', 'lutram', 'bram', 'uram'];

export function isStorage(name: string): name is StorageKind {
  return (STORAGE_KINDS as readonly string[]).includes(name);
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

/** `hbm[0..7, 12]` → channels in order; undefined, reported, where one of them is not there. */
export function channelsOf(part: tree.PlacePart, memory: Memory, env: Environment): number[] | undefined {
  const { first, last } = memory.channels;
  if (!part.index) {
    if (first === last) return [first];
    const owner = `‘${memory.name}’`;
    env.report.missing(env.file, part, owner, `a channel, such as ‘${memory.name}[${first}]’`);
    return undefined;
  }
  const channels: number[] = [];
  for (const span of part.index) {
    const wanted = { subject: `a channel of ‘${memory.name}’`, whole: true, least: first, most: last };
    const from = read(span.from, env, wanted);
    const to = span.to ? read(span.to, env, wanted) : from;
    if (from === undefined || to === undefined) return undefined;
    if (to < from) {
      env.report.invalid(
        env.file,
        span,
        wanted.subject,
        textOf(env.file, span),
        `a range that rises, within ${first}..${last}`,
      );
      return undefined;
    }
    for (let channel = from; channel <= to; channel++) if (!channels.includes(channel)) channels.push(channel);
  }
  return channels.length > 0 ? channels : undefined;
}

/** The dies of an `on` clause; `host` apart. Undefined dies: none of them is known, or nobody knows the device. */
export function diesOf(
  places: readonly tree.Place[],
  env: Environment,
  device: ResolvedDevice | undefined,
): { dies: string[] | undefined; host: boolean } {
  const dies: string[] = [];
  let host = false;
  for (const place of places) {
    const name = place.parts.at(-1)?.name;
    if (!name) continue;
    if (place.parts.length > 1) {
      const subject = `‘${textOf(env.file, place)}’`;
      env.report.notModelled(env.file, place, subject, 'every card is taken to be the same, so its die counts alone');
    }
    if (name.text === 'host') host = true;
    else if (device && devicePart(name, env, device) !== 'die') {
      env.report.unknown(env.file, name, 'die', [...device.device.dies.map((die) => die.name), 'host']);
    } else if (device && !dies.includes(name.text)) dies.push(name.text);
  }
  if (host && dies.length > 0) {
    const found = `the host and ${formatNumber(dies.length)} die${dies.length > 1 ? 's' : ''}`;
    env.report.invalid(env.file, places[0]!, 'on', found, 'either ‘host’ or dies');
  }
  return { dies: dies.length > 0 ? dies : undefined, host };
}
