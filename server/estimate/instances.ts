/** Kernels of the library with their parameters put in, each made once. */
import type { Instance, KernelModule, Target } from '../kernels/kernel.ts';
import type { InstanceOf } from './lower.ts';

/** Entries after which the cache begins anew: far more than one editing session of one spec needs. */
const cacheLimit = 4096;

export function instanceCache(): InstanceOf {
  const instances = new Map<string, Instance>();
  return <Parameters>(module: KernelModule<Parameters>, parameters: Parameters, target: Target): Instance => {
    const key = `${module.name} ${target.dspKind} ${target.clock} ${JSON.stringify(parameters)}`;
    const known = instances.get(key);
    if (known) return known;
    if (instances.size >= cacheLimit) instances.clear();
    const made = module.instantiate(parameters, target);
    instances.set(key, made);
    return made;
  };
}
