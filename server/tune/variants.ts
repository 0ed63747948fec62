/**
 * What a spec leaves open as a whole, beside its kernels: the values of `choose`, which kernel computes what, how several cards
 * share the model, `copies auto`. Each combination is an accelerator of its own, with a space of its own.
 */
import { tokensBehind } from '../design/decoding.ts';
import type { Accelerator, Choice } from '../design/design.ts';
import { exactQuantity, formatQuantity } from '../design/terms/units.ts';
import type { TextEdit } from '../diagnostic.ts';
import type { AcceleratorEstimate, FifoEstimate } from '../estimate/estimate.ts';
import { onOneCard } from '../estimate/lower/cards.ts';
import { isPlaced } from '../estimate/lower/machine.ts';
import { copiesOf } from '../estimate/time/copies.ts';
import { timesOf } from '../estimate/time/timing.ts';
import { ranges } from '../format.ts';
import { type Heads, inTurn } from './turns.ts';

export interface Variant {
  readonly accelerator: Accelerator;
  /** The same as one of its cards has it. */
  readonly card: Accelerator;
  /** Its kinds of passes that one hardware serves: that of the card, and of `generate` a token pass in the place of all. */
  readonly work: readonly Work[];
  /** What makes it of the spec as it stands. */
  readonly edits: readonly TextEdit[];
  /** 'copies 3': what these edits say. */
  readonly statements: readonly string[];
  /** Statements of all kernels that nobody wrote, where these map the layer in another way; they are no part of `edits`. */
  readonly heads?: Heads;
}

/** A kind of passes, as one card has them. */
export interface Work {
  readonly card: Accelerator;
  /** Passes one after the other, for one of the first kind. */
  readonly count: number;
}

export interface Variants {
  /** The spec as it stands first. */
  readonly variants: readonly Variant[];
  /** Combinations of values of `choose` that there are. */
  readonly combinations: number;
  readonly tried: number;
}

/** Combinations of values of `choose` that are looked at; those first that differ in fewer knobs from the spec. */
const MOST_COMBINATIONS = 64;

/**
 * @param pinned knobs whose value a caller has named
 * @param estimated the accelerator as it would be after edits
 */
export function variantsOf(
  now: AcceleratorEstimate,
  pinned: (choice: Choice) => boolean,
  estimated: (edits: readonly TextEdit[]) => AcceleratorEstimate | undefined,
): Variants {
  const { accelerator } = now;
  const knobs = accelerator.choices.filter((choice) => choice.values.length > 1 && !pinned(choice));
  const all = combinationsOf(knobs);
  const chosen = all.flatMap((values): Variant[] => {
    const changed = knobs.flatMap((knob, k) => (values[k] === knob.value ? [] : [{ knob, value: values[k]! }]));
    const edits = changed.map(({ knob, value }) => ({ span: knob.span, newText: firstOf(knob, value) }));
    const other = edits.length > 0 ? estimated(edits)?.accelerator : accelerator;
    const statements = changed.map(({ knob, value }) => `${knob.name} = ${formatQuantity(value, knob.unit)}`);
    return other ? [variantOf(other, edits, statements)] : [];
  });
  const variants = chosen
    .flatMap((one) => mappingsOf(one, accelerator, estimated))
    .flatMap((one) => splitsOf(one, accelerator))
    .flatMap((one) => copiesIn(one, accelerator));
  const combinations = knobs.reduce((product, { values }) => product * values.length, 1);
  return { variants, combinations, tried: chosen.length };
}

/** Seconds of the work of a variant where a pass through the layers on the chip takes so many cycles. */
export function secondsOf({ card }: Variant, cycles: number): number {
  const stage = { alone: cycles / card.clock.value, slowestUnit: 0, behind: 0 };
  return timesOf(card, stage, copiesOf(card)).model;
}

/** What a latency is of: a pass of the layer; the work of one input, of `generate` up to the first token; or all of its tokens. */
export type Per = 'layer' | 'model' | 'generation';

/** Seconds of it by an estimate. */
export function latencyOf({ timing, generation }: AcceleratorEstimate, per: Per): number {
  if (per === 'layer') return timing.perLayer;
  const first = generation?.firstToken ?? timing.model;
  return per === 'model' ? first : first + (generation?.decoding ?? 0);
}

function variantOf(
  accelerator: Accelerator,
  edits: readonly TextEdit[],
  statements: readonly string[],
  heads?: Heads,
): Variant {
  // A machine of several cards is one already.
  const cardOf = (one: Accelerator): Accelerator => (isPlaced(one) ? one : onOneCard(one).accelerator);
  const card = cardOf(accelerator);
  const { split, copies } = accelerator;
  const tokens = tokensOnTheSame(accelerator).map(({ accelerator: one, count }): Work => {
    return { card: cardOf({ ...one, split, copies }), count };
  });
  const mapping = heads ? { heads } : {};
  return { accelerator, card, work: [{ card, count: 1 }, ...tokens], edits, statements, ...mapping };
}

