/**
 * The other mapping of a layer whose products nobody has mapped: all of them in turn on one array. Where a pass is one block of
 * rows, products follow each other, and each is as fast as the memory channels of its own kernel; on one array all of them have all
 * channels.
 */
import type { Accelerator } from '../design/design.ts';
import { productsInTurn } from '../design/mapping/turns.ts';

/** Kernel statements without clauses, by the name of the kernel: 'gemm : q, k, v', 'softmax'. */
export type Heads = ReadonlyMap<string, string>;

/** What the array is called, unless something else is. */
const NAME = 'gemm';

/** The statements of that mapping; undefined where a pass has many rows, where nothing is to be mapped, or one array cannot do it. */
export function inTurn({
  kernels,
  model,
  phase,
  further,
  decoding = [],
  device,
  precision,
}: Accelerator): Heads | undefined {
  if (phase.name !== 'decode' && phase.name !== 'generate') return undefined;
  // A group of weights is scaled by an array of one product.
  if (precision.group > 0 || device.memories.length === 0) return undefined;
  if (further.length > 0 || decoding.some((pass) => pass.further.length > 0)) return undefined;
  const auto = kernels.filter((kernel) => kernel.auto && !kernel.onHost);
  const free = new Set(auto.flatMap(({ turns }) => turns.flat()).map(({ name }) => name));
  const turns = productsInTurn(model.layer, ({ name }) => free.has(name));
  if (!turns) return undefined;
  const served = new Set(turns.flat().map(({ name }) => name));
  // What was computed on the way out of a product has a kernel of its own now, what is so elsewhere stays there.
  const left = auto.flatMap(({ turns: [turn = []] }) => {
    const rest = turn.filter(({ name }) => !served.has(name));
    return rest.length < turn.length ? rest : rest.slice(0, 1);
  });
  const names = new Set([...kernels, ...model.layer.operators, ...model.outside].map(({ name }) => name));
  let name = NAME;
  for (let count = 2; names.has(name); count++) name = `${NAME}_${count}`;
  const text = turns.map((turn) => turn.map((operator) => operator.name).join(' + ')).join(', ');
  return new Map([[name, `${name} : ${text}`], ...left.map((operator) => [operator.name, operator.name] as const)]);
}
