import { type CompletionItem, CompletionItemKind, InsertTextFormat } from 'vscode-languageserver-protocol';
import { type Expectation, expectedAt } from '../../../grammar/expect.ts';
import type { AcceleratorEstimate } from '../../estimate/estimate.ts';
import { withoutCard } from '../../estimate/lower/machine.ts';
import { latencyTitle, resourcesTitle } from '../code-lens.ts';
import { pricedAccelerators, type Snapshot, toRange } from '../snapshot.ts';
import {
  argumentDetails,
  commonPrecisions,
  elementTypes,
  fifoStorages,
  operatorKinds,
  type Proposal,
  phaseLabels,
  phases,
  portWidths,
  proposal,
  storages,
  unitsAfter,
} from '../vocabulary.ts';
import { words } from '../words.ts';
import * as choice from './choices.ts';
import * as now from './metrics-now.ts';
import * as spec from './proposals.ts';

/**
 * Only what may come here, as the grammar knows it; names as the spec knows them, the most useful first.
 * @param trigger the character that was typed, where it was that which asked
 */
export function completion(snapshot: Snapshot, offset: number, trigger?: string): CompletionItem[] {
  const expected = expectedAt(snapshot.analysis.text, offset);
  const all = [
    ...names({ snapshot, expected, offset, estimate: enclosing(snapshot, offset) }),
    ...(expected.classes.includes('unit') ? units(expected) : []),
    // A space behind a finished clause asks for nothing: a list there would swallow the Enter that ends the line.
    ...(trigger === ' ' ? [] : [...expected.words].sort((a, b) => rarity(a) - rarity(b)).map(keyword)),
  ];
  // A word that is offered with what it stands for is not offered a second time.
  const seen = new Set<string>();
  const proposals = all.filter(({ label }) => !seen.has(label) && seen.add(label));
  const { file, text } = snapshot.analysis;
  const hasEffect = ['kernel', 'region', 'stream'].includes(expected.within);
  const word = { start: expected.start, end: offset };
  const value = { start: expected.start, end: offset + tailOfValue(text.slice(offset)) };
  return proposals.map(({ label, kind, detail, doc, snippet }, index) => {
    const replaced = hasEffect && effective.has(kind) ? value : word;
    const data: ItemData = { uri: file, ...replaced, length: text.length, insert: label };
    return {
      label,
      kind,
      // The order is ours: the editor would sort by the alphabet.
      sortText: String(index).padStart(4, '0'),
      // On every line of the list, not on the chosen one alone.
      ...(detail && { detail, labelDetails: { description: detail } }),
      ...(doc && { documentation: { kind: 'markdown', value: doc } }),
      ...(snippet && { insertTextFormat: InsertTextFormat.Snippet }),
      textEdit: { range: toRange(snapshot.document, replaced), newText: snippet ?? label },
      ...(hasEffect && effective.has(kind) && { data }),
    };
  });
}

/** What is chosen among, and changes the estimate by itself. */
const effective = new Set<CompletionItemKind>([
  CompletionItemKind.Value,
  CompletionItemKind.EnumMember,
  CompletionItemKind.TypeParameter,
]);

/** Length of the value that stands at the cursor and gives way to the one that is chosen: `8 x 16`, `hbm[3]`. */
function tailOfValue(behind: string): number {
  return /^(?:\d+(?:[ \t]*x[ \t]*\d+)*|\w+(?:\[[^\]\n]*\])?)?/.exec(behind)![0].length;
}

interface ItemData {
  readonly uri: string;
  /** What the item replaces, in a text of this length. */
  readonly start: number;
  readonly end: number;
  readonly length: number;
  readonly insert: string;
}

/** What the whole accelerator would come to with this choice: a run of the estimator, so for the item that is looked at. */
export function resolveCompletion(snapshot: Snapshot, item: CompletionItem): CompletionItem {
  const data: ItemData | undefined = item.data;
  if (!data) return item;
  const { text } = snapshot.analysis;
  // The list stays open while its word is typed on.
  const end = data.end + text.length - data.length;
  if (end < data.start) return item;
  const { analysis } = snapshot.after(text.slice(0, data.start) + data.insert + text.slice(end));
  const before = enclosing(snapshot, data.start);
  const after = analysis.estimate.accelerators.find(({ accelerator }) => accelerator.name === before?.accelerator.name);
  if (!before || !after) return item;
  const own = item.documentation && typeof item.documentation !== 'string' ? [item.documentation.value, '---'] : [];
  const value = [
    ...own,
    `**With \`${data.insert}\`** ${latencyTitle(after)}`,
    resourcesTitle(after),
    `**Now** ${latencyTitle(before)}`,
    resourcesTitle(before),
  ].join('\n\n');
  return { ...item, documentation: { kind: 'markdown', value } };
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
  readonly offset: number;
  /** Of the accelerator around, as it is or as it last was. */
  readonly estimate: AcceleratorEstimate | undefined;
}

