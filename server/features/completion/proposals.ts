/** What completion offers of this spec: its names and places, with their figures beside them. */
import { CompletionItemKind } from 'vscode-languageserver-protocol';
import type * as tree from '../../../grammar/tree.ts';
import type { Accelerator } from '../../design/design.ts';
import type { Memory } from '../../design/hardware.ts';
import type { Operator } from '../../design/workload.ts';
import type { AcceleratorEstimate, ChannelEstimate } from '../../estimate/estimate.ts';
import { ofOneCard, withoutCard } from '../../estimate/lower/machine.ts';
import { bandwidth, count, enumeration, share } from '../../format.ts';
import { library } from '../../library/index.ts';
import { librarySource } from '../../sources.ts';
import type { Snapshot } from '../snapshot.ts';
import { enginesOf, type Proposal, proposal } from '../vocabulary.ts';

/** Declarations of this file and of the library. */
function declarations({ analysis }: Snapshot): tree.Declaration[] {
  const trees = [analysis.parsed.tree, ...library.flatMap(({ uri }) => librarySource(uri)?.parsed.tree ?? [])];
  return trees.flatMap((one) => one.declarations);
}

const kinds = {
  device: CompletionItemKind.Struct,
  model: CompletionItemKind.Class,
  baseline: CompletionItemKind.Struct,
  precision: CompletionItemKind.Struct,
} as const;

export function declared(snapshot: Snapshot, sort: keyof typeof kinds): Proposal[] {
  return declarations(snapshot).flatMap((one) => {
    if (one.kind !== 'sheet' && one.kind !== 'model') return [];
    if ((one.kind === 'sheet' ? one.sort : one.kind) !== sort || !one.name) return [];
    const parameters = one.kind === 'model' ? parameterNames(one) : [];
    const detail = parameters.length > 0 ? `(${parameters.join(', ')})` : undefined;
    return [proposal(one.name.text, kinds[sort], { doc: one.doc, detail })];
  });
}

export function parametersOf(snapshot: Snapshot, model: string): string[] {
  return declarations(snapshot).flatMap((one) =>
    one.kind === 'model' && one.name?.text === model ? parameterNames(one) : [],
  );
}

function parameterNames({ parameters = [] }: tree.Model): string[] {
  return parameters.flatMap(({ name }) => name?.text ?? []);
}

/** `let` constants and knobs of this file. */
export function constants({ analysis }: Snapshot): Proposal[] {
  const all = analysis.parsed.tree.declarations.flatMap((one) =>
    one.kind === 'accelerator' ? one.statements : one.kind === 'let' ? [one] : [],
  );
  return all.flatMap((one) => {
    if ((one.kind !== 'let' && one.kind !== 'choose') || !one.name) return [];
    const { text: name, range } = one.name;
    const definition = analysis.design.definitions.find(({ span }) => span.start === range.start);
    return [proposal(name, CompletionItemKind.Constant, { detail: definition?.detail })];
  });
}

/** Operators that have no kernel yet come first. */
export function operators(accelerator: Accelerator): Proposal[] {
  const written = new Set(
    accelerator.kernels
      .filter((kernel) => !kernel.auto)
      .flatMap((kernel) => kernel.turns.flat().map((one) => one.name)),
  );
  const item = ({ name, kind, shape }: Operator) =>
    proposal(name, CompletionItemKind.Function, {
      detail: `${kind} → [${shape.join(', ')}]${written.has(name) ? '' : ' · not mapped yet'}`,
    });
  const all = accelerator.model.layer.operators;
  return [...all.filter(({ name }) => !written.has(name)), ...all.filter(({ name }) => written.has(name))].map(item);
}

export function streamEnds(estimate: AcceleratorEstimate): Proposal[] {
  const all = estimate.accelerator.model.layer.operators;
  const ends = all.map(({ name, kind }) => proposal(name, CompletionItemKind.Function, { detail: kind }));
  return [...ends, ...channels(estimate), proposal('host', CompletionItemKind.EnumMember)];
}

/** Channels by load, the free ones first. */
export function channels(estimate: AcceleratorEstimate): Proposal[] {
  return ofOneCard(estimate.accelerator.device.memories).flatMap((memory) =>
    byLoad(estimate, memory).map(({ index, load }) =>
      proposal(`${memory.name}[${index}]`, CompletionItemKind.EnumMember, { detail: loadText(memory, load) }),
    ),
  );
}

/** Behind `hbm[`. */
export function channelNumbers(estimate: AcceleratorEstimate, name: string): Proposal[] {
  const memory = ofOneCard(estimate.accelerator.device.memories).find((one) => one.name === name);
  if (!memory) return [];
  return byLoad(estimate, memory).map(({ index, load }) =>
    proposal(String(index), CompletionItemKind.EnumMember, { detail: loadText(memory, load) }),
  );
}

function byLoad({ channels: loads }: AcceleratorEstimate, { name, channels: { first, last } }: Memory) {
  // Of several cards that are told apart, the busiest channel of its number.
  const own = loads.filter(({ memory }) => withoutCard(memory) === name).sort((a, b) => a.demand - b.demand);
  const known = new Map(own.map((load) => [load.channel, load]));
  return Array.from({ length: last - first + 1 }, (_, offset) => {
    const index = first + offset;
    return { index, load: known.get(index) };
  }).sort((a, b) => (a.load?.demand ?? 0) - (b.load?.demand ?? 0));
}

function loadText(memory: Memory, load: ChannelEstimate | undefined): string {
  if (!load) return `free, ${bandwidth(memory.bandwidth)}`;
  const users = [...new Set(load.users.map((user) => user.kernel))];
  return `${bandwidth(load.demand)} of ${bandwidth(load.limit)} (${share(load.demand / load.limit)}): ${enumeration(users)}`;
}

export function links({ device }: Accelerator): Proposal[] {
  return device.links.map((link) =>
    proposal(link.name, CompletionItemKind.EnumMember, { detail: bandwidth(link.bandwidth) }),
  );
}

/** Behind `card[1].`. */
export function diesAlone({ device }: Accelerator): Proposal[] {
  return ofOneCard(device.dies).map(({ name, resources: { dsp, bram36, uram, lut } }) =>
    proposal(name, CompletionItemKind.EnumMember, {
      detail: `${count(dsp)} DSP · ${count(bram36)} BRAM36 · ${count(uram)} URAM · ${count(lut)} LUT`,
    }),
  );
}

export function dies(accelerator: Accelerator): Proposal[] {
  const host = { detail: 'not on the card: listed, not estimated' };
  return [...diesAlone(accelerator), ...enginesOf(accelerator), proposal('host', CompletionItemKind.EnumMember, host)];
}

export function layer({ model }: Accelerator): Proposal[] {
  return [proposal(model.layer.name, CompletionItemKind.Module, { detail: 'layer' })];
}
