/** The unit that a tensor goes through where all cards bring it together: as fast as the link, and a place on the timeline. */
import type { Accelerator, Device } from '../design/design.ts';
import type { Instance, StreamPort } from '../kernels/kernel.ts';
import { nothing, resources } from './amounts.ts';
import { type Collective, linkRate } from './cards.ts';
import type { Fifo, Netlist, Unit } from './netlist.ts';

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
    const instance = instanceOf(
      collective,
      link,
      ports,
      blocks,
      Math.max(cycles / blocks, out / blocks, 1),
      from.clock,
    );
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

function instanceOf(
  { kind, bytes, sent, operator }: Collective,
  link: Device['links'][number],
  streams: readonly StreamPort[],
  blocks: number,
  cycles: number,
  clock: number,
): Instance {
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
