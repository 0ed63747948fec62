import type { Analysis } from '../analysis.ts';
import { estimateText } from '../report/text.ts';

/** The text that *Show Estimate* opens: one accelerator, or all of the file. */
export function estimateReport({ estimate }: Analysis, name?: string): string {
  const wanted = estimate.accelerators.filter(({ accelerator }) => name === undefined || accelerator.name === name);
  return wanted.length > 0
    ? wanted.map(estimateText).join('\n')
    : 'There is no accelerator with a device, a model and a phase in this file.\n';
}
