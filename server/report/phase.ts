import type { Passes } from '../design/design.ts';
import type { Phase } from '../design/workload.ts';

/** As the spec writes it: 'forward(tokens: 512)'. */
export function phaseText(phase: Phase): string {
  const batch = phase.batch > 1 ? `, batch: ${phase.batch}` : '';
  switch (phase.name) {
    case 'forward':
    case 'prefill':
      return `${phase.name}(tokens: ${phase.tokens}${batch})`;
    case 'decode':
      return `decode(past: ${phase.past}${batch})`;
    case 'generate':
      return `generate(prompt: ${phase.prompt ?? phase.tokens}, output: ${phase.output ?? 0}${batch})`;
  }
}

/** As the spec writes it: 'block[0..3]'. */
export function rangeText({ layer, first, last }: Passes): string {
  return first === last ? `${layer}[${first}]` : `${layer}[${first}..${last}]`;
}
