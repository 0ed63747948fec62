/** Where a finding is shown: always in what a person wrote. */
import type { Accelerator, Kernel } from '../design/design.ts';
import type { Span } from '../diagnostic.ts';
import { grouped } from '../grouped.ts';
import { remembered } from '../remembered.ts';

export function kernelNamed(accelerator: Accelerator, name: string | undefined): Kernel | undefined {
  return name === undefined ? undefined : byName(accelerator).of(name)[0];
}

/** Every rule asks for kernels by their names, of one accelerator again and again. */
const byName = remembered((accelerator: Accelerator) => grouped(accelerator.kernels, ({ name }) => name));

/**
 * The first of these clauses that is written, else the kernel's name. A kernel that nobody wrote has no line of its own:
 * its accelerator's name stands for it, because its operator may well stand in the standard library.
 */
export function placeOf(
  accelerator: Accelerator,
  kernel: Kernel | undefined,
  clauses: readonly ('array' | 'lanes' | 'weights' | 'cache')[],
): Span {
  if (!kernel || kernel.auto) return accelerator.nameSpan;
  return clauses.map((clause) => kernel[clause]?.span).find((span) => span !== undefined) ?? kernel.nameSpan;
}
