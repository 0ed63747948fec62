/** `generate`: the token passes behind the prompt, on the hardware of the prompt and what is written for tokens alone. */
import type { Asked, Given } from './clauses.ts';
import { fillDefaults, type Surroundings } from './defaults.ts';
import type { Accelerator, ArrayShape, Edge, Kernel, Phase } from './design.ts';
import type { Draft, Mapping } from './mapping.ts';
import type { ResolvedModel } from './model.ts';

/**
 * Lengths of the past at which token passes are looked at: all of them where they are few, else these many from the first
 * to the last. Between two of them a pass takes about proportionally long: only attention grows, and row by row.
 */
const SAMPLES = 9;

/** The past of each token pass that is looked at: token 2 looks back on the prompt, the last on all but itself. */
export function pastsOf({ prompt = 1, output = 1 }: Phase): number[] {
  const passes = output - 1;
  const points = Math.max(0, Math.min(SAMPLES, passes));
  return Array.from({ length: points }, (_, i) => prompt + Math.round((i * (passes - 1)) / Math.max(1, points - 1)));
}

/** How the reader of an accelerator makes the passes of another phase. */
export interface Passes {
  model(phase: Phase): ResolvedModel | undefined;
  /** Kernels of a phase, not yet filled in. */
  mapping(model: ResolvedModel, phase: Phase): Mapping;
  edges(kernels: readonly Kernel[], model: ResolvedModel, mapping: Mapping): Edge[];
}

export interface Decoding {
  readonly decoding: readonly Accelerator[];
  /** Units that work on tokens alone. */
  readonly kernels: readonly Kernel[];
  /** Operators of a token pass that no kernel names. */
  readonly unmapped: Accelerator['unmapped'];
}

/** The token passes of an accelerator whose prompt pass is read; nothing where no token follows the first. */
export function decodingOf(prompt: Accelerator, around: Surroundings, passes: Passes): Decoding | undefined {
  const pasts = pastsOf(prompt.phase);
  const phases = pasts.map((past): Phase => ({ name: 'decode', tokens: 1, past, batch: prompt.phase.batch }));
  const models = phases.map((phase) => passes.model(phase));
  const [last, phase] = [models.at(-1), phases.at(-1)];
  if (!last || !phase) return undefined;
  const mapping = passes.mapping(last, phase);
  const shared = new Map(prompt.kernels.map((kernel) => [keyOf(kernel), kernel]));
  const drafts = [...mapping.drafts]
    .sort((a, b) => mapping.position(a) - mapping.position(b))
    .map((draft) => pinned(draft, shared.get(keyOf(draft))));
  const names = new Set(prompt.kernels.map(({ name }) => name));
  const filled = fillDefaults(drafts, { ...around, phase }).map((kernel): Kernel => {
    const built = shared.get(keyOf(kernel));
    if (built) return { ...built, turns: kernel.turns };
    return { ...kernel, name: free(kernel.name, names), phases: kernel.phases ?? ['decode'] };
  });
  const kernels = mapping.drafts.map(
    ({ span, name }) => filled[drafts.findIndex((one) => one.span === span && one.name === name)]!,
  );
  const decoding = models.flatMap((model, i) => {
    if (!model) return [];
    const own = kernels.map((kernel) => at(kernel, model));
    return [accelerator(prompt, phases[i]!, own, model, mapping, passes)];
  });
  return {
    decoding,
    unmapped: mapping.unmapped,
    kernels: kernels.filter((kernel) => names.has(kernel.name) === false),
  };
}

/** A name that no unit of the prompt has: two statements may serve an operator of that name, each in its own pass. */
function free(name: string, taken: ReadonlySet<string>): string {
  let own = name;
  for (let n = 1; taken.has(own); n++) own = n === 1 ? `${name}_decode` : `${name}_decode${n}`;
  return own;
}

function accelerator(
  { decoding: _, ...prompt }: Accelerator,
  phase: Phase,
  kernels: readonly Kernel[],
  model: ResolvedModel,
  mapping: Mapping,
  passes: Passes,
): Accelerator {
  const placed = new Set(kernels.filter(({ onHost }) => !onHost).flatMap(({ turns }) => turns.flat()));
  const { outside, layer } = model.graph;
  return {
    ...prompt,
    phase,
    model: model.graph,
    kernels,
    edges: passes.edges(kernels, model, mapping),
    host: [...outside, ...layer.operators].filter((operator) => !placed.has(operator)),
    unmapped: mapping.unmapped,
    regions: prompt.regions.map((region) => ({
      ...region,
      kernels: kernels.filter((kernel) => kernel.region === region.name).map(({ name }) => name),
    })),
  };
}

/** The same unit in both passes: the same statement, or the one that an operator gets by default. */
function keyOf({
  name,
  span,
  auto,
}: {
  readonly name: string;
  readonly span: Kernel['span'];
  readonly auto: boolean;
}): string {
  return auto ? `auto ${name}` : `${span.file} ${span.start}`;
}

/** A unit that the prompt pass has built as it was settled there: hardware does not change from pass to pass. */
function pinned(draft: Draft, built: Kernel | undefined): Draft {
  if (!built) return draft;
  const given = <T>(value: T): Given<T> => ({ value, origin: 'written', span: draft.span });
  const asked: Asked = {
    ...draft.asked,
    ...(built.array ? { array: given<ArrayShape>(built.array.value) } : {}),
    pack: given(built.pack.value),
    ...(built.lanes ? { lanes: given(built.lanes.value) } : {}),
    ...(built.weights ? { weights: given(built.weights.value) } : {}),
    ...(built.cache ? { cache: given(built.cache.value) } : {}),
    ...(built.dies.value.length > 0 ? { dies: given(built.dies.value) } : {}),
  };
  return { ...draft, asked };
}

/** The kernel with its operators as another length of the past makes them. */
function at(kernel: Kernel, { graph }: ResolvedModel): Kernel {
  const operators = new Map([...graph.outside, ...graph.layer.operators].map((operator) => [operator.name, operator]));
  return { ...kernel, turns: kernel.turns.map((turn) => turn.flatMap(({ name }) => operators.get(name) ?? [])) };
}
