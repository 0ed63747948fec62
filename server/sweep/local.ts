/** Points on this machine: a process for a few points at a time, as many processes as there are cores. */
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from './engine.ts';
import { SweepError } from './store.ts';

/** Portions for each process: enough that none is idle for long at the end, and few starts. */
const PORTIONS = 4;

/** @param command the words that start Weft */
export function localEngine(command: readonly string[], jobs: number): Engine {
  return {
    name: 'local',
    async run(indices, store) {
      const size = Math.max(1, Math.ceil(indices.length / (jobs * PORTIONS)));
      const waiting: number[][] = [];
      for (let start = 0; start < indices.length; start += size) waiting.push(indices.slice(start, start + size));
      const worker = async (number: number): Promise<void> => {
        for (let portion = waiting.shift(); portion; portion = waiting.shift()) {
          await ended(
            [...command, 'sweep-point', store.folder, ...portion.map(String)],
            join(store.folder, 'log', `local-${number}.txt`),
          );
          const missing = new Set(store.missing());
          // The first without a result is the one that ended the process; it waits for the next round.
          const [, ...others] = portion.filter((index) => missing.has(index));
          if (others.length > 0) waiting.push(others);
        }
      };
      await Promise.all(Array.from({ length: Math.min(jobs, waiting.length) }, (_, number) => worker(number)));
    },
  };
}

async function ended([program = '', ...args]: readonly string[], log: string): Promise<void> {
  const out = openSync(log, 'a');
  try {
    await new Promise<void>((resolve, reject) => {
      const child = spawn(program, args, { stdio: ['ignore', out, out] });
      child.once('error', ({ message }) => reject(new SweepError(`${program} cannot be started: ${message}.`)));
      child.once('exit', () => resolve());
    });
  } finally {
    closeSync(out);
  }
}
