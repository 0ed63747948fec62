import { type CompletionItem, CompletionItemKind, InsertTextFormat } from 'vscode-languageserver-protocol';
import { type Expectation, expectedAt } from '../../grammar/expect.ts';
import type { Accelerator, Memory, Operator } from '../design/design.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { bandwidth, count, share } from '../format.ts';
import { library } from '../library/index.ts';
import { librarySource } from '../sources.ts';
import { type Snapshot, toRange } from './snapshot.ts';
import {
  commonPrecisions,
  elementTypes,
  fifoStorages,
  metrics,
  type Proposal,
  phaseLabels,
  phases,
  proposal,
  resources,
  unitsAfter,
} from './vocabulary.ts';
import { words } from './words.ts';

/** Only what may come here, as the grammar knows it; names as the spec knows them, the most useful first. */
export function completion(snapshot: Snapshot, offset: number): CompletionItem[] {
  const expected = expectedAt(snapshot.analysis.text, offset);
  const estimate = enclosing(snapshot, offset);
  const proposals = [
    ...names(snapshot, expected, estimate),
    ...(expected.classes.includes('label') ? labels(expected) : []),
    ...(expected.classes.includes('unit') ? units(expected) : []),
    ...expected.words.map((word) => proposal(word, CompletionItemKind.Keyword, { doc: words[word] })),
  ];
  const range = toRange(snapshot.document, { start: expected.start, end: offset });
  return proposals.map(({ label, kind, detail, doc, snippet }, index) => ({
    label,
    kind,
    // The order is ours: the editor would sort by the alphabet.
    sortText: String(index).padStart(4, '0'),
    ...(detail && { detail }),
    ...(doc && { documentation: { kind: 'markdown', value: doc } }),
    ...(snippet && { insertTextFormat: InsertTextFormat.Snippet }),
    textEdit: { range, newText: snippet ?? label },
  }));
}

function enclosing({ analysis }: Snapshot, offset: number): AcceleratorEstimate | undefined {
  return analysis.estimate.accelerators.find(
    ({ accelerator: { span } }) => span.file === analysis.file && span.start <= offset && offset <= span.end + 1,
  );
}

/** What a name, place or expression may be, by the construct that is open and the word before it. */
function names(snapshot: Snapshot, expected: Expectation, estimate: AcceleratorEstimate | undefined): Proposal[] {
  if (!expected.classes.some((one) => one === 'name' || one === 'place' || one === 'expression')) return [];
  const accelerator = estimate?.accelerator;
  switch (`${expected.within} ${expected.after ?? ''}`) {
    case 'device device':
      return declared(snapshot, 'device', CompletionItemKind.Struct);
    case 'use-model model':
    case 'model model':
      return expected.call ? [] : declared(snapshot, 'model', CompletionItemKind.Class);
    case 'compare compare':
      return declared(snapshot, 'baseline', CompletionItemKind.Struct);
    case 'use-precision precision':
      return [...commonPrecisions, ...declared(snapshot, 'precision', CompletionItemKind.Struct)];
    case 'phase phase':
      return expected.call ? [] : phases;
    case 'kernel kernel':
      return accelerator ? operators(accelerator) : [];
    case 'kernel weights':
    case 'region weights':
    case 'kernel cache':
    case 'region cache':
      return estimate ? stores(estimate) : [];
    case 'kernel on':
    case 'region on':
      return accelerator ? dies(accelerator) : [];
    case 'kernel for':
    case 'region for':
      return accelerator
        ? [...phases, proposal(accelerator.model.layer.name, CompletionItemKind.Module, { detail: 'layer' })]
        : phases;
    case 'kernel as':
    case 'region as':
      return elementTypes;
    case 'kernel array':
      return shapes(snapshot, expected, accelerator);
    case 'stream in':
      return fifoStorages;
    case 'stream stream':
      return accelerator && estimate ? [...operators(accelerator), ...channels(estimate)] : [];
    case 'require require':
    case 'minimize minimize':
    case 'objective minimize':
    case 'objective maximize':
      return metrics;
    case 'reserve reserve':
      return accelerator ? [...resources, ...dies(accelerator)] : resources;
    default:
      return [];
  }
}

type Sort = 'device' | 'model' | 'baseline' | 'precision';

/** Declarations of this file and of the library. */
function declared({ analysis }: Snapshot, sort: Sort, kind: CompletionItemKind): Proposal[] {
  const trees = [analysis.parsed.tree, ...library.flatMap(({ uri }) => librarySource(uri)?.parsed.tree ?? [])];
  const found = trees
    .flatMap((tree) => tree.declarations)
    .filter((one) => (one.kind === 'sheet' ? one.sort === sort : one.kind === sort));
  return found.flatMap((one) => {
    if (one.kind !== 'sheet' && one.kind !== 'model') return [];
    if (!one.name) return [];
    const parameters = one.kind === 'model' ? (one.parameters ?? []).flatMap((each) => each.name?.text ?? []) : [];
    return [
      proposal(one.name.text, kind, {
        doc: one.doc,
        detail: parameters.length > 0 ? `(${parameters.join(', ')})` : undefined,
      }),
    ];
  });
}

