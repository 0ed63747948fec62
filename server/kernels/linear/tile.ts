/**
 * Weights that are kept for several blocks of rows (`tile 64`): tiled_linear.h. For each tile of columns all blocks of the tile of
 * rows pass by the weights in one half of a buffer, while those of the next come into the other. The rows are kept for all tiles
 * of columns; the results, which leave the array a tile of columns after the other, wait until they can leave block by
 * block, as every reader takes them.
 */
import type { TileShape } from '../../design/design.ts';
import { type ArrayLoops, arrayProcesses, everyStepTransfer, tileColumns } from '../common/array.ts';
import type { Buffer, Formula, Law, MemoryShape, Process } from '../kernel.ts';
import { leaving, transfer } from '../rows.ts';
import { elementBits } from '../word.ts';
import type { LinearParameters } from './parameters.ts';

/** Why there is no such tile, in words for a diagnostic; undefined where there is one. */
export function tileRefusal(asked: TileShape | undefined, parameters: LinearParameters): string | undefined {
  const { array, pack, reduction, group = reduction } = parameters;
  if (!asked) return undefined;
  const { tokens, outputs } = asked;
  const wide = tileColumns({ array, pack });
  if (tokens === undefined) return `how many rows a tile has is not said: write ‘tile ${8 * array.tokens}’`;
  if (tokens % array.tokens !== 0)
    return `a tile has whole blocks of rows, and ${tokens} is no multiple of the ${array.tokens} tokens of its array`;
  if (outputs !== undefined && outputs !== wide)
    return `a tile has the ${wide} columns of its array, not ${outputs}: weights are read as often with more; write ‘tile ${tokens}’`;
  if (asked.reduction !== undefined && asked.reduction !== reduction)
    return `a tile has the whole reduction of ${reduction}, not ${asked.reduction}: partial sums are not kept; write ‘tile ${tokens}’`;
  if (group < reduction)
    return `groups of weights with a scale each are not kept for several blocks of rows; leave ‘tile’ out`;
  return undefined;
}

/** Tiles of rows of a pass, blocks of rows in each of them, and in the last one. */
export interface Tiling {
  readonly tiles: number;
  readonly blocks: number;
  readonly last: number;
}

export function tilingOf({ rows, array, tile = array.tokens }: LinearParameters): Tiling {
  const all = Math.ceil(rows / array.tokens);
  const blocks = Math.min(all, Math.max(1, Math.floor(tile / array.tokens)));
  const tiles = Math.ceil(all / blocks);
  return { tiles, blocks, last: all - (tiles - 1) * blocks };
}

/** What tiled_linear.h has of its own, from the loops of linear.h: processes, memories and cycles. */
export function tiledParts(
  parameters: LinearParameters,
  loops: ArrayLoops,
  tiling: Tiling,
): Pick<Law, 'processes' | 'buffers' | 'memories' | 'cycles' | 'explanations'> {
  const whole = jobOf(loops, tiling.blocks);
  const rest = jobOf(loops, tiling.last);
  const processes = whole.processes.map(
    (process, p): Process => ({
      ...process,
      jobs: tiling.tiles,
      ...(tiling.last < tiling.blocks ? { rest: rest.processes[p]! } : {}),
    }),
  );
  return {
    processes,
    buffers: [
      ...whole.buffers,
      { name: 'kept', depth: handedOn },
      { name: 'kept_scales', depth: handedOn },
      { name: 'results', depth: resultsOf(loops, tiling.blocks) },
    ],
    memories: keptMemories(parameters, loops, tiling),
    cycles: cyclesOf(loops, tiling),
    explanations: [timesRead(parameters, tiling)],
  };
}

/** Depth of the FIFOs behind what keeps weights and scales. */
const handedOn = 2;

/** Results of so many blocks as they leave the epilogue, those of padded columns too. */
const resultsOf = (loops: ArrayLoops, blocks: number): number => blocks * loops.tiles * tileColumns(loops);

