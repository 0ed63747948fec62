import { expect, test } from 'vitest';
import { weft } from './weft.ts';

const example = 'examples/bert_u280.weft';

test('weft explain prints a figure with formula, inputs and source', async () => {
  const { code, out, err } = await weft('explain', example, 'q.cycles');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(
    /^bert_u280\n\nkernels\.q\.cycles = 1,190,451 cycles\n {2}= blocks .*\n {2}= 64 .*\n.*\n {2}from: loops of linear\.h\n$/,
  );
});

test('and of a file, all of them, as the JSON of the estimate has them', async () => {
  const [explained, estimated] = await Promise.all([
    weft('explain', example, '--json'),
    weft('estimate', example, '--json'),
  ]);
  const [{ accelerator, explanations }] = JSON.parse(explained.out).accelerators;
  expect(accelerator).toBe('bert_u280');
  expect(explanations).toEqual(JSON.parse(estimated.out).accelerators[0].explanations);
});

test('of a figure that there is none of says which there are', async () => {
  const { code, err } = await weft('explain', example, 'qq');
  expect(code).toBe(2);
  expect(err).toContain('No figure is called ‘qq’. There are those of q, k, v,');
});
