/** Whether the clauses of a kernel say something about what it computes. */
import type * as tree from '../../grammar/tree.ts';
import type { Asked } from './clauses.ts';
import type { Environment } from './expression.ts';
import { kindsOf } from './mapping.ts';
import { isAttention, isMatrixProduct } from './operators.ts';
import { textOf } from './report.ts';
import { formatNumber } from './units.ts';
import type { Operator } from './workload.ts';

/** What becomes of a tile of anything but whole attention. */
const untiled = 'weights are read again for each block of as many rows as the array has tokens';

/** Operators with loops that sum along a row, which can be built for a longer interval. */
const sums: ReadonlySet<Operator['kind']> = new Set(['softmax', 'layernorm', 'rmsnorm'] as const);

/** Reports each clause that means nothing to any of the operators that a kernel serves, in all parts of the work. */
export function checkClauses(
  node: tree.Kernel,
  name: string,
  turns: readonly (readonly Operator[])[],
  asked: Asked,
  env: Environment,
): void {
  const { report, file } = env;
  const operators = turns.flat();
  const product = operators.some((operator) => isMatrixProduct(operator.kind));
  const rows = operators.some((operator) => !isMatrixProduct(operator.kind));
  const trained = operators.some((operator) => operator.weights + operator.parameters > 0);
  const attention = operators.some((operator) => operator.keys > 0);
  // Two parts of the work have the same turns.
  const kinds = kindsOf({
    turns: [...new Map(turns.map((turn) => [turn.map(({ name }) => name).join(), turn])).values()],
  });
  for (const clause of node.clauses) {
    const fits =
      clause.word === 'array' || clause.word === 'pack' || clause.word === 'tile'
        ? { holds: product, expected: `‘lanes’: ${kinds} is no matrix product` }
        : clause.word === 'lanes'
          ? { holds: rows, expected: `‘array’: ${kinds} is a matrix product` }
          : clause.word === 'weights'
            ? { holds: trained, expected: `no weights: ${kinds} has no trained values` }
            : { holds: clause.word !== 'cache' || attention, expected: `no cache: ${kinds} keeps no keys or values` };
    if (!fits.holds) report.invalid(file, clause, clause.word, `a clause of ‘${name}’`, fits.expected);
    if (clause.word === 'tile' && fits.holds && !turns.every(isAttention))
      report.notModelled(file, clause, '‘tile’', untiled);
    if (clause.word === 'as' && !rows)
      report.notModelled(
        file,
        clause,
        '‘as’ of a matrix product',
        'it multiplies activations in the types of the precision',
      );
    if (clause.word === 'ii' && (asked.ii?.value ?? 1) > 1 && !operators.some(({ kind }) => sums.has(kind)))
      report.notModelled(file, clause, `‘ii’ of ${kinds}`, 'its loops start an iteration a cycle');
    if (clause.word === 'on' && asked.engines?.value && !product)
      report.invalid(file, clause, 'on', textOf(file, clause), `a die: ${kinds} is no matrix product`);
    if (clause.kind === 'storage' && clause.word === 'weights') checkStaging(clause, operators, env);
    if (clause.kind === 'replicate') checkReplicas(clause, operators, asked, env);
  }
}

/** Gain and bias are read once, ahead of their use: only weights of a product wait in front of an array. */
function checkStaging(
  { modes }: tree.StorageClause,
  operators: readonly Operator[],
  { report, file }: Environment,
): void {
  const via = modes.find(({ word }) => word === 'via');
  if (via && operators.every(({ weights }) => weights === 0) && operators.some(({ parameters }) => parameters > 0))
    report.invalid(file, via, 'via', textOf(file, via), 'no ‘via’: gain and bias are read once, ahead of their use');
}

/** More instances than there is to deal out: the rest would stand idle. */
function checkReplicas(
  clause: tree.ReplicateClause,
  operators: readonly Operator[],
  asked: Asked,
  env: Environment,
): void {
  const over = asked.over?.value;
  const count = asked.replicate?.value;
  if (!over || count === undefined) return;
  const extentOf = ({ heads, rows, columns }: Operator): number => ({ heads, tokens: rows, outputs: columns })[over];
  const widest = operators.reduce((best, operator) => (extentOf(operator) > extentOf(best) ? operator : best));
  const most = extentOf(widest);
  if (count <= most) return;
  const expected = `at most ${formatNumber(most)}: ‘${widest.name}’ has ${formatNumber(most)} ${most === 1 ? over.slice(0, -1) : over}`;
  env.report.invalid(env.file, clause, 'replicate', `${formatNumber(count)} over ${over}`, expected);
}
