/** Kernels with heads, several instances side by side: scores_heads.h, context_heads.h, softmax_heads.h. */
import { context } from '../context/index.ts';
import type { Instance, KernelModule, Target } from '../kernel.ts';
import { scores } from '../scores/index.ts';
import { softmax } from '../softmax/index.ts';
import { type DealtStream, headsLaw } from './law.ts';
import type { HeadsParameters } from './parameters.ts';

/** Heads that are dealt out: of k and v, which queries share, or of a softmax. */
function dealtHeads({ kernel, of }: HeadsParameters): number {
  return kernel === 'softmax' ? of.heads : of.kvHeads;
}

/** Why there are no such instances, in words for a diagnostic; undefined where there are. */
export function headsRefusal(parameters: HeadsParameters): string | undefined {
  const { instances, kernel } = parameters;
  const heads = dealtHeads(parameters);
  if (heads % instances === 0) return undefined;
  const what = kernel === 'softmax' ? 'heads' : `heads of ${kernel === 'scores' ? 'k' : 'v'}`;
  return `${instances} instances cannot have as many of the ${heads} ${what} each`;
}

/** The kernel with all heads, or with those of one of so many instances. */
function instanceOf({ kernel, of }: HeadsParameters, instances: number, target: Target): Instance {
  switch (kernel) {
    case 'scores':
      return scores.instantiate({ ...of, heads: of.heads / instances, kvHeads: of.kvHeads / instances }, target);
    case 'context':
      return context.instantiate({ ...of, heads: of.heads / instances, kvHeads: of.kvHeads / instances }, target);
    case 'softmax':
      return softmax.instantiate({ ...of, heads: of.heads / instances }, target);
  }
}

export const heads: KernelModule<HeadsParameters> = {
  name: 'heads',
  operators: ['scores', 'context', 'softmax'],
  instantiate(parameters: HeadsParameters, target: Target): Instance {
    const { instances, of } = parameters;
    const all = instanceOf(parameters, 1, target);
    const one = instanceOf(parameters, instances, target);
    const streams = all.streams.map((stream): DealtStream => {
      const rounds = (Math.ceil(of.rows / stream.word.tokens) * dealtHeads(parameters)) / instances;
      return { ...stream, rounds, run: stream.words / rounds / instances };
    });
    const name = `${all.call.name}_heads`;
    return {
      ...all,
      headers: [...all.headers, 'heads.h', `${name}.h`, 'storage.h'].filter(
        (header, i, list) => list.indexOf(header) === i,
      ),
      call: {
        ...all.call,
        name,
        templateArguments: [{ name: 'N', value: String(instances) }, ...all.call.templateArguments],
      },
      law: headsLaw(instances, one, streams, target),
    };
  },
};
