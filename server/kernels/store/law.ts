/** Cost law of store.h: words packed into beats, and bursts to memory. */
import { costOf } from '../cost.ts';
import type { Law, Target, Traffic } from '../kernel.ts';
import type { BeatLayout } from '../load/layout.ts';
import { stages, transfer } from '../rows.ts';

export function storeLaw(layout: BeatLayout, target: Target): Law {
  const { jobs, words, beats, portBits } = layout;
  const pack = Math.max(words, beats);
  const traffic: Traffic = {
    port: 'memory',
    direction: 'write',
    bytes: (jobs * beats * portBits) / 8,
    cycles: jobs * pack,
  };
  return {
    processes: [
      {
        name: 'pack',
        jobs,
        cycles: pack,
        active: pack,
        reads: [transfer('in', words, 0, layout.beatsOfWord)],
        // a beat leaves with the last of its words; the last beat of a pass may hold fewer
        writes: [
          {
            port: 'beat',
            words: beats,
            first: Math.min(layout.wordsOfBeat, words) - 1 + stages.read,
            last: pack - 1 + stages.read,
          },
        ],
      },
      {
        name: 'burst',
        jobs,
        cycles: beats,
        active: beats,
        reads: [transfer('beat', beats, 0)],
        writes: [transfer('memory', beats, stages.read)],
      },
    ],
    buffers: [{ name: 'beat', depth: 2 }],
    logic: costOf({ control: 2, gates: portBits, registers: 2 * portBits }, target),
    memories: [{ name: 'beat', words: 2, bits: portBits, parts: 1, storage: 'registers' }],
    traffic: [traffic],
    cycles: {
      symbolic: 'blocks · max(words, beats) + 3',
      numeric: `${jobs} · max(${words}, ${beats}) + 3`,
      value: jobs * pack + 3,
      unit: 'cycles',
      source: 'loops of store.h; the memory acknowledges in the background',
    },
    explanations: [
      {
        symbolic: 'beats · port width / 8',
        numeric: `${jobs} · ${beats} · ${portBits} / 8`,
        value: traffic.bytes,
        unit: 'bytes a pass',
        source: 'store.h',
      },
    ],
  };
}