/** The processes in a tile of so many blocks of rows. */
function jobOf(loops: ArrayLoops, blocks: number): { processes: readonly Process[]; buffers: readonly Buffer[] } {
  const { tiles, steps, overhead, columns } = loops;
  const wide = tileColumns(loops);
  const rounds = blocks * tiles;
  const taken = resultsOf(loops, blocks);
  const tiled: ArrayLoops = { ...loops, jobs: 1, tiles: rounds };
  const rows = { port: 'in', words: blocks * steps, first: 0, last: (blocks - 1) * (steps + overhead) + steps - 1 };
  const { processes, buffers } = arrayProcesses(
    tiled,
    { reads: [rows, everyStepTransfer('kept', tiled)] },
    { reads: [transfer('kept_scales', taken, 0)] },
  );
  return {
    processes: [
      keeping('keep', rounds * steps, ['weights', tiles * steps, blocks], 'kept'),
      keeping('keep_scales', taken, ['scales', tiles * wide, blocks], 'kept_scales'),
      ...processes.map((process): Process => {
        const out = process.writes.find(({ port }) => port === 'out');
        return out ? { ...process, writes: [leaving('results', taken, 0, loops.depth)] } : process;
      }),
      {
        name: 'send',
        jobs: 1,
        cycles: taken + blocks * columns,
        active: taken + blocks * columns,
        reads: [transfer('results', taken, 0)],
        writes: [transfer('out', blocks * columns, taken)],
      },
    ],
    buffers,
  };
}

/** Sends a word a cycle, and takes a word of the next tile once it has sent one for each block. */
function keeping(name: string, sent: number, [port, words, pace]: [string, number, number], to: string): Process {
  return {
    name,
    jobs: 1,
    cycles: sent,
    active: sent,
    reads: [transfer(port, words, 0, pace)],
    writes: [transfer(to, sent, 0)],
  };
}

/** What is kept besides the rows: a tile of weights and scales twice, and the results of a job twice, as they come and as they leave. */
function keptMemories(parameters: LinearParameters, loops: ArrayLoops, { blocks }: Tiling): MemoryShape[] {
  const { columns, array, pack, weights, output } = parameters;
  const { tokens, outputs, dot } = array;
  const memory = (name: string, words: number, bits: number, parts: number): MemoryShape => ({
    ...{ name, words, bits, parts },
    storage: words <= 128 ? 'lutram' : 'bram',
  });
  const result = tokens * elementBits[output];
  return [
    memory('kept', loops.steps, outputs * pack * dot * elementBits[weights], 2),
    memory('kept_scales', tileColumns(loops), 2 * elementBits.fp32, 2),
    memory('results', resultsOf(loops, blocks), result, 1),
    memory('held', blocks * columns, result, 1),
  ];
}

/**
 * Cycles of a pass whose streams are always ready. `send` takes the results of a job while they come, or a word a cycle where they
 * wait already, and then sends them: the last of them leave behind the array, or, where there are many, at the pace of `send`.
 */
function cyclesOf(loops: ArrayLoops, { tiles, blocks, last }: Tiling): Formula {
  const { steps, overhead, columns, depth } = loops;
  const wide = tileColumns(loops);
  const tile = steps + overhead;
  const pace = Math.max(tile, wide);
  /** When `send` has the results of so many blocks: two FIFOs more than linear.h has are on the way. */
  const finished = (all: number): number => 2 + tile + (all * loops.tiles - 1) * pace + wide + depth;
  let sent = 0;
  for (let job = 0; job < tiles; job++) {
    const own = job === tiles - 1 ? last : blocks;
    sent = Math.max(finished(job * blocks + own), sent + resultsOf(loops, own)) + own * columns;
  }
  const all = (tiles - 1) * blocks + last;
  const arrayBound = finished(all) + last * columns;
  if (sent <= arrayBound)
    return {
      symbolic: `blocks · tiles · ${tile >= wide ? '(K/D + o)' : 'A·P'} + drain + blocks of the last tile of rows · N`,
      numeric: `${all} · ${loops.tiles} · ${tile >= wide ? `(${steps} + ${overhead})` : wide} + ${finished(all) - all * loops.tiles * pace} + ${last} · ${columns}`,
      value: arrayBound,
      unit: 'cycles',
      source: 'loops of tiled_linear.h',
    };
  const first = finished(Math.min(blocks, all));
  const moved = sent - first;
  return {
    symbolic: 'first tile of rows + results, taken and sent',
    numeric: `${first} + ${moved}`,
    value: sent,
    unit: 'cycles',
    source: 'loops of tiled_linear.h; taking and sending the results, one a cycle, is slower than the array',
  };
}

/** How often a pass reads the weights. */
function timesRead({ rows, array }: LinearParameters, { tiles, blocks }: Tiling): Formula {
  return {
    symbolic: '⌈rows ÷ tile⌉',
    numeric: `⌈${rows} ÷ ${blocks * array.tokens}⌉`,
    value: tiles,
    unit: 'times a pass that the weights are read',
    source: 'tiled_linear.h: a tile of weights is kept for all rows of a tile',
  };
}
