/** The unit that a tensor goes through where all cards bring it together: as fast as the link, and a place on the timeline. */
import type { Accelerator, LinkStream } from '../../design/design.ts';
import type { Device } from '../../design/hardware.ts';
import type { Instance, KernelModule, StreamPort } from '../../kernels/kernel.ts';
import { nothing, resources } from '../amounts.ts';
import type { Fifo, InstanceOf, Netlist, Unit } from '../netlist.ts';
import { linkRate } from './cards.ts';
import { type Collective, secondsOver } from './link-words.ts';
import { cardIn, cardsOf, onCard, withoutCard } from './machine.ts';
import { onOneCard, Sends } from './sends.ts';

/** LUT, FF and RAMB18 of a 100 Gb/s UDP stack: the planning figures of FINN (platforms.py, Xilinx/finn@39f0c9a6). */
const stack = { lut: 35_219, ff: 86_269, ramb18: 183 } as const;

/** What the ports that this card uses take; they stand on the die of the link. */
export function networkOf({ cards, split, link, device }: Accelerator): {
  readonly dies: readonly string[];
  readonly resources: typeof nothing;
} {
  const [first] = device.dies;
  if (!link || !first || cards <= 1) return { dies: [], resources: nothing };
  const machine = cardIn(first.name) !== '';
  const ring = machine ? cards : split.tensor;
  // A ring of two is one cable; a stage of a pipeline has a card before and one behind.
  const neighbours = Math.min(2, ring - 1) + Math.min(2, split.pipeline - 1);
  const ports = Math.min(link.ports, neighbours);
  const die = link.die ?? withoutCard(first.name);
  return {
    dies: machine ? cardsOf(undefined, cards).map((card) => onCard(card, die)) : [die],
    resources: resources({ lut: stack.lut * ports, ff: stack.ff * ports, bram36: (stack.ramb18 / 2) * ports }),
  };
}

/** The netlist with a unit behind each operator whose result all cards bring together. */
export function bringTogether(
  { units, fifos }: Pick<Netlist, 'units' | 'fifos'>,
  collectives: readonly Collective[],
  accelerator: Accelerator,
  made: InstanceOf,
): Pick<Netlist, 'units' | 'fifos'> & { readonly sends: readonly Collective[] } {
  const { link } = accelerator;
  const rate = linkRate(accelerator);
  const sent = new Sends(accelerator, units, fifos);
  if (!link || rate === undefined) return { units, fifos: fifos.map(onOneCard), sends: [] };
  const byId = new Map(units.map((unit) => [unit.id, unit]));
  const added: Unit[] = [];
  const sends: Collective[] = [];
  const over = (fifo: Fifo, from: Unit, collective: Collective): Fifo[] => {
    const id = `${fifo.id}_${collective.kind === 'send' ? 'sent' : 'together'}_over_${link.name}`;
    const words = fifo.words;
    const to = byId.get(fifo.to.unit);
    const asked = (wanted: LinkStream['direction'], unit: Unit | undefined): Pick<Fifo, 'asked' | 'storage'> => {
      const own = accelerator.linkStreams.find(
        ({ unit: name, direction }) =>
          direction === wanted && (name === unit?.kernel || unit?.operators.some((operator) => operator.name === name)),
      );
      return { asked: own?.depth?.value ?? 'auto', storage: own?.storage?.value ?? 'auto' };
    };
    const stream = (name: string, direction: StreamPort['direction'], count: number): StreamPort => ({
      name,
      direction,
      word: fifo.word,
      words: count,
    });
    const out = words * collective.widens;
    const cycles = secondsOver(rate, collective) * from.clock;
    const blocks = Math.max(1, Math.ceil((from.operators[0]?.rows ?? 1) / fifo.word.tokens));
    const ports = [stream('in', 'in', words), stream('out', 'out', out)];
    const job = Math.max(cycles / blocks, out / blocks, 1);
    const parameters = { collective, link, streams: ports, blocks, cycles: job, clock: from.clock };
    const instance = made(exchange, parameters, { dspKind: accelerator.device.dspKind, clock: from.clock });
    const { edge, crossing, ...plain } = fifo;
    added.push({ ...from, id, role: 'link', operators: [], channels: {}, instance });
    return [
      {
        ...plain,
        id: `${fifo.id}_to_${collective.kind === 'send' ? 'send' : 'link'}`,
        to: { unit: id, port: 'in' },
        ...asked('out', from),
      },
      {
        ...plain,
        ...(accelerator.linkStreams.length > 0 ? asked('in', to) : {}),
        ...(edge ? { edge } : {}),
        ...(crossing ? { crossing } : {}),
        from: { unit: id, port: 'out' },
        words: out,
      },
    ];
  };
  const joined = fifos.map(onOneCard).flatMap((fifo): Fifo[] => {
    const from = byId.get(fifo.from.unit);
    const collective = collectives.find(({ operator }) => from?.operators.at(-1)?.name === operator);
    const together = from && collective ? over(fifo, from, collective) : [fifo];
    const send = from && sent.of(fifo);
    if (!from || !send) return together;
    sends.push(send);
    const last = together.at(-1)!;
    return [...together.slice(0, -1), ...over(last, from, send)];
  });
  const behind = (unit: Unit): Unit[] =>
    added
      .filter(({ id }) => joined.some(({ from, to }) => from.unit === unit.id && to.unit === id))
      .flatMap((next) => [next, ...behind(next)]);
  return {
    units: units.flatMap((unit) => [unit, ...behind(unit)]),
    fifos: joined,
    sends,
  };
}

