/** What the tuner found, as text. */
import { count, share, time } from '../format.ts';
import type { Tuned } from '../tune/tune.ts';
import { table } from './table.ts';

export function tunedText(name: string, tuned: Tuned): string {
  const { before, after, bound, points, tokens, changes, streams, use } = tuned;
  const gap = after > 0 ? (after - bound) / after : 0;
  const faster = before > after ? `${share(1 - after / before)} less` : 'no less';
  const head = [
    `${name}: ${time(after)} a layer, ${faster} than the ${time(before)} of the spec as it stands`,
    `  bound ${time(bound)}: nothing in ${count(points)} designs takes less, and this one takes ${share(gap)} more`,
    `  ${tokens === 1 ? 'one row' : `${tokens} rows`} side by side; latency by the full timeline`,
  ];
  const written = table(
    [{ head: 'kernel' }, { head: 'clause' }],
    changes.map(({ kernel, clause }) => [kernel, clause]),
  );
  const limits = table(
    [
      { head: 'resource' },
      { head: 'used', align: 'right' },
      { head: 'limit', align: 'right' },
      { head: 'a tenth more would save', align: 'right' },
    ],
    use.map(({ resource, used, limit, gain }) => [
      resource,
      count(Math.round(used)),
      count(Math.round(limit)),
      gain > 0 ? share(gain) : '–',
    ]),
  );
  const deeper = streams.length > 0 ? `\n\n${streams.join('\n')}` : '';
  return `${head.join('\n')}\n\n${written}${deeper}\n\n${limits}\n`;
}
