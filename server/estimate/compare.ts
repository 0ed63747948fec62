/**
 * An accelerator against GPUs and against other accelerators. Of a GPU there are two figures, never mixed: a measured point,
 * where its sheet has one for this model and phase, and a roofline of dense peaks, which no program reaches.
 */
import type { Accelerator, Baseline } from '../design/design.ts';
import type { ElementType, Phase } from '../design/workload.ts';
import { elementBits } from '../kernels/word.ts';
import { clean } from './amounts.ts';
import type { AcceleratorEstimate, Comparison } from './estimate.ts';
import { integrate } from './whole/integrate.ts';

/** Types that a GPU is compared in, best first: half precision is what the measured points of the library ran in. */
const types: readonly ElementType[] = ['fp16', 'bf16', 'int8', 'fp32'];

/** What a GPU has to do for one pass of all layers. */
interface Work {
  readonly macs: number;
  /** Weights and K and V once, rows in and out of each layer once: everything between stays on the chip. */
  readonly bytes: number;
  readonly operators: number;
}

/** A figure of something else, before it is held against an accelerator. */
export type Standing = Omit<Comparison, 'faster'>;

/** The other accelerators of a file that one asks to be compared with. */
export function rivalsOf(estimate: AcceleratorEstimate, all: readonly AcceleratorEstimate[]): AcceleratorEstimate[] {
  return estimate.accelerator.rivals.flatMap(({ name }) => {
    const other = all.find((one) => one.accelerator.name === name);
    return other && other !== estimate ? [other] : [];
  });
}

export function comparisonsOf(
  { accelerator, timing }: AcceleratorEstimate,
  rivals: readonly AcceleratorEstimate[],
): Comparison[] {
  const baselines = accelerator.compare.flatMap((baseline) => standingsOf(baseline, accelerator));
  return [...baselines, ...rivals.map(accelerated)].map((one) => ({
    ...one,
    faster: timing.model > 0 ? clean(one.seconds / timing.model) : 0,
  }));
}

/** What a GPU takes for the model in the phase of an accelerator: measured, where its sheet has that point, and its roofline. */
export function standingsOf(baseline: Baseline, accelerator: Accelerator): Standing[] {
  return [...measuredOn(baseline, accelerator), ...rooflineOf(baseline, accelerator)];
}

/** Tokens, or results, that the time of the model is for. */
export function results({ phase }: Accelerator): number {
  const { name, tokens, batch, output = 1 } = phase;
  return Math.max(1, (name === 'generate' ? output : (phase.results ?? tokens)) * batch);
}

/** Joules of a result at a power. */
function withPower(standing: Standing, watts: number | undefined, accelerator: Accelerator): Standing {
  return watts === undefined
    ? standing
    : { ...standing, perResult: clean((watts * standing.seconds) / results(accelerator)) };
}

function measuredOn(baseline: Baseline, accelerator: Accelerator): Standing[] {
  const point = baseline.measured.find(
    ({ model, phase }) => model === accelerator.model.name && samePhase(phase, accelerator.phase),
  );
  if (!point) return [];
  const seconds = clean(point.seconds);
  const formula = {
    symbolic: `measured: ${point.model}`,
    numeric: `${(seconds * 1e3).toPrecision(4)} ms`,
    value: seconds,
    unit: 's',
    source: baseline.sources.join('; ') || `the sheet of ${baseline.name}, which cites nothing`,
  };
  return [withPower({ name: baseline.name, kind: 'measured', seconds, formula }, baseline.power, accelerator)];
}

/** `forward` and `prefill` are the same pass. */
function samePhase(a: Phase, b: Phase): boolean {
  const pass = ({ name }: Phase): string => (name === 'forward' ? 'prefill' : name);
  return (
    pass(a) === pass(b) &&
    a.batch === b.batch &&
    (a.name === 'decode' ? a.past === b.past : a.tokens === b.tokens) &&
    (a.output ?? 1) === (b.output ?? 1)
  );
}

