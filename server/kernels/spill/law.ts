/** Cost law of spill.h: rows into memory, a word a cycle, then the words of every job out of it, a word a cycle. */
import { costOf } from '../cost.ts';
import type { Law, Process, Target } from '../kernel.ts';
import { stages, transfer } from '../rows.ts';
import { spillLayout } from './layout.ts';
import type { SpillParameters } from './parameters.ts';

export function spillLaw(parameters: SpillParameters, target: Target): Law {
  const { kvHeads } = parameters;
  const { beatBits, blocks, groups, jobs, words } = spillLayout(parameters);
  const block = kvHeads * groups;
  const processes: Process[] = [
    {
      name: 'write',
      jobs: blocks,
      cycles: block,
      active: block,
      reads: [transfer('row', block, 0)],
      writes: [transfer('grown', block, 0)],
    },
    {
      name: 'read',
      jobs,
      cycles: words,
      active: words,
      reads: [transfer('memory', words, 0)],
      writes: [transfer('out', words, stages.memoryRead)],
      after: 'write',
    },
  ];
  const bytes = (beats: number): number => (beats * beatBits) / 8;
  const cycles = blocks * block + jobs * words;
  return {
    processes,
    buffers: [],
    // addresses, counters, what clears the rows behind the last, and a word held on either side
    logic: costOf({ control: 2, gates: beatBits, registers: 2 * beatBits }, target),
    memories: [],
    traffic: [
      { port: 'memory', direction: 'read', bytes: bytes(jobs * words), cycles },
      { port: 'grown', direction: 'write', bytes: bytes(blocks * block), cycles },
    ],
    cycles: {
      symbolic: 'blocks of keys · kv_heads · words + memory latency + jobs · words of a head',
      numeric: `${blocks} · ${kvHeads} · ${groups} + ${stages.memoryRead + 2} + ${jobs} · ${words}`,
      value: cycles + stages.memoryRead + 2,
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
