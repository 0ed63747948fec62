/** Whether the clauses of a kernel say something about what it computes. */
import type * as tree from '../../../grammar/tree.ts';
import { isAttention, isMatrixProduct } from '../operators.ts';
import type { Environment } from '../terms/expression.ts';
import { textOf } from '../terms/report.ts';
import { formatNumber } from '../terms/units.ts';
import type { Operator } from '../workload.ts';
import type { Asked } from './clauses.ts';
import { kindsOf } from './mapping.ts';

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
  const distinct = [...new Map(turns.map((turn) => [turn.map(({ name }) => name).join(), turn])).values()];
  const kinds = kindsOf({ turns: distinct });
  for (const clause of node.clauses) {
    const fits =
      clause.word === 'array' || clause.word === 'pack' || clause.word === 'tile'
        ? { holds: product, expected: `‘lanes’, because ${kinds} is no matrix product` }
        : clause.word === 'lanes'
          ? { holds: rows, expected: `‘array’, because ${kinds} is a matrix product` }
          : clause.word === 'weights'
            ? { holds: trained, expected: `no weights: ${kinds} has no trained values` }
            : { holds: clause.word !== 'cache' || attention, expected: `no cache: ${kinds} keeps no keys or values` };
    if (!fits.holds) report.invalid(file, clause, `‘${clause.word}’ of ‘${name}’`, textOf(file, clause), fits.expected);
    const senseless = fits.holds ? withoutSense(clause, kinds, distinct, asked) : undefined;
    if (senseless !== undefined) report.invalid(file, clause, clause.word, textOf(file, clause), senseless);
    if (clause.word === 'on' && asked.engines?.value && !product)
      report.invalid(file, clause, 'on', textOf(file, clause), `a die: ${kinds} is no matrix product`);
    if (clause.kind === 'storage' && clause.word === 'weights') checkStaging(clause, operators, env);
    if (clause.kind === 'replicate') checkReplicas(clause, operators, asked, env);
  }
}

/** Why a clause that the kernel may have as such would change nothing about it, with what would. */
function withoutSense(
  { word }: tree.Clause,
  kinds: string,
  turns: readonly (readonly Operator[])[],
  asked: Asked,
): string | undefined {
  const operators = turns.flat();
  const product = operators.some(({ kind }) => isMatrixProduct(kind));
  switch (word) {
    case 'tile':
      if (turns.every(isAttention)) return undefined;
      if (!operators.some(({ kind }) => kind === 'linear'))
        return `no ‘tile’: ${kinds} reads no weights again; a tile is of a linear, or of ‘scores + softmax + context’ in one kernel`;
      if (turns.length > 1) return 'no ‘tile’: an array that takes operators in turn keeps the weights of none';
      return asked.weights?.value?.kind === 'on-chip'
        ? 'no ‘tile’: weights that are kept on the chip are read once a pass'
        : undefined;
    case 'as':
      return operators.every(({ keys, kind }) => isMatrixProduct(kind) && keys > 0)
        ? 'no ‘as’: queries, keys and values have the type of the activations; a ‘precision’ says which'
        : undefined;
    case 'ii':
      if ((asked.ii?.value ?? 1) <= 1 || operators.some(({ kind }) => sums.has(kind))) return undefined;
      return `no ‘ii’: the loops of ${kinds} start an iteration a cycle; ${product ? 'a smaller ‘array’ takes' : 'fewer ‘lanes’ take'} as much longer and less of the chip`;
    default:
      return undefined;
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
