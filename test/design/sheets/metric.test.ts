import { expect, test } from 'vitest';
import { acceleratorOf } from '../../kit/sources.ts';

const bert = (statements: string): string =>
  `accelerator a { device u280 model bert_base phase forward(tokens: 512) region r on slr1 { kernel q } ${statements} }`;
const required = (condition: string) => acceleratorOf(bert(`require ${condition}`)).requirements[0]?.expression;

test('a contract: a metric with its scope, and a bound in base units', () => {
  expect(required('block.latency < 30 ms')).toMatchObject({
    kind: 'binary',
    operator: '<',
    left: { kind: 'metric', metric: { name: 'latency', scope: { sort: 'layer', name: 'block' } }, unit: 'time' },
    right: { kind: 'constant', value: 0.03, unit: 'time' },
  });
});

test('what stands in front of a metric', () => {
  const scope = (text: string) =>
    (required(`${text} < 1 ms`) as { left: { metric: { scope?: unknown } } }).left.metric.scope;
  expect(scope('latency')).toBeUndefined();
  expect(scope('r.latency')).toEqual({ sort: 'region', name: 'r' });
  expect(scope('softmax.latency')).toEqual({ sort: 'kernel', name: 'softmax' });
  expect(scope('prefill.latency')).toEqual({ sort: 'phase', name: 'prefill' });
  expect(scope('decode.latency.per_token')).toEqual({ sort: 'phase', name: 'decode' });
});

test('use of a card or a die, bandwidth of a memory', () => {
  const metric = (text: string) => (required(`${text} < 80%`) as { left: { metric: unknown } }).left.metric;
  expect(metric('use(bram)')).toEqual({ name: 'use', resource: 'bram36' });
  expect(metric('use(slr1.dsp)')).toEqual({ name: 'use', resource: 'dsp', die: 'slr1' });
  expect(metric('use(sll)')).toEqual({ name: 'use', resource: 'sll' });
  expect(metric('bandwidth(hbm)')).toEqual({ name: 'bandwidth', memory: 'hbm' });
});

test('constants are folded, and throughput may count frames', () => {
  const text = bert('let target = 10 ms  require latency < 2 * target + 1 ms');
  expect(acceleratorOf(text).requirements[0]?.expression).toMatchObject({ right: { kind: 'constant', value: 0.021 } });
  expect(required('throughput > 30 frame/s')).toMatchObject({
    left: { metric: { name: 'throughput', inResults: true } },
    right: { unit: 'frame-rate' },
  });
});

test('objectives weigh different things; contracts keep their text', () => {
  const accelerator = acceleratorOf(
    bert('minimize latency + 0.1 * use(lut)  maximize throughput  require latency  <  3 ms'),
  );
  expect(accelerator.objectives.map(({ direction, text }) => [direction, text])).toEqual([
    ['minimize', 'latency + 0.1 * use(lut)'],
    ['maximize', 'throughput'],
  ]);
  expect(accelerator.requirements.map(({ text }) => text)).toEqual(['latency < 3 ms']);
});
