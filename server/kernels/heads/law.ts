/** Cost law of heads.h: N times a kernel with its share of the heads, and what deals these out and gathers their results. */
import { costOf, severalTimes, together } from '../cost.ts';
import type { Formula, Instance, Law, MemoryShape, Process, StreamPort, Target, Transfer } from '../kernel.ts';
import { leaving, stages, transfer } from '../rows.ts';
import { elementBits } from '../word.ts';

/** A stream of all instances: in each round a run of words for every one of them. */
export interface DealtStream extends StreamPort {
  readonly rounds: number;
  readonly run: number;
}

/** Words of a FIFO that holds a run. */
const runDepth = (run: number): number => Math.max(2, run);

/** @param one the kernel with the heads of one instance; @param streams of all instances, the first of them sets the order of heads */
export function headsLaw(instances: number, one: Instance, streams: readonly DealtStream[], target: Target): Law {
  const numbers = Array.from({ length: instances }, (_, i) => i);
  const buffers = streams.flatMap(({ name, run }) => numbers.map((i) => ({ name: at(name, i), depth: runDepth(run) })));
  const { law } = one;
  const own = numbers.flatMap((i) => law.processes.map((process) => ofInstance(process, i)));
  const gates = streams.reduce((sum, stream) => sum + selection(stream, instances), 0);
  return {
    processes: [...streams.map((stream) => dealing(stream, numbers)), ...own],
    buffers: [...buffers, ...numbers.flatMap((i) => law.buffers.map((one) => ({ ...one, name: at(one.name, i) })))],
    logic: together(severalTimes(instances, law.logic), costOf({ control: streams.length, gates }, target)),
    memories: [
      ...streams.map((stream) => runMemory(stream, instances)),
      ...law.memories.map((memory) => ({ ...memory, parts: memory.parts * instances })),
    ],
    traffic: [],
    cycles: cyclesOf(instances, law, streams),
    explanations: law.explanations.map((formula) => (formula.unit === 'DSP' ? times(instances, formula) : formula)),
  };
}

/** Of the i-th instance: 'array_1', 'q_1'. */
const at = (name: string, i: number): string => `${name}_${i}`;

function ofInstance(process: Process, i: number): Process {
  const { after, hardware, rest } = process;
  const moved = (transfers: readonly Transfer[]) => transfers.map((one) => ({ ...one, port: at(one.port, i) }));
  return {
    ...process,
    name: at(process.name, i),
    reads: moved(process.reads),
    writes: moved(process.writes),
    ...(after === undefined ? {} : { after: at(after, i) }),
    ...(hardware === undefined ? {} : { hardware: at(hardware, i) }),
    ...(rest ? { rest: { ...rest, reads: moved(rest.reads), writes: moved(rest.writes) } } : {}),
  };
}

/** A round is a job: a run to or from each instance, one after the other, a word a cycle. */
function dealing({ name, direction, rounds, run }: DealtStream, numbers: readonly number[]): Process {
  const words = run * numbers.length;
  const gathers = direction === 'out';
  const job = { jobs: rounds, cycles: words, active: words };
  return gathers
    ? {
        ...{ name: `gather_${name}`, ...job },
        reads: numbers.map((i) => transfer(at(name, i), run, i * run)),
        writes: [leaving(name, words, 0, stages.read)],
      }
    : {
        ...{ name: `deal_${name}`, ...job },
        reads: [transfer(name, words, 0)],
        writes: numbers.map((i) => leaving(at(name, i), run, i * run, stages.read)),
      };
}

/** Whose turn it is: of results a word of one of them is taken, 4:1 a LUT. */
function selection({ direction, word }: StreamPort, instances: number): number {
  return direction === 'out' ? bitsOf(word) * Math.ceil((instances - 1) / 3) : 0;
}

/** storage.h picks LUTRAM up to 128 words. */
function runMemory({ name, word, run }: DealtStream, instances: number): MemoryShape {
  const words = runDepth(run);
  return {
    ...{ name: `runs of ${name}`, words, bits: bitsOf(word), parts: instances },
    storage: words <= 128 ? 'lutram' : 'bram',
  };
}

const bitsOf = ({ element, tokens, columns }: StreamPort['word']): number => elementBits[element] * tokens * columns;

/** Cycles that a word takes through what deals out, or through what gathers. */
const PASSING = stages.read + 1;

/**
 * What is kept on the chip comes first, a word a cycle for all instances. An instance then works on its heads, at most as fast as a
 * round passes, a word a cycle for all of them. Behind the last result of the first instance wait the runs of the others, which
 * began later by what they keep of a head; or the last instance ends with columns that pad its tile and are no results.
 */
function cyclesOf(instances: number, law: Law, streams: readonly DealtStream[]): Formula {
  const keeps = law.processes.find(({ name }) => name === 'store')?.reads.map(({ port }) => port) ?? [];
  const [kept] = streams.filter(({ name }) => keeps.includes(name));
  const flowing = streams.filter((stream) => stream !== kept);
  const [{ name: out, rounds, run } = { name: 'out', rounds: 1, run: 1 }] = flowing.filter(
    ({ direction }) => direction === 'out',
  );
  const share = kept ? kept.rounds * kept.run : 0;
  const own = law.cycles.value - share;
  const working = law.processes.filter(({ name }) => name !== 'store');
  const interval = Math.max(...working.map(({ cycles, jobs }) => (cycles * jobs) / rounds));
  const round = instances * Math.max(...flowing.map((stream) => stream.run));
  const held = (rounds - 1) * Math.max(0, round - interval);
  const waits =
    held > 0 ? [' + (rounds − 1) · (N · run − head)', ` + ${rounds - 1} · (${round} − ${interval})`] : ['', ''];
  const later = Math.max(0, run - (kept?.run ?? 0));
  const padding = paddingOf(law, out);
  return {
    symbolic: `kept + heads of an instance${waits[0]} + max((N − 1) · (run − kept run) − padding, −passing) + 2 · passing`,
    numeric: `${instances * share} + ${own}${waits[1]} + max(${instances - 1} · ${later} − ${padding}, −${PASSING}) + 2 · ${PASSING}`,
    value: instances * share + own + held + Math.max((instances - 1) * later - padding, -PASSING) + 2 * PASSING,
    unit: 'cycles',
    source: `heads.h, a word a cycle, and of an instance: ${law.cycles.source}`,
  };
}

/** Cycles of a job behind its last result. */
function paddingOf({ processes }: Law, out: string): number {
  for (const { cycles, writes } of processes) {
    const last = writes.find(({ port }) => port === out);
    if (last) return cycles - 1 - (last.last - (last.late ?? 0));
  }
  return 0;
}

/** Of all instances. */
function times(instances: number, { symbolic, numeric, value, ...rest }: Formula): Formula {
  return {
    ...rest,
    symbolic: `N · (${symbolic})`,
    numeric: `${instances} · (${numeric})`,
    value: instances * value,
  };
}
