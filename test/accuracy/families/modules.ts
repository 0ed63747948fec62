import { callCycles, pipelinedCycles, sequentialCycles } from '../../../server/estimate/loops/cycles.ts';
import type { LoopReport, Question } from '../data.ts';
import { type Family, type Prediction, result } from '../score.ts';

/** Cycles of one reported loop by itself, or why they cannot be said. */
function loopCycles({ name, pipelined, interval, iterationLatency, trip }: LoopReport): number | string {
  if (trip === undefined) return `the trip count of a loop is not one number: ${name}`;
  if (iterationLatency === undefined) return `the iteration latency of a loop is not one number: ${name}`;
  if (!pipelined) return sequentialCycles(trip, iterationLatency);
  return interval === undefined
    ? `no interval is given for a pipelined loop: ${name}`
    : pipelinedCycles(trip, interval, iterationLatency);
}

/** A module whose loops are reported: its loops one after another. */
export function predictLoops({ loops }: Question): Prediction {
  if (loops.length === 0) return { refused: 'no loop is reported: the module calls others, or is only logic' };
  let total = 0;
  for (const loop of loops) {
    const cycles = loopCycles(loop);
    if (typeof cycles === 'string') return { refused: cycles.replace(/: .*/, '') };
    total += cycles;
  }
  // Several loops are steps of one state machine, which enters and leaves each of them.
  return { value: loops.length > 1 ? total + loops.length * callCycles : total };
}

const cycles = (name: string, model: string): Family => ({
  name,
  quantity: 'cycles',
  goal: 'exact',
  tolerance: 0.01,
  model,
  predict: predictLoops,
  measured: (answers) => result(answers, 'csynth', 'latency_cycles'),
});

const model =
  'A module from its loop report (iteration latency, interval, trip count). Refused: modules without a reported loop, because ' +
  'the parameters do not name what they call, and loops whose trip count or iteration latency is a range.';

export const kv260Modules = cycles('bf16-activation-kv260-module', model);
export const llamaModules = cycles('llama2-110m-v80-module', model);
