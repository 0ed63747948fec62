/** *Extract region*: selected kernels into a region of their own, with the clauses that all of them have. */
import { CodeActionKind } from 'vscode-languageserver-protocol';
import type * as tree from '../../../grammar/tree.ts';
import { linesOf } from '../lines-of.ts';
import { type Edit, overlaps, type Refactoring, type Selection } from './refactoring.ts';

/** Clauses that a region may give to every kernel in it without meaning anything else there. */
const shared = ['on', 'pack', 'at', 'for'];

export function extractRegion(selection: Selection): Refactoring[] {
  const { accelerator, start, end } = selection;
  if (start === end) return [];
  const home = accelerator.statements.find(
    (one) => one.kind === 'region' && one.range.start <= start && end <= one.range.end,
  );
  const region = home?.kind === 'region' ? home : undefined;
  const chosen = (region?.body ?? accelerator.statements).filter((node) => overlaps(node, selection));
  const units = chosen.filter((node) => node.kind === 'kernel' || node.kind === 'stream');
  const kernels = units.filter((node) => node.kind === 'kernel');
  // A region that loses all that is in it would only change its name.
  if (kernels.length === 0 || units.length !== chosen.length || units.length === region?.body.length) return [];
  const edits = extracted(selection, units, kernels, region);
  if (!edits) return [];
  return [{ kind: CodeActionKind.RefactorExtract, title: 'Extract region', edits: () => [edits] }];
}

function extracted(
  { snapshot, accelerator }: Selection,
  units: readonly (tree.Kernel | tree.Stream)[],
  kernels: readonly tree.Kernel[],
  region: tree.Region | undefined,
): Edit[] | undefined {
  const { text } = snapshot.analysis;
  const lines = linesOf(snapshot);
  const blocks = units.flatMap((node) => lines.blockOf(node) ?? []);
  const [first] = blocks;
  if (!first || blocks.length !== units.length) return undefined;
  const written = (node: tree.Node) => text.slice(node.range.start, node.range.end);
  const common = region
    ? region.clauses.map(written)
    : (kernels[0]?.clauses ?? [])
        .filter(({ word }) => shared.includes(word))
        .map(written)
        .filter((clause) => kernels.every(({ clauses }) => clauses.some((one) => written(one) === clause)));
  const moved = region ? new Set<string>() : new Set(common);
  const head = ['region', freeName(accelerator), ...common].join(' ');
  const indent = lines.indentOf(region ?? units[0]!);
  const inner = `${indent}  `;
  const body = blocks.map((block, index) => {
    const clauses = units[index]!.kind === 'kernel' ? (units[index] as tree.Kernel).clauses : [];
    const kept = without(
      block.text,
      clauses.filter((clause) => moved.has(written(clause))).map(({ range }) => range),
      block.start,
    );
    return kept.replaceAll(/^[ \t]*(?=\S)/gm, inner);
  });
  const whole = [`${indent}${head} {`, ...body, `${indent}}`].join('\n');
  if (!region) {
    return blocks.map(({ start, end }, index) =>
      index === 0 ? { start, end, newText: whole } : { ...withBreak(text, start, end), newText: '' },
    );
  }
  const behind = region.range.end;
  return [
    ...blocks.map(({ start, end }) => ({ ...withBreak(text, start, end), newText: '' })),
    { start: behind, end: behind, newText: `\n${whole}` },
  ];
}

/** The line break in front goes with the lines. */
function withBreak(text: string, start: number, end: number): { start: number; end: number } {
  return { start: text[start - 2] === '\r' ? start - 2 : start - 1, end };
}

/** A text without some of its parts and the blanks in front of them. */
function without(text: string, parts: readonly tree.Range[], offset: number): string {
  let result = text;
  for (const { start, end } of [...parts].reverse()) {
    result = result.slice(0, start - offset).replace(/[ \t]+$/, '') + result.slice(end - offset);
  }
  return result;
}

function freeName({ statements }: tree.Accelerator): string {
  const taken = new Set(statements.flatMap((one) => ('name' in one && one.name ? [one.name.text] : [])));
  let name = 'part';
  for (let number = 2; taken.has(name); number++) name = `part${number}`;
  return name;
}
