import type { Accelerator } from '../design/design.ts';
import { enumeration } from '../format.ts';
import { acceleratorRule } from './rule.ts';

/** As many operators as the message names. */
const SHOWN = 5;

export const unmappedOperator = acceleratorRule({
  code: 'unmapped-operator',
  severity: 'warning',
  page: {
    summary: 'An operator of the repeated layer has no kernel, although others have.',
    why: 'The estimate goes on with a kernel by default, shown as a hint. Its size is a guess until a line says what is built.',
    failing: `accelerator a {
  device u280 at 245 MHz
  model  bert_base
  phase  forward(tokens: 512)
  kernel q array 8 x 16
}`,
    mended: `accelerator a {
  device u280 at 245 MHz
  model  bert_base
  phase  forward(tokens: 512)
}`,
    remedies: [
      'Write a kernel for the operator (the quick fix writes the default one).',
      'Put it on the host: `kernel cpu : embed on host`.',
    ],
  },
  *find(accelerator) {
    if (accelerator.unmapped.length === 0) return;
    const names = accelerator.unmapped.map((operator) => operator.name);
    yield {
      span: accelerator.nameSpan,
      message: `No kernel names ${names.length === 1 ? 'operator' : 'operators'} ${enumeration(names.map((name) => `‘${name}’`))}: estimated with ${names.length === 1 ? 'a default kernel' : 'default kernels'}.`,
      related: accelerator.unmapped.slice(0, SHOWN).map((operator) => ({
        span: operator.span,
        message: `‘${operator.name}’ is declared here`,
      })),
      subject: { accelerator: accelerator.name },
    };
  },
  fix(diagnostic, { facts }) {
    const accelerator = facts.design.accelerators.find((one) => one.name === diagnostic.subject.accelerator);
    if (!accelerator) return [];
    const at = { file: accelerator.span.file, start: accelerator.span.end - 1, end: accelerator.span.end - 1 };
    const lines = accelerator.unmapped.map((operator) => `  ${kernelLine(accelerator, operator.name)}\n`);
    return [
      {
        title: `Write ${lines.length === 1 ? 'a kernel' : `${lines.length} kernels`} with the default values`,
        edits: [{ span: at, newText: lines.join('') }],
        preferred: true,
      },
    ];
  },
});

/** The auto kernel of an operator, written out. */
function kernelLine(accelerator: Accelerator, operator: string): string {
  const kernel = accelerator.kernels.find(
    (one) => one.auto && one.turns.flat().some((served) => served.name === operator),
  );
  const words = [`kernel ${operator}`];
  if (kernel?.array) {
    const { tokens, outputs, dot } = kernel.array.value;
    words.push(`array ${tokens} x ${outputs}${dot > 1 ? ` x ${dot}` : ''}`);
  }
  if (kernel?.lanes) words.push(`lanes ${kernel.lanes.value}`);
  if (kernel && kernel.pack.value > 1) words.push(`pack ${kernel.pack.value}`);
  const die = kernel?.dies.value[0];
  if (die !== undefined && accelerator.device.dies.length > 1) words.push(`on ${die}`);
  return words.join(' ');
}
