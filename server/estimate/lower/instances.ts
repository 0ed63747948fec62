/** Kernels of the library with their parameters put in, each made once. */
import type { Instance, KernelModule, Target } from '../../kernels/kernel.ts';
import type { InstanceOf } from '../netlist.ts';
import { type Remembered, rememberer } from '../remember.ts';

export function instanceCache(instances: Remembered<Instance> = rememberer()): InstanceOf {
  return <Parameters>(module: KernelModule<Parameters>, parameters: Parameters, target: Target): Instance => {
    const key = `${module.name} ${target.dspKind} ${target.clock} ${JSON.stringify(parameters)}`;
    return instances.get(key, () => module.instantiate(parameters, target));
  };
}
