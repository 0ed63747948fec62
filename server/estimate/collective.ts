/** The unit that a tensor goes through where all cards bring it together: as fast as the link, and a place on the timeline. */
import type { Accelerator, Device } from '../design/design.ts';
import type { Instance, KernelModule, StreamPort } from '../kernels/kernel.ts';
import { nothing, resources } from './amounts.ts';
import { type Collective, linkRate } from './cards.ts';
import type { Fifo, InstanceOf, Netlist, Unit } from './netlist.ts';

/** LUT, FF and RAMB18 of a 100 Gb/s UDP stack: the planning figures of FINN (platforms.py, Xilinx/finn@39f0c9a6). */
const stack = { lut: 35_219, ff: 86_269, ramb18: 183 } as const;

/** What the ports that this card uses take; they stand on the die of the link. */
export function networkOf({ split, link }: Accelerator): { readonly die?: string; readonly resources: typeof nothing } {
  if (!link || split.tensor * split.pipeline <= 1) return { resources: nothing };
  // A ring of two is one cable; a stage of a pipeline has a card before and one behind.
  const neighbours = Math.min(2, split.tensor - 1) + Math.min(2, split.pipeline - 1);
  const ports = Math.min(link.ports, neighbours);
  return {
    ...(link.die === undefined ? {} : { die: link.die }),
    resources: resources({ lut: stack.lut * ports, ff: stack.ff * ports, bram36: (stack.ramb18 / 2) * ports }),
  };
}

/** The netlist with a unit behind each operator whose result all cards bring together. */
export function bringTogether(
  { units, fifos }: Pick<Netlist, 'units' | 'fifos'>,
  collectives: readonly Collective[],
  accelerator: Accelerator,
  made: InstanceOf,
): Pick<Netlist, 'units' | 'fifos'> {
  const { link } = accelerator;
  const rate = linkRate(accelerator);
  if (!link || rate === undefined) return { units, fifos };
  const added: Unit[] = [];
  const joined = fifos.flatMap((fifo): Fifo[] => {
    const from = units.find(({ id }) => id === fifo.from.unit);
    const collective = collectives.find(({ operator }) => from?.operators.at(-1)?.name === operator);
    if (!from || !collective) return [fifo];
    const id = `${fifo.id}_over_${link.name}`;
    const words = fifo.words;
    const stream = (name: string, direction: StreamPort['direction'], count: number): StreamPort => ({
      name,
      direction,
      word: fifo.word,
      words: count,
    });
    const out = words * collective.widens;
    const cycles = (collective.sent / rate) * from.clock;
    const blocks = Math.max(1, Math.ceil((from.operators[0]?.rows ?? 1) / fifo.word.tokens));
    const ports = [stream('in', 'in', words), stream('out', 'out', out)];
    const job = Math.max(cycles / blocks, out / blocks, 1);
    const parameters = { collective, link, streams: ports, blocks, cycles: job, clock: from.clock };
    const instance = made(exchange, parameters, { dspKind: accelerator.device.dspKind, clock: from.clock });
    const { edge, crossing, ...plain } = fifo;
    added.push({ ...from, id, role: 'link', operators: [], channels: {}, instance });
    return [
      { ...plain, id: `${fifo.id}_to_link`, to: { unit: id, port: 'in' }, asked: 'auto' },
      {
        ...plain,
        ...(edge ? { edge } : {}),
        ...(crossing ? { crossing } : {}),
        from: { unit: id, port: 'out' },
        words: out,
      },
    ];
  });
  return {
    units: units.flatMap((unit) => [
      unit,
      ...added.filter(({ id }) => joined.some(({ from, to }) => from.unit === unit.id && to.unit === id)),
    ]),
    fifos: joined,
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
  const { kind, bytes, sent, operator } = collective;
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
        symbolic: `${kind === 'all-reduce' ? '2 · ' : ''}(p − 1)/p · rows · columns · bits/8 ÷ (efficiency · bandwidth) · clock`,
        numeric: `${Math.round(sent)} B of ${operator} (${Math.round(bytes)} B whole) ÷ (${link.efficiency} · ${link.bandwidth / 1e9} GB/s) · ${clock / 1e6} MHz`,
        value: blocks * cycles,
        unit: 'cycles',
        source: 'ring of p cards; with p = 2 it is T_comm = l·d·b_A/(α·B) of arXiv 2312.15159',
      },
      explanations: [],
    },
  };
}