/** Nothing where the sheet has neither a peak nor a bandwidth. */
function rooflineOf(baseline: Baseline, accelerator: Accelerator): Standing[] {
  const type = types.find((name) => (baseline.peaks[name] ?? 0) > 0);
  if (type === undefined || !(baseline.bandwidth !== undefined && baseline.bandwidth > 0)) return [];
  const passes = [accelerator, ...(accelerator.decoding ?? [])].map((one) =>
    roof(workOf(one, type), baseline, type, one),
  );
  const [first, ...tokens] = passes as [Roof, ...Roof[]];
  const pasts = (accelerator.decoding ?? []).map(({ phase }) => phase.past);
  const seconds = clean(
    first.seconds +
      sumOf(
        tokens.map((pass) => pass.seconds),
        pasts,
      ),
  );
  const formula = {
    symbolic: 'layers · max(2 · MACs ÷ dense peak, bytes ÷ bandwidth, operators · launch)',
    numeric: `${first.text}${tokens.length > 0 ? ` + token passes, the last ${tokens.at(-1)!.text}` : ''}`,
    value: seconds,
    unit: 's',
    source: `roofline of the dense ${type} peak: ${baseline.sources.join('; ') || baseline.name}${baseline.launch === undefined ? '; the time of a launch is not on the sheet and left out' : ''}`,
  };
  const { bound } = tokens.at(-1) ?? first;
  return [
    withPower(
      { name: baseline.name, kind: 'roofline', seconds, bound, launched: baseline.launch !== undefined, formula },
      baseline.power,
      accelerator,
    ),
  ];
}

interface Roof {
  readonly seconds: number;
  readonly bound: NonNullable<Comparison['bound']>;
  readonly text: string;
}

function roof(
  { macs, bytes, operators }: Work,
  { peaks, bandwidth = 0, launch = 0 }: Baseline,
  type: ElementType,
  { model }: Accelerator,
): Roof {
  const { repeat } = model.layer;
  const terms = [
    { bound: 'compute' as const, seconds: (2 * macs) / (peaks[type] ?? 1) },
    { bound: 'bandwidth' as const, seconds: bytes / bandwidth },
    { bound: 'launch' as const, seconds: operators * launch },
  ];
  const longest = terms.reduce((a, b) => (b.seconds > a.seconds ? b : a));
  const text = terms.map(({ seconds }) => `${(seconds * 1e6).toPrecision(3)}`).join(', ');
  return { seconds: clean(longest.seconds * repeat), bound: longest.bound, text: `${repeat} · max(${text}) µs` };
}

/** One layer of a pass, for all sequences of the batch. */
function workOf({ model, phase }: Accelerator, type: ElementType): Work {
  const { operators, inputs } = model.layer;
  const size = elementBits[type] / 8;
  const weights = operators.reduce((sum, one) => sum + one.weights + one.parameters, 0);
  const kept = operators
    .filter(({ kind }) => kind === 'scores' || kind === 'context')
    .reduce((sum, { kind, keys, kvHeads, heads, reduction, columns }) => {
      return sum + keys * kvHeads * (kind === 'scores' ? reduction : columns / Math.max(1, heads));
    }, 0);
  const rows = phase.tokens * inputs.reduce((sum, { columns }) => sum + columns, 0);
  return {
    macs: operators.reduce((sum, one) => sum + clean(one.macs), 0) * phase.batch,
    bytes: size * (weights + (kept + 2 * rows) * phase.batch),
    operators: operators.length,
  };
}

function sumOf(seconds: readonly number[], pasts: readonly number[]): number {
  return integrate(seconds.map((each, i) => ({ past: pasts[i] ?? i, seconds: each }))).seconds;
}

function accelerated(other: AcceleratorEstimate): Standing {
  const seconds = clean(other.timing.model);
  const { name } = other.accelerator;
  const formula = {
    symbolic: `latency of accelerator ${name}, estimated as this one is`,
    numeric: `${(seconds * 1e3).toPrecision(4)} ms`,
    value: seconds,
    unit: 's',
    source: 'the timeline of that accelerator, in the same file',
  };
  return {
    name,
    kind: 'estimate',
    seconds,
    formula,
    ...(other.power ? { perResult: other.power.perResult } : {}),
  };
}
