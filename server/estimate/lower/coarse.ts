/**
 * What the library has no kernel for, priced by arithmetic alone: multiply-accumulates over multipliers, elements over
 * lanes. Such a unit takes part in the timeline, so that the rest of the design is priced in its surroundings; it is not
 * part of the netlist and cannot be exported.
 */
import type { Device } from '../../design/hardware.ts';
import type { ElementType, Operator, Precision } from '../../design/workload.ts';
import { bandwidth } from '../../format.ts';
import type { Formula, Instance, Process, StreamPort, Traffic, Transfer } from '../../kernels/kernel.ts';
import { elementBits } from '../../kernels/word.ts';
import { clean, resources } from '../amounts.ts';
import { headsOf, isProduct, isTiled, type Piece } from './pieces.ts';
import type { Shape } from './shapes.ts';

/** Kinds whose rows come out only after the whole row has gone in. */
const wholeRow = new Set(['softmax', 'layernorm', 'rmsnorm']);

export function coarseInstance(
  shape: Shape,
  inputs: ReadonlyMap<string, ElementType>,
  outputs: readonly ElementType[],
  precision: Precision,
): Instance {
  const { operator, piece, tokens, out } = shape;
  const { kernel } = piece;
  // Whole attention has the products of two arrays, and gives what the second does.
  const last = isTiled(piece) ? piece.operators.at(-1)! : operator;
  const work = isTiled(piece) ? operator.macs + last.macs : operator.macs;
  const heads = headsOf(last);
  const blocks = Math.max(1, Math.ceil(operator.rows / tokens));
  const product = isProduct(operator) || operator.kind === 'conv2d';
  const multipliers = product ? multipliersOf(shape) : 0;
  const macs = Math.max(1, multipliers * kernel.pack.value);
  const lanes = Math.max(1, out.tokens * out.columns);
  const elements = tokens * last.columns * heads;
  const cycles = product ? Math.ceil(clean(work) / blocks / macs) : Math.ceil(elements / lanes);

  const streams: StreamPort[] = shape.inputs.map(({ name, word, tensor }) => {
    const source = piece.operators.flatMap((one) => one.inputs).find((input) => input.name === tensor);
    const columns = source ? source.shape.reduce((size, n) => size * n, 1) / Math.max(1, source.shape[0] ?? 1) : 1;
    const rows = source?.shape[0] ?? operator.rows;
    const words = Math.ceil(clean(rows) / word.tokens) * Math.ceil(clean(columns) / word.columns);
    return { name, direction: 'in', word: { element: inputs.get(name) ?? 'fp32', ...word }, words: Math.max(1, words) };
  });
  const outWords = blocks * heads * Math.ceil(last.columns / out.columns);
  const names = outputs.length > 0 ? outputs : (['fp32'] as const);
  names.forEach((element, i) => {
    const name = i === 0 ? 'out' : `out${i + 1}`;
    streams.push({ name, direction: 'out', word: { element, ...out }, words: outWords });
  });

  // K and V, and the second side of a product of two activations, are there whole before the first row is computed.
  const whole = streams.filter(({ direction }, i) => direction === 'in' && i > 0 && product);
  const steady = streams.filter(
    ({ direction, name }) => direction === 'in' && !whole.some((port) => port.name === name),
  );
  // However wide the array: a stream gives and takes a word a cycle.
  const moved = streams.filter(
    ({ direction, name }) => direction === 'out' || steady.some((port) => port.name === name),
  );
  const words = Math.ceil(Math.max(...moved.map((port) => port.words / blocks)));
  const job = Math.max(1, cycles, words);
  const processes: Process[] = whole.map((port) => ({
    name: `keep_${port.name}`,
    jobs: 1,
    cycles: port.words,
    active: port.words,
    reads: [evenly(port.name, port.words, 0, port.words)],
    writes: [],
  }));
  const late = wholeRow.has(operator.kind) ? job : Math.min(job, Math.ceil(job / Math.max(1, operator.columns)));
  const { traffic, memories } = trafficOf(shape, blocks, job, precision);
  const beats = memories.map(({ name, bytes, bits }) => evenly(name, Math.ceil((bytes * 8) / bits), 0, job));
  processes.push({
    name: 'compute',
    jobs: blocks,
    cycles: job,
    active: job,
    reads: [...steady.map(({ name, words }) => evenly(name, words / blocks, 0, job)), ...beats],
    writes: streams
      .filter(({ direction }) => direction === 'out')
      .map(({ name, words }) => evenly(name, words / blocks, late, job)),
    ...(processes[0] ? { after: processes[0].name } : {}),
  });

  const what = product ? 'multiply-accumulates ÷ (array · pack · replicate)' : 'elements ÷ lanes';
  return {
    kernel: `no kernel for ${operator.kind}`,
    headers: [],
    streams,
    memories,
    scalars: [],
    call: { name: operator.kind, templateArguments: [], arguments: [] },
    law: {
      processes,
      buffers: [],
      logic: resources({ dsp: kernel.engines ? 0 : multipliers }),
      memories: [],
      traffic,
      cycles: {
        symbolic: what,
        numeric: `${product ? `${work} / ${macs}` : `${elements * blocks} / ${lanes}`}${cycles < words ? `, and no less than ${blocks} · ${words} words of a stream` : ''}`,
        value: blocks * job,
        unit: 'cycles',
        source: 'arithmetic alone: the library has no kernel for this, so fill, control and epilogue are left out',
      },
      explanations: [],
    },
  };
}

