/**
 * The stable JSON of `weft estimate --json` and `weft check --json`: other programs read it, so fields are only ever added.
 * Milliseconds, megahertz and decimal GB/s; a figure that does not apply is null.
 */
import type { ResourceName } from '../design/hardware.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type {
  AcceleratorEstimate,
  Amount,
  CardsEstimate,
  Comparison,
  Estimate,
  Formula,
  Generation,
  KernelEstimate,
  PartEstimate,
  PowerEstimate,
  Resources,
} from '../estimate/estimate.ts';
import { wordBits } from '../kernels/word.ts';
import { choicesOf } from './choices.ts';
import { explanationsOf } from './explain.ts';
import { phaseText, rangeText } from './phase.ts';

const resourceNames: readonly ResourceName[] = ['dsp', 'bram36', 'uram', 'lut', 'ff'];

export interface DiagnosticJson {
  code: string;
  severity: string;
  message: string;
  file: string;
  /** From 1. */
  line: number;
  column: number;
}

/** Where an offset of a file stands; the doors know the texts. */
export type Locate = (span: Diagnostic['span']) => { file: string; line: number; column: number };

export function diagnosticsJson(diagnostics: readonly Diagnostic[], locate: Locate): DiagnosticJson[] {
  return diagnostics.map(({ code, severity, message, span }) => ({ code, severity, message, ...locate(span) }));
}

export function estimateJson(estimate: Estimate, diagnostics: readonly Diagnostic[], locate: Locate) {
  return {
    accelerators: estimate.accelerators.map(acceleratorJson),
    diagnostics: diagnosticsJson(diagnostics, locate),
  };
}

export function acceleratorJson(estimate: AcceleratorEstimate) {
  const { accelerator, timing } = estimate;
  return {
    name: accelerator.name,
    device: accelerator.device.name,
    clockMHz: accelerator.clock.value / 1e6,
    phase: phaseText(accelerator.phase),
    choices: choicesOf(accelerator),
    latencyMs: timing.model * 1e3,
    perLayerMs: timing.perLayer * 1e3,
    passes: timing.passes,
    intervalMs: timing.interval * 1e3,
    closedFormMs: timing.closedForm ? timing.closedForm.seconds * 1e3 : null,
    ...(estimate.parts ? { parts: estimate.parts.map(partJson) } : {}),
    ...(estimate.generation ? { generate: generationJson(estimate, estimate.generation) } : {}),
    ...(estimate.cards ? { cards: cardsJson(estimate.cards) } : {}),
    bottleneck: estimate.bottleneck?.kernel ?? null,
    bottleneckReason: estimate.bottleneck?.reason ?? null,
    deadlock: estimate.deadlock !== undefined,
    resources: resourcesJson(estimate.resources, estimate.available),
    dies: estimate.dies.map((die) => ({
      name: die.name,
      resources: resourcesJson(die.resources, die.available),
      latencyMs: die.latency * 1e3,
    })),
    channels: estimate.channels.map((channel) => ({
      name: channel.name,
      demandGBps: channel.demand / 1e9,
      limitGBps: channel.limit / 1e9,
      users: channel.users.map((user) => user.kernel),
    })),
    crossings: estimate.crossings.map(({ between, used, wires, plan }) => ({ between, used, wires, plan })),
    closure: estimate.closure.map(({ kind, subject, resource, value, limit, source }) => ({
      kind,
      subject,
      ...(resource ? { resource } : {}),
      value,
      limit,
      source,
    })),
    ...(estimate.engines ? { engines: { used: estimate.engines.used, available: estimate.engines.available } } : {}),
    ...(estimate.power ? { power: powerJson(estimate.power) } : {}),
    comparisons: estimate.comparisons.map(comparisonJson),
    kernels: estimate.kernels.map((kernel) => ({
      name: kernel.name,
      operators: kernel.operators,
      ops: kernel.operations,
      die: kernel.die,
      cycles: kernel.cycles,
      ms: kernel.seconds * 1e3,
      busy: kernel.busy,
      ...resourcesKnown(kernel),
      formula: formulaText(kernel.formula),
      ...(kernel.load ? { loadCycles: kernel.load.cycles, loadAhead: kernel.load.ahead } : {}),
      waits: kernel.waits.map((wait) => ({ on: wait.on, kind: wait.kind, share: wait.share })),
      waitChain: kernel.chain.map(({ kernel: who, on, kind, share, fifo }) => ({
        kernel: who,
        on,
        kind,
        share,
        ...(fifo === undefined ? {} : { fifo }),
      })),
    })),
    fifos: estimate.fifos.map(({ fifo, depth, peak, storage }) => ({
      name: fifo.id,
      from: fifo.from.unit,
      to: fifo.to.unit,
      depth,
      peak,
      bits: wordBits(fifo.word),
      storage,
    })),
    caveats: estimate.caveats,
    explanations: explanationsOf(estimate),
  };
}

