/**
 * Cards whose kernels a spec tells apart (`on card[1]`): all of them as one machine. Its dies and memories bear the names of their
 * cards, so that each card pays for what stands on it; a kernel of several cards is timed on the first of them, its twins on the
 * others work in step.
 */
import type { Accelerator, Edge, End, Kernel, Reserve, Setting, Store } from '../../design/design.ts';
import type { Device } from '../../design/hardware.ts';

/** Whether some kernel is on some of the cards alone. A pipeline deals out layers: there a card has the kernels of its layers. */
export function isPlaced({ cards, split, kernels }: Accelerator): boolean {
  return split.pipeline === 1 && split.tensor > 1 && kernels.some((kernel) => (kernel.cards?.length ?? cards) < cards);
}

/** Cards that have a kernel, rising. */
export function cardsOf(kernel: Pick<Kernel, 'cards'> | undefined, count: number): readonly number[] {
  return kernel?.cards ? [...kernel.cards].sort((a, b) => a - b) : Array.from({ length: count }, (_, card) => card);
}

/** 'card[1].slr0' */
export function onCard(card: number, name: string): string {
  return `card[${card}].${name}`;
}

/** The card in front of a die's or a memory's name; empty where there is one card. */
export function cardIn(name: string): string {
  return /^card\[\d+\]\./.exec(name)?.[0] ?? '';
}

/** A name without its card: what the spec calls a die or a memory of every card. */
export function withoutCard(name: string): string {
  return name.slice(cardIn(name).length);
}

/** Dies or memories as the sheet of one card has them: what a spec calls them. */
export function ofOneCard<Part extends { readonly name: string }>(parts: readonly Part[]): Part[] {
  const plain = parts.map((part) => ({ ...part, name: withoutCard(part.name) }));
  return [...new Map(plain.reverse().map((part) => [part.name, part])).values()].reverse();
}

/** The machine; what its kernels compute is as it was. */
export function machineOf(accelerator: Accelerator): Accelerator {
  const { cards, device, kernels, edges, reserves } = accelerator;
  const all = cardsOf(undefined, cards);
  const first = (name: string): number =>
    cardsOf(
      kernels.find((kernel) => kernel.name === name),
      cards,
    )[0] ?? 0;
  const end = (own: End, other: End): End =>
    own.kind === 'memory'
      ? { ...own, memory: onCard(other.kind === 'operator' ? first(other.kernel) : 0, own.memory) }
      : own;
  return {
    ...accelerator,
    split: { tensor: 1, pipeline: 1 },
    device: deviceOf(device, all),
    kernels: kernels.map((kernel) => kernelOf(kernel, cards)),
    edges: edges.map((edge): Edge => ({ ...edge, from: end(edge.from, edge.to), to: end(edge.to, edge.from) })),
    reserves: reserves.flatMap((reserve): Reserve[] =>
      reserve.die === undefined ? [reserve] : all.map((card) => ({ ...reserve, die: onCard(card, reserve.die!) })),
    ),
  };
}

function deviceOf(device: Device, all: readonly number[]): Device {
  const { dies, crossings, memories, links, shell, engines } = device;
  const [own, ...more] = shell ? all.map((card) => ({ ...shell, die: onCard(card, shell.die) })) : [];
  return {
    ...device,
    dies: all.flatMap((card) => dies.map((die) => ({ ...die, name: onCard(card, die.name) }))),
    crossings: all.flatMap((card) =>
      crossings.map((one) => ({
        ...one,
        between: [onCard(card, one.between[0]), onCard(card, one.between[1])] as const,
      })),
    ),
    memories: all.flatMap((card) =>
      memories.map((memory) => ({
        ...memory,
        name: onCard(card, memory.name),
        dies: memory.dies.map((die) => onCard(card, die)),
      })),
    ),
    links: links.map((link) => (link.die === undefined ? link : { ...link, die: onCard(0, link.die) })),
    ...(own ? { shell: own, furtherShells: more } : {}),
    ...(engines ? { engines: { ...engines, count: engines.count * all.length } } : {}),
  };
}

function kernelOf(kernel: Kernel, count: number): Kernel {
  const [card = 0, ...others] = cardsOf(kernel, count);
  const [die] = kernel.dies.value;
  const { weights, cache } = kernel;
  return {
    ...kernel,
    cards: [card, ...others],
    dies: { ...kernel.dies, value: kernel.dies.value.map((name) => onCard(card, name)) },
    ...(die === undefined
      ? {}
      : { twins: others.flatMap((other) => kernel.dies.value.map((name) => onCard(other, name))) }),
    ...(weights ? { weights: storeOn(card, weights) } : {}),
    ...(cache ? { cache: storeOn(card, cache) } : {}),
  };
}

function storeOn(card: number, setting: Setting<Store>): Setting<Store> {
  const { value } = setting;
  return value.kind === 'channels' ? { ...setting, value: { ...value, memory: onCard(card, value.memory) } } : setting;
}
