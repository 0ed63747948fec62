import type { Answers, Question, Row } from './data.ts';

export interface Predicted {
  readonly value: number;
  /** Where a band is predicted rather than a figure. */
  readonly low?: number;
  readonly high?: number;
}

/** Why a row is not predicted, in words. */
export interface Refused {
  readonly refused: string;
}

export type Prediction = Predicted | Refused;

/** One quantity of one family of rows. */
export interface Family {
  readonly name: string;
  readonly quantity: string;
  /** What the rows are, what is modelled, and what is not. */
  readonly model: string;
  readonly goal: string;
  /** Relative error up to which a figure counts as inside its band; a predicted band stands for itself. */
  readonly tolerance: number;
  /** @param siblings questions of the same file, for what a row takes from its design */
  predict(question: Question, siblings: readonly Question[]): Prediction;
  /** What was measured; undefined where the row has no such result. */
  measured(answers: Answers): number | undefined;
  /** Rows that are not asked, with the reason; they are not counted. */
  leaveOut?(question: Question): boolean;
  /** Rows with equal keys are counted once. */
  key?(question: Question): string;
  /** Another estimate of the same quantity to compare with. */
  readonly baseline?: { readonly name: string; measured(answers: Answers): number | undefined };
}

/** What a family says of a row; parameters that lead to no plausible figure are refused, too. */
export function ask(family: Family, question: Question, siblings: readonly Question[]): Prediction {
  const prediction = family.predict(question, siblings);
  if ('refused' in prediction || (Number.isFinite(prediction.value) && prediction.value >= 0)) return prediction;
  return { refused: 'its parameters are no plausible sizes' };
}

export interface Scored {
  readonly id: string;
  readonly predicted: number;
  readonly measured: number;
  /** |predicted − measured| / measured; against 1 where nothing was measured. */
  readonly error: number;
  readonly inside: boolean;
}

export interface Score {
  readonly name: string;
  readonly quantity: string;
  readonly rows: number;
  readonly predicted: number;
  readonly refused: number;
  readonly medianError: number | null;
  readonly p90Error: number | null;
  readonly geomeanRatio: number | null;
  /** Share of the predicted rows that lie inside the band. */
  readonly insideBand: number | null;
  readonly worst: { readonly id: string; readonly error: number } | null;
}

export interface Report {
  readonly score: Score;
  readonly scored: readonly Scored[];
  readonly reasons: ReadonlyMap<string, number>;
  readonly baseline?: Score;
}

export function evaluate(family: Family, rows: readonly Row[]): Report {
  const asked = distinct(
    family,
    rows.filter(({ question }) => question.family === family.name && !family.leaveOut?.(question)),
  );
  const siblings = rows.map(({ question }) => question);
  const reasons = new Map<string, number>();
  const scored: Scored[] = [];
  let counted = 0;
  for (const { question, answers } of asked) {
    const measured = family.measured(answers);
    if (measured === undefined) continue;
    counted++;
    const prediction = ask(family, question, siblings);
    if ('refused' in prediction) reasons.set(prediction.refused, (reasons.get(prediction.refused) ?? 0) + 1);
    else scored.push(scoreOf(question.id, prediction, measured, family.tolerance));
  }
  const other = family.baseline;
  const compared = asked.flatMap(({ question, answers }) => {
    const [estimate, measured] = [other?.measured(answers), family.measured(answers)];
    if (estimate === undefined || measured === undefined || !scored.some(({ id }) => id === question.id)) return [];
    return [scoreOf(question.id, { value: estimate }, measured, family.tolerance)];
  });
  return {
    score: summary(family, counted, scored),
    scored,
    reasons,
    ...(other ? { baseline: summary({ ...family, quantity: other.name }, compared.length, compared) } : {}),
  };
}

function distinct(family: Family, rows: readonly Row[]): Row[] {
  if (!family.key) return [...rows];
  const seen = new Set<string>();
  return rows.filter(({ question }) => {
    const key = family.key!(question);
    return !seen.has(key) && seen.add(key);
  });
}

function scoreOf(id: string, { value, low, high }: Predicted, measured: number, tolerance: number): Scored {
  const error = Math.abs(value - measured) / (measured > 0 ? measured : 1);
  const inside = low !== undefined && high !== undefined ? low <= measured && measured <= high : error <= tolerance;
  return { id, predicted: value, measured, error, inside };
}

function summary(
  { name, quantity }: Pick<Family, 'name' | 'quantity'>,
  rows: number,
  scored: readonly Scored[],
): Score {
  const sorted = [...scored].sort((a, b) => a.error - b.error);
  const errors = sorted.map(({ error }) => error);
  const ratios = scored.filter(({ predicted, measured }) => predicted > 0 && measured > 0);
  const logs = ratios.reduce((sum, { predicted, measured }) => sum + Math.log(predicted / measured), 0);
  const worst = sorted.at(-1);
  return {
    name,
    quantity,
    rows,
    predicted: scored.length,
    refused: rows - scored.length,
    medianError: percentile(errors, 0.5),
    p90Error: percentile(errors, 0.9),
    geomeanRatio: ratios.length > 0 ? Math.exp(logs / ratios.length) : null,
    insideBand: scored.length > 0 ? scored.filter(({ inside }) => inside).length / scored.length : null,
    worst: worst ? { id: worst.id, error: worst.error } : null,
  };
}

/** The value that the given share of the sorted values does not exceed (nearest rank). */
function percentile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

/** A number under `results`, by its path: 'csynth.DSP'. */
export function result(answers: Answers, ...path: readonly string[]): number | undefined {
  let value: unknown = answers;
  for (const name of path) value = typeof value === 'object' && value !== null ? (value as Answers)[name] : undefined;
  return typeof value === 'number' ? value : undefined;
}