/** Operators that have no kernel yet come first. */
function operators(accelerator: Accelerator): Proposal[] {
  const { operators: all } = accelerator.model.layer;
  const written = new Set(
    accelerator.kernels
      .filter((kernel) => !kernel.auto)
      .flatMap((kernel) => kernel.turns.flat().map((one) => one.name)),
  );
  const rank = (operator: Operator) => Number(written.has(operator.name));
  return [...all]
    .sort((a, b) => rank(a) - rank(b))
    .map((operator) =>
      proposal(operator.name, CompletionItemKind.Function, {
        detail: `${operator.kind} → [${operator.shape.join(', ')}]${written.has(operator.name) ? '' : ' · not mapped yet'}`,
      }),
    );
}

function stores(estimate: AcceleratorEstimate): Proposal[] {
  return [
    ...channels(estimate),
    proposal('uram', CompletionItemKind.EnumMember, { detail: 'on chip, 4096 × 72 a block' }),
    proposal('bram', CompletionItemKind.EnumMember, { detail: 'on chip, 36 Kb a block' }),
    proposal('lutram', CompletionItemKind.EnumMember, { detail: 'on chip, 64 bits a LUT' }),
  ];
}

/** Channels by load, the free ones first. */
function channels(estimate: AcceleratorEstimate): Proposal[] {
  const load = new Map(estimate.channels.map((channel) => [channel.name, channel]));
  return estimate.accelerator.device.memories.flatMap((memory) => {
    const all = channelNames(memory).map((name) => ({ name, channel: load.get(name) }));
    return all
      .sort((a, b) => (a.channel?.demand ?? 0) - (b.channel?.demand ?? 0))
      .map(({ name, channel }) =>
        proposal(name, CompletionItemKind.EnumMember, {
          detail: channel
            ? `${bandwidth(channel.demand)} of ${bandwidth(channel.limit)} (${share(channel.demand / channel.limit)}): ${[...new Set(channel.users.map((user) => user.kernel))].join(' ')}`
            : `free, ${bandwidth(memory.bandwidth)}`,
        }),
      );
  });
}

function channelNames({ name, channels: { first, last } }: Memory): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `${name}[${first + index}]`);
}

function dies({ device }: Accelerator): Proposal[] {
  const all = device.dies.map((die) =>
    proposal(die.name, CompletionItemKind.EnumMember, {
      detail: `${count(die.resources.dsp)} DSP · ${count(die.resources.bram36)} BRAM36 · ${count(die.resources.uram)} URAM · ${count(die.resources.lut)} LUT`,
    }),
  );
  return [
    ...all,
    proposal('host', CompletionItemKind.EnumMember, { detail: 'not on the card: listed, not estimated' }),
  ];
}

/** Shapes that divide the kernel's operator, small to large, with their multipliers. */
function shapes(
  { analysis, document }: Snapshot,
  { start }: Expectation,
  accelerator: Accelerator | undefined,
): Proposal[] {
  const line = document.positionAt(start).line;
  const kernel = accelerator?.kernels.find(
    (one) => !one.auto && one.span.file === analysis.file && document.positionAt(one.span.start).line === line,
  );
  const operator = kernel?.turns.flat().find((one) => one.reduction > 0);
  if (!kernel || !operator) return [];
  const before = document.getText(toRange(document, { start: kernel.span.start, end: start }));
  if (!/\barray\s*$/.test(before)) return [];
  const outputs = [4, 8, 16, 32, 64].filter((value) => operator.columns % (value * kernel.pack.value) === 0);
  const tokens = [1, 4, 8, 16].filter((value) => operator.rows % value === 0);
  return tokens.flatMap((rows) =>
    outputs.map((columns) =>
      proposal(`${rows} x ${columns}`, CompletionItemKind.Value, {
        detail: `${count(rows * columns)} multipliers · ${count(rows * columns * kernel.pack.value)} products a cycle`,
      }),
    ),
  );
}

function labels({ call, within }: Expectation): Proposal[] {
  const known = within === 'phase' && call ? phaseLabels[call.callee] : undefined;
  return (known ?? []).map((label) => proposal(`${label}:`, CompletionItemKind.Property, { snippet: `${label}: $1` }));
}

function units({ after }: Expectation): Proposal[] {
  const fitting = unitsAfter[after ?? ''] ?? ['MHz', 'ms', 'us', 'GB/s', 'KiB', 'MiB', '%', 'tok/s', 'bit'];
  return fitting.map((unit) => proposal(unit, CompletionItemKind.Unit));
}
