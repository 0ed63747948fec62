/** The test bench's checks of single units: each against the reference on the very inputs that its kernel received. */
import type { ElementType } from '../design/workload.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import type { Unit } from '../estimate/netlist.ts';
import { floatParts } from '../kernels/common/array.ts';
import { isInteger } from '../kernels/word.ts';
import { expectedValue, isExact, isProduct } from './expected.ts';
import { cacheMemories } from './history.ts';
import { identifier } from './names.ts';
import { stepOf } from './scales.ts';
import type { Tapes } from './tapes.ts';
import { isTiled, type Joint, mainOperator, type Tensors } from './tensors.ts';
import { keysOf } from './tokens.ts';
import type { Top } from './tops.ts';
import { literal, networkType, roundingOf } from './types.ts';
import { resultCheck, wiringCheck } from './wiring.ts';

/** Each turn of an array by itself. */
export function operatorChecks(unit: Unit, tensors: Tensors, tapes: Tapes, estimate: AcceleratorEstimate): string {
  if (!unit.turns) return operatorCheck(unit, tensors, tapes, estimate);
  return unit.turns
    .map((operators) => operatorCheck({ ...unit, operators }, tensors, tapes, estimate, `_${operators[0]!.name}`))
    .join('');
}

/** Ports behind which K or V is kept in memory. */
const keptPorts = ['cache', 'keys', 'values'] as const;

/** Integer operators bit by bit, the others within a tolerance. `turn`: how the ports of the operators end. */
function operatorCheck(
  unit: Unit,
  tensors: Tensors,
  tapes: Tapes,
  estimate: AcceleratorEstimate,
  turn?: string,
): string {
  const own = (port: string): boolean => turn === undefined || port === `in${turn}` || port === `out${turn}`;
  const plain = (joint: Joint): Joint => (turn === undefined ? joint : { ...joint, port: joint.port.split('_')[0]! });
  const inputs = unit.instance.streams
    .filter((stream) => stream.direction === 'in' && own(stream.name))
    .flatMap((stream) => tensors.input(unit, stream.name) ?? [])
    .map(plain);
  const kept = keptPorts.map((port) => tensors.cached(unit, port));
  const outputs = uniquePorts(tensors.outputs(unit).filter(({ port }) => own(port))).map(plain);
  const operand = (port: string): Joint => inputs.find((joint) => joint.port === port)!;
  const kinds = unit.operators.map((operator) => operator.kind).join(' + ');
  const exact = isExact(unit, estimate);
  const lines = [`  {  // ${unit.operators.map((operator) => operator.name).join(' + ')}`];
  if ([...inputs, ...outputs].some(({ tensor }) => tensor.heads > 1))
    lines.push(`    constexpr int keys = ${keysOf(estimate)};`);
  lines.push(...inputs.map((joint) => `    const auto ${identifier(joint.port)} = ${tapes.tensor(joint, 'read')};`));
  const bench = { tensors, tapes, estimate };
  lines.push(...inputs.flatMap((joint) => wiringCheck(unit, joint.port, joint, bench)));
  for (const [index, joint] of kept.entries()) {
    if (!joint) continue;
    lines.push(...wiringCheck(unit, keptPorts[index]!, joint, bench));
    // of the rows so far, the last ones as the cache received them
    const name = index === 1 || (index === 0 && mainOperator(unit).kind === 'scores') ? 'k' : 'v';
    lines.push(
      `    const auto ${name} = reference::below(h.${identifier(joint.tensor.name)}, ${tapes.tensor(joint, 'read')});`,
    );
  }
  lines.push(`    const auto expected = ${expectedValue(unit, operand, estimate)};`);
  for (const out of outputs) {
    const { element } = out.word;
    const found = tapes.tensor(out, 'written');
    const name = `"${unit.id}${turn ?? ''}${outputs.length > 1 ? `.${out.port}` : ''}"`;
    if (exact) {
      const expected =
        element === 'fp32' ? 'expected' : `reference::saturated<${networkType(element, estimate)}>(expected)`;
      lines.push(`    result.exact(${name}, "${kinds} ${element}", ${expected}, ${found});`);
    } else if (isProduct(unit) && unit.operators.length === 1) {
      lines.push(...sumsCheck(unit, estimate, name, `${kinds} ${element}`, element, found));
    } else if (!isInteger(element)) {
      const { absolute, relative } = roundingOf(element);
      lines.push(
        `    result.near(${name}, "${kinds} ${element}", reference::to_real(expected), reference::to_real(${found}), ${literal(realTolerance.absolute + absolute)}, ${literal(realTolerance.relative + relative)}, "");`,
      );
    } else {
      // One step is the size of the smallest difference; half of it is lost in rounding anyway.
      const tolerance = isTiled(unit) ? tiledTolerance : stepTolerance;
      lines.push(
        `    result.near(${name}, "${kinds} ${element}", reference::steps<${networkType(element, estimate)}>(reference::to_real(expected), ${stepOf(out.form)}), reference::to_real(${found}), ${tolerance}, 0.0, " steps");`,
      );
    }
  }
  lines.push('  }\n');
  return lines.join('\n');
}

