/** What a kernel could be instead: arrays, packing and lanes that nobody has written. */
import type { Accelerator, ArrayShape, Kernel } from '../design/design.ts';
import { isMatrixProduct } from '../design/operators.ts';

/** Settings that take the place of a kernel's own, and how a spec says them. */
export interface KernelOption {
  readonly array?: ArrayShape;
  readonly lanes?: number;
  /** 'array 8 x 16' */
  readonly clause: string;
}

/** Where the search ends; nothing in the library says that more is of no use. */
const MOST_OUTPUTS = 256;
/** Widths of a dot product: a step of four is what one more level of the program's search would tell apart. */
const DOTS: readonly number[] = [1, 4, 16, 64];
/** Columns of each row in a word: where the search ends. */
const MOST_COLUMNS = 16;

/** Whether the tuner may choose the kernel's hardware. */
export function isOpen(kernel: Kernel): boolean {
  return kernel.array?.origin === 'auto' || (kernel.lanes?.origin === 'auto' && !kernel.array);
}

/**
 * Options of a kernel where `tokens` rows are side by side in every word, the present one first.
 *
 * Sides are divisors of what they are laid over, so that no option wastes an edge; a kernel that is written has one option.
 */
export function optionsOf(kernel: Kernel, tokens: number): KernelOption[] {
  if (kernel.array && kernel.array.origin === 'auto') return arrays(kernel, tokens);
  if (kernel.lanes && kernel.lanes.origin === 'auto' && !kernel.array) return lanes(kernel, tokens);
  return [{ clause: '' }];
}

function arrays(kernel: Kernel, tokens: number): KernelOption[] {
  const operators = kernel.turns.flat().filter(({ kind }) => isMatrixProduct(kind));
  const rows = Math.max(1, ...operators.map((operator) => operator.rows));
  const columns = operators.map(({ kind, columns: all, heads }) => (kind === 'context' ? all / heads : all));
  const side = Math.min(tokens, rows);
  const outputs = commonDivisors(
    columns.map((all) => all / kernel.pack.value),
    MOST_OUTPUTS,
  );
  // Several rows share each weight; with few of them a dot product is what keeps a wide word busy.
  const dots = side >= 8 ? [1] : DOTS.filter((dot) => operators.every(({ reduction }) => reduction % dot === 0));
  return outputs.flatMap((width) =>
    dots.map((dot) => ({
      array: { tokens: side, outputs: width, dot },
      clause: `array ${side} x ${width}${dot > 1 ? ` x ${dot}` : ''}`,
    })),
  );
}

function lanes(kernel: Kernel, tokens: number): KernelOption[] {
  const operators = kernel.turns.flat();
  const side = Math.min(tokens, Math.max(1, ...operators.map(({ rows }) => rows)));
  const columns = commonDivisors(
    operators.map((operator) => operator.columns),
    MOST_COLUMNS,
  ).filter(isPower);
  return columns.map((width) => ({ lanes: side * width, clause: `lanes ${side * width}` }));
}

/** Numbers up to `most` that divide all of these; 1 where they are no whole numbers. */
function commonDivisors(values: readonly number[], most: number): number[] {
  const whole = values.every((value) => Number.isInteger(value) && value >= 1);
  if (!whole || values.length === 0) return [1];
  const least = Math.min(most, ...values);
  return Array.from({ length: least }, (_, index) => index + 1).filter((one) =>
    values.every((value) => value % one === 0),
  );
}

function isPower(value: number): boolean {
  return Number.isInteger(Math.log2(value));
}

/** Rows side by side that are worth trying: those of a written array, else powers of two up to the rows of a pass. */
export function tokensOf({ kernels, phase }: Accelerator): number[] {
  const written = kernels.flatMap(({ array }) => (array && array.origin !== 'auto' ? [array.value.tokens] : []));
  if (written.length > 0) return [...new Set(written)];
  return [1, 2, 4, 8, 16].filter((tokens) => tokens <= Math.max(1, phase.tokens * phase.batch));
}

/** The accelerator with an option of each of these kernels. */
export function withOptions(accelerator: Accelerator, chosen: ReadonlyMap<string, KernelOption>): Accelerator {
  return {
    ...accelerator,
    kernels: accelerator.kernels.map((kernel): Kernel => {
      const option = chosen.get(kernel.name);
      if (!option || option.clause === '') return kernel;
      return {
        ...kernel,
        ...(option.array && kernel.array ? { array: { ...kernel.array, value: option.array } } : {}),
        ...(option.lanes !== undefined && kernel.lanes ? { lanes: { ...kernel.lanes, value: option.lanes } } : {}),
      };
    }),
  };
}
