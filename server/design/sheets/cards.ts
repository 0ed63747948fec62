/** `device 4 x u280 link qsfp split tensor 4, pipeline 1`: how many cards, how the model is cut over them, what joins them. */
import type * as tree from '../../../grammar/tree.ts';
import type { Accelerator } from '../design.ts';
import type { Device } from '../hardware.ts';
import { type Environment, read } from '../terms/expression.ts';
import { spanOf } from '../terms/report.ts';
import { formatNumber } from '../terms/units.ts';
import type { ResolvedDevice } from './device.ts';

const MAX_CARDS = 1024;
const WAYS = ['tensor', 'pipeline'] as const;
type Way = (typeof WAYS)[number];

export interface Cards {
  readonly cards: number;
  /** Cards that share the work of every operator, and cards that share the layers out: their product is `cards`. */
  readonly split: Readonly<Record<Way, number>>;
  readonly openSplit?: NonNullable<Accelerator['openSplit']>;
  /** What joins them; absent for one card, and where the device has none. */
  readonly link?: Device['links'][number];
}

/** The cards of a device statement; what is wrong is reported, and the rest keeps its meaning. */
export function cardsOf(statement: tree.DeviceStatement, device: ResolvedDevice | undefined, env: Environment): Cards {
  const written = statement.count
    ? read(statement.count, env, { subject: 'cards', whole: true, least: 1, most: MAX_CARDS })
    : undefined;
  const { given, spoiled } = waysOf(statement, env);
  const product = (given.tensor ?? 1) * (given.pipeline ?? 1);
  const cards = statement.count ? (written ?? 1) : product;
  const link = linkOf(statement, device, env);
  // What is not said takes the cards that are left; where nothing is, every operator is cut.
  const split =
    given.tensor === undefined
      ? { tensor: Math.max(1, Math.floor(cards / (given.pipeline ?? 1))), pipeline: given.pipeline ?? 1 }
      : { tensor: given.tensor, pipeline: given.pipeline ?? Math.max(1, Math.floor(cards / given.tensor)) };
  const fits = split.tensor * split.pipeline === cards;
  if (!fits && !spoiled) {
    const found = `tensor ${split.tensor}, pipeline ${split.pipeline}`;
    const expected = `ways whose product is the number of cards, ${formatNumber(cards)}`;
    env.report.invalid(env.file, statement.split[0]?.ways ?? statement, 'split', found, expected);
  }
  const joined = cards > 1 ? (link ?? device?.device.links[0]) : undefined;
  if (cards > 1 && device && !joined)
    env.report.missing(
      env.file,
      statement,
      `device ‘${device.device.name}’`,
      `a link between cards in its sheet (of a device of the library: in a copy under a name of your own), such as ‘link qsfp { ports: [0, 1], bandwidth: 12.5 GB/s, on: ${device.device.dies[0]?.name ?? 'die'} }’`,
    );
  const isOpen = cards > 1 && given.tensor === undefined && given.pipeline === undefined && !spoiled;
  return {
    cards,
    split: fits ? split : { tensor: cards, pipeline: 1 },
    ...(isOpen
      ? {
          openSplit: {
            statement: spanOf(env.file, statement),
            ways: statement.split.map((way) => spanOf(env.file, way)),
          },
        }
      : {}),
    ...(joined ? { link: joined } : {}),
  };
}

function waysOf(
  { split }: tree.DeviceStatement,
  env: Environment,
): { given: Partial<Record<Way, number>>; spoiled: boolean } {
  const given: Partial<Record<Way, number>> = {};
  let spoiled = false;
  for (const { name, ways } of split) {
    const way = WAYS.find((known) => known === name?.text);
    if (name && !way) env.report.unknown(env.file, name, 'way to split a model', WAYS);
    if (ways?.kind === 'auto') continue;
    const value = read(ways, env, { subject: 'split', whole: true, least: 1, most: MAX_CARDS });
    if (way && value !== undefined) given[way] ??= value;
    else spoiled = true;
  }
  return { given, spoiled };
}

function linkOf(
  { link }: tree.DeviceStatement,
  device: ResolvedDevice | undefined,
  { report, file }: Environment,
): Device['links'][number] | undefined {
  if (!link || !device) return undefined;
  const { links } = device.device;
  const target = device.parts.get(link.text);
  const found = links.find(({ name }) => name === link.text);
  if (target?.sort === 'link' && found) {
    report.bind(file, link, target);
    return found;
  }
  report.unknown(
    file,
    link,
    'link',
    links.map(({ name }) => name),
  );
  return undefined;
}
