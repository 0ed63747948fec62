/** A layer whose netlist is wired wrong: the sources agree with the netlist, so that only the model can tell. */
import { expect, test } from 'vitest';
import { emit } from '../../server/emit/emit.ts';
import type { AcceleratorEstimate, FifoEstimate } from '../../server/estimate/estimate.ts';
import { estimateOf, folders } from './projects.ts';

const disk = folders();
const spec = `
  model small(hidden) {
    input rows : [tokens, hidden]
    layer main(rows) repeat 1 {
      a = linear(rows, hidden)
      b = linear(rows, hidden)
      s = add(a, b)
      output s
    }
    output main
  }
  accelerator swapped {
    device    u280 at 200 MHz
    model     small(hidden: 16)
    phase     forward(tokens: 6)
    precision W8A8
    kernel a array 2 x 2  on slr0
    kernel b array 2 x 2  on slr0
    kernel s lanes 2  on slr0
  }`;

/** The same with the first streams behind two units exchanged. */
function exchanged(estimate: AcceleratorEstimate, one: string, other: string): AcceleratorEstimate {
  const of = (unit: string): FifoEstimate => estimate.fifos.find(({ fifo }) => fifo.from.unit === unit)!;
  const from = new Map([
    [of(one), of(other).fifo.from],
    [of(other), of(one).fifo.from],
  ]);
  const fifos = estimate.fifos.map((each) => ({
    ...each,
    fifo: { ...each.fifo, from: from.get(each) ?? each.fifo.from },
  }));
  return { ...estimate, fifos, netlist: { ...estimate.netlist, fifos: fifos.map(({ fifo }) => fifo) } };
}

test('a sum whose two sides are exchanged is the same sum, and fails by the wiring alone', async () => {
  const locate = () => ({ file: 'main.weft', line: 1 });
  const project = emit(exchanged(estimateOf(spec), 'a', 'b'), { version: '0.0.0-test', locate });
  if ('refused' in project) throw new Error(project.refused.join('; '));
  const { code, output } = await (await disk.write(project)).makeQuickly('csim');
  expect(output).toMatch(/^s add int8 within .*: 96 of 96,/m);
  const failed = output.match(/.* FAILED$/gm) ?? [];
  expect(failed.map((line) => line.replace(/ bit-exact.*/, ''))).toEqual(['s.a reads a', 's.b reads b']);
  expect(code).not.toBe(0);
});
