import type { Row } from './data.ts';
import type { Family, Report, Score } from './score.ts';

export interface Evaluated {
  readonly family: Family;
  readonly report: Report;
}

const percent = (value: number | null): string =>
  value === null ? '–' : `${(value * 100).toFixed(value !== 0 && value < 0.01 ? 3 : 1)} %`;

export const columns = [
  'family',
  'quantity',
  'rows',
  'predicted',
  'refused',
  'median',
  '90th pct',
  'geomean',
  'inside',
  'worst row',
] as const;

export function cells(score: Score): string[] {
  const { name, quantity, rows, predicted, refused, medianError, p90Error, geomeanRatio, insideBand, worst } = score;
  return [
    name,
    quantity,
    String(rows),
    String(predicted),
    String(refused),
    percent(medianError),
    percent(p90Error),
    geomeanRatio === null ? '–' : geomeanRatio.toFixed(3),
    percent(insideBand),
    worst && worst.error > 0 ? `${worst.id} (${percent(worst.error)})` : '–',
  ];
}

/** The rows of the table: a baseline stands below what it is compared with. */
export function scoresOf(reports: readonly Evaluated[]): Score[] {
  return reports.flatMap(({ report }) => (report.baseline ? [report.score, report.baseline] : [report.score]));
}

export function tableOf(reports: readonly Evaluated[], rows: readonly Row[]): string {
  const lines = [[...columns], ...scoresOf(reports).map(cells)];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  const text = lines.map((line) =>
    line
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  );
  const unmodelled = unmodelledOf(reports, rows);
  return [...text, '', ...refusals(reports), ...(unmodelled ? [unmodelled] : [])].join('\n');
}

export function refusals(reports: readonly Evaluated[]): string[] {
  return reports.flatMap(({ report: { score, reasons } }) =>
    [...reasons].map(([reason, count]) => `refused: ${score.name}, ${score.quantity}: ${count} × ${reason}`),
  );
}

function unmodelledOf(reports: readonly Evaluated[], rows: readonly Row[]): string | undefined {
  const known = new Set(reports.map(({ family }) => family.name));
  const others = [...new Set(rows.map(({ question }) => question.family))].filter((name) => !known.has(name));
  return others.length > 0 ? `not modelled: ${others.join(', ')}` : undefined;
}

export function missesOf(reports: readonly Evaluated[]): string {
  return reports
    .flatMap(({ report: { score, scored } }) =>
      scored
        .filter(({ inside }) => !inside)
        .map(
          ({ id, predicted, measured }) => `outside: ${score.quantity} of ${id}: ${predicted}, measured ${measured}`,
        ),
    )
    .join('\n');
}
