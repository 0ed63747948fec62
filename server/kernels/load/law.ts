/** Cost law of load.h: bursts from memory, and the words cut out of them. */
import { costOf } from '../cost.ts';
import type { Law, Target, Traffic } from '../kernel.ts';
import { stages, transfer } from '../rows.ts';
import type { BeatLayout } from './layout.ts';

export function loadLaw(layout: BeatLayout, target: Target): Law {
  const { jobs, words, beats, portBits } = layout;
  const unpack = Math.max(words, beats);
  const traffic: Traffic = {
    port: 'memory',
    direction: 'read',
    bytes: (jobs * beats * portBits) / 8,
    cycles: jobs * unpack,
  };
  return {
    processes: [
      {
        name: 'burst',
        jobs,
        cycles: beats,
        active: beats,
        reads: [transfer('memory', beats, 0)],
        writes: [transfer('beat', beats, stages.memoryRead)],
      },
      {
        name: 'unpack',
        jobs,
        cycles: unpack,
        active: unpack,
        reads: [transfer('beat', beats, 0, layout.wordsOfBeat)],
        writes: [transfer('out', words, layout.beatsOfWord - 1 + stages.read, layout.beatsOfWord)],
      },
    ],
    buffers: [{ name: 'beat', depth: 2 }],
    // a beat that is shifted by a word, its multiplexer, and the address counter
    logic: costOf({ control: 2, gates: portBits, registers: 2 * portBits }, target),
    memories: [{ name: 'beat', words: 2, bits: portBits, parts: 1, storage: 'registers' }],
    traffic: [traffic],
    cycles: {
      symbolic: 'blocks · max(words, beats) + memory latency + 2',
      numeric: `${jobs} · max(${words}, ${beats}) + ${stages.memoryRead} + 2`,
      value: jobs * unpack + stages.memoryRead + 2,
      unit: 'cycles',
      source:
        'loops of load.h; memory latency: m_axi adapter (64 by default) and controller, 71 … 75 in published loaders',
    },
    explanations: [
      {
        symbolic: 'beats · port width / 8',
        numeric: `${jobs} · ${beats} · ${portBits} / 8`,
        value: traffic.bytes,
        unit: 'bytes a pass',
        source: 'load.h',
      },
    ],
  };
}
