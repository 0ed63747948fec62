import { type InlayHint, InlayHintKind } from 'vscode-languageserver-protocol';
import type { AcceleratorEstimate, FifoEstimate, KernelEstimate } from '../estimate/estimate.ts';
import { count, middle, share, time } from '../format.ts';
import { kernelHover } from './hover.ts';
import { lineEnd, type Snapshot } from './snapshot.ts';

export type HintLevel = 'off' | 'compact' | 'full';

/** A wait is worth the end of the line when it takes this share of the layer. */
const NOTABLE_WAIT = 0.02;

/** End-of-line estimates: `compact` says what limits a kernel first, `full` what it takes and what `auto` stands for, too. */
export function inlayHints(snapshot: Snapshot, level: HintLevel, range: { start: number; end: number }): InlayHint[] {
  if (level === 'off') return [];
  const hints = snapshot.analysis.estimate.accelerators.flatMap((estimate) => [
    ...kernelHints(snapshot, estimate, level === 'full' ? kernelLabel : pace),
    ...(level === 'full' ? [...autoHints(snapshot, estimate), ...streamHints(snapshot, estimate)] : []),
  ]);
  return hints.filter(({ offset }) => range.start <= offset && offset <= range.end).map(({ hint }) => hint);
}

interface Placed {
  readonly offset: number;
  readonly hint: InlayHint;
}

function kernelHints(
  snapshot: Snapshot,
  estimate: AcceleratorEstimate,
  label: (kernel: KernelEstimate) => string,
): Placed[] {
  const { document, analysis } = snapshot;
  return estimate.accelerator.kernels.flatMap((kernel) => {
    const figures = estimate.kernels.find((one) => one.name === kernel.name);
    if (kernel.auto || !figures || kernel.span.file !== analysis.file) return [];
    return [
      {
        offset: kernel.span.end,
        hint: {
          position: lineEnd(document, kernel.span.end),
          label: label(figures),
          paddingLeft: true,
          tooltip: { kind: 'markdown' as const, value: kernelHover(estimate, figures) },
        },
      },
    ];
  });
}

/** '168 DSP · 14 BRAM · 4.86 ms · busy 19%', or 'waits for hbm[4] 38%' at the end. */
export function kernelLabel(kernel: KernelEstimate): string {
  const { dsp, bram36, uram, lut } = kernel.resources;
  return [
    dsp.used > 0 ? `${middle(dsp)} DSP` : `${middle(lut)} LUT`,
    ...(bram36.used > 0 ? [`${middle(bram36)} BRAM`] : []),
    ...(uram.used > 0 ? [`${middle(uram)} URAM`] : []),
    pace(kernel),
  ].join(' · ');
}

/** '4.86 ms · busy 19%' */
function pace(kernel: KernelEstimate): string {
  const memory = kernel.waits.find((wait) => wait.kind === 'memory' && wait.share >= NOTABLE_WAIT);
  return `${time(kernel.seconds)} · ${memory ? `waits for ${memory.on} ${share(memory.share)}` : `busy ${share(kernel.busy)}`}`;
}

/** What nobody wrote: the kernels that an accelerator gets by default, after its name. */
function autoHints(snapshot: Snapshot, { accelerator, kernels }: AcceleratorEstimate): Placed[] {
  const auto = accelerator.kernels.filter((kernel) => kernel.auto);
  if (auto.length === 0 || accelerator.nameSpan.file !== snapshot.analysis.file) return [];
  const lines = auto.map((kernel) => {
    const figures = kernels.find((one) => one.name === kernel.name);
    return `- \`${kernel.name}\` ${figures ? kernelLabel(figures) : 'not estimated'}`;
  });
  const hint: InlayHint = {
    position: lineEnd(snapshot.document, accelerator.nameSpan.end),
    label: `${count(auto.length)} auto ${auto.length === 1 ? 'kernel' : 'kernels'}`,
    paddingLeft: true,
    kind: InlayHintKind.Type,
    tooltip: { kind: 'markdown', value: ['Kernels that no line names, with default values:', '', ...lines].join('\n') },
  };
  return [{ offset: accelerator.nameSpan.end, hint }];
}

/** What a stream is built as: depth and memory. */
function streamHints(snapshot: Snapshot, estimate: AcceleratorEstimate): Placed[] {
  const seen = new Set<number>();
  return estimate.fifos.flatMap((built) => {
    const span = built.fifo.edge?.span;
    if (!span || span.file !== snapshot.analysis.file || seen.has(span.end)) return [];
    seen.add(span.end);
    const hint: InlayHint = {
      position: lineEnd(snapshot.document, span.end),
      label: fifoLabel(built),
      paddingLeft: true,
    };
    return [{ offset: span.end, hint }];
  });
}

function fifoLabel({ depth, peak, resources, storage }: FifoEstimate): string {
  const { bram36, uram, lut } = resources;
  const cost =
    uram.used > 0 ? `${middle(uram)} URAM` : bram36.used > 0 ? `${middle(bram36)} BRAM` : `${middle(lut)} LUT`;
  return `depth ${count(depth)} · ${storage} ${cost} · peak ${count(peak)}`;
}
