/** What repeats is repeated: passes of millions of words end after some ten thousand events. */
import { expect, test } from 'vitest';
import { compile } from '../../../server/estimate/flow/compile.ts';
import { runFlow } from '../../../server/estimate/flow/run.ts';
import { lower } from '../../../server/estimate/lower/lower.ts';
import { type Graph, graphOf } from '../../../server/estimate/time/timeline.ts';
import { bert, designOf, specText } from '../example.ts';

function graph(text: string): Graph {
  const [accelerator] = designOf(text).accelerators;
  if (!accelerator) throw new Error('no accelerator');
  const { units, fifos } = lower(accelerator).whole;
  const depth = (asked: number | 'auto') => (asked === 'auto' ? 2 : asked);
  return graphOf(units, fifos, (fifo) => depth(fifo.asked), accelerator.clock.value, { paceOf: () => 1 });
}

const whole = (model: string, phase: string) => `accelerator a { device u280 model ${model} phase ${phase} }`;

// An image network has as many paces as it has sizes of image, so that few of its rounds are alike: what keeps it cheap is that
// small jobs without a seam are one job (converters), and that a large image is a job a row.
test.each([
  ['the example', bert, 12_500],
  ['VGG-16 with rows of pixels', specText('vgg16_zcu102'), 170_000],
  ['VGG-16 of the library', whole('vgg16', 'forward'), 100_000],
  ['ResNet-50', whole('resnet50', 'forward'), 260_000],
  ['a prompt of 4,096 tokens through Llama 2', whole('llama2_7b', 'prefill(tokens: 4096)'), 15_000],
])('%s ends', (_, text, most) => {
  const { growable, ...rest } = graph(text);
  const run = runFlow(compile(rest, growable), { growable, budget: 1_000_000 });
  expect(run.status).toBe('finished');
  expect(run.events).toBeLessThan(most);
});

test('steps over rounds within rounds end in the same cycle as a run through every event', () => {
  const { growable, ...rest } = graph(bert);
  const compiled = compile(rest, growable);
  const stepped = runFlow(compiled, { growable });
  const through = runFlow(compiled, { growable, repeat: false });
  expect(stepped.events).toBeLessThan(through.events / 3);
  expect(stepped.end).toBeCloseTo(through.end, 2);
  stepped.processes.forEach(({ start, end }, p) => {
    expect(start).toBeCloseTo(through.processes[p]!.start, 2);
    expect(end).toBeCloseTo(through.processes[p]!.end, 2);
  });
});
