/** Room in the streams between kernels that hold their writers up. */
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import type { StreamDepth } from './edits.ts';

/** Deeper FIFOs must make the pass faster by this factor to be proposed. */
const WORTHWHILE = 1.005;
/** Share of the pass that somebody must wait for room before a FIFO is tried deeper. */
const HELD_UP = 0.01;
/** Streams that are made deeper. */
const MOST_STREAMS = 3;
/** Room beyond the greatest number of words seen, as where the timeline finds a depth. */
const MARGIN = 2;

/**
 * The same with room for all words in the streams that hold their writers up, then with as much of it as is used: one stream after
 * the other, the one that costs most first, because others often wait for that one. The timeline gives a FIFO room for a job of
 * its reader by itself; more, as where q of a prompt waits until k is complete, it does not build unasked.
 */
export function deeper<Tried extends { readonly estimate: AcceleratorEstimate }>(
  before: AcceleratorEstimate,
  tried: (streams: readonly StreamDepth[]) => Tried | undefined,
): Tried | undefined {
  let latest = before;
  let streams: StreamDepth[] = [];
  const known = new Set<string>();
  while (streams.length < MOST_STREAMS) {
    const full = fullest(latest, known);
    if (!full) break;
    known.add(full.id);
    const roomy = tried([...streams, full.stream])?.estimate;
    if (!roomy || roomy.timing.perLayer * WORTHWHILE > latest.timing.perLayer) break;
    const peak = roomy.fifos.find(({ fifo }) => fifo.id === full.id)?.peak ?? full.stream.depth;
    streams = [...streams, { ...full.stream, depth: Math.min(full.stream.depth, peak + MARGIN) }];
    latest = roomy;
  }
  return streams.length > 0 ? tried(streams) : undefined;
}

/** The stream between two operators whose lack of room somebody waits for longest. */
function fullest({ kernels, fifos }: AcceleratorEstimate, known: ReadonlySet<string>) {
  const waits = kernels.flatMap((kernel) =>
    kernel.waits.filter(({ kind, share }) => kind === 'room' && share > HELD_UP),
  );
  for (const { on } of waits.sort((a, b) => b.share - a.share)) {
    const fifo = fifos.find((one) => one.fifo.id === on)?.fifo;
    const edge = fifo?.edge;
    if (!fifo || !edge || known.has(fifo.id) || fifo.asked !== 'auto' || edge.span !== undefined) continue;
    if (edge.from.kind !== 'operator' || edge.to.kind !== 'operator') continue;
    const stream = { from: edge.from.operator, to: edge.to.operator, depth: Math.max(2, Math.ceil(fifo.words)) };
    return { id: fifo.id, stream };
  }
  return undefined;
}
