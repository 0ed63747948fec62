/** Cost laws of join.h: flat loops, a word a cycle. */
import { costOf } from '../cost.ts';
import type { Law, Process, Target } from '../kernel.ts';
import { flatLoop, stages, transfer } from '../rows.ts';
import type { JoinParameters, TurnsParameters } from './parameters.ts';

export function joinLaw({ words }: JoinParameters, ins: readonly string[], target: Target): Law {
  return lawOf(flatLoop('join', 1, words, 1, stages.read, ins, ['out']), words, 0, target);
}

export function turnsLaw({ turns, run }: TurnsParameters, ins: readonly string[], target: Target): Law {
  const words = ins.length * run;
  const process: Process = {
    ...flatLoop('take_turns', turns, words, 1, stages.read, [], ['out']),
    reads: ins.map((name, port) => transfer(name, run, port * run)),
  };
  // the stream whose turn it is: 4:1 a LUT
  return lawOf(process, turns * words, 64 * Math.ceil((ins.length - 1) / 3), target);
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