/** What a name, place or expression may be, by the construct that is open and the word before it. */
function names(place: Place): Proposal[] {
  const { snapshot, expected, estimate } = place;
  const typed = estimate && choice.typedKernel(snapshot, estimate, expected.start);
  const { classes, call, within, after } = expected;
  if (!classes.some((one) => one !== 'unit' && one !== 'text')) return [];
  const before = snapshot.analysis.text.slice(0, expected.start);
  const memory = /(\w+)\s*\[[^\]]*$/.exec(before)?.[1];
  if (memory !== undefined && estimate) return spec.channelNumbers(estimate, memory);
  if (/\bcard\s*\[[^\]]*\]\s*\.\s*$/.test(before)) return estimate ? spec.diesAlone(estimate.accelerator) : [];
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
    case 'kernel cache':
      return [
        ...(estimate ? spec.channels(estimate) : []),
        ...(typed ? choice.stores(typed, after === 'cache' ? 'cache' : 'weights') : storages),
      ];
    case 'kernel port':
    case 'region port':
      return portWidths;
    case 'region weights':
    case 'region cache':
      return [...(estimate ? spec.channels(estimate) : []), ...storages];
    case 'kernel via':
    case 'region via':
      return storages;
    case 'kernel on':
    case 'region on':
      return estimate ? choice.dies(estimate) : [];
    case 'kernel for':
    case 'region for':
      return accelerator ? [...phases, ...spec.layer(accelerator)] : phases;
    case 'copies of':
      return accelerator ? spec.layer(accelerator) : [];
    case 'kernel as':
    case 'region as':
      return elementTypes;
    case 'kernel array':
      return [...(typed && /\barray\s*$/.test(before) ? choice.arrays(typed) : []), ...spec.constants(snapshot)];
    case 'kernel lanes':
      return [...(typed && /\blanes\s*$/.test(before) ? choice.lanes(typed) : []), ...spec.constants(snapshot)];
    case 'kernel pack':
      return [...(typed && /\bpack\s*$/.test(before) ? choice.packs(typed) : []), ...spec.constants(snapshot)];
    case 'kernel at':
    case 'region at':
    case 'device at':
      return [...(estimate && /\bat\s*$/.test(before) ? choice.clocks(estimate) : []), ...spec.constants(snapshot)];
    case 'stream depth':
      return [
        ...(estimate && /\bdepth\s*$/.test(before) ? choice.depths(snapshot, estimate, place.offset) : []),
        ...spec.constants(snapshot),
      ];
    case 'stream in':
      return estimate ? choice.fifoMemories(snapshot, estimate, place.offset) : fifoStorages;
    case 'stream stream':
      if (/\bx\s*$/.test(before)) return elementTypes;
      return classes.includes('place') && estimate ? spec.streamEnds(estimate) : spec.constants(snapshot);
    case 'require require':
    case 'objective minimize':
    case 'objective maximize':
      return [...now.metrics(estimate), ...(estimate ? now.scopes(estimate) : [])];
    case 'reserve reserve':
      return classes.includes('place')
        ? [...now.resources(estimate), ...(accelerator ? spec.dies(accelerator) : [])]
        : [];
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
  if (dies.some((die) => withoutCard(die.name) === owner)) return now.resources(estimate, owner);
  return expected.within === 'require' || expected.within === 'objective' ? now.members(estimate, owner) : [];
}

function inCall({ snapshot, estimate, expected }: Place, call: NonNullable<Expectation['call']>): Proposal[] {
  const { within } = expected;
  if (call.callee === 'use') return [...now.resources(estimate), ...(estimate ? spec.dies(estimate.accelerator) : [])];
  if (call.callee === 'bandwidth') return estimate ? now.memories(estimate) : [];
  const labels =
    within === 'phase'
      ? phaseLabels[call.callee]
      : within === 'use-model' || within === 'model'
        ? spec.parametersOf(snapshot, call.callee)
        : undefined;
  const free = call.label === undefined && expected.classes.includes('label') ? (labels ?? []) : [];
  return [
    ...free.map((label) =>
      proposal(`${label}:`, CompletionItemKind.Property, { snippet: `${label}: $1`, detail: argumentDetails[label] }),
    ),
    ...spec.constants(snapshot),
  ];
}

function units({ after }: Expectation): Proposal[] {
  const fitting = unitsAfter[after ?? ''] ?? ['MHz', 'ms', 'us', 'GB/s', 'KiB', 'MiB', '%', 'tok/s', 'bit'];
  return fitting.map((unit) => proposal(unit, CompletionItemKind.Unit));
}
