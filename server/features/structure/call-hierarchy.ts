/**
 * The call hierarchy as data flow: `incoming` is what feeds a unit, `outgoing` what it feeds. In an accelerator the units are
 * kernels, memory channels, links and the host; in a model they are operators and inputs.
 */
import {
  type CallHierarchyIncomingCall,
  type CallHierarchyItem,
  type CallHierarchyOutgoingCall,
  type Range,
  SymbolKind,
} from 'vscode-languageserver-protocol';
import type { Accelerator, Edge, End, Kernel } from '../../design/design.ts';
import type { Definition } from '../../design/problem.ts';
import type { Span } from '../../diagnostic.ts';
import type { AcceleratorEstimate } from '../../estimate/estimate.ts';
import { bandwidth, enumeration, time } from '../../format.ts';
import { contains, type Snapshot, toRange } from '../snapshot.ts';

/** What an item carries from one request to the next: the file that is asked, and the unit in it. */
interface Unit {
  readonly file: string;
  /** Of an accelerator: its name, and the unit's; of a model: where the operator is declared. */
  readonly accelerator?: string;
  readonly unit: string;
}

export function prepareCallHierarchy(snapshot: Snapshot, offset: number): CallHierarchyItem[] {
  const { analysis } = snapshot;
  const here = (span: Span) => contains(span, analysis.file, offset);
  const binding = analysis.design.bindings.find(({ span }) => here(span));
  for (const estimate of analysis.estimate.accelerators) {
    const { accelerator } = estimate;
    if (!here(accelerator.span)) continue;
    const named = binding && unitOf(accelerator, binding.target.name, binding.target.sort);
    const unit = named ?? accelerator.kernels.find((kernel) => !kernel.auto && here(kernel.span))?.name;
    if (unit !== undefined) return itemOf(snapshot, estimate, unit);
  }
  const target = binding?.target ?? analysis.design.definitions.find(({ span }) => here(span));
  return target && isOperator(target) ? operatorItem(snapshot, target) : [];
}

export function incomingCalls(snapshot: Snapshot, item: CallHierarchyItem): CallHierarchyIncomingCall[] {
  return neighbours(snapshot, item.data, 'incoming').map(({ item: from, ranges }) => ({
    from,
    fromRanges: placesIn(from, snapshot, ranges),
  }));
}

export function outgoingCalls(snapshot: Snapshot, item: CallHierarchyItem): CallHierarchyOutgoingCall[] {
  return neighbours(snapshot, item.data, 'outgoing').map(({ item: to, ranges }) => ({
    to,
    fromRanges: placesIn(item, snapshot, ranges),
  }));
}

/** Ranges are places in the file of the one that gives: a line of this file, or else its own name. */
function placesIn(giver: CallHierarchyItem, { analysis }: Snapshot, ranges: Range[]): Range[] {
  return giver.uri === analysis.file && ranges.length > 0 ? ranges : [giver.selectionRange];
}

interface Neighbour {
  readonly item: CallHierarchyItem;
  readonly ranges: Range[];
}

function neighbours(snapshot: Snapshot, unit: Unit | undefined, side: 'incoming' | 'outgoing'): Neighbour[] {
  if (!unit) return [];
  if (unit.accelerator === undefined) return operatorNeighbours(snapshot, unit.unit, side);
  const estimate = snapshot.analysis.estimate.accelerators.find((one) => one.accelerator.name === unit.accelerator);
  if (!estimate) return [];
  const found = new Map<string, { flows: string[]; ranges: Map<number, Range> }>();
  for (const { from, to, what, span } of flowsOf(estimate.accelerator)) {
    const [here, there] = side === 'incoming' ? [to, from] : [from, to];
    if (here !== unit.unit || there === unit.unit) continue;
    const entry = found.get(there) ?? { flows: [], ranges: new Map<number, Range>() };
    if (!entry.flows.includes(what)) entry.flows.push(what);
    if (span?.file === snapshot.analysis.file) entry.ranges.set(span.start, toRange(snapshot.document, span));
    found.set(there, entry);
  }
  return [...found].flatMap(([name, { flows, ranges }]) =>
    itemOf(snapshot, estimate, name, enumeration(flows)).map((item) => ({ item, ranges: [...ranges.values()] })),
  );
}

interface Flow {
  readonly from: string;
  readonly to: string;
  readonly what: string;
  readonly span?: Span | undefined;
}

/** Everything that moves in any part of the work: streams between the units, and trained values out of memory. */
function flowsOf({ edges, kernels, further }: Accelerator): Flow[] {
  const streams = [...edges, ...further.flatMap((part) => part.edges)].map(
    (edge): Flow => ({
      from: endName(edge.from),
      to: endName(edge.to),
      what: flowText(edge),
      span: edge.span,
    }),
  );
  const trained = kernels.flatMap(({ name, weights, cache }) =>
    [
      { store: weights, what: 'weights' },
      { store: cache, what: 'cache' },
    ].flatMap(({ store, what }) =>
      store?.value.kind === 'channels'
        ? store.value.channels.map((channel) => ({
            from: `${store.value.kind === 'channels' ? store.value.memory : ''}[${channel}]`,
            to: name,
            what,
            span: store.span,
          }))
        : [],
    ),
  );
  return [...streams, ...trained];
}