function resourcesJson(resources: Resources, available: Readonly<Record<ResourceName, number>>) {
  const entry = (name: ResourceName) => [name, { ...amountJson(resources[name]), available: available[name] }] as const;
  return Object.fromEntries(resourceNames.map(entry)) as Record<
    ResourceName,
    ReturnType<typeof amountJson> & { available: number }
  >;
}

/** Null where a kernel that the library does not have leaves nothing known but the DSPs of its multipliers. */
function resourcesKnown({ resources, partial, uncounted }: KernelEstimate) {
  const of = (name: ResourceName) =>
    (name === 'dsp' ? uncounted : partial) && !(resources[name].used > 0) ? null : resources[name].used;
  return { dsp: of('dsp'), bram36: of('bram36'), uram: of('uram'), lut: of('lut'), ff: of('ff') };
}

/** A prompt and the tokens behind it. */
function partJson({ passes, estimate: { timing, bottleneck } }: PartEstimate) {
  return {
    name: rangeText(passes),
    passes: timing.passes,
    perLayerMs: timing.perLayer * 1e3,
    latencyMs: timing.model * 1e3,
    bottleneck: bottleneck?.kernel ?? null,
  };
}

function generationJson({ accelerator }: AcceleratorEstimate, generation: Generation) {
  const { firstToken, perToken, decoding, error, tokensPerSecond, samples, busy, last, formula } = generation;
  return {
    firstTokenMs: firstToken * 1e3,
    perTokenMs: perToken * 1e3,
    tokensMs: decoding * 1e3,
    tokensErrorMs: error * 1e3,
    tokensPerSecond,
    passes: (accelerator.phase.output ?? 1) - 1,
    samples: samples.map(({ past, seconds }) => ({ past, ms: seconds * 1e3 })),
    kernels: busy.map(({ kernel, share }) => ({ name: kernel, busy: share })),
    formula: formulaText(formula),
    lastToken: last
      ? {
          past: last.accelerator.phase.past,
          perLayerMs: last.timing.perLayer * 1e3,
          kernels: last.kernels.map(({ name, cycles, seconds, busy }) => ({ name, cycles, ms: seconds * 1e3, busy })),
        }
      : null,
  };
}

/** Several cards; everything beside it is of one of them, but for the times of the model. */
function cardsJson(cards: CardsEstimate) {
  const { cards: count, tensor, pipeline, link, collectives, seconds, load, blocking, hop, resources, formula } = cards;
  return {
    cards: count,
    tensor,
    pipeline,
    placed: cards.placed,
    link,
    exchanges: collectives.map(({ operator, kind, sent }) => ({ operator, kind, bytes: sent })),
    exchangeMs: seconds * 1e3,
    load,
    blockingPerLayerMs: blocking * 1e3,
    hopMs: hop * 1e3,
    resources: Object.fromEntries(resourceNames.map((name) => [name, amountJson(resources[name])])),
    formula: formulaText(formula),
  };
}

/** Indicative: see its source. */
function powerJson({ idle, logic, memory, watts, perResult, formula }: PowerEstimate) {
  return {
    watts,
    idleWatts: idle,
    logicWatts: logic,
    memoryWatts: memory,
    millijoulesPerResult: perResult * 1e3,
    formula: formulaText(formula),
  };
}

function comparisonJson({ name, kind, seconds, bound, faster, perResult, formula }: Comparison) {
  return {
    name,
    kind,
    latencyMs: seconds * 1e3,
    ...(bound ? { bound } : {}),
    faster,
    ...(perResult === undefined ? {} : { millijoulesPerResult: perResult * 1e3 }),
    formula: formulaText(formula),
  };
}

function formulaText({ symbolic, numeric, value, unit }: Formula): string {
  return `${symbolic} = ${numeric} = ${value} ${unit}`;
}

function amountJson({ used, low, high }: Amount) {
  return { used, low, high };
}
