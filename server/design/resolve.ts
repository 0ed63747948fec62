/** Tree → design: the whole of this folder behind one function. */
import type * as tree from '../../grammar/tree.ts';
import { resolveAccelerator } from './accelerator.ts';
import { Context } from './context.ts';
import type { Accelerator, Definition, Design, DesignProblem } from './design.ts';
import { checkModel } from './names.ts';
import { definition, spanOf } from './report.ts';
import { type FileScope, type SourceSet, sortOf } from './scope.ts';

/**
 * What a file means, with everything that it imports. Pure and total: whatever is wrong, of the file and of its imports, is
 * among the problems; an accelerator without a card or a model is left out. A file that `sources` does not have is empty.
 */
export function resolve(file: string, sources: SourceSet): Design {
  const context = new Context(file, sources);
  const { report } = context;
  const main = context.files.open(file);
  if (!main) return { file, accelerators: [], problems: [], bindings: [], definitions: [] };
  const accelerators: Accelerator[] = [];
  for (const scope of new Set([main, ...context.files.workspace])) {
    for (const problem of scope.parsed.problems) {
      const span = { file: scope.uri, start: problem.range.start, end: problem.range.end };
      report.problem({ code: 'syntax', span, problem });
    }
    for (const node of scope.parsed.tree.declarations) {
      if (node.kind === 'import' || isSecond(node, scope, context)) continue;
      if (node.kind !== 'accelerator') declare(node, scope, context);
      else if (scope === main) {
        const accelerator = resolveAccelerator(node, scope, context);
        if (node.name)
          report.define(definition('accelerator', scope, node.name, node, accelerator && detailOf(accelerator)));
        if (accelerator) accelerators.push(accelerator);
      }
    }
  }
  const problems = withoutEchoes(report.problems, [main, ...context.files.workspace]);
  return { file, accelerators, problems, bindings: report.bindings, definitions: report.definitions };
}

/** A second declaration of a name is reported; of accelerators it is resolved all the same, nobody refers to them. */
function isSecond(node: Exclude<tree.Declaration, tree.Import>, scope: FileScope, context: Context): boolean {
  const sort = sortOf(node);
  const first = node.name && scope.declared[sort].get(node.name.text);
  if (!node.name || !first?.name || first === node) return false;
  context.report.duplicate(scope, node.name, sort, spanOf(scope, first.name));
  return sort !== 'accelerator';
}

function declare(node: tree.Let | tree.Model | tree.Sheet, scope: FileScope, context: Context): void {
  if (node.kind === 'model') checkModel(node, context.constants.environment(scope));
  const target = node.name && targetOf(node, scope, context);
  if (target) context.report.define(target);
}

function targetOf(node: tree.Let | tree.Model | tree.Sheet, file: FileScope, context: Context): Definition | undefined {
  if (node.kind === 'let') return context.constants.constant(node, context.constants.environment(file)).target;
  if (node.kind === 'model') {
    if (node.instance) context.checkInstance(node.instance, file);
    return context.modelDefinition(node, file);
  }
  if (node.sort === 'device') {
    const { target, parts } = context.deviceOf({ node, file });
    for (const part of parts.values()) context.report.define(part);
    return target;
  }
  return node.sort === 'baseline'
    ? context.baselineOf({ node, file }).target
    : context.precisionOf({ node, file }).target;
}

/** 'bert_base · forward · u280' */
function detailOf({ model, device, phase }: Accelerator): string {
  return `${model.name} · ${phase.name} · ${device.name}`;
}

/**
 * Leaves out what only follows from broken syntax: a line that cannot be read says nothing certain, and an accelerator
 * that cannot be read whole may well have the part that seems missing.
 */
function withoutEchoes(problems: readonly DesignProblem[], files: readonly FileScope[]): DesignProblem[] {
  const broken = new Map<string, { lines: Set<number>; lineOf: (offset: number) => number }>();
  for (const { uri, text, parsed } of files) {
    if (parsed.problems.length === 0) continue;
    const lineOf = lineFinder(text);
    broken.set(uri, { lines: new Set(parsed.problems.map((problem) => lineOf(problem.range.start))), lineOf });
  }
  return problems.filter((problem) => {
    const file = broken.get(problem.span.file);
    if (!file || problem.code === 'syntax') return true;
    return problem.code !== 'missing-part' && !file.lines.has(file.lineOf(problem.span.start));
  });
}

/** Line of an offset, found by halving. */
function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\r|\n/g)) starts.push(match.index + match[0].length);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return low;
  };
}
