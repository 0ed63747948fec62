/** Tree → design: the whole of this folder behind one function. */
import type * as tree from '../../grammar/tree.ts';
import { resolveAccelerator } from './accelerator.ts';
import type { Accelerator, Design } from './design.ts';
import { Context } from './model/context.ts';
import { checkModel } from './model/names.ts';
import type { Definition, DesignProblem, Names } from './problem.ts';
import type { Chosen } from './terms/choices.ts';
import { type Found, Meanings } from './terms/meanings.ts';
import { definition, Report, spanOf } from './terms/report.ts';
import { type FileScope, Files, type SourceSet, sortOf } from './terms/scope.ts';

export interface ResolveOptions {
  /** What `choose` statements of the file stand for, by name or `accelerator.name`, in base units. */
  readonly choose?: Chosen;
  /** What declarations were found to mean before. */
  readonly meanings?: Meanings;
}

/**
 * What a file means, with everything that it imports. Pure and total: whatever is wrong, of the file and of its imports, is
 * among the problems; an accelerator without a card or a model is left out. A file that `sources` does not have is empty.
 */
export function resolve(
  file: string,
  sources: SourceSet,
  { choose = {}, meanings = new Meanings() }: ResolveOptions = {},
): Design {
  const report = new Report(file);
  const files = new Files(sources, report);
  const main = files.open(file);
  if (!main) return { file, accelerators: [], problems: [], names: [], bindings: [], definitions: [] };
  const accelerators: Accelerator[] = [];
  const names: Report[] = [];
  const scopes = [...new Set([main, ...files.workspace])];
  for (const scope of scopes) {
    for (const problem of scope.parsed.problems) {
      report.problem({ code: 'syntax', span: spanOf(scope, problem), problem });
    }
    for (const node of scope.parsed.tree.declarations) {
      if (node.kind === 'import' || isSecond(node, scope, report)) continue;
      if (node.kind === 'accelerator' && scope !== main) continue;
      const meaning = meanings.of(node, file, files, (own, lookups) => {
        const known = (constant: tree.Let) => meanings.constant(constant, file, files, lookups);
        return declare(node, scope, new Context(files.seenBy(own, lookups), own, choose, known));
      });
      report.addProblems(meaning.report);
      names.push(meaning.report);
      if (meaning.accelerator) accelerators.push(meaning.accelerator);
    }
  }
  const problems = withoutEchoes(report.problems, scopes);
  return Object.assign(inOneList(file, names), { file, accelerators, problems });
}

/** The names of the declarations in one list, which is made when somebody asks for it: not at every keystroke. */
function inOneList(file: string, names: readonly Names[]): Names & { names: readonly Names[] } {
  let all: Names | undefined;
  const whole = (): Names => {
    if (all) return all;
    const report = new Report(file);
    for (const some of names) report.addNames(some);
    all = { definitions: report.definitions, bindings: report.bindings };
    return all;
  };
  return {
    names,
    get definitions() {
      return whole().definitions;
    },
    get bindings() {
      return whole().bindings;
    },
  };
}

/** A second declaration of a name is reported; of accelerators it is resolved all the same, nobody refers to them. */
function isSecond(node: Exclude<tree.Declaration, tree.Import>, scope: FileScope, report: Report): boolean {
  const sort = sortOf(node);
  const first = node.name && scope.declared[sort].get(node.name.text);
  if (!node.name || !first?.name || first === node) return false;
  report.duplicate(scope, node.name, sort, spanOf(scope, first.name));
  return sort !== 'accelerator';
}

function declare(node: Exclude<tree.Declaration, tree.Import>, scope: FileScope, context: Context): Found {
  const { report } = context;
  if (node.kind === 'accelerator') {
    const accelerator = resolveAccelerator(node, scope, context);
    const detail = accelerator && detailOf(accelerator);
    if (node.name) report.define(definition('accelerator', scope, node.name, node, detail));
    return accelerator ? { accelerator } : {};
  }
  if (node.kind === 'let') {
    const constant = context.constants.constant(node, context.constants.environment(scope));
    if (constant.target) report.define(constant.target);
    return { constant };
  }
  if (node.kind === 'model') checkModel(node, context.constants.environment(scope));
  const target = node.name && targetOf(node, scope, context);
  if (target) report.define(target);
  return {};
}

function targetOf(node: tree.Model | tree.Sheet, file: FileScope, context: Context): Definition | undefined {
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
 * Leaves out what only follows from broken syntax: a line that cannot be read says nothing certain, and a declaration
 * that cannot be read whole may well have the part that seems missing.
 */
function withoutEchoes(problems: readonly DesignProblem[], files: readonly FileScope[]): DesignProblem[] {
  const echoes = new Map(files.flatMap((file) => (file.parsed.problems.length > 0 ? [[file.uri, echoIn(file)]] : [])));
  return problems.filter((problem) => problem.code === 'syntax' || !echoes.get(problem.span.file)?.(problem));
}

/** Whether a problem of a file with broken syntax is an echo of it. */
function echoIn({ text, parsed }: FileScope): (problem: DesignProblem) => boolean {
  const offsets = parsed.problems.map((problem) => problem.range.start);
  const brokenLines = offsets.map((offset) => lineAt(text, offset));
  const declarations = parsed.tree.declarations.map((node) => node.range.start);
  const brokenDeclarations = new Set(offsets.map((offset) => countUpTo(declarations, offset)));
  return ({ code, span: { start, end } }) =>
    brokenLines.some((line) => start < line.end && line.start <= end) ||
    (code === 'missing-part' && brokenDeclarations.has(countUpTo(declarations, start)));
}

/** Where the line of an offset begins, and where the next one does. */
function lineAt(text: string, offset: number): { start: number; end: number } {
  let start = offset;
  while (start > 0 && !isBreak(text, start - 1)) start--;
  let end = offset;
  while (end < text.length && !isBreak(text, end)) end++;
  return { start, end: end === text.length ? Infinity : end + 1 };
}

/** Whether a line ends with the character there. */
function isBreak(text: string, at: number): boolean {
  return text[at] === '\n' || (text[at] === '\r' && text[at + 1] !== '\n');
}

/** How many of the rising numbers are not above a limit. */
function countUpTo(numbers: readonly number[], limit: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
