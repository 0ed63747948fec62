/** Streams of several ports into one: words side by side, or in turns. */
import type { Instance, KernelModule, Target } from '../kernel.ts';
import { elementName, stream, streamPort, templateArguments } from '../rows.ts';
import { joinLaw, turnsLaw } from './law.ts';
import type { JoinParameters, TurnsParameters } from './parameters.ts';

const headers = ['word.h', 'dataflow.h', 'stages.h', 'join.h'];
const portsOf = (ports: number): string[] => Array.from({ length: ports }, (_, port) => `in${port}`);

export const join: KernelModule<JoinParameters> = {
  name: 'join',
  operators: [],
  instantiate(parameters: JoinParameters, target: Target): Instance {
    const { words, ports, lanes, dot, element } = parameters;
    const ins = portsOf(ports);
    const word = (columns: number) => ({ tokens: 1, columns });
    return {
      kernel: 'join',
      headers,
      streams: [
        streamPort('out', 'out', element, word(ports * lanes * dot), words),
        ...ins.map((name) => streamPort(name, 'in', element, word(lanes * dot), words)),
      ],
      memories: [],
      scalars: [],
      call: {
        name: 'join',
        templateArguments: templateArguments({ WORDS: words, LANES: lanes, D: dot, ELEMENT: elementName(element) }),
        arguments: [stream('out'), ...ins.map(stream)],
      },
      law: joinLaw(parameters, ins, target),
    };
  },
};

export const takeTurns: KernelModule<TurnsParameters> = {
  name: 'take_turns',
  operators: [],
  instantiate(parameters: TurnsParameters, target: Target): Instance {
    const { turns, ports, run } = parameters;
    const ins = portsOf(ports);
    const word = { tokens: 1, columns: 2 };
    return {
      kernel: 'take_turns',
      headers,
      streams: [
        streamPort('out', 'out', 'fp32', word, turns * ports * run),
        ...ins.map((name) => streamPort(name, 'in', 'fp32', word, turns * run)),
      ],
      memories: [],
      scalars: [],
      call: {
        name: 'take_turns',
        templateArguments: templateArguments({ TURNS: turns, RUN: run, WORD: 'weft::word<weft::fp32, 2>' }),
        arguments: [stream('out'), ...ins.map(stream)],
      },
      law: turnsLaw(parameters, ins, target),
    };
  },
};
