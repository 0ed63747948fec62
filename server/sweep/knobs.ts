/** What a sweep turns: the knobs of a spec, and the points that their values make. */
import type { Accelerator, Node } from '../../grammar/tree.ts';
import type { Analysis } from '../analysis.ts';

/** A place in the spec whose text is one value of several. */
export interface Knob {
  readonly name: string;
  /** As a spec says them. */
  readonly values: readonly string[];
  /** Offsets of what a value takes the place of. */
  readonly places: readonly { readonly start: number; readonly end: number }[];
}

/** `--set NAME=VALUE,VALUE…`, taken apart. */
export interface Setting {
  readonly name: string;
  readonly values: readonly string[];
}

export type Point = Readonly<Record<string, string>>;

/** More than this is a mistake, or asks for the tuner. */
export const MOST_POINTS = 10_000;

/** Statements with one name that a sweep may turn, by the word that a person uses. */
const named: Readonly<Record<string, (statement: Accelerator['statements'][number]) => Node | undefined>> = {
  device: (one) => (one.kind === 'device' ? one.name : undefined),
  model: (one) => (one.kind === 'use-model' ? one.model : undefined),
  precision: (one) => (one.kind === 'use-precision' ? one.value : undefined),
};

/** What a spec could be swept over: knobs with values of their own (`choose`), then what only `--set` gives values. */
export function knobsOf(analysis: Analysis, accelerator?: string): Knob[] {
  const { declarations } = analysis.parsed.tree;
  const accelerators = declarations.filter(
    (one) => one.kind === 'accelerator' && (accelerator === undefined || one.name?.text === accelerator),
  ) as Accelerator[];
  const knobs: Knob[] = [];
  const add = (name: string, values: readonly string[], node: Node): void => {
    const known = knobs.findIndex((one) => one.name === name);
    const own = { name, values, places: [...(knobs[known]?.places ?? []), plain(node.range)] };
    if (known < 0) knobs.push(own);
    else knobs[known] = own; // cards, models and precisions of several accelerators are turned together
  };
  const counts = new Map<string, number>();
  for (const { statements } of accelerators)
    for (const one of statements)
      if ((one.kind === 'choose' || one.kind === 'let') && one.name)
        counts.set(one.name.text, (counts.get(one.name.text) ?? 0) + 1);
  for (const { name: owner, statements } of accelerators) {
    const full = (name: string) => ((counts.get(name) ?? 0) > 1 ? `${owner?.text ?? ''}.${name}` : name);
    for (const one of statements) {
      if (one.kind === 'choose' && one.name && one.choices[0]) {
        const range = { start: one.choices[0].range.start, end: one.choices.at(-1)!.range.end };
        add(full(one.name.text), valuesOf(analysis, owner?.text, one.name.text), { ...one, range });
      }
      if (one.kind === 'let' && one.name && one.value) add(full(one.name.text), [], one.value);
      for (const [word, part] of Object.entries(named)) {
        const node = part(one);
        if (node) add(word, [], node);
      }
    }
  }
  for (const one of declarations) if (one.kind === 'let' && one.name && one.value) add(one.name.text, [], one.value);
  return knobs;
}

/** A tree's ranges may move with their declaration; those of a plan stay, and are written down. */
function plain({ start, end }: Node['range']): Knob['places'][number] {
  return { start, end };
}

/** Values of a `choose` as they are written; those of a range, as numbers. */
function valuesOf({ parsed, text, design }: Analysis, owner: string | undefined, name: string): string[] {
  const node = parsed.tree.declarations.find((one) => one.kind === 'accelerator' && one.name?.text === owner);
  const statements = node?.kind === 'accelerator' ? node.statements : [];
  const choose = statements.find((one) => one.kind === 'choose' && one.name?.text === name);
  if (choose?.kind !== 'choose') return [];
  if (choose.choices.every(({ to }) => !to))
    return choose.choices.map(({ range }) => text.slice(range.start, range.end));
  const resolved = design.accelerators.find((one) => one.name === owner)?.choices.find((one) => one.name === name);
  return (resolved?.values ?? []).map(String);
}

/** 'rows=4,8' or 'rows=1..4'; undefined where it is neither. */
export function settingOf(text: string): Setting | undefined {
  const [, name, list] = /^\s*([\w.]+)\s*=(.*)$/s.exec(text) ?? [];
  if (name === undefined || list === undefined) return undefined;
  // Commas between parentheses belong to a value: bert(layers: 2, hidden: 64).
  const values = list
    .split(/,(?![^(]*\))/)
    .map((value) => value.trim())
    .flatMap(unrolled);
  return values.some((value) => value === '') ? undefined : { name, values };
}

function unrolled(value: string): string[] {
  const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(value) ?? [];
  const count = Number(to) - Number(from) + 1;
  if (!(count >= 1 && count <= MOST_POINTS)) return [value];
  return Array.from({ length: count }, (_, index) => `${Number(from) + index}`);
}

/**
 * The knobs that a sweep turns, with the values it gives them: those of `choose`, unless a setting says others, and what is set.
 * @returns a sentence where a setting names no knob, or nothing is left to turn
 */
export function turned(knobs: readonly Knob[], settings: readonly Setting[]): readonly Knob[] | string {
  const names = knobs.map(({ name }) => name).join(', ');
  for (const { name } of settings)
    if (!knobs.some((knob) => knob.name === name))
      return `There is nothing called ‘${name}’ to set; there is ${names || 'nothing: the file has no accelerator'}.`;
  const found = knobs.flatMap((knob): Knob[] => {
    const setting = settings.filter(({ name }) => name === knob.name).at(-1);
    const values = setting?.values ?? knob.values;
    return values.length > 0 ? [{ ...knob, values: [...new Set(values)] }] : [];
  });
  if (found.length === 0)
    return `Nothing to sweep: the spec has no ‘choose’. Write one, or say --set NAME=VALUE,VALUE of: ${names}.`;
  const points = found.reduce((product, { values }) => product * values.length, 1);
  return points <= MOST_POINTS
    ? found
    : `${points.toLocaleString('en')} points are more than ${MOST_POINTS.toLocaleString('en')}: take fewer values (--set), or let weft tune search.`;
}

/** Every combination; the last knob changes first. */
export function pointsOf(knobs: readonly Knob[]): Point[] {
  return knobs.reduce<Point[]>(
    (points, { name, values }) => points.flatMap((point) => values.map((value) => ({ ...point, [name]: value }))),
    [{}],
  );
}

/** The spec of a point. */
export function textOf(text: string, knobs: readonly Knob[], point: Point): string {
  const edits = knobs.flatMap(({ name, places }) => places.map((place) => ({ ...place, value: point[name] ?? '' })));
  return edits
    .sort((a, b) => b.start - a.start)
    .reduce((result, { start, end, value }) => result.slice(0, start) + value + result.slice(end), text);
}

/** A name for folders and logs: '007-rows=8,device=u55c'. */
export function nameOf(index: number, count: number, point: Point): string {
  const digits = `${Math.max(0, count - 1)}`.length;
  const values = Object.entries(point).map(([name, value]) => `${name}=${value}`);
  const safe = values
    .join(',')
    .replace(/[^\w.=,-]+/g, '_')
    .slice(0, 80);
  return `${`${index}`.padStart(digits, '0')}-${safe}`;
}
