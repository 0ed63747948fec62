/** `require`, `minimize`, `maximize` of an accelerator. */
import type * as tree from '../../grammar/tree.ts';
import type { Accelerator, Requirement } from './design.ts';
import type { ResolvedDevice } from './sheets/device.ts';
import { isCondition, MetricReader, type Scopes } from './sheets/metric.ts';
import type { Statements } from './statements.ts';
import type { Environment } from './terms/expression.ts';
import { spanOf, textOf } from './terms/report.ts';

/** Contracts and objectives, checked; `scopes` are the names that may stand in front of a metric. */
export function requirementsOf(
  statements: Statements,
  device: ResolvedDevice | undefined,
  scopes: Scopes,
  env: Environment,
): Pick<Accelerator, 'requirements' | 'objectives'> {
  const { report, file } = env;
  const requirement = (
    node: tree.Require | tree.Objective,
    asked: tree.Expression | undefined,
  ): Requirement | undefined => {
    const expression = new MetricReader(env, device, scopes, node.kind === 'objective').read(asked);
    return expression && asked && { span: spanOf(file, node), expression, text: textOf(file, asked) };
  };
  const requirements = statements.of('require').flatMap((node) => {
    const { condition } = node;
    if (condition && !isCondition(condition)) {
      report.invalid(file, condition, 'require', textOf(file, condition), 'a comparison, such as latency < 30 ms');
      return [];
    }
    return requirement(node, condition) ?? [];
  });
  const objectives = statements.of('objective').flatMap((node) => {
    const read = requirement(node, node.value);
    return read ? [{ ...read, direction: node.direction }] : [];
  });
  return { requirements, objectives };
}
