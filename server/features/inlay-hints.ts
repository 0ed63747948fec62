import { type InlayHint, InlayHintKind } from 'vscode-languageserver-protocol';
import type * as tree from '../../grammar/tree.ts';
import { nodeAt } from '../../grammar/walk.ts';
import type { AcceleratorEstimate, FifoEstimate, KernelEstimate } from '../estimate/estimate.ts';
import { count, middle, share, time } from '../format.ts';
import { kernelHover } from './hover-kernel.ts';
import { fifoTable } from './hover-line.ts';
import { autoValue } from './hover-literal.ts';
import { hintPosition, type Priced, pricedAccelerators, type Snapshot } from './snapshot.ts';

export type HintLevel = 'off' | 'compact' | 'full';

/** A wait is worth the end of the line when it takes this share of the layer. */
const NOTABLE_WAIT = 0.02;

/** Keeps a figure apart from the number that ends the line: editors draw hints right behind the text. */
const GAP = '\u2002';

/** What a hint carries to `resolveInlayHint`: whose tooltip it asks for. */
interface HintData {
  readonly uri: string;
  readonly accelerator: string;
  readonly kernel?: string;
  /** Where a stream statement begins. */
  readonly stream?: number;
}

/**
 * End-of-line estimates: `compact` says what limits a kernel first, `full` what it takes and what `auto` stands for, too.
 * Where a half-typed line leaves the accelerator without an estimate, its kernels go on to show their last figures,
 * marked as old.
 */
export function inlayHints(snapshot: Snapshot, level: HintLevel, range: { start: number; end: number }): InlayHint[] {
  if (level === 'off') return [];
  const label = level === 'full' ? kernelLabel : pace;
  const placed = pricedAccelerators(snapshot).flatMap(({ declaration, estimate, old }) => {
    if (!estimate) return [];
    if (old) return oldHints(declaration, estimate, label);
    return [
      ...kernelHints(snapshot, estimate, label),
      ...(level === 'full' ? [...autoHints(snapshot, estimate), ...streamHints(snapshot, estimate)] : []),
    ];
  });
  const atEnds = placed
    .filter(({ offset }) => range.start <= offset && offset <= range.end)
    .map(({ offset, hint }) => ({
      ...hint,
      label: `${GAP}${hint.label}`,
      position: hintPosition(snapshot.document, offset),
      paddingLeft: true,
    }));
  return level === 'full' ? [...valueHints(snapshot, range), ...atEnds] : atEnds;
}

/** Behind each `auto` of a kernel, a region or a card: what it stands for. */
function valueHints(snapshot: Snapshot, range: { start: number; end: number }): InlayHint[] {
  const { analysis, document } = snapshot;
  return [...analysis.text.slice(range.start, range.end).matchAll(/\bauto\b/g)].flatMap(({ index }) => {
    const start = range.start + index;
    const path = nodeAt(analysis.parsed.tree, start);
    // A stream says at the end of its line what it is built as.
    if (path.some(({ kind }) => kind === 'stream')) return [];
    const estimate = analysis.estimate.accelerators.find(
      ({ accelerator: { span } }) => span.file === analysis.file && span.start <= start && start <= span.end,
    );
    const value = estimate && autoValue(path, estimate);
    if (value === undefined) return [];
    return [
      {
        position: document.positionAt(start + 'auto'.length),
        label: `= ${value}`,
        kind: InlayHintKind.Type,
        paddingLeft: true,
        tooltip: 'What `auto` stands for, decided anew at each edit. *Make auto values explicit* writes it down.',
      },
    ];
  });
}

/** The tooltip of a hint is made when somebody points at it. */
export function resolveInlayHint({ analysis }: Snapshot, hint: InlayHint): InlayHint {
  const data: HintData | undefined = hint.data;
  const estimate = analysis.estimate.accelerators.find(({ accelerator }) => accelerator.name === data?.accelerator);
  const kernel = estimate?.kernels.find(({ name }) => name === data?.kernel);
  const fifos = estimate?.fifos.filter(({ fifo: { edge } }) => edge?.span?.start === data?.stream) ?? [];
  if (estimate && kernel) return { ...hint, tooltip: { kind: 'markdown', value: kernelHover(estimate, kernel) } };
  return data?.stream !== undefined && fifos.length > 0
    ? { ...hint, tooltip: { kind: 'markdown', value: fifoTable(fifos) } }
    : hint;
}

