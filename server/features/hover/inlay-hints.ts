import { type InlayHint, InlayHintKind } from 'vscode-languageserver-protocol';
import type * as tree from '../../../grammar/tree.ts';
import { nodeAt } from '../../../grammar/walk.ts';
import type { AcceleratorEstimate, FifoEstimate, KernelEstimate } from '../../estimate/estimate.ts';
import { count, middle, share, time } from '../../format.ts';
import { hintPosition, type Priced, pricedAccelerators, type Snapshot } from '../snapshot.ts';
import { kernelHover } from './kernel.ts';
import { fifoTable } from './line.ts';
import { autoValue } from './literal.ts';

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
  /** Where a stream statement begins, from the start of its accelerator. */
  readonly stream?: number;
}

/** A hint, and the offset that it is about from the start of its accelerator. */
interface Made {
  readonly at: number;
  readonly hint: InlayHint;
}

/** Hints of an accelerator that is written like this, from that line on. */
interface Shown {
  readonly level: HintLevel;
  readonly written: string;
  readonly line: number;
  readonly made: readonly Made[];
}

/** An accelerator that is estimated as before has its hints where it had them; it may stand on other lines. */
const shownOf = new WeakMap<AcceleratorEstimate, Shown>();

/**
 * End-of-line estimates: `compact` says what limits a kernel first, `full` what it takes and what `auto` stands for, too.
 * Where a half-typed line leaves the accelerator without an estimate, its kernels go on to show their last figures,
 * marked as old.
 */
export function inlayHints(snapshot: Snapshot, level: HintLevel, range: { start: number; end: number }): InlayHint[] {
  if (level === 'off') return [];
  return pricedAccelerators(snapshot).flatMap((priced) => {
    const { start, end } = priced.declaration.range;
    if (!priced.estimate || end < range.start || range.end < start) return [];
    const shown = shownAs(snapshot, level, priced, priced.estimate);
    const { line } = snapshot.document.positionAt(start);
    return shown.made
      .filter(({ at }) => range.start <= start + at && start + at <= range.end)
      .map(({ hint }) => movedBy(line - shown.line, hint));
  });
}

function shownAs(snapshot: Snapshot, level: HintLevel, priced: Priced, estimate: AcceleratorEstimate): Shown {
  const { analysis, document } = snapshot;
  const { start, end } = priced.declaration.range;
  const last = analysis.text.indexOf('\n', end);
  const written = analysis.text.slice(start, last < 0 ? undefined : last);
  const known = shownOf.get(estimate);
  if (!priced.old && known?.level === level && known.written === written) return known;
  const { line } = document.positionAt(start);
  const shown = { level, written: ` ${written}`.slice(1), line, made: hintsOf(snapshot, level, priced) };
  if (!priced.old) shownOf.set(estimate, shown);
  return shown;
}

function movedBy(lines: number, hint: InlayHint): InlayHint {
  const { line, character } = hint.position;
  return lines === 0 ? hint : { ...hint, position: { line: line + lines, character } };
}

function hintsOf(snapshot: Snapshot, level: HintLevel, { declaration, estimate, old }: Priced): Made[] {
  if (!estimate) return [];
  const label = level === 'full' ? kernelLabel : pace;
  const full = level === 'full' && !old;
  const placed = [
    ...(old ? oldHints(declaration, estimate, label) : kernelHints(snapshot, estimate, label)),
    ...(full ? [...autoHints(snapshot, estimate), ...streamHints(snapshot, estimate)] : []),
  ];
  const atEnds = placed.map(({ offset, hint }) => ({
    at: offset - declaration.range.start,
    hint: {
      ...hint,
      label: `${GAP}${hint.label}`,
      position: hintPosition(snapshot.document, offset),
      paddingLeft: true,
    },
  }));
  return full ? [...valueHints(snapshot, declaration, estimate), ...atEnds] : atEnds;
}

/** Behind each `auto` of a kernel, a region or a card: what it stands for. */
function valueHints({ analysis, document }: Snapshot, node: tree.Accelerator, estimate: AcceleratorEstimate): Made[] {
  const { start, end } = node.range;
  return [...analysis.text.slice(start, end).matchAll(/\bauto\b/g)].flatMap(({ index: at }) => {
    const path = nodeAt(node, start + at);
    // A stream says at the end of its line what it is built as.
    const value = path.some(({ kind }) => kind === 'stream') ? undefined : autoValue(path, estimate);
    if (value === undefined) return [];
    const hint: InlayHint = {
      position: document.positionAt(start + at + 'auto'.length),
      label: `= ${value}`,
      kind: InlayHintKind.Type,
      paddingLeft: true,
      tooltip: 'What `auto` stands for, decided anew at each edit. *Make auto values explicit* writes it down.',
    };
    return [{ at, hint }];
  });
}

/** The tooltip of a hint is made when somebody points at it. */
export function resolveInlayHint({ analysis }: Snapshot, hint: InlayHint): InlayHint {
  const data: HintData | undefined = hint.data;
  const estimate = analysis.estimate.accelerators.find(({ accelerator }) => accelerator.name === data?.accelerator);
  const kernel = estimate?.kernels.find(({ name }) => name === data?.kernel);
  const from = estimate?.accelerator.span.start ?? 0;
  const fifos =
    estimate?.fifos.filter(({ fifo: { edge } }) => edge?.span && edge.span.start - from === data?.stream) ?? [];
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
      ...(stream !== undefined && { stream: stream - accelerator.span.start }),
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
