import type { Metric, MetricExpression } from '../design/design.ts';
import type { Related } from '../diagnostic.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { evaluate, measure } from '../estimate/metrics.ts';
import { count, share, significant, throughput, time } from '../format.ts';
import { kernelNamed, placeOf } from './places.ts';
import { estimateRule } from './rule.ts';
import { satisfy } from './satisfy.ts';
import { capital, quoted } from './words.ts';

const spec = (outputs: number) => `model query {
  input x : [tokens, 768]
  q = linear(x, 768)
  output q
}
accelerator a {
  device    u280 at 245 MHz
  model     query
  phase     forward(tokens: 512)
  precision W4A8
  kernel q  array 8 x ${outputs}  pack 2  weights hbm[3]
  require latency < 6 ms
}`;

export const requirementFailed = estimateRule({
  code: 'requirement-failed',
  severity: 'error',
  page: {
    summary: 'A requirement of the spec does not hold.',
    why: 'A `require` is a contract: whoever changes the design sees at once which promise it breaks.',
    failing: spec(8),
    mended: spec(16),
    remedies: [
      'Take one of the quick fixes: changes that were tried out and satisfy it.',
      'Look at the bottleneck that the message names: it is where a change helps.',
      'Relax the requirement.',
    ],
  },
  *find(estimate) {
    const { accelerator } = estimate;
    for (const { expression, span, text } of accelerator.requirements) {
      if (evaluate(expression, estimate) !== 0) continue;
      const asked = metricsOf(expression);
      const figures = asked.map((metric) => `${nameOf(metric)} is ${figure(metric, estimate)}`);
      const breaker = breakerOf(asked, estimate);
      const related: Related[] = breaker
        ? [
            {
              span: placeOf(accelerator, kernelNamed(accelerator, breaker.kernel), []),
              message: `${capital(breaker.why)}`,
            },
          ]
        : [];
      yield {
        span,
        message: `${quoted(text)} does not hold: ${figures.join(', ')}${excess(expression, estimate)}.${breaker ? ` ${capital(breaker.why)}.` : ''}`,
        related,
      };
    }
  },
  fix: ({ span, subject }, context) => satisfy(span, subject.accelerator ?? '', context),
});

/** The metrics of an expression, from left to right. */
export function metricsOf(expression: MetricExpression): Metric[] {
  switch (expression.kind) {
    case 'constant':
      return [];
    case 'metric':
      return [expression.metric];
    case 'binary':
      return [...metricsOf(expression.left), ...metricsOf(expression.right)];
  }
}

/** As specs write it: 'block.latency', 'use(slr1.dsp)' */
export function nameOf(metric: Metric): string {
  const place = [metric.die, metric.resource?.replace('36', '') ?? metric.memory].filter((part) => part !== undefined);
  return `${metric.scope ? `${metric.scope.name}.` : ''}${metric.name}${place.length === 0 ? '' : `(${place.join('.')})`}`;
}

export function figure(metric: Metric, estimate: AcceleratorEstimate): string {
  const value = measure(metric, estimate) ?? 0;
  switch (metric.name) {
    case 'use':
    case 'bandwidth':
      return share(value);
    case 'throughput':
      return throughput(value, metric.inResults ? { results: 1 } : estimate.accelerator.phase);
    case 'power':
      return `${significant(value)} W`;
    case 'energy.per_token':
      return `${significant(value)} J`;
    default:
      return time(value);
  }
}

/** ', 12% too much' where one side is a limit that somebody wrote. */
function excess(expression: MetricExpression, estimate: AcceleratorEstimate): string {
  if (expression.kind !== 'binary') return '';
  const [left, right] = [evaluate(expression.left, estimate), evaluate(expression.right, estimate)];
  if (left === undefined || right === undefined || left <= 0 || right <= 0) return '';
  const ratio =
    expression.right.kind === 'constant' ? left / right : expression.left.kind === 'constant' ? right / left : 1;
  if (ratio === 1) return '';
  if (ratio > 2) return `, ${ratio < 10 ? significant(ratio, 2) : count(ratio)} times the limit`;
  return ratio > 1 ? `, ${share(ratio - 1)} too much` : `, ${share(1 - ratio)} too little`;
}

/** What to look at first. */
function breakerOf(
  asked: readonly Metric[],
  { bottleneck, kernels }: AcceleratorEstimate,
): { kernel: string; why: string } | undefined {
  if (bottleneck && asked.some((metric) => /latency|interval|throughput/.test(metric.name))) {
    return { kernel: bottleneck.kernel, why: `‘${bottleneck.kernel}’ sets the pace: ${bottleneck.reason}` };
  }
  const use = asked.find(({ name, resource }) => name === 'use' && resource !== undefined && resource !== 'sll');
  if (!use) return undefined;
  const resource = use.resource as Exclude<typeof use.resource, 'sll' | undefined>;
  const [biggest] = kernels
    .filter((kernel) => use.die === undefined || kernel.die === use.die)
    .sort((a, b) => b.resources[resource].used - a.resources[resource].used);
  return biggest && { kernel: biggest.name, why: `‘${biggest.name}’ takes the most` };
}
