/** Cost law of cache.h: a reader of the port, the merge of the new row (a word a cycle), the words that go back. */
import { cacheStages } from '../common/cache.ts';
import { costOf } from '../cost.ts';
import type { Buffer, Law, MemoryShape, Process, Target } from '../kernel.ts';
import { stages, transfer } from '../rows.ts';
import { elementBits } from '../word.ts';
import { cacheLayout, cyclesOfWord } from './layout.ts';
import type { CacheParameters } from './parameters.ts';

/** Beats that the reader may be ahead, as in cache.h. */
const ahead = 32;

export function cacheLaw(parameters: CacheParameters, target: Target): Law {
  const { of, keys, heads, kvHeads, headDim, tileColumns, dot, ports, port, element, storage } = parameters;
  const { lanes, beatBits, outer, inner, span, changed } = cacheLayout(parameters);
  const pace = cyclesOfWord(parameters, { beatBits });
  const words = outer * inner;
  const sharers = heads / kvHeads;
  const all = kvHeads * words;
  const depth = stages.read + 2 * stages.select + cacheStages(storage);
  // The last row stands in this tile of keys, or step of values.
  const block = Math.floor((keys - 1) / span);
  const [first, spacing] = of === 'keys' ? [block * inner, 1] : [block, inner];
  const row = of === 'keys' ? 'row' : 'part';
  // Where nobody shares, the last word is one that the new row changes, and is written back a cycle later.
  const drain = depth + 1 + (sharers === 1 ? 1 : 0);
  const wait = of === 'values' ? waitForRow(parameters, block) : 0;
  const spread = (where: string, delay: number) => transfer(where, changed, first + delay, spacing);

  const processes: Process[] = [
    {
      name: 'read',
      jobs: 1,
      cycles: stages.memoryRead + all * pace,
      active: all * pace,
      reads: [transfer('memory', all, stages.memoryRead, pace)],
      writes: [transfer('beats', all, stages.memoryRead + pace - 1, pace)],
    },
    {
      name: 'merge',
      jobs: kvHeads,
      cycles: sharers * words,
      active: sharers * words,
      reads: [transfer('beats', words, 0), spread(row, 0)],
      writes: [spread('changed', depth), transfer('out', sharers * words, depth)],
    },
    {
      name: 'write',
      jobs: kvHeads,
      cycles: (changed - 1) * Math.max(spacing, pace) + 1,
      active: changed * pace,
      reads: [transfer('changed', changed, 0, Math.max(spacing, pace))],
      writes: [transfer('grown', changed, 0, Math.max(spacing, pace))],
    },
  ];
  if (of === 'values') {
    const last = port * lanes + lanes - 1;
    processes.push({
      name: 'gather',
      jobs: kvHeads,
      cycles: headDim,
      active: headDim,
      reads: [transfer('row', headDim, 0)],
      writes: [transfer('part', changed, last + stages.read, tileColumns)],
    });
  }

  const { staging } = parameters;
  const staged = stagedBeats(parameters);
  const buffers: Buffer[] = [
    { name: 'beats', depth: staged },
    { name: 'changed', depth: 2 },
    ...(of === 'values' ? [{ name: 'part', depth: 2 }] : []),
  ];
  const memories: MemoryShape[] = [
    { name: 'beats', words: staged, bits: beatBits, parts: 1, storage: staging?.storage ?? 'srl' },
    { name: 'changed', words: 2, bits: beatBits, parts: 1, storage: 'srl' },
    ...(of === 'values'
      ? [{ name: 'part', words: 2, bits: lanes * elementBits[element], parts: 1, storage: 'srl' as const }]
      : []),
    ...(sharers > 1 ? [{ name: 'held', words, bits: beatBits, parts: 1, storage }] : []),
  ];
  const bytes = (beats: number): number => (beats * beatBits) / 8;
  return {
    processes,
    buffers,
    // the new row's multiplexer, the comparison that clears, the word that is kept or new; addresses and counters
    logic: costOf({ control: processes.length, gates: 3 * beatBits, registers: 3 * beatBits }, target),
    memories,
    traffic: [
      { port: 'memory', direction: 'read', bytes: bytes(all), cycles: all * Math.max(sharers, pace) },
      { port: 'grown', direction: 'write', bytes: bytes(kvHeads * changed), cycles: all * Math.max(sharers, pace) },
    ],
    cycles: {
      symbolic: `memory latency + kv_heads · ${pace > sharers ? 'cycles of a word' : 'sharers'} · outer · inner + depth${wait > 0 ? ' + wait for the row' : ''}`,
      numeric: `${stages.memoryRead} + ${kvHeads} · ${Math.max(sharers, pace)} · ${outer} · ${inner} + ${drain}${wait > 0 ? ` + ${wait}` : ''}`,
      value: stages.memoryRead + kvHeads * Math.max(sharers, pace) * words + drain + wait,
      unit: 'cycles',
      source: 'loops of cache.h: a word a cycle; a head is read once for all that share it',
    },
    explanations: [
      {
        symbolic: 'kv_heads · outer · inner · A · P · D / ports',
        numeric: `${kvHeads} · ${outer} · ${inner} · ${tileColumns} · ${dot} / ${ports}`,
        value: bytes(all),
        unit: 'bytes a pass, read',
        source: 'cache.h: a beat is a word',
      },
      {
        symbolic: 'kv_heads · changed words · bytes of a word',
        numeric: `${kvHeads} · ${changed} · ${beatBits / 8}`,
        value: bytes(kvHeads * changed),
        unit: 'bytes a pass, written',
        source: 'cache.h',
      },
    ],
  };
}

/** Depth of the FIFO of beats: a few, or the heads that are staged. */
export function stagedBeats(parameters: CacheParameters): number {
  const { outer, inner } = cacheLayout(parameters);
  return Math.max(ahead, (parameters.staging?.heads ?? 0) * outer * inner);
}

/** Places of the FIFO of parts in cache.h. */
const partDepth = 2;

/**
 * Cycles that the words of V stand still because the new row comes a value a cycle: a tile's part of it is whole after
 * `tileColumns` of them, and of short caches the words of a tile are fewer. Part by part: when it is gathered, no more than the
 * FIFO is deep ahead, and when its word is merged.
 */
function waitForRow({ heads, kvHeads, tileColumns, port, ...shape }: CacheParameters, block: number): number {
  const { lanes, outer, inner } = cacheLayout({ tileColumns, ...shape });
  const sharers = heads / kvHeads;
  const merged: number[] = [];
  let [gathered, before] = [0, 0];
  for (let part = 0; part < kvHeads * outer; part++) {
    const head = Math.floor(part / outer);
    const word = (head * sharers * outer + (part % outer)) * inner + block;
    const due = stages.memoryRead + word;
    const free = (merged[part - partDepth] ?? Number.NEGATIVE_INFINITY) + 1;
    gathered = Math.max(part === 0 ? port * lanes + lanes - 1 : gathered + tileColumns, free);
    merged.push(Math.max(due, gathered + 1, part === 0 ? due : merged[part - 1]! + word - before));
    before = word;
  }
  return merged.at(-1)! - stages.memoryRead - before;
}
