/** Scalar arguments of the tops as C++ expressions over what the host knows of a layer. */
import type { Operator } from '../design/workload.ts';
import type { Unit } from '../estimate/netlist.ts';
import { isInteger } from '../kernels/word.ts';
import { isTiled, mainOperator, type Tensors } from './tensors.ts';
import type { TopScalar } from './tops.ts';

/** The size of one step of a form of a tensor, as host/layer.h names it. */
export const stepOf = (form: string): string => `m.step.${form}`;

/** The value that the host gives a scalar; undefined where the exporter does not know what it stands for. */
export function scalarValue({ unit, scalar }: TopScalar, tensors: Tensors): string | undefined {
  switch (scalar.name) {
    case 'offset':
      return '0';
    case 'epsilon':
      return 'epsilon';
    case 'past':
      return 'past';
    case 'scale':
      return isTiled(unit) ? contextScale(unit, tensors) : productScale(unit, tensors);
    case 'score_scale':
      return scoreScale(unit, tensors);
  }
  const [, port, inverse] = /^(\w+?)(_inverse)?_scale$/.exec(scalar.name) ?? [];
  if (port === undefined) return undefined;
  const joint = inverse ? tensors.outputs(unit).find((out) => out.port === port) : tensors.input(unit, port);
  if (!joint) return undefined;
  return inverse ? `1.0f / ${stepOf(joint.form)}` : stepOf(joint.form);
}

/** Product of two integer tensors: both steps, 1 / √(head dimension) for scores, over the step of an integer result. */
function productScale(unit: Unit, tensors: Tensors): string | undefined {
  const operator = mainOperator(unit);
  if (operator.kind === 'avgpool') return meanScale(unit, operator, tensors);
  const ports = operator.kind === 'scores' ? ['q', 'k'] : operator.kind === 'context' ? ['in', 'v'] : [];
  const factors = ports.flatMap((port) => (tensors.input(unit, port) ?? tensors.cached(unit))?.form ?? []);
  const [out] = tensors.outputs(unit);
  if (factors.length !== 2 || !out) return undefined;
  const steps = factors.map((form) => `static_cast<double>(${stepOf(form)})`).join(' * ');
  const root = operator.kind === 'scores' ? ` / std::sqrt(${operator.reduction}.0)` : '';
  const over = !isInteger(out.word.element) ? '' : ` / static_cast<double>(${stepOf(out.form)})`;
  return `static_cast<float>(${steps}${root}${over})`;
}

/** Of whole attention: both steps of its scores over √(head dimension); they stay fp32. */
function scoreScale(unit: Unit, tensors: Tensors): string | undefined {
  const names = [tensors.input(unit, 'q'), tensors.cached(unit, 'keys')].flatMap((joint) => joint?.form ?? []);
  if (names.length !== 2) return undefined;
  const steps = names.map((form) => `static_cast<double>(${stepOf(form)})`).join(' * ');
  return `static_cast<float>(${steps} / std::sqrt(${mainOperator(unit).reduction}.0))`;
}

/** Its probabilities sum up to 1: the step of v over that of an integer result. */
function contextScale(unit: Unit, tensors: Tensors): string | undefined {
  const values = tensors.cached(unit, 'values');
  const [out] = tensors.outputs(unit);
  if (!values || !out) return undefined;
  const over = out.word.element === 'fp32' ? '' : ` / static_cast<double>(${stepOf(out.form)})`;
  return `static_cast<float>(static_cast<double>(${stepOf(values.form)})${over})`;
}

/** Mean of a window of integers: its step, shared out over the window, over the step of an integer result. */
function meanScale(unit: Unit, operator: Operator, tensors: Tensors): string | undefined {
  const input = tensors.input(unit, 'in');
  const [out] = tensors.outputs(unit);
  if (!input || !out) return undefined;
  const over = !isInteger(out.word.element) ? '' : ` / static_cast<double>(${stepOf(out.form)})`;
  return `static_cast<float>(static_cast<double>(${stepOf(input.form)}) / ${(operator.window?.size ?? 1) ** 2}.0${over})`;
}
