import { type CompletionItem, CompletionItemKind, InsertTextFormat } from 'vscode-languageserver-protocol';
import { type Expectation, expectedAt } from '../../grammar/expect.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import * as spec from './proposals.ts';
import { pricedAccelerators, type Snapshot, toRange } from './snapshot.ts';
import {
  commonPrecisions,
  elementTypes,
  fifoStorages,
  metricMembers,
  metrics,
  operatorKinds,
  type Proposal,
  phaseLabels,
  phases,
  proposal,
  resources,
  storages,
  unitsAfter,
} from './vocabulary.ts';
import { words } from './words.ts';

/**
 * Only what may come here, as the grammar knows it; names as the spec knows them, the most useful first.
 * @param trigger the character that was typed, where it was that which asked
 */
export function completion(snapshot: Snapshot, offset: number, trigger?: string): CompletionItem[] {
  const expected = expectedAt(snapshot.analysis.text, offset);
  const proposals = [
    ...names({ snapshot, expected, estimate: enclosing(snapshot, offset) }),
    ...(expected.classes.includes('unit') ? units(expected) : []),
    // A space behind a finished clause asks for nothing: a list there would swallow the Enter that ends the line.
    ...(trigger === ' ' ? [] : [...expected.words].sort((a, b) => rarity(a) - rarity(b)).map(keyword)),
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

/** Words that most specs do without come last. */
const rareWords = new Set([
  'replicate',
  'tile',
  'ii',
  'for',
  'choose',
  'minimize',
  'maximize',
  'parameters',
  'split',
  'link',
]);
const rarity = (word: string): number => Number(rareWords.has(word));

const keyword = (word: string): Proposal => proposal(word, CompletionItemKind.Keyword, { doc: words[word] });

/** The accelerator that is being typed in: the last one that begins before the offset. */
function enclosing(snapshot: Snapshot, offset: number): AcceleratorEstimate | undefined {
  return pricedAccelerators(snapshot)
    .filter(({ declaration }) => declaration.range.start <= offset)
    .at(-1)?.estimate;
}

interface Place {
  readonly snapshot: Snapshot;
  readonly expected: Expectation;
  /** Of the accelerator around, as it is or as it last was. */
  readonly estimate: AcceleratorEstimate | undefined;
}

/** What a name, place or expression may be, by the construct that is open and the word before it. */
function names(place: Place): Proposal[] {
  const { snapshot, expected, estimate } = place;
  const { classes, call, within, after } = expected;
  if (!classes.some((one) => one !== 'unit' && one !== 'text')) return [];
  const before = snapshot.analysis.text.slice(0, expected.start);
  const memory = /(\w+)\s*\[[^\]]*$/.exec(before)?.[1];
  if (memory !== undefined && estimate) return spec.channelNumbers(estimate, memory);
  const owner = /(\w+)\s*\.\s*$/.exec(before)?.[1];
  if (owner !== undefined) return members(place, owner);
  if (call) return inCall(place, call);
  const accelerator = estimate?.accelerator;
  switch (`${within} ${after ?? ''}`) {
    case 'device device':
      return spec.declared(snapshot, 'device');
    case 'use-model model':
    case 'model model':
      return spec.declared(snapshot, 'model');
    case 'compare compare':
      return spec.declared(snapshot, 'baseline');
    case 'use-precision precision':
      return [...commonPrecisions, ...spec.declared(snapshot, 'precision')];
    case 'phase phase':
      return phases;
    case 'operation model':
    case 'operation layer':
      return operatorKinds;
    case 'kernel kernel':
      return accelerator ? spec.operators(accelerator) : [];
    case 'kernel weights':
    case 'region weights':
    case 'kernel cache':
    case 'region cache':
      return [...(estimate ? spec.channels(estimate) : []), ...storages];
    case 'kernel via':
    case 'region via':
      return storages;
    case 'kernel on':
    case 'region on':
      return accelerator ? spec.dies(accelerator) : [];
    case 'kernel for':
    case 'region for':
      return accelerator ? [...phases, ...spec.layer(accelerator)] : phases;
    case 'copies of':
      return accelerator ? spec.layer(accelerator) : [];
    case 'kernel as':
    case 'region as':
      return elementTypes;
    case 'kernel array':
      return [...(accelerator ? spec.shapes(snapshot, expected, accelerator) : []), ...spec.constants(snapshot)];
    case 'stream in':
      return fifoStorages;
    case 'stream stream':
      if (/\bx\s*$/.test(before)) return elementTypes;
      return classes.includes('place') && estimate ? spec.streamEnds(estimate) : spec.constants(snapshot);
    case 'require require':
    case 'objective minimize':
    case 'objective maximize':
      return [...metrics, ...(accelerator ? spec.scopes(accelerator) : [])];
    case 'reserve reserve':
      return classes.includes('place') ? [...resources, ...(accelerator ? spec.dies(accelerator) : [])] : [];
    case 'device link':
      return accelerator ? spec.links(accelerator) : [];
    case 'device split':
      return [proposal('tensor', CompletionItemKind.EnumMember), proposal('pipeline', CompletionItemKind.EnumMember)];
    default:
      return classes.includes('expression') ? spec.constants(snapshot) : [];
  }
}

/** Behind a dot: `block.latency`, `slr1.dsp`. */
function members({ estimate, expected }: Place, owner: string): Proposal[] {
  const dies = estimate?.accelerator.device.dies ?? [];
  if (dies.some((die) => die.name === owner)) return resources;
  return expected.within === 'require' || expected.within === 'objective' ? metricMembers : [];
}

function inCall({ snapshot, estimate, expected }: Place, call: NonNullable<Expectation['call']>): Proposal[] {
  const { within } = expected;
  if (call.callee === 'use') return [...resources, ...(estimate ? spec.dies(estimate.accelerator) : [])];
  if (call.callee === 'bandwidth') return estimate ? spec.memories(estimate.accelerator) : [];
  const labels =
    within === 'phase'
      ? phaseLabels[call.callee]
      : within === 'use-model' || within === 'model'
        ? spec.parametersOf(snapshot, call.callee)
        : undefined;
  const free = call.label === undefined && expected.classes.includes('label') ? (labels ?? []) : [];
  return [
    ...free.map((label) => proposal(`${label}:`, CompletionItemKind.Property, { snippet: `${label}: $1` })),
    ...spec.constants(snapshot),
  ];
}

function units({ after }: Expectation): Proposal[] {
  const fitting = unitsAfter[after ?? ''] ?? ['MHz', 'ms', 'us', 'GB/s', 'KiB', 'MiB', '%', 'tok/s', 'bit'];
  return fitting.map((unit) => proposal(unit, CompletionItemKind.Unit));
}