interface Exchange {
  readonly collective: Collective;
  readonly link: Device['links'][number];
  readonly streams: readonly StreamPort[];
  /** Jobs, and cycles of one. */
  readonly blocks: number;
  readonly cycles: number;
  readonly clock: number;
}

/** Not of the library: nothing of it is built. Made as its kernels are, so that equal ones are made once. */
const exchange: KernelModule<Exchange> = { name: 'exchange', operators: [], instantiate: instanceOf };

function instanceOf({ collective, link, streams, blocks, cycles, clock }: Exchange): Instance {
  const { kind, bytes, sent, operator, limit = Infinity } = collective;
  const byEnds = limit < link.efficiency * link.bandwidth;
  const late = (link.latency ?? 0) * clock;
  const [input, output] = streams as [StreamPort, StreamPort];
  const spread = (words: number, first: number) => ({
    words: words / blocks,
    first,
    last: first + Math.max(0, cycles - 1),
  });
  return {
    kernel: `${kind} over ${link.name}`,
    headers: [],
    streams,
    memories: [],
    scalars: [],
    call: { name: kind, templateArguments: [], arguments: [] },
    law: {
      processes: [
        {
          name: 'exchange',
          jobs: blocks,
          cycles,
          active: cycles,
          reads: [{ port: input.name, ...spread(input.words, 0) }],
          writes: [{ port: output.name, ...spread(output.words, 1 + late) }],
        },
      ],
      buffers: [],
      logic: nothing,
      memories: [],
      traffic: [],
      cycles: {
        symbolic: `${kind === 'send' ? '' : kind === 'all-reduce' ? '2 · (p − 1)/p · ' : '(p − 1)/p · '}rows · columns · bits/8 ÷ ${byEnds ? '(width of the stream · bits/8 · its clock)' : '(efficiency · bandwidth)'} · clock`,
        numeric: `${Math.round(sent)} B of ${operator} (${Math.round(bytes)} B whole) ÷ ${byEnds ? `${(limit / 1e9).toPrecision(3)} GB/s` : `(${link.efficiency} · ${link.bandwidth / 1e9} GB/s)`} · ${clock / 1e6} MHz`,
        value: blocks * cycles,
        unit: 'cycles',
        source:
          kind === 'send'
            ? 'words of the stream, once over the link'
            : 'ring of p cards; with p = 2 it is T_comm = l·d·b_A/(α·B) of arXiv 2312.15159',
      },
      explanations: [],
    },
  };
}
