import type { Metric, MetricExpression } from '../design/design.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { evaluate, measure } from '../estimate/metrics.ts';
import { share, significant, time } from '../format.ts';
import { estimateRule } from './rule.ts';

export const requirementFailed = estimateRule({
  code: 'requirement-failed',
  severity: 'error',
  page: {
    summary: 'A requirement of the spec does not hold.',
    why: 'A `require` is a contract: whoever changes the design sees at once which promise it breaks.',
    failing: `accelerator a {
  device u280 at 245 MHz
  model  bert_base
  phase  forward(tokens: 512)
  require block.latency < 1 us
}`,
    mended: `accelerator a {
  device u280 at 245 MHz
  model  bert_base
  phase  forward(tokens: 512)
  require block.latency < 10 s
}`,
    remedies: ['Look at the bottleneck that the message names: it is where a change helps.', 'Relax the requirement.'],
  },
  *find(estimate) {
    for (const { expression, span, text } of estimate.accelerator.requirements) {
      if (evaluate(expression, estimate) !== 0) continue;
      const figures = metrics(expression).map((metric) => `${metricName(metric)} is ${figure(metric, estimate)}`);
      yield {
        span,
        message: `Not met: ${text}. ${capital(figures.join(', '))}${breaker(metrics(expression), estimate)}.`,
      };
    }
  },
});

function metrics(expression: MetricExpression): Metric[] {
  switch (expression.kind) {
    case 'constant':
      return [];
    case 'metric':
      return [expression.metric];
    case 'binary':
      return [...metrics(expression.left), ...metrics(expression.right)];
  }
}

function metricName(metric: Metric): string {
  const place = [metric.die, metric.resource ?? metric.memory].filter((part) => part !== undefined).join('.');
  return `${metric.scope ? `${metric.scope.name}.` : ''}${metric.name}${place === '' ? '' : `(${place})`}`;
}

function figure(metric: Metric, estimate: AcceleratorEstimate): string {
  const value = measure(metric, estimate);
  if (value === undefined) return 'not estimated';
  switch (metric.name) {
    case 'use':
    case 'bandwidth':
      return share(value);
    case 'throughput':
      return `${significant(value)} tok/s`;
    case 'power':
      return `${significant(value)} W`;
    case 'energy.per_token':
      return `${significant(value)} J`;
    default:
      return time(value);
  }
}

/** What to look at first. */
function breaker(asked: readonly Metric[], estimate: AcceleratorEstimate): string {
  const timed = asked.some((metric) => /latency|interval|throughput/.test(metric.name));
  if (timed && estimate.bottleneck)
    return `; ‘${estimate.bottleneck.kernel}’ sets the pace: ${estimate.bottleneck.reason}`;
  const use = asked.find(
    (metric) => metric.name === 'use' && metric.resource !== undefined && metric.resource !== 'sll',
  );
  if (!use) return '';
  const resource = use.resource as Exclude<typeof use.resource, 'sll' | undefined>;
  const users = estimate.kernels
    .filter((kernel) => use.die === undefined || kernel.die === use.die)
    .sort((a, b) => b.resources[resource].used - a.resources[resource].used);
  return users[0] ? `; ‘${users[0].name}’ takes the most` : '';
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
