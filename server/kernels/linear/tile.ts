/**
 * Weights that are kept for several blocks of rows (`tile 64`): a law without a kernel behind it. For each tile of columns all
 * blocks of the tile of rows pass by the weights in one half of a buffer, while those of the next come into the other. The rows are
 * kept for all tiles of columns; the results, which leave the array a tile of columns after the other, wait in one half of a
 * buffer until they can leave block by block, as every reader takes them.
 */
import type { TileShape } from '../../design/design.ts';
import { type ArrayLoops, tileColumns } from '../common/array.ts';
import type { Buffer, Formula, MemoryShape, Process } from '../kernel.ts';
import { transfer } from '../rows.ts';
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

/** Tiles of rows of a pass, and the blocks of each: as many on the average, where the last one is not full. */
export function tilesOfRows({ rows, array, tile = array.tokens }: LinearParameters): { tiles: number; blocks: number } {
  const blocks = Math.ceil(rows / array.tokens);
  const tiles = Math.ceil(blocks / Math.max(1, Math.floor(tile / array.tokens)));
  return { tiles, blocks: blocks / tiles };
}

/** The epilogue hands whole tiles of rows over to a process that sends them. */
export function sentInBlocks(processes: readonly Process[], loops: ArrayLoops): readonly Process[] {
  const words = loops.columns;
  return [
    ...processes.map((process): Process => {
      const out = process.writes.find(({ port }) => port === 'out');
      return out ? { ...process, writes: [transfer('results', 1, out.last)] } : process;
    }),
    {
      name: 'send',
      jobs: loops.jobs,
      cycles: words,
      active: words,
      reads: [transfer('results', 1, 0)],
      writes: [transfer('out', words, 0)],
    },
  ];
}

/** Two halves: one is filled while the other is sent. */
export const results: Buffer = { name: 'results', depth: 2 };

/** What is kept besides the rows: all of it twice. */
export function keptMemories(parameters: LinearParameters): MemoryShape[] {
  const { columns, array, pack, weights, output, reduction } = parameters;
  const { tokens, outputs, dot } = array;
  const wide = tileColumns({ array, pack });
  const steps = Math.ceil(reduction / dot);
  const half = (name: string, words: number, bits: number): MemoryShape => ({
    ...{ name, words, bits, parts: 2 },
    storage: words <= 128 ? 'lutram' : 'auto',
  });
  return [
    half('kept', steps, outputs * pack * dot * elementBits[weights]),
    half('kept_scales', wide, 2 * elementBits.fp32),
    half('results', Math.ceil(tilesOfRows(parameters).blocks) * columns, tokens * elementBits[output]),
  ];
}

/** The last tile of rows leaves when all of it has been computed. */
export function sendFormula(cycles: Formula, { columns }: ArrayLoops): Formula {
  const words = Math.ceil(columns);
  return {
    ...cycles,
    symbolic: `${cycles.symbolic} + blocks of a tile · N`,
    numeric: `${cycles.numeric} + ${words}`,
    value: cycles.value + words,
  };
}

/** How often a pass reads the weights. */
export function tileFormula(parameters: LinearParameters): Formula {
  const { rows, tile } = parameters;
  return {
    symbolic: '⌈rows ÷ tile⌉',
    numeric: `⌈${rows} ÷ ${tile}⌉`,
    value: tilesOfRows(parameters).tiles,
    unit: 'times a pass that the weights are read',
    source: 'a tile of weights is kept for all rows of a tile: not in the library',
  };
}
