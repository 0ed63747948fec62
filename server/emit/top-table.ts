/** The comment above a top: what stands on the die and what it costs, kernel by kernel. */
import type { Kernel } from '../design/design.ts';
import type { AcceleratorEstimate, KernelEstimate } from '../estimate/estimate.ts';
import { amount, count, frequency } from '../format.ts';
import { table } from '../report/table.ts';
import { comment } from './cpp.ts';
import { commentText } from './names.ts';
import type { EmitOptions } from './options.ts';
import { inputRows } from './rows.ts';
import type { Top } from './tops.ts';

export function topTable(estimate: AcceleratorEstimate, top: Top, options: EmitOptions): string {
  const { accelerator } = estimate;
  const onDie = new Set(top.units.map((unit) => unit.kernel));
  const kernels = estimate.kernels.filter((kernel) => onDie.has(kernel.name));
  const rows = kernels.map((kernel) =>
    row(
      kernel,
      accelerator.kernels.find((written) => written.name === kernel.name),
    ),
  );
  const lines = table(
    [
      { head: 'module' },
      { head: 'operators' },
      { head: 'array' },
      { head: 'cycles', align: 'right' },
      { head: 'DSP', align: 'right' },
      { head: 'BRAM36', align: 'right' },
      { head: 'URAM', align: 'right' },
      { head: 'spec' },
    ],
    rows,
  ).split('\n');
  return comment([
    `${top.name}: ${commentText(accelerator.name)} on ${top.die} of ${accelerator.device.name} at ${frequency(accelerator.clock.value)}.`,
    `Written by Weft ${options.version}. The figures are its estimate of one pass of one layer, ${inputRows(estimate)} rows; memories and`,
    'FIFOs of a kernel are counted with it. No vendor tool was run.',
    '',
    ...lines,
  ]);

  function row(kernel: KernelEstimate, written: Kernel | undefined): string[] {
    const { resources } = kernel;
    const place = written && !written.auto && options.locate(written.nameSpan);
    return [
      kernel.name,
      kernel.operators.join(' '),
      written ? arrayText(written) : '',
      count(kernel.cycles),
      amount(resources.dsp),
      amount(resources.bram36),
      amount(resources.uram),
      place ? commentText(`${place.file}:${place.line}`) : 'auto',
    ];
  }
}

/** '8 x 16 pack 2', 'lanes 8' */
export function arrayText(kernel: Kernel): string {
  if (!kernel.array) return kernel.lanes ? `lanes ${kernel.lanes.value}` : '';
  const { tokens, outputs, dot } = kernel.array.value;
  const pack = kernel.pack.value > 1 ? ` pack ${kernel.pack.value}` : '';
  return `${tokens} x ${outputs}${dot > 1 ? ` x ${dot}` : ''}${pack}`;
}
