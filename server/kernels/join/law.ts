/** Cost laws of join.h: flat loops, a word a cycle. */
import { costOf } from '../cost.ts';
import type { Law, Process, Target } from '../kernel.ts';
import { flatLoop, stages } from '../rows.ts';
import type { JoinParameters, TurnsParameters } from './parameters.ts';

export function joinLaw({ words, rounds }: JoinParameters, ins: readonly string[], target: Target): Law {
  return lawOf(flatLoop('join', rounds, words / rounds, 1, stages.read, ins, ['out']), words, 0, target);
}

/**
 * A round of turns is one job, in which each port moves its share of a word a cycle: a job a turn would be a hundred thousand
 * of a few cycles each. Who sends to a port moves as many words in a turn of its own at full speed as in the round at this.
 */
export function turnsLaw({ turns, rounds, run }: TurnsParameters, ins: readonly string[], target: Target): Law {
  const words = (turns / rounds) * ins.length * run;
  const process: Process = {
    ...flatLoop('take_turns', rounds, words, 1, stages.read, [], ['out']),
    reads: ins.map((port, i) => ({
      port,
      words: words / ins.length,
      first: i * run,
      last: words - 1 - (ins.length - 1 - i) * run,
    })),
  };
  // the stream whose turn it is: 4:1 a LUT
  return lawOf(process, turns * ins.length * run, 64 * Math.ceil((ins.length - 1) / 3), target);
}

function lawOf(process: Process, words: number, gates: number, target: Target): Law {
  return {
    processes: [process],
    buffers: [],
    logic: costOf({ control: 1, gates }, target),
    memories: [],
    traffic: [],
    cycles: {
      symbolic: 'words + 1',
      numeric: `${words} + 1`,
      value: words + 1,
      unit: 'cycles',
      source: 'loop of join.h, II = 1',
    },
    explanations: [],
  };
}