/**
 * A token pass in the place of all that `generate` has behind its prompt, where the kernels of the prompt serve them. The past is that
 * in the middle: the longest way through a pass bends upwards with the past, so that no sum of passes is less than so many of this.
 */
function tokensOnTheSame(accelerator: Accelerator): { readonly accelerator: Accelerator; readonly count: number }[] {
  const { decoding = [], kernels, phase, further } = accelerator;
  const middle = decoding[Math.floor((decoding.length - 1) / 2)];
  if (!middle || further.length > 0 || middle.further.length > 0) return [];
  const own = new Set(kernels.map(({ name }) => name));
  const serves = middle.kernels.length === own.size && middle.kernels.every(({ name }) => own.has(name));
  return serves ? [{ accelerator: middle, count: tokensBehind(phase) }] : [];
}

/** The values of all knobs, those of the spec first. */
function combinationsOf(knobs: readonly Choice[]): number[][] {
  let found: { readonly values: number[]; readonly changed: number }[] = [{ values: [], changed: 0 }];
  for (const { value, values } of knobs) {
    const all = found.flatMap(({ values: before, changed }) =>
      [value, ...values.filter((one) => one !== value)].map((one) => ({
        values: [...before, one],
        changed: changed + Number(one !== value),
      })),
    );
    found = all.sort((a, b) => a.changed - b.changed).slice(0, MOST_COMBINATIONS);
  }
  return found.map(({ values }) => values);
}

/** The statement with this value first, which is the one that counts. */
function firstOf({ name, values, unit }: Choice, value: number): string {
  const others = values.filter((one) => one !== value);
  const rest = unit === 'none' ? ranges(others) : others.map((one) => exactQuantity(one, unit)).join(', ');
  return `choose ${name} from ${exactQuantity(value, unit)}, ${rest}`;
}

/** As it is mapped, and with all products of the layer in turn on one array. */
function mappingsOf(
  variant: Variant,
  { span: { file, end } }: Accelerator,
  estimated: (edits: readonly TextEdit[]) => AcceleratorEstimate | undefined,
): Variant[] {
  const { accelerator, edits, statements } = variant;
  const heads = isPlaced(accelerator) ? undefined : inTurn(accelerator);
  if (!heads) return [variant];
  const newText = [...heads.values()].map((head) => `  kernel ${head}\n`).join('');
  const other = estimated([...edits, { span: { file, start: end - 1, end: end - 1 }, newText }]);
  if (!other || other.fifos.some((fifo) => fitsNoDie(fifo, other))) return [variant];
  return [variant, variantOf(other.accelerator, edits, statements, heads)];
}

/**
 * Whether no die has the blocks for a stream. In turn, a product of a whole prompt is done before the next one begins: what both are
 * multiplied to waits in between, whatever else is chosen.
 */
function fitsNoDie({ resources }: FifoEstimate, { dies }: AcceleratorEstimate): boolean {
  return dies.every(({ available }) =>
    (['bram36', 'uram'] as const).some((one) => resources[one].used > available[one]),
  );
}

/** Every way to cut the model over the cards, where nobody has said one. */
function splitsOf(variant: Variant, { openSplit }: Accelerator): Variant[] {
  const { accelerator, edits, statements, heads } = variant;
  if (!openSplit || isPlaced(accelerator) || accelerator.further.length > 0) return [variant];
  const { cards, split: now } = accelerator;
  const [first, last] = [openSplit.ways[0], openSplit.ways.at(-1)];
  const { file, end } = openSplit.statement;
  const span = first && last ? { file, start: first.start, end: last.end } : { file, start: end, end };
  const others = divisorsOf(cards).filter((tensor) => tensor !== now.tensor);
  return [
    variant,
    ...others.map((tensor) => {
      const split = { tensor, pipeline: cards / tensor };
      const ways = `tensor ${tensor}, pipeline ${split.pipeline}`;
      const edit = { span, newText: first ? ways : `  split ${ways}` };
      return variantOf({ ...accelerator, split }, [...edits, edit], [...statements, `split ${ways}`], heads);
    }),
  ];
}

/** Numbers of layers on the chip that divide the passes, where the spec says `copies auto`. */
function copiesIn(variant: Variant, written: Accelerator): Variant[] {
  const { accelerator, card, edits, statements, heads } = variant;
  const { span } = written.copies;
  if (!isOpenCopies(written)) return [variant];
  const others = divisorsOf(card.model.layer.repeat).slice(1);
  return [
    variant,
    ...others.map((value) => {
      const clause = `copies ${value}`;
      const copies = { ...accelerator.copies, value };
      const edit = { span: span!, newText: clause };
      return variantOf({ ...accelerator, copies }, [...edits, edit], [...statements, clause], heads);
    }),
  ];
}

/** `copies auto`, of an accelerator with one layer that repeats. */
export function isOpenCopies({ copies, further }: Accelerator): boolean {
  return copies.origin === 'auto' && copies.span !== undefined && further.length === 0;
}

function divisorsOf(count: number): number[] {
  return Array.from({ length: Math.max(1, count) }, (_, index) => index + 1).filter((one) => count % one === 0);
}
