/** What the part of a kernel in a netlist depends on: its own settings and those of kernels around it. */
import type { Accelerator, Kernel } from '../../design/design.ts';
import { builtKernels, isProduct } from './pieces.ts';

export interface Reach {
  readonly name: string;
  readonly on: readonly string[];
}

/**
 * Words are as wide as the product in front of a row of kernels says, converters stand where two words differ, rows in
 * memory lie as the first product wants them, and a fork belongs to the first of several readers.
 */
export function reachOf(accelerator: Accelerator): Reach[] {
  const kernels = builtKernels(accelerator);
  const byName = new Map(kernels.map((kernel) => [kernel.name, kernel]));
  const sources = new Map<string, Set<string>>(kernels.map(({ name }) => [name, new Set()]));
  const around = new Map<string, Set<string>>(kernels.map(({ name }) => [name, new Set([name])]));
  const readers = new Map<string, string[]>();
  for (const { from, to, tensor } of accelerator.edges) {
    if (from.kind === 'operator' && to.kind === 'operator') {
      sources.get(to.kernel)?.add(from.kernel);
      around.get(to.kernel)?.add(from.kernel);
      around.get(from.kernel)?.add(to.kernel);
    }
    if (to.kind === 'operator') readers.set(tensor, [...(readers.get(tensor) ?? []), to.kernel]);
  }
  for (const names of readers.values()) for (const one of names) for (const other of names) around.get(one)?.add(other);
  const first = accelerator.model.layer.operators.find(({ name }) =>
    kernels.some((kernel) => kernel.array && kernel.turns.flat().some((operator) => operator.name === name)),
  );
  const memory = kernels.find((kernel) => kernel.turns.flat().some(({ name }) => name === first?.name));
  return kernels.map(({ name }) => {
    const on = new Set<string>(memory ? [memory.name] : []);
    for (const other of around.get(name) ?? []) upTo(other, byName, sources, on);
    return { name, on: [...on] };
  });
}

/** The kernel and, where it has no product itself, those in front of it up to the next one. */
function upTo(
  name: string,
  kernels: ReadonlyMap<string, Kernel>,
  sources: ReadonlyMap<string, ReadonlySet<string>>,
  found: Set<string>,
): void {
  if (found.has(name)) return;
  found.add(name);
  if (kernels.get(name)?.turns.flat().some(isProduct)) return;
  for (const source of sources.get(name) ?? []) upTo(source, kernels, sources, found);
}