function flowText({ tensor, rows, columns, width, element }: Edge): string {
  return `${tensor} [${rows}, ${columns}], ${width.value} x ${element.value}`;
}

function endName(end: End): string {
  switch (end.kind) {
    case 'operator':
      return end.kernel;
    case 'memory':
      return `${end.memory}[${end.channel}]`;
    case 'link':
      return end.link;
    case 'host':
      return 'host';
  }
}

/** The unit of an accelerator that a name stands for: a kernel, or the kernel that computes an operator. */
function unitOf({ kernels }: Accelerator, name: string, sort: Definition['sort']): string | undefined {
  if (sort !== 'kernel' && sort !== 'operator') return undefined;
  const serves = ({ turns }: Kernel) => turns.flat().some((operator) => operator.name === name);
  return (kernels.find((kernel) => kernel.name === name) ?? kernels.find(serves))?.name;
}

function itemOf(
  snapshot: Snapshot,
  { accelerator, kernels, channels }: AcceleratorEstimate,
  unit: string,
  detail?: string,
): CallHierarchyItem[] {
  const data: Unit = { file: snapshot.analysis.file, accelerator: accelerator.name, unit };
  const kernel = accelerator.kernels.find(({ name }) => name === unit);
  if (kernel) {
    const figures = kernels.find(({ name }) => name === unit);
    const said = `${kernel.auto ? 'auto, ' : ''}on ${kernel.dies.value.join(', ') || 'host'}`;
    const own = figures ? `${said} · ${time(figures.seconds)}` : said;
    return placed(snapshot, kernel, kernel.name, SymbolKind.Method, detail ? `${detail} · ${own}` : own, data);
  }
  const memory = accelerator.device.memories.find(({ name }) => unit.startsWith(`${name}[`));
  const load = channels.find(({ name }) => name === unit);
  const own = load ? `${bandwidth(load.demand)} of ${bandwidth(load.limit)}` : undefined;
  const place = memory?.span ?? accelerator.deviceSpan;
  const said = [detail, own].filter((text) => text !== undefined).join(' · ');
  return placed(snapshot, { span: place, nameSpan: place }, unit, SymbolKind.Event, said, data);
}

function placed(
  snapshot: Snapshot,
  { span, nameSpan }: { span: Span; nameSpan: Span },
  name: string,
  kind: SymbolKind,
  detail: string,
  data: Unit,
): CallHierarchyItem[] {
  const document = snapshot.other(span.file);
  if (!document) return [];
  return [
    {
      name,
      kind,
      detail,
      uri: span.file,
      range: toRange(document, span),
      selectionRange: toRange(document, nameSpan),
      data,
    },
  ];
}

const isOperator = ({ sort }: Definition): boolean => sort === 'operator' || sort === 'input';

function operatorItem(snapshot: Snapshot, target: Definition): CallHierarchyItem[] {
  const { name, detail = '', full, span, sort } = target;
  const kind = sort === 'input' ? SymbolKind.Interface : SymbolKind.Function;
  // An operator of another file is asked for there.
  const data: Unit = { file: span.file, unit: String(span.start) };
  return placed(snapshot, { span: full, nameSpan: span }, name, kind, detail, data);
}

/** Operators of one file: an operation reads the names that are used in it. */
function operatorNeighbours(snapshot: Snapshot, start: string, side: 'incoming' | 'outgoing'): Neighbour[] {
  const { analysis, document } = snapshot;
  const { bindings, definitions } = analysis.design;
  const operators = definitions.filter((one) => isOperator(one) && one.span.file === analysis.file);
  const own = operators.find(({ span }) => String(span.start) === start);
  if (!own) return [];
  const within = ({ start: at, file }: Span, { full }: Definition) =>
    file === full.file && full.start <= at && at < full.end;
  const uses = bindings.filter(({ span, target }) => span.file === analysis.file && isOperator(target));
  const pairs = uses.flatMap(({ span, target }) => {
    const reader = operators.find((one) => within(span, one));
    if (!reader) return [];
    if (side === 'incoming') return reader === own ? [{ other: target, span }] : [];
    return target.span.start === own.span.start && target.span.file === own.span.file ? [{ other: reader, span }] : [];
  });
  const found = new Map<number, { other: Definition; ranges: Range[] }>();
  for (const { other, span } of pairs) {
    const entry = found.get(other.span.start) ?? { other, ranges: [] };
    entry.ranges.push(toRange(document, span));
    found.set(other.span.start, entry);
  }
  return [...found.values()].flatMap(({ other, ranges }) =>
    operatorItem(snapshot, other).map((item) => ({ item, ranges })),
  );
}
