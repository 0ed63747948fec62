/** What the points of a sweep came to: one table, and the same as JSON. */
import { count, enumeration, share, significant, time } from '../format.ts';
import type { acceleratorJson, DiagnosticJson } from './json.ts';
import { type Column, table } from './table.ts';

/** What a sweep keeps of an accelerator's estimate. */
export type PointEstimate = Pick<
  ReturnType<typeof acceleratorJson>,
  | 'name'
  | 'device'
  | 'clockMHz'
  | 'latencyMs'
  | 'perLayerMs'
  | 'generate'
  | 'bottleneck'
  | 'deadlock'
  | 'resources'
  | 'power'
>;

/** Something that was run on a point beyond its estimate. */
export interface Step {
  readonly step: 'export' | 'csim' | 'synthesis';
  readonly passed: boolean;
  /** Where its result or its log is, or why there is none. */
  readonly detail: string;
}

export type PointState =
  /** Estimated, and everything that was asked for went well. */
  | 'ok'
  /** Estimated; it does not fit its card, or fails a requirement. */
  | 'unfit'
  /** The spec has errors, its export is refused, or its simulation fails: another try would end the same. */
  | 'broken'
  /** Its process was killed or crashed every time. */
  | 'lost';

export interface PointResult {
  readonly index: number;
  readonly values: Readonly<Record<string, string>>;
  readonly state: PointState;
  /** Tries before it: 0 for nearly all. */
  readonly retries: number;
  readonly accelerators: readonly PointEstimate[];
  /** Errors of the spec. */
  readonly errors: readonly DiagnosticJson[];
  readonly steps: readonly Step[];
  /** Why it is lost. */
  readonly reason?: string;
}

export interface SweepResult {
  readonly spec: string;
  readonly engine: string;
  readonly knobs: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly points: readonly PointResult[];
}

export function sweepText({ knobs, points }: SweepResult): string {
  const several = points.some(({ accelerators }) => accelerators.length > 1);
  const generates = points.some(({ accelerators }) => accelerators.some((one) => one.generate));
  const steps = [...new Set(points.flatMap(({ steps }) => steps.map(({ step }) => step)))];
  const right = (head: string): Column => ({ head, align: 'right' });
  const columns: Column[] = [
    right('#'),
    ...knobs.map(({ name }) => right(name)),
    ...(several ? [{ head: 'accelerator' }] : []),
    right('a model'),
    ...(generates ? [right('tok/s')] : []),
    ...['DSP', 'BRAM', 'URAM', 'LUT'].map(right),
    { head: 'slowest' },
    ...steps.map((head) => ({ head })),
    { head: '' },
  ];
  const rows = points.flatMap((point) => {
    const estimates: readonly (PointEstimate | undefined)[] =
      point.accelerators.length > 0 ? point.accelerators : [undefined];
    return estimates.map((one) => [
      `${point.index}`,
      ...knobs.map(({ name }) => point.values[name] ?? ''),
      ...(several ? [one?.name ?? ''] : []),
      one && !one.deadlock ? time(one.latencyMs / 1e3) : '–',
      ...(generates ? [one?.generate ? significant(one.generate.tokensPerSecond) : '–'] : []),
      ...(['dsp', 'bram36', 'uram', 'lut'] as const).map((name) => shareOf(one, name)),
      one?.bottleneck ?? '–',
      ...steps.map((step) => stepWord(point.steps.find((found) => found.step === step))),
      remark(point, one),
    ]);
  });
  return `${table(columns, rows)}\n\n${summary(points)}\n`;
}

function shareOf(one: PointEstimate | undefined, name: 'dsp' | 'bram36' | 'uram' | 'lut'): string {
  const found = one?.resources[name];
  if (!found || !('available' in found) || !(found.available > 0)) return '–';
  const { used, available } = found;
  return used === null ? '–' : share(used / available);
}

function stepWord(step: Step | undefined): string {
  return step ? (step.passed ? 'passed' : 'FAILED') : '–';
}

function remark({ state, errors, steps, reason, retries }: PointResult, one: PointEstimate | undefined): string {
  const again = retries > 0 ? ` (${retries === 1 ? 'a second try' : `${retries} more tries`})` : '';
  const codes = [...new Set(errors.map(({ code }) => code))].join(', ');
  const failed = steps.find(({ passed }) => !passed);
  if (state === 'lost') return `lost: ${reason ?? 'no result'}`;
  if (one?.deadlock) return `deadlock${again}`;
  if (state === 'unfit') return `out of limits: ${codes}${again}`;
  if (state === 'broken') return `broken: ${codes || (failed?.detail ?? '')}${again}`;
  return again.trim();
}

/** The fastest of those that fit, those that nothing beats in time and size, and what became of the others. */
function summary(points: readonly PointResult[]): string {
  const of = (state: PointState): number => points.filter((point) => point.state === state).length;
  const parts = [
    `${count(points.length)} points`,
    ...[`${count(of('unfit'))} out of limits`, `${count(of('broken'))} broken`, `${count(of('lost'))} lost`].filter(
      (part) => !part.startsWith('0 '),
    ),
  ];
  const candidates = candidatesOf(points);
  const [best] = [...candidates].sort((a, b) => a.one.latencyMs - b.one.latencyMs);
  if (!best) return `${parts.join(', ')}.`;
  const values = Object.entries(best.point.values).map(([name, value]) => `${name} ${value}`);
  const named = candidates.map(({ point, one, fullest }) => ({ name: `#${point.index}`, ms: one.latencyMs, fullest }));
  const front = named.filter(
    (own) =>
      !named.some(
        (other) =>
          other.ms <= own.ms && other.fullest <= own.fullest && other.ms + other.fullest < own.ms + own.fullest,
      ),
  );
  return [
    `${parts.join(', ')}. Fastest that fits: #${best.point.index} (${values.join(', ')}), ${time(best.one.latencyMs / 1e3)} a model.`,
    `Nothing is as fast and takes less of its fullest resource: ${enumeration([...new Set(front.map(({ name }) => name))], MOST_NAMED)}.`,
  ].join('\n');
}

/** Of a front, in words; the JSON has all figures. */
const MOST_NAMED = 20;

/** What fits and ends, with the share of the resource that it takes most of. */
function candidatesOf(points: readonly PointResult[]) {
  return points
    .filter(({ state }) => state === 'ok')
    .flatMap((point) => point.accelerators.map((one) => ({ point, one })))
    .filter(({ one }) => !one.deadlock)
    .map(({ point, one }) => {
      const shares = Object.values(one.resources).map(({ used, available }) => (available > 0 ? used / available : 0));
      return { point, one, fullest: Math.max(0, ...shares) };
    });
}
