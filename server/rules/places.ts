/** Where a finding is shown: always in what a person wrote. */
import type { Accelerator, Kernel } from '../design/design.ts';
import type { Span } from '../diagnostic.ts';

export function kernelNamed(accelerator: Accelerator, name: string | undefined): Kernel | undefined {
  return accelerator.kernels.find((kernel) => kernel.name === name);
}

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
