import { cells, columns, type Evaluated, refusals, scoresOf } from './table.ts';

/** docs/accuracy.md: the table, and what stands behind each of its lines. */
export function pageOf(reports: readonly Evaluated[]): string {
  const line = (parts: readonly string[]): string => `| ${parts.join(' | ')} |`;
  const table = [
    line(columns),
    line(columns.map(() => '---')),
    ...scoresOf(reports).map((score) => line(cells(score))),
  ];
  const sections = reports.flatMap(({ family: { name, quantity, goal, model } }) => [
    `### ${name}: ${quantity}`,
    '',
    `Goal: ${goal}.`,
    '',
    model,
    '',
  ]);
  return [
    '# How far the estimator is from real designs',
    '',
    'Made by `npm run accuracy -- --page` from the public designs in `test/facts`; `npm run accuracy` prints the same table,',
    '`--misses` the rows outside the band, `--json` data, and `--data FILE` takes other designs of the same form.',
    '',
    'A predictor sees the parameters of a row, and of a loop report the iteration latency, interval and trip count; everything',
    'else is cut off before it is asked. A row whose parameters do not give the structure is refused with a reason. *inside* is',
    'the share of the predicted rows within the tolerance that the goal names, or inside the band where a band is predicted.',
    '',
    ...table,
    '',
    ...refusals(reports).map((reason) => `- ${reason}`),
    '',
    '## What is modelled',
    '',
    ...sections,
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}
