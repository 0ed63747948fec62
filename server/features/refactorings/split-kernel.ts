/** *Split this kernel per operator*: a unit each for operators that one unit computed in turn or fused. */
import { CodeActionKind } from 'vscode-languageserver-protocol';
import type * as tree from '../../../grammar/tree.ts';
import type { Kernel } from '../../design/design.ts';
import { isMatrixProduct } from '../../design/operators.ts';
import type { Operator } from '../../design/workload.ts';
import { linesOf } from '../lines-of.ts';
import { type Edit, overlaps, type Refactoring, replaced, type Selection, unitsOf } from './refactoring.ts';

export function splitKernel(selection: Selection): Refactoring[] {
  const { accelerator, estimate } = selection;
  const found = unitsOf(accelerator).filter(({ node }) => overlaps(node, selection));
  const node = found.length === 1 ? found[0]!.node : undefined;
  if (node?.kind !== 'kernel' || !node.turns) return [];
  const kernel = estimate.accelerator.kernels.find(({ auto, span }) => !auto && span.start === node.range.start);
  if (!kernel || kernel.turns.flat().length < 2) return [];
  return [
    {
      kind: CodeActionKind.RefactorRewrite,
      title: `Split ‘${kernel.name}’ per operator`,
      changesHardware: true,
      edits: () => [split(selection, node, kernel)],
    },
  ];
}

function split(selection: Selection, node: tree.Kernel, kernel: Kernel): Edit[] {
  const { snapshot, accelerator, estimate } = selection;
  const { text, parsed } = snapshot.analysis;
  const indent = linesOf(snapshot).indentOf(node);
  const operators = kernel.turns.flat();
  const taken = new Set(estimate.accelerator.kernels.filter((one) => one !== kernel).map(({ name }) => name));
  const lines = operators.map((operator) => {
    const name = taken.has(operator.name) ? `${kernel.name}_${operator.name} : ${operator.name}` : operator.name;
    const clauses = node.clauses.filter((clause) => fits(clause, operator));
    return [`kernel ${name}`, ...clauses.map(({ range }) => text.slice(range.start, range.end))].join('  ');
  });
  // Comments between its parts would be lost: they go above.
  const inside = parsed.comments.filter(({ range }) => node.range.start < range.start && range.end < node.range.end);
  const newText = [...inside.map((comment) => comment.text.trimEnd()), ...lines].join(`\n${indent}`);
  return [replaced(node, newText), ...renamedEnds(accelerator, kernel, operators)];
}

/** The clauses that say something about a kind of operator go to the operators of that kind. */
function fits({ word }: tree.Clause, { kind, weights, parameters, keys }: Operator): boolean {
  switch (word) {
    case 'array':
    case 'pack':
    case 'tile':
      return isMatrixProduct(kind);
    case 'lanes':
      return !isMatrixProduct(kind);
    case 'weights':
      return weights + parameters > 0;
    case 'cache':
      return keys > 0;
    default:
      return true;
  }
}

/** A kernel as an end of a stream is its last operator where it gives, its first where it takes. */
function renamedEnds(accelerator: tree.Accelerator, { name }: Kernel, operators: readonly Operator[]): Edit[] {
  if (operators.some((operator) => operator.name === name)) return [];
  return unitsOf(accelerator).flatMap(({ node }) => {
    if (node.kind !== 'stream') return [];
    const end = (place: tree.Place | undefined, operator: Operator): Edit[] => {
      const part = place?.parts[0];
      return part?.name.text === name ? [replaced(part.name, operator.name)] : [];
    };
    return [...end(node.from, operators.at(-1)!), ...node.to.flatMap((place) => end(place, operators[0]!))];
  });
}
