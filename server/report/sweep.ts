/** What the points of a sweep came to: one table, and the same as JSON. */
import { count, share, significant, time } from '../format.ts';
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

/** The fastest of those that fit, and what became of the others. */
function summary(points: readonly PointResult[]): string {
  const of = (state: PointState): number => points.filter((point) => point.state === state).length;
  const parts = [
    `${count(points.length)} points`,
    ...[`${count(of('unfit'))} out of limits`, `${count(of('broken'))} broken`, `${count(of('lost'))} lost`].filter(
      (part) => !part.startsWith('0 '),
    ),
  ];
  const candidates = points.flatMap((point) =>
    point.state === 'ok' ? point.accelerators.filter(({ deadlock }) => !deadlock).map((one) => ({ point, one })) : [],
  );
  const best = candidates.reduce<(typeof candidates)[number] | undefined>(
    (least, next) => (least && least.one.latencyMs <= next.one.latencyMs ? least : next),
    undefined,
  );
  const values = Object.entries(best?.point.values ?? {}).map(([name, value]) => `${name} ${value}`);
  const line = best
    ? `. Fastest that fits: #${best.point.index} (${values.join(', ')}), ${time(best.one.latencyMs / 1e3)} a model.`
    : '.';
  return parts.join(', ') + line;
}
