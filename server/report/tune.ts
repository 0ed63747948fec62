/** What the tuner found, as text. */
import { count, energy, enumeration, power, resourceLabels, rounded, share, significant, time } from '../format.ts';
import type { Axis } from '../tune/front.ts';
import type { Goal } from '../tune/goal.ts';
import type { Change, Front, Tuned } from '../tune/tune.ts';
import { table } from './table.ts';

const PER = { layer: 'a layer', model: 'an input', generation: 'for prompt and tokens' } as const;

/** What is longer by less takes as long. */
const AS_MUCH = 1.005;

/** @param choices of the spec as it stands, where it has knobs: ', with rows = 4' */
export function tunedText(name: string, tuned: Tuned, choices = ''): string {
  const { per, before, after, bound, points, tokens, goal, front, notSearched, otherMapping } = tuned;
  const gap = bound > 0 ? after / bound - 1 : 0;
  const slower = after > AS_MUCH * before ? `${share(after / before - 1)} more` : 'no less';
  const faster = before > after ? `${share(1 - after / before)} less` : slower;
  const head = [
    `${name}: ${time(after)} ${PER[per]}, ${faster} than the ${time(before)} of the spec as it stands${choices}`,
    `  bound ${time(bound)}: nothing in ${howMany(points)} designs takes less, and this one takes ${share(gap)} more`,
    `  ${rowsText(tokens)}; latency by the full timeline`,
    ...(otherMapping ? [`  ${mappingText(otherMapping)}`] : []),
    ...(goal ? goalLines(goal) : []),
    ...(notSearched.length > 0
      ? [`  not searched: ${enumeration(notSearched)}, which stay as written or as they are by default`]
      : []),
  ];
  const parts = [head.join('\n'), changeText(tuned), usesText(tuned), ...(front ? [frontText(front)] : [])];
  return `${parts.join('\n\n')}\n`;
}

/** How the products of the layer are mapped, and what the other way would take. */
function mappingText({ inTurn, seconds, found, failed }: NonNullable<Tuned['otherMapping']>): string {
  const [own, other] = inTurn
    ? ['a kernel for each product', 'all in turn on one array']
    : ['all products in turn on one array', 'a kernel for each'];
  if (seconds === undefined) return `${own}; ${other} would not fit the card`;
  const none = failed ? ', and none that was looked at fits its dies' : '';
  return `${own}; ${other} would take ${found ? '' : 'no less than '}${time(seconds)}${none}`;
}

/** A product of choices: beyond what a number holds exactly its digits would be made up. */
function howMany(points: number): string {
  return Number.isSafeInteger(points) ? count(points) : `about ${points.toExponential(1).replace('e+', '·10^')}`;
}

function goalLines({ objective, before, after, unmet, designs }: Goal): string[] {
  const from = before === undefined || after === undefined ? '' : `: ${significant(after)}, was ${significant(before)}`;
  return [
    ...(objective === undefined
      ? []
      : [`  ${objective}${from}; the best of ${count(designs)} designs, without a bound`]),
    ...unmet.map((text) => `  not held by any of them: require ${text}`),
  ];
}

function changeText({ statements, changes, streams }: Change): string {
  const written = table(
    [{ head: 'kernel' }, { head: 'clause' }],
    changes.map(({ kernel, clause }) => [kernel, clause]),
  );
  return [
    ...(statements.length > 0 ? [statements.join('\n')] : []),
    written,
    ...(streams.length > 0 ? [streams.join('\n')] : []),
  ].join('\n\n');
}

function usesText({ use }: Tuned): string {
  return table(
    [
      { head: 'resource' },
      { head: 'used', align: 'right' },
      { head: 'limit', align: 'right' },
      { head: 'one more would save', align: 'right' },
    ],
    use.map(({ resource, used, limit, saves }) => [
      resource,
      count(Math.round(used)),
      count(Math.round(limit)),
      saves > 0 ? time(saves) : '–',
    ]),
  );
}

function frontText({ axes, points, asItStands }: Front): string {
  const texts = (figures: readonly number[]): string[] => figures.map((figure, a) => figureText(axes[a]!, figure));
  const rows = [
    ...points.map(({ figures, tokens }, index) => [count(index + 1), ...texts(figures), count(tokens)]),
    ['as it stands', ...texts(asItStands), ''],
  ];
  const heads = axes.map((head) => ({ head, align: 'right' as const }));
  return table([{ head: 'point', align: 'right' }, ...heads, { head: 'rows', align: 'right' }], rows);
}

/** A point of a front in one line, '0.64 ms · 4,120 DSP', and what it is beside the first one. */
export function pointText(
  { axes, points }: Pick<Front, 'axes' | 'points'>,
  index: number,
): { readonly title: string; readonly detail: string } {
  const { figures, tokens } = points[index]!;
  const first = points[0]!.figures;
  // Of nothing there is no share.
  const beside = axes.flatMap((axis, a) =>
    first[a]! > 0 ? [`${share(figures[a]! / first[a]!)} of the ${axisLabel(axis)}`] : [],
  );
  return {
    title: figuresText(axes, figures),
    detail: [rowsText(tokens), ...(index === 0 ? [] : [`${enumeration(beside)} of the first`])].join('; '),
  };
}

/** '0.64 ms · 4,120 DSP' */
export function figuresText(axes: readonly Axis[], figures: readonly number[]): string {
  return axes.map((axis, a) => `${figureText(axis, figures[a]!)}${unitOf(axis)}`).join(' · ');
}

function rowsText(tokens: number): string {
  return `${tokens === 1 ? 'one row' : `${tokens} rows`} side by side`;
}

/** What a figure without a unit counts. */
function unitOf(axis: Axis): string {
  if (axis === 'latency' || axis === 'power') return '';
  return axis === 'energy' ? ' a result' : ` ${axisLabel(axis)}`;
}

function axisLabel(axis: Axis): string {
  if (axis === 'latency' || axis === 'energy' || axis === 'power') return axis;
  return axis === 'bram' ? resourceLabels.bram36 : resourceLabels[axis];
}

function figureText(axis: Axis, figure: number): string {
  if (axis === 'latency') return time(figure);
  if (axis === 'energy') return energy(figure);
  if (axis === 'power') return power(figure);
  if (axis === 'lut' || axis === 'ff') return `≈${rounded(figure)}`; // of a band
  return count(Math.round(figure));
}
