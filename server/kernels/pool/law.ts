/** Cost law of pool.h: windows out of the ring, and what is made of them, tap by tap. */
import {
  ringMemory,
  windowCount,
  windowDepth,
  windowGeometry,
  windowJobs,
  windowOverhead,
  windowProcess,
} from '../common/window.ts';
import { type CoreCount, coresOf, costOf, countOf } from '../cost.ts';
import type { Law, Process, Target } from '../kernel.ts';
import { roundingCores, roundingStages, stages } from '../rows.ts';
import { elementBits } from '../word.ts';
import type { PoolParameters } from './parameters.ts';

/** int32 to fp32, as in array.ts. */
const sum: CoreCount = { gates: 32 + 283, registers: 32 + 168 };

/** Stages before a result is written. */
function depthOf({ kind, output }: PoolParameters): number {
  if (kind === 'greatest') return stages.read + stages.maximum;
  return stages.read + 1 + stages.toFloat + stages.fmul + roundingStages(output);
}

function laneOf({ kind, output }: PoolParameters): CoreCount {
  if (kind === 'greatest') return { gates: 16, registers: 8 };
  return countOf([1, sum], [1, { fmul: 1 }], [1, roundingCores(output)]);
}

export function poolLaw(parameters: PoolParameters, target: Target): Law {
  const geometry = windowGeometry(parameters);
  const { blocks, steps, segments, groups, ahead, cycles } = geometry;
  const { lanes, dot, size } = parameters;
  const jobs = windowJobs(geometry);
  const share = blocks / jobs;
  const depth = depthOf(parameters);
  const many = lanes * dot;
  const taps = size * size;
  const pool: Process = {
    name: 'pool',
    jobs,
    cycles: share * steps,
    active: share * steps,
    reads: [{ port: 'windows', words: share * steps, first: 0, last: share * steps - 1 }],
    writes: [
      { port: 'out', words: share * groups, first: taps - 1 + depth, last: Math.max(taps, share * steps) - 1 + depth },
    ],
  };
  const logic = costOf(
    countOf([1, windowCount(parameters, geometry)], [1, { control: 1 }], [many, laneOf(parameters)]),
    target,
  );
  const lane = parameters.kind === 'mean' ? coresOf(target).fmul.dsp : 0;
  return {
    processes: [windowProcess(geometry, jobs), pool],
    buffers: [{ name: 'windows', depth: 2 }],
    logic,
    memories: [ringMemory(parameters, geometry, elementBits[parameters.input])],
    traffic: [],
    cycles: {
      symbolic: 'words ahead + windows + depth',
      numeric: `${ahead} + ${cycles - windowOverhead} + ${windowDepth + depth}`,
      value: ahead + cycles - windowOverhead + windowDepth + depth,
      unit: 'cycles',
      source: `loops of window.h: ${taps} taps · ${groups} groups · ${segments} rows that a block touches`,
    },
    explanations: [
      {
        symbolic: 'lanes · fmul',
        numeric: `${many} · ${lane}`,
        value: many * lane,
        unit: 'DSP',
        source: 'BIND_OP of pool.h',
      },
    ],
  };
}