/** Cycles of the arithmetic alone: what is read meanwhile left out. */
export function computingCycles({ law }: Instance): number {
  return law.processes.reduce((sum, { name, jobs, cycles }) => (name === 'compute' ? sum + jobs * cycles : sum), 0);
}

/**
 * On the timeline a unit waits for its channels. One that is off it takes as long as its arithmetic or as what it reads, whichever
 * is longer: each of its ports has all the channels of its store, a port a channel.
 */
export function readFrom({ memories }: Device, { kernel }: Piece, instance: Instance): Instance {
  const { law } = instance;
  let slowest: Formula | undefined;
  for (const { port, bytes } of law.traffic) {
    const store = (port === 'cache' ? kernel.cache : kernel.weights)?.value;
    if (store?.kind !== 'channels') continue;
    const clock = kernel.clock.value;
    const bits = instance.memories.find(({ name }) => name === port)?.bits ?? 0;
    const sheet = clean(memories.find(({ name }) => name === store.memory)?.bandwidth ?? 0);
    const each = Math.min(sheet, clean((bits / 8) * clock));
    const rate = each * store.channels.length;
    if (!(rate > 0)) continue;
    const value = Math.ceil(clean((bytes / rate) * clock));
    if (value <= Math.max(law.cycles.value, slowest?.value ?? 0)) continue;
    slowest = {
      symbolic: 'bytes of a pass ÷ what the channels give, in cycles: longer than multiplying takes',
      numeric: `${bytes} B ÷ (${store.channels.length} · ${bandwidth(each)}), for ${law.cycles.value} cycles of multiplying`,
      value,
      unit: 'cycles',
      source: 'device sheet; a port takes its width a cycle',
    };
  }
  return slowest ? { ...instance, law: { ...law, cycles: slowest } } : instance;
}

/** Whether arithmetic knows the DSPs of a piece: those of its multipliers, not those of functions or sums over a row. */
export function knowsDsps(operators: readonly Operator[]): boolean {
  return operators.every((operator) => isProduct(operator) || free.has(operator.kind));
}
const free = new Set(['causal', 'relu', 'flatten']);

function multipliersOf({ piece }: Shape): number {
  const { tokens, outputs, dot } = piece.kernel.array?.value ?? { tokens: 1, outputs: 1, dot: 1 };
  return tokens * outputs * dot * piece.kernel.replicate.value * (isTiled(piece) ? 2 : 1);
}

function evenly(port: string, words: number, first: number, cycles: number): Transfer {
  const spread = Math.floor(cycles * (1 - 1 / Math.max(1, words)));
  return { port, words, first, last: first + spread };
}

/** Weights once a block of rows; K and V, where they lie in memory, too. */
function trafficOf(
  { operator, piece }: Shape,
  blocks: number,
  job: number,
  precision: Precision,
): { traffic: Traffic[]; memories: Instance['memories'] } {
  const { weights, cache } = piece.kernel;
  const bytesOf = (values: number, type: ElementType): number => Math.ceil((clean(values) * elementBits[type]) / 8);
  const ports: { name: string; bytes: number; bits: number; content: string }[] = [];
  if (isProduct(operator) && operator.weights > 0 && weights?.value.kind === 'channels') {
    const bits = weights.value.portBits ?? 512;
    ports.push({
      name: 'weights',
      bytes: bytesOf(operator.weights, precision.weights),
      bits,
      content: `weights of ${operator.name}`,
    });
  }
  if ((operator.kind === 'scores' || operator.kind === 'context') && cache?.value.kind === 'channels') {
    const columns =
      operator.kind === 'scores'
        ? operator.reduction * operator.kvHeads
        : (operator.columns / operator.heads) * operator.kvHeads;
    const bits = cache.value.portBits ?? 512;
    const content = `${operator.kind === 'scores' ? 'K' : 'V'} of every row so far`;
    ports.push({ name: 'cache', bytes: bytesOf(operator.keys * columns, precision.cache), bits, content });
  }
  return {
    traffic: ports.map(({ name, bytes }) => ({
      port: name,
      direction: 'read',
      bytes: bytes * blocks,
      cycles: job * blocks,
    })),
    memories: ports.map(({ name, bits, bytes, content }) => ({ name, direction: 'read', bits, bytes, content })),
  };
}
