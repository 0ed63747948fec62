/** A choice as edits of the spec: the tuner proposes text, and what a spec means never depends on how it came about. */
import type { Accelerator, Kernel } from '../design/design.ts';
import type { TextEdit } from '../diagnostic.ts';
import type { KernelOption } from './options.ts';

/** What a kernel is to be. */
export interface Choice {
  readonly option: KernelOption;
  readonly die?: string;
}

/** As a spec says it: 'array 8 x 16  on slr0'; empty where nothing changes. */
export function clauseOf({ option: { clause }, die }: Choice): string {
  return [clause, ...(die === undefined ? [] : [`on ${die}`])].filter((part) => part !== '').join('  ');
}

/** @returns edits that write the choice of each kernel into its line, and lines for kernels that nobody wrote. */
export function editsOf(accelerator: Accelerator, choices: ReadonlyMap<string, Choice>): TextEdit[] {
  const lines: string[] = [];
  const edits = accelerator.kernels.flatMap((kernel): TextEdit[] => {
    const choice = choices.get(kernel.name);
    if (!choice || clauseOf(choice) === '') return [];
    if (kernel.auto) {
      lines.push(`  kernel ${kernel.name}  ${clauseOf(choice)}\n`);
      return [];
    }
    return clauseEdits(kernel, choice);
  });
  const end = accelerator.span.end - 1;
  const at = { file: accelerator.span.file, start: end, end };
  return lines.length > 0 ? [...edits, { span: at, newText: lines.join('') }] : edits;
}

/** A clause that says `auto` is replaced; what nothing says goes to the end of the line. */
function clauseEdits(kernel: Kernel, { option, die }: Choice): TextEdit[] {
  const { file, start, end } = kernel.span;
  const asked = option.array ? kernel.array?.span : kernel.lanes?.span;
  const own = asked && asked.file === file && asked.start >= start && asked.end <= end ? asked : undefined;
  const behind = [own ? '' : option.clause, die === undefined ? '' : `on ${die}`].filter((part) => part !== '');
  return [
    ...(own && option.clause !== '' ? [{ span: own, newText: option.clause }] : []),
    ...(behind.length > 0 ? [{ span: { file, start: end, end }, newText: `  ${behind.join('  ')}` }] : []),
  ];
}
