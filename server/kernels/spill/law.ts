/** Cost law of spill.h: rows into memory, a word a cycle, then the words of every job out of it, a word a cycle. */

import { cyclesOfWord } from '../cache/layout.ts';
import { costOf } from '../cost.ts';
import type { Law, Process, Target } from '../kernel.ts';
import { flatLoop, stages, transfer } from '../rows.ts';
import { spillLayout } from './layout.ts';
import type { SpillParameters } from './parameters.ts';

/** Words of the heads that the port may be ahead. */
export function stagedWords(parameters: SpillParameters): number {
  return Math.max(2, (parameters.staging?.heads ?? 0) * spillLayout(parameters).words);
}

export function spillLaw(parameters: SpillParameters, target: Target): Law {
  const { kvHeads } = parameters;
  const { beatBits, blocks, groups, jobs, words } = spillLayout(parameters);
  const block = kvHeads * groups;
  const pace = cyclesOfWord(parameters, { beatBits });
  const { staging } = parameters;
  const staged = staging ? stagedWords(parameters) : 0;
  const processes: Process[] = [
    {
      name: 'write',
      jobs: blocks,
      cycles: block * pace,
      active: block * pace,
      reads: [transfer('row', block, 0, pace)],
      // A word that says all is written leaves behind the last one.
      writes: [transfer('grown', block, 1, pace)],
    },
    {
      name: 'read',
      jobs,
      cycles: words * pace,
      active: words * pace,
      reads: [transfer('memory', words, 0, pace)],
      writes: [transfer(staging ? 'staged' : 'out', words, stages.memoryRead + pace - 1, pace)],
      after: 'write',
    },
    ...(staging ? [flatLoop('send', jobs, words, 1, 1, ['staged'], ['out'])] : []),
  ];
  const bytes = (beats: number): number => (beats * beatBits) / 8;
  const cycles = (blocks * block + jobs * words) * pace;
  const drain = stages.memoryRead + 2 + (staging ? 1 : 0);
  return {
    processes,
    buffers: staging ? [{ name: 'staged', depth: staged }] : [],
    // addresses, counters, what clears the rows behind the last, and a word held on either side
    logic: costOf({ control: 2, gates: beatBits, registers: 2 * beatBits }, target),
    memories: staging ? [{ name: 'staged', words: staged, bits: beatBits, parts: 1, storage: staging.storage }] : [],
    traffic: [
      { port: 'memory', direction: 'read', bytes: bytes(jobs * words), cycles },
      { port: 'grown', direction: 'write', bytes: bytes(blocks * block), cycles },
    ],
    cycles: {
      symbolic: `${pace > 1 ? 'cycles of a word · (' : ''}blocks of keys · kv_heads · words + jobs · words of a head${pace > 1 ? ')' : ''} + memory latency`,
      numeric: `${pace > 1 ? `${pace} · (` : ''}${blocks} · ${kvHeads} · ${groups} + ${jobs} · ${words}${pace > 1 ? ')' : ''} + ${drain}`,
      value: cycles + drain,
      unit: 'cycles',
      source: 'loops of spill.h: all rows are written before the first is read',
    },
    explanations: [
      {
        symbolic: 'jobs · words of a head · bytes of a beat',
        numeric: `${jobs} · ${words} · ${beatBits / 8}`,
        value: bytes(jobs * words),
        unit: 'bytes a pass, read',
        source: 'spill.h: every block of rows and every head of q reads its head again',
      },
      {
        symbolic: 'blocks of keys · kv_heads · words · bytes of a beat',
        numeric: `${blocks} · ${kvHeads} · ${groups} · ${beatBits / 8}`,
        value: bytes(blocks * block),
        unit: 'bytes a pass, written',
        source: 'spill.h',
      },
    ],
  };
}
