/** Designs of which none is beaten in all that is asked for: less of a resource against a longer pass. */
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { everyDieFits } from './confirm.ts';
import { useOf } from './program.ts';
import type { Candidate, Search, Winner } from './search.ts';
import { latencyOf, type Per } from './variants.ts';

/** What designs are held against each other by; less is better of each. */
export const AXES = ['latency', 'dsp', 'bram', 'uram', 'lut', 'ff', 'energy', 'power'] as const;
export type Axis = (typeof AXES)[number];

/** Names as axes; a sentence where one is none. */
export function axesOf(names: readonly string[]): readonly Axis[] | { readonly wrong: string } {
  const axes: Axis[] = [];
  for (const name of names) {
    const axis = AXES.find((one) => one === name.trim());
    if (!axis) return { wrong: `‘${name}’ is no axis of a front. There are ${AXES.join(', ')}.` };
    axes.push(axis);
  }
  return axes;
}

/** @returns seconds, primitives, joules of a result, watts; undefined where the sheet has no power. */
export function figureOf(axis: Axis, estimate: AcceleratorEstimate, per: Per): number | undefined {
  const { resources, power } = estimate;
  switch (axis) {
    case 'latency':
      return latencyOf(estimate, per);
    case 'bram':
      return resources.bram36.used;
    case 'energy':
      return power?.perResult;
    case 'power':
      return power?.watts;
    default:
      return resources[axis].used;
  }
}

/** Shares of what the fastest design takes. */
const SHARES: readonly number[] = [0.7, 0.5, 0.35, 0.25, 0.18, 0.12, 0.08, 0.05];

/** Resources of the program that an axis is about; energy and power follow all that is built. */
const limited: Readonly<Record<Axis, readonly string[]>> = {
  latency: [],
  dsp: ['dsp'],
  bram: ['bram36'],
  uram: ['uram'],
  lut: ['lut'],
  ff: ['ff'],
  energy: ['dsp', 'lut', 'ff', 'hbm ports'],
  power: ['dsp', 'lut', 'ff', 'hbm ports'],
};

/** The fastest design, and the fastest with ever less of what each axis is about. */
export function leanerThan(
  fastest: Winner,
  axes: readonly Axis[],
  candidates: readonly Candidate[],
  search: Search,
): Winner[] {
  const { program, solution } = fastest;
  const used = useOf(program, solution.selection);
  const sets = new Map(axes.map((axis) => [limited[axis].join(), limited[axis]]));
  sets.delete('');
  const found: Winner[] = [fastest];
  let done = 0;
  for (const names of sets.values()) {
    for (const share of SHARES) {
      search.say(done++ / (sets.size * SHARES.length), `${Math.round(100 * share)}% of ${names.join(', ')}`);
      const limits = program.resources.flatMap(({ name }, r) =>
        names.includes(name) ? [[name, share * used[r]!] as const] : [],
      );
      const one = search.within(candidates, new Map(limits));
      // With still less there is nothing either.
      if (!one) break;
      found.push(one);
    }
  }
  return found;
}

/**
 * Those that no other one beats in one axis without losing in another, by the first axis. The spec as it stands beats others as any
 * design does that its dies hold, and is none that is found.
 */
export function frontBeside<One extends { readonly estimate: AcceleratorEstimate }>(
  now: AcceleratorEstimate,
  found: readonly One[],
  axes: readonly Axis[],
  per: Per,
): { readonly design: One; readonly figures: readonly number[] }[] {
  const figuresOf = (estimate: AcceleratorEstimate): number[] =>
    axes.map((axis) => figureOf(axis, estimate, per) ?? Number.POSITIVE_INFINITY);
  const designs = found.map((design) => ({ design, figures: figuresOf(design.estimate) }));
  const standing = everyDieFits(now) ? figuresOf(now) : undefined;
  // What is as good as the spec would change it for nothing.
  const isNoWorse = (a: readonly number[], b: readonly number[]): boolean => a.every((figure, i) => figure <= b[i]!);
  const beats = (a: number, b: number): boolean => {
    const [one, other] = [designs[a]!.figures, designs[b]!.figures];
    return isNoWorse(one, other) && (a < b || !isNoWorse(other, one));
  };
  return designs
    .filter(
      ({ figures }, b) =>
        !(standing && isNoWorse(standing, figures)) && !designs.some((_, a) => a !== b && beats(a, b)),
    )
    .sort((a, b) => a.figures[0]! - b.figures[0]!);
}