/**
 * A product in floating point: every term is rounded when it is multiplied and on its way through the partial sums, then the
 * scale and the bias, in units of 2^-24 of the sum of the terms' sizes.
 */
function sumsCheck(
  unit: Unit,
  estimate: AcceleratorEstimate,
  name: string,
  what: string,
  element: ElementType,
  found: string,
): string[] {
  const operator = mainOperator(unit);
  const { reduction, keys } = operator;
  const terms = operator.kind === 'context' ? keys : reduction;
  const roundings = Math.ceil(terms / floatParts) + floatParts + Math.ceil(Math.log2(Math.max(2, terms))) + 4;
  const sizes = expectedValue(unit, () => ({}) as Joint, estimate)
    .replaceAll(/\((in|q), /g, '(reference::absolute($1), ')
    .replaceAll(/, (k|v), /g, ', reference::absolute($1), ')
    .replaceAll(/(m\.\w+\.values)/g, 'reference::absolute($1)')
    .replace(/(m\.\w+_epilogue\.bias)/, 'reference::absolute($1)');
  const rounding = roundingOf(element);
  return [
    `    const auto sizes = reference::to_real(${sizes});`,
    `    result.near_sums(${name}, "${what}", reference::to_real(expected), sizes, reference::to_real(${found}), ${literal(roundings * 2 ** -24)}, ${literal(rounding.relative + 2 ** -23)}, ${literal(rounding.absolute)});`,
  ];
}

/** Loaders, writers, forks and converters: what comes out is what went in. */
export function movementCheck(unit: Unit, tensors: Tensors, tapes: Tapes, estimate: AcceleratorEstimate): string {
  const input = tensors.input(unit, 'in');
  const outputs = tensors.outputs(unit);
  const joints = [...(input ? [input] : []), ...outputs];
  const keys = joints.some(({ tensor }) => tensor.heads > 1) ? [`    constexpr int keys = ${keysOf(estimate)};`] : [];
  const expected = input ? tapes.tensor(input, 'read') : 'input';
  const found = outputs.map((out) => ({
    suffix: outputs.length > 1 ? `.${out.port}` : '',
    value: tapes.tensor(out, 'written'),
  }));
  if (unit.role === 'store') found.push({ suffix: '', value: 'output' });
  const { element } = joints[0]!.word;
  const code = [
    `  {  // ${unit.id}`,
    ...keys,
    ...(unit.role === 'store' && input ? resultCheck(unit, input, { tensors, tapes, estimate }) : []),
    `    const auto expected = ${expected};`,
    ...found.map(
      ({ suffix, value }) => `    result.exact("${unit.id}${suffix}", "${unit.role} ${element}", expected, ${value});`,
    ),
    '  }\n',
  ];
  return code.join('\n');
}

/** What lies in memory behind the pass: the rows of before with the new one at their end, to the byte. */
export function cacheCheck(unit: Unit, tensors: Tensors, tapes: Tapes, tops: readonly Top[]): string {
  const row = tensors.input(unit, 'row')!;
  const memory = cacheMemories(tops).find((each) => each.unit === unit)!;
  return `  {  // ${unit.id}
    const auto row = ${tapes.tensor(row, 'read')};
    const auto expected = network::${memory.name}_image(reference::below(h.${identifier(row.tensor.name)}, row));
    result.exact("${unit.id}", "cache grown ${row.word.element}", tape::row(expected.data(), expected.size()), tape::row(${memory.name}, expected.size()));
  }
`;
}

/** Single precision against double; the library's exp, rsqrt and gelu are good to about 2^-20. */
const realTolerance = { absolute: 1e-5, relative: 1e-5 };

const stepTolerance = '0.51';

/** A probability that lies between two steps, to single precision, may be rounded to either. */
const tiledTolerance = '1.51';

/** A fork behind a port makes no difference to what the port gives: one check a port. */
function uniquePorts(joints: readonly Joint[]): Joint[] {
  return joints.filter((joint, index) => joints.findIndex((other) => other.port === joint.port) === index);
}
