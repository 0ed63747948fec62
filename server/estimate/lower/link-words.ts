/** What goes over the link, in the words that the streams into it and out of it say. */
import type { Accelerator, LinkStream } from '../../design/design.ts';
import type { ElementType } from '../../design/workload.ts';
import { elementBits } from '../../kernels/word.ts';

/**
 * Rows that cards bring together behind an operator: partial sums (all-reduce) or parts side by side (all-gather); or that go to a
 * card which has not got them (send).
 */
export interface Collective {
  readonly operator: string;
  /** Words behind it for a word in front. */
  readonly widens: number;
  readonly kind: 'all-reduce' | 'all-gather' | 'send';
  /** Of the whole tensor, as the link carries it. */
  readonly bytes: number;
  /** Bytes that each card sends to its neighbour in a ring. */
  readonly sent: number;
  /** Bytes a second that the ends of the link give and take, where streams say how wide they are. */
  readonly limit?: number;
}

/**
 * A collective as the spec has it cross the link: values of the type that a stream says, and no faster than `width` of them a
 * cycle of the kernel at that end.
 *
 * @param own the type of its values where no stream says another
 */
export function inWords(
  accelerator: Accelerator,
  collective: Collective,
  own: ElementType = accelerator.precision.activations,
): Collective {
  const { operator, bytes, sent } = collective;
  if (accelerator.linkStreams.length === 0) return collective;
  const ends = (['out', 'in'] as const).flatMap((direction) => endOf(accelerator, operator, direction));
  const whole = elementBits[own];
  const [element] = ends.flatMap(({ stream }) => stream.element?.value ?? []);
  const bits = element === undefined ? whole : elementBits[element];
  const limits = ends.flatMap(({ stream: { width }, clock }) => (width ? [(width.value * bits * clock) / 8] : []));
  return {
    ...collective,
    bytes: (bytes * bits) / whole,
    sent: (sent * bits) / whole,
    ...(limits.length > 0 ? { limit: Math.min(...limits) } : {}),
  };
}

interface LinkEnd {
  readonly stream: LinkStream;
  /** Hz of the kernel there. */
  readonly clock: number;
}

/** The stream of the kernel that gives a tensor, or those of the kernels that take it. */
function endOf(
  { kernels, edges, linkStreams }: Accelerator,
  tensor: string,
  direction: LinkStream['direction'],
): LinkEnd[] {
  const readers = new Set(
    edges.flatMap(({ tensor: name, to }) => (name === tensor && to.kind === 'operator' ? [to.operator] : [])),
  );
  const here = (name: string): boolean => (direction === 'out' ? name === tensor : readers.has(name));
  return kernels.flatMap(({ name, turns, clock }) => {
    const own = turns.flat().filter((operator) => here(operator.name));
    const stream = linkStreams.find(
      (one) => one.direction === direction && own.some((operator) => [name, operator.name].includes(one.unit)),
    );
    return stream ? [{ stream, clock: clock.value }] : [];
  });
}

/** Seconds of a collective by itself, without the latency of the link. */
export function secondsOver(rate: number, { sent, limit = Infinity }: Collective): number {
  return sent / Math.min(rate, limit);
}