interface Placed {
  /** End of the statement. */
  readonly offset: number;
  readonly hint: Omit<InlayHint, 'position'> & { readonly label: string };
}

type Label = (kernel: KernelEstimate) => string;

function kernelHints({ analysis }: Snapshot, { accelerator, kernels }: AcceleratorEstimate, label: Label): Placed[] {
  return accelerator.kernels.flatMap((kernel) => {
    const figures = kernels.find((one) => one.name === kernel.name);
    if (kernel.auto || !figures || kernel.span.file !== analysis.file) return [];
    const data: HintData = { uri: analysis.file, accelerator: accelerator.name, kernel: kernel.name };
    return [{ offset: kernel.span.end, hint: { label: label(figures), data } }];
  });
}

function oldHints(declaration: Priced['declaration'], { kernels }: AcceleratorEstimate, label: Label): Placed[] {
  const written = declaration.statements.flatMap((statement): tree.Kernel[] => {
    const units = statement.kind === 'region' ? statement.body : [statement];
    return units.filter((unit) => unit.kind === 'kernel');
  });
  return written.flatMap((kernel) => {
    const figures = kernels.find((one) => one.name === kernel.name?.text);
    if (!figures) return [];
    const tooltip = 'The estimate before the last edits: the accelerator has errors now.';
    return [{ offset: kernel.range.end, hint: { label: `was ${label(figures)}`, tooltip } }];
  });
}

/** '168 DSP · 14 BRAM · 4.86 ms · busy 19%', or 'waits for hbm[4] 38%' at the end. */
export function kernelLabel(kernel: KernelEstimate): string {
  const { dsp, bram36, uram, lut } = kernel.resources;
  return [
    ...(dsp.used > 0 ? [`${middle(dsp)} DSP`] : kernel.partial ? [] : [`${middle(lut)} LUT`]),
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
function autoHints({ analysis }: Snapshot, { accelerator, kernels }: AcceleratorEstimate): Placed[] {
  const auto = accelerator.kernels.filter((kernel) => kernel.auto);
  if (auto.length === 0 || accelerator.nameSpan.file !== analysis.file) return [];
  const lines = auto.map((kernel) => {
    const figures = kernels.find((one) => one.name === kernel.name);
    return `- \`${kernel.name}\` ${figures ? kernelLabel(figures) : 'not estimated'}`;
  });
  const hint: Placed['hint'] = {
    label: `${count(auto.length)} auto ${auto.length === 1 ? 'kernel' : 'kernels'}`,
    kind: InlayHintKind.Type,
    tooltip: { kind: 'markdown', value: ['Kernels that no line names, with default values:', '', ...lines].join('\n') },
  };
  return [{ offset: accelerator.nameSpan.end, hint }];
}

/** What each stream statement is built as: the depth and memory of the largest of its FIFOs; two registers are no news. */
function streamHints({ analysis }: Snapshot, { accelerator, fifos }: AcceleratorEstimate): Placed[] {
  const largest = new Map<number, FifoEstimate>();
  for (const built of fifos) {
    const span = built.fifo.edge?.span;
    if (!span || span.file !== analysis.file || built.storage === 'registers') continue;
    const known = largest.get(span.end);
    if (!known || built.depth > known.depth) largest.set(span.end, built);
  }
  return [...largest].map(([offset, built]) => {
    const stream = built.fifo.edge?.span?.start;
    const data: HintData = {
      uri: analysis.file,
      accelerator: accelerator.name,
      ...(stream !== undefined && { stream }),
    };
    return { offset, hint: { label: fifoLabel(built), data } };
  });
}

/** 'depth 1,538 · 11 BRAM' where the depth is found; where it is written, '1 URAM · fills to 2,895' or '… fills up'. */
function fifoLabel({ depth, peak, resources, fifo }: FifoEstimate): string {
  const { bram36, uram, lut } = resources;
  const cost =
    uram.used > 0 ? `${middle(uram)} URAM` : bram36.used > 0 ? `${middle(bram36)} BRAM` : `${middle(lut)} LUT`;
  if (fifo.asked === 'auto') return `depth ${count(depth)} · ${cost}`;
  return `${cost} · ${peak >= depth ? 'fills up' : `fills to ${count(peak)}`}`;
}
