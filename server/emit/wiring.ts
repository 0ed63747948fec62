/**
 * The test bench's checks of the wiring. Each other check takes what a kernel received as it came; these hold it, bit by bit, to
 * what the operator gave that the model names there, however many forks, converters, dies and memories lie between. A layer's
 * tolerance cannot do that: behind a causal mask it is wider than many a wrong wire is wrong.
 */
import type { Operator } from '../design/workload.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import type { Unit } from '../estimate/netlist.ts';
import type { Tapes } from './tapes.ts';
import type { Joint, Tensors } from './tensors.ts';

/** What the model says that operators in one unit read at a port: the name of an operator, or of the layer's input. */
function operandOf(operators: readonly Operator[], port: string): string {
  const own = new Set(operators.map(({ name }) => name));
  const operands = operators.flatMap(({ inputs }) => inputs.map(({ name }) => name).filter((name) => !own.has(name)));
  const second = port === 'b' || port === 'k' || port === 'keys';
  const last = port === 'v' || port === 'values' || port === 'cache';
  return (last ? operands.at(-1) : operands[second ? 1 : 0])!;
}

/**
 * A line of the test bench; none where the stream leads straight from that operator.
 *
 * @param joint where the values are read: the port itself, or that of the cache before it
 */
export function wiringCheck(
  { id, operators }: Pick<Unit, 'id' | 'operators'>,
  port: string,
  joint: Joint,
  { tensors, tapes, estimate }: { tensors: Tensors; tapes: Tapes; estimate: AcceleratorEstimate },
): string[] {
  const name = operandOf(operators, port);
  return sameAs(name, `${id}.${port}`, joint, { tensors, tapes, estimate });
}

/** The same for the result of the layer, which the model names too. */
export function resultCheck(
  { id }: Unit,
  joint: Joint,
  bench: { tensors: Tensors; tapes: Tapes; estimate: AcceleratorEstimate },
): string[] {
  return sameAs(bench.estimate.accelerator.model.layer.output, `${id}.in`, joint, bench);
}

function sameAs(
  name: string,
  where: string,
  joint: Joint,
  { tensors, tapes, estimate }: { tensors: Tensors; tapes: Tapes; estimate: AcceleratorEstimate },
): string[] {
  const given = estimate.netlist.units
    .filter(({ role }) => role === 'operator')
    .flatMap((unit) => tensors.outputs(unit))
    .find(({ tensor, word }) => tensor.name === name && word.element === joint.word.element);
  if (given?.fifo === joint.fifo) return [];
  const expected = given ? tapes.tensor(given, 'written') : 'input';
  return [`    result.exact("${where}", "reads ${name}", ${expected}, ${tapes.tensor(joint, 'read')});`];
}
