/**
 * Rows of a pass in the exported sources. They are compile-time constants, but not literals: `make csim TOKENS=128` builds
 * the same design for fewer rows, so whatever counts rows is written as an expression of `tokens`.
 */
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import type { Fifo, Unit } from '../estimate/netlist.ts';
import type { Call } from '../kernels/kernel.ts';
import type { ProjectFile } from './project.ts';
import { inputRows, rowsAreTokens } from './rows.ts';
import { Tensors } from './tensors.ts';

export function designHeader(estimate: AcceleratorEstimate): ProjectFile {
  const { accelerator } = estimate;
  return {
    path: 'src/design.h',
    content: rowsAreTokens(estimate)
      ? tokensHeader(accelerator.name, accelerator.phase.tokens)
      : pixelsHeader(accelerator.name, inputRows(estimate)),
  };
}

function tokensHeader(name: string, rows: number): string {
  return `// What all tops of ${name} share.
#ifndef WEFT_DESIGN_H
#define WEFT_DESIGN_H

#ifndef WEFT_TOKENS
#define WEFT_TOKENS ${rows}
#endif

/// Rows (tokens) of a pass.
constexpr int tokens = WEFT_TOKENS;

#endif`;
}

function pixelsHeader(name: string, rows: number): string {
  return `// What all tops of ${name} share.
#ifndef WEFT_DESIGN_H
#define WEFT_DESIGN_H

/// Pixels of the input. The sizes of images are those of the model: another size is another export.
constexpr int tokens = ${rows};

#if defined(WEFT_TOKENS) && WEFT_TOKENS != ${rows}
#error "TOKENS: this design is for images of ${rows} pixels; export it for another size"
#endif

#endif
`;
}

/** A template argument as C++: an expression of `tokens` where it counts rows. */
export function rowsExpression(
  { name, value }: Call['templateArguments'][number],
  unit: Unit,
  estimate: AcceleratorEstimate,
): string {
  const { tokens } = estimate.accelerator.phase;
  if (!rowsAreTokens(estimate)) return value;
  switch (name) {
    case 'ROWS':
    case 'KEYS':
      return Number(value) === tokens ? 'tokens' : value;
    case 'COLUMNS':
    case 'REDUCTION':
      // A stream of scores has a column a key.
      return (columnsAreKeys(unit, estimate) || isAlongKeys(name, unit)) && Number(value) === tokens ? 'tokens' : value;
    case 'JOBS':
      return timesBlocks(Number(value), wordRows(unit), estimate);
    case 'BLOCKS': {
      const rows = blockRows(unit, estimate);
      return Math.ceil(tokens / rows) === Number(value) ? `weft::ceil_div(tokens, ${rows})` : value;
    }
    case 'TURNS':
      return timesBlocks(Number(value), blockRows(unit, estimate), estimate);
    case 'WORDS': {
      if (unit.role === 'join')
        return spilled(unit, estimate) ?? timesBlocks(Number(value), blockRows(unit, estimate), estimate);
      const joined = estimate.netlist.fifos.find(
        ({ from, to, words }) => (from.unit === unit.id || to.unit === unit.id) && words === Number(value),
      );
      return joined ? wordsExpression(joined, estimate) : value;
    }
    default:
      return value;
  }
}

/** Rows that attention looks at. */
export function keysOf({ accelerator: { phase } }: AcceleratorEstimate): string {
  return phase.past > 0 ? `tokens + ${phase.past}` : 'tokens';
}

/** Words that go through a FIFO in a pass; of trained values a plain number, since they do not depend on the rows. */
export function wordsExpression(fifo: Fifo, estimate: AcceleratorEstimate): string {
  const { tokens } = estimate.accelerator.phase;
  const tensor = new Tensors(estimate).through(fifo);
  const { word, words } = fifo;
  if (!rowsAreTokens(estimate)) return String(words);
  const source = estimate.netlist.units.find(({ id }) => id === fifo.from.unit);
  const kept = source && spilled(source, estimate);
  if (kept) return kept;
  const blocks = `weft::ceil_div(tokens, ${word.tokens})`;
  if (tensor && tensor.heads > 1)
    return `${blocks} * ${tensor.heads} * weft::ceil_div(${keysOf(estimate)}, ${word.columns})`;
  const wordsOfBlock = words / Math.ceil(tokens / word.tokens);
  const perRow = tensor || estimate.netlist.units.some(({ id, role }) => id === fifo.from.unit && role === 'turns');
  return perRow && Number.isInteger(wordsOfBlock) ? `${blocks} * ${wordsOfBlock}` : String(words);
}

/** What is done once a block of rows, so many times in all. */
function timesBlocks(times: number, rows: number, estimate: AcceleratorEstimate): string {
  const each = times / Math.ceil(estimate.accelerator.phase.tokens / rows);
  return Number.isInteger(each) ? `weft::ceil_div(tokens, ${rows}) * ${each}` : String(times);
}

/** Rows of a block of the array that a weight loader feeds, alone or with others. */
function blockRows(unit: Unit, estimate: AcceleratorEstimate): number {
  const fed = estimate.fifos.find(({ fifo }) => fifo.from.unit === unit.id);
  const consumer = estimate.netlist.units.find((other) => other.id === fed?.fifo.to.unit);
  if (consumer?.role === 'join') return blockRows(consumer, estimate);
  return consumer ? wordRows(consumer) : 1;
}

/** Rows side by side in the words that an array reads. */
function wordRows({ instance }: Unit): number {
  return instance.streams.find(({ name }) => name === 'in' || name === 'q' || name.startsWith('in_'))?.word.tokens ?? 1;
}

/** Whether that template argument of a product of attention whose K or V is in memory counts keys. */
function isAlongKeys(name: string, { instance: { call, kernel } }: Unit): boolean {
  return call.name === 'attend' && name === (kernel === 'scores' ? 'COLUMNS' : 'REDUCTION');
}

/** Words that a spill gives, or a join of several; undefined where there is none. */
function spilled(unit: Unit, estimate: AcceleratorEstimate): string | undefined {
  if (unit.role === 'join') {
    const feeding = estimate.netlist.fifos.find(({ to }) => to.unit === unit.id)?.from.unit;
    const first = estimate.netlist.units.find(({ id }) => id === feeding);
    return first && spilled(first, estimate);
  }
  if (unit.instance.kernel !== 'spill') return undefined;
  const { call } = unit.instance;
  const argument = (key: string): number => Number(call.templateArguments.find(({ name }) => name === key)?.value);
  const wide = argument('LANES') * argument('PORTS');
  const keys = call.name === 'key_spill';
  const along = keys ? wide : argument('D');
  const across = argument('HEAD_DIM') / (keys ? argument('D') : wide);
  const span = argument('SPAN');
  const words = span > 0 ? `weft::ceil_div(tokens, ${span}) * ${span / along}` : `weft::ceil_div(tokens, ${along})`;
  return `weft::ceil_div(tokens, ${argument('BLOCK_ROWS')}) * ${argument('KV_HEADS') * argument('SHARERS')} * ${words} * ${across}`;
}

function columnsAreKeys(unit: Unit, estimate: AcceleratorEstimate): boolean {
  const heads = new Tensors(estimate).input(unit, 'in')?.tensor.heads ?? 1;
  return heads > 1 && unit.role === 'convert';
}
