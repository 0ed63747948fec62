/** Cost law of rope.h: a process that pairs the halves of a head and one that turns them, a word a cycle through both. */
import { coresOf, costOf, countOf } from '../cost.ts';
import type { Law, MemoryShape, Target } from '../kernel.ts';
import { inputCores, inputStages, leaving, outputCores, outputStages, stages, transfer } from '../rows.ts';
import { elementBits, isInteger } from '../word.ts';
import type { RopeParameters } from './parameters.ts';

export function ropeLaw(parameters: RopeParameters, target: Target): Law {
  const { rows, heads, headDim, word, input, output } = parameters;
  const lanes = word.tokens * word.columns;
  const jobs = Math.ceil(rows / word.tokens) * heads;
  const half = headDim / (2 * word.columns);
  const words = 2 * half;
  const depth = stages.read + inputStages(input) + stages.fmul + stages.fadd + outputStages(output);
  const storage = half <= 128 ? 'lutram' : 'bram';
  const kept = (name: string, bits: number): MemoryShape => ({ name, words: half, bits, parts: 1, storage });
  const pairBits = 2 * lanes * elementBits[input];
  const cores = coresOf(target);
  const logic = costOf(
    countOf(
      // which of the two goes where, and the sign of the product across
      [1, { control: 2, gates: lanes * (2 * elementBits[input] + 1) }],
      [2 * lanes, inputCores(input)],
      [lanes, { fmul: 2, fadd: 1 }],
      [lanes, outputCores(output)],
    ),
    target,
  );
  const conversions = (isInteger(input) ? 2 : 0) + (isInteger(output) ? 1 : 0);
  return {
    processes: [
      {
        name: 'pairs',
        jobs,
        cycles: words,
        active: words,
        reads: [transfer('in', words, 0)],
        writes: [leaving('pair', half, half, stages.read)],
      },
      {
        name: 'rotate',
        jobs,
        cycles: words,
        active: words,
        // The turns of a block come with its first head and are kept; here, an equal share with each head.
        reads: [transfer('pair', half, 0), { port: 'turns', words: half / heads, first: 0, last: half - 1 }],
        writes: [leaving('out', words, 0, depth)],
      },
    ],
    buffers: [{ name: 'pair', depth: 2 }],
    logic,
    memories: [
      kept('low', pairBits / 2),
      { name: 'pair', words: 2, bits: pairBits, parts: 1, storage: 'srl' },
      kept('pairs', pairBits),
      kept('held', 2 * lanes * elementBits.fp32),
    ],
    traffic: [],
    cycles: {
      symbolic: 'blocks · heads · words + words / 2 + depth',
      numeric: `${jobs / heads} · ${heads} · ${words} + ${half} + ${depth + stages.read + 1}`,
      value: jobs * words + half + depth + stages.read + 1,
      unit: 'cycles',
      source: 'loops of rope.h, II = 1; half a head passes before the first pair is whole',
    },
    explanations: [
      {
        symbolic: 'lanes · (2 mul + add + conversions · mul)',
        numeric: `${lanes} · (${2 * cores.fmul.dsp} + ${cores.fadd.dsp} + ${conversions} · ${cores.fmul.dsp})`,
        value: logic.dsp.used,
        unit: 'DSP',
        source: `${cores.fadd.source}; ${cores.fmul.source}`,
      },
    ],
  };
}
