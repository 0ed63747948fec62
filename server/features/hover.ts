import type { Hover } from 'vscode-languageserver-protocol';
import type { Definition } from '../design/design.ts';
import type { AcceleratorEstimate, Formula, KernelEstimate } from '../estimate/estimate.ts';
import { amount, bandwidth, count, frequency, resourceLabels, share, significant, time } from '../format.ts';
import { latencyTitle, resourcesTitle } from './code-lens.ts';
import { contains, kernelAt, type Snapshot, toRange } from './snapshot.ts';

/** A name says what it stands for; a kernel's line also says what it costs and why. */
export function hover(snapshot: Snapshot, offset: number): Hover | null {
  const { analysis, document } = snapshot;
  const binding = analysis.design.bindings.find((one) => contains(one.span, analysis.file, offset));
  const definition =
    binding?.target ?? analysis.design.definitions.find((one) => contains(one.span, analysis.file, offset));
  const at = kernelAt(snapshot, offset);
  const onKernel = at && (definition === undefined || ['kernel', 'operator'].includes(definition.sort));
  const accelerator =
    definition?.sort === 'accelerator'
      ? analysis.estimate.accelerators.find((one) => one.accelerator.name === definition.name)
      : undefined;
  const parts = [
    ...(definition ? [definitionHover(definition)] : []),
    ...(accelerator ? [acceleratorHover(accelerator)] : []),
    ...(onKernel ? [kernelHover(at.estimate, at.kernel)] : []),
  ];
  if (parts.length === 0) return null;
  const span = binding?.span ?? definition?.span;
  return {
    contents: { kind: 'markdown', value: parts.join('\n\n---\n\n') },
    ...(span && span.file === analysis.file && { range: toRange(document, span) }),
  };
}

function definitionHover({ sort, name, detail, doc }: Definition): string {
  const head = `\`\`\`weft\n${sort} ${name}${detail ? `  // ${detail}` : ''}\n\`\`\``;
  return doc ? `${head}\n\n${doc}` : head;
}

function acceleratorHover(estimate: AcceleratorEstimate): string {
  const notes = estimate.caveats.map((note) => `- ${note}`);
  return [latencyTitle(estimate), '', resourcesTitle(estimate), ...(notes.length > 0 ? ['', ...notes] : [])].join('\n');
}

/** The formula with the numbers put in, then the table of what it takes, then what it waits for. */
export function kernelHover(estimate: AcceleratorEstimate, kernel: KernelEstimate): string {
  const { formula } = kernel;
  const places = estimate.channels.flatMap((channel) =>
    channel.users
      .filter((user) => user.kernel === kernel.name)
      .map((user) => `${channel.name} ${bandwidth(user.demand)} of ${bandwidth(channel.limit)}`),
  );
  const waits = kernel.waits.filter((wait) => wait.share >= 0.005).map((wait) => `${wait.on} ${share(wait.share)}`);
  const available = estimate.dies.find((die) => die.name === kernel.die)?.available;
  const lines = [
    `**${kernel.name}** on ${kernel.die} at ${frequency(kernel.clock)}${kernel.operators.length > 1 ? `: ${kernel.operators.join(', ')}` : ''}`,
    '',
    `cycles = ${formula.symbolic}`,
    `= ${formula.numeric} = **${count(formula.value)}** → ${time(kernel.seconds)}, busy ${share(kernel.busy)} of ${time(estimate.timing.perLayer)} a layer`,
    '',
    '| | used | of the die |',
    '| --- | ---: | ---: |',
    ...(['dsp', 'bram36', 'uram', 'lut', 'ff'] as const).map((name) => {
      const used = kernel.resources[name];
      const of = available && available[name] > 0 ? share(used.used / available[name]) : '';
      return `| ${resourceLabels[name]} | ${amount(used)} | ${of} |`;
    }),
    '',
    `${significant(kernel.operations / 1e6)} M operations a layer${kernel.seconds > 0 ? `, ${significant(kernel.operations / kernel.seconds / 1e9)} GOPS while active` : ''}`,
    ...(places.length > 0 ? [`Bandwidth: ${places.join(' · ')}`] : []),
    ...(waits.length > 0 ? [`Waits for ${waits.join(' · ')} of the layer`] : []),
    ...explanationLines(kernel.explanations),
    '',
    `Source: ${formula.source}`,
  ];
  // Two spaces before a line break keep each fact on a line of its own in Markdown.
  return lines
    .map((line) => (line === '' || line.startsWith('|') || line.startsWith('- ') ? line : `${line}  `))
    .join('\n');
}

function explanationLines(explanations: readonly Formula[]): string[] {
  if (explanations.length === 0) return [];
  return [
    '',
    ...explanations.map(
      ({ symbolic, numeric, value, unit, source }) =>
        `- ${symbolic} = ${numeric} = ${significant(value, 6)} ${unit} (${source})`,
    ),
  ];
}
