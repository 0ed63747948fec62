import type { Hover } from 'vscode-languageserver-protocol';
import type * as tree from '../../../grammar/tree.ts';
import { type AnyNode, nodeAt } from '../../../grammar/walk.ts';
import type { Definition } from '../../design/problem.ts';
import type { AcceleratorEstimate } from '../../estimate/estimate.ts';
import { contains, kernelAt, type Snapshot, toRange } from '../snapshot.ts';
import { kernelHover } from './kernel.ts';
import { figuresOf, placeHover, requirementHover, streamHover } from './line.ts';
import { autoHover, numberHover } from './literal.ts';
import { meaningOf } from './meanings.ts';

/**
 * Everything says what it is: a name what it stands for, a word what it means, a number what it is in other units, `auto` what
 * it stands for. Behind that stands what the line comes to: a kernel's costs, a stream's FIFOs, a requirement's values.
 */
export function hover(snapshot: Snapshot, offset: number): Hover | null {
  const { analysis, document } = snapshot;
  if (analysis.parsed.comments.some(({ range }) => range.start <= offset && offset <= range.end)) return null;
  const binding = analysis.design.bindings.find((one) => contains(one.span, analysis.file, offset));
  const definition =
    binding?.target ?? analysis.design.definitions.find((one) => contains(one.span, analysis.file, offset));
  const path = nodeAt(analysis.parsed.tree, offset);
  const estimate = around(snapshot, offset, definition);
  const said = definition ? undefined : (literal(path, estimate) ?? word(snapshot, path, offset));
  const head = definition ? definitionHover(definition) : said?.text;
  const parts = [
    head,
    definition && estimate && figuresOf(definition, estimate),
    ...line(snapshot, path, offset, definition, estimate),
  ];
  const shown = parts.filter((part) => part !== undefined && part !== '');
  if (shown.length === 0 || (head === undefined && !isWordOrSign(analysis.text, offset))) return null;
  const definedHere = definition?.span.file === analysis.file ? definition.span : undefined;
  const span = binding?.span ?? definedHere ?? said;
  return {
    contents: { kind: 'markdown', value: shown.join('\n\n---\n\n') },
    ...(span && { range: toRange(document, span) }),
  };
}

/** Between two tokens there is nothing to point at. */
function isWordOrSign(text: string, offset: number): boolean {
  return /\S/.test(text.slice(Math.max(0, offset - 1), offset + 1));
}

/** The accelerator whose figures are meant: that around the place, else the one of that name. */
function around(
  { analysis }: Snapshot,
  offset: number,
  definition: Definition | undefined,
): AcceleratorEstimate | undefined {
  const all = analysis.estimate.accelerators;
  return (
    all.find(({ accelerator: { span } }) => contains(span, analysis.file, offset)) ??
    (definition?.sort === 'accelerator' ? all.find((one) => one.accelerator.name === definition.name) : undefined)
  );
}

interface Said {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A number, a text or `auto`. */
function literal(path: readonly AnyNode[], estimate: AcceleratorEstimate | undefined): Said | undefined {
  const node = path.at(-1) as (AnyNode & (tree.Expression | tree.Auto)) | undefined;
  if (!node) return undefined;
  if (node.kind === 'number' || node.kind === 'quantity') {
    const { start, end } = node.range;
    return { text: numberHover(node, estimate?.accelerator.clock.value), start, end };
  }
  if (node.kind !== 'auto') return undefined;
  return { text: autoHover(path, estimate), start: node.range.start, end: node.range.end };
}

/** The word at an offset, where it means something by itself; none in a text. */
function word({ analysis }: Snapshot, path: readonly AnyNode[], offset: number): Said | undefined {
  if (path.at(-1)?.kind === 'string') return undefined;
  const { text } = analysis;
  let start = offset;
  while (/\w/.test(text[start - 1] ?? '')) start--;
  const found = /^\w+/.exec(text.slice(start, start + 64))?.[0] ?? '';
  const range = { start, end: start + found.length };
  const meaning = meaningOf(found, path);
  return meaning === undefined ? undefined : { text: meaning, ...range };
}

function definitionHover({ sort, name, detail, doc, notes = [] }: Definition): string {
  const head = `\`\`\`weft\n${sort} ${name}${detail ? `  // ${detail}` : ''}\n\`\`\``;
  return [head, ...(doc ? [doc] : []), ...(notes.length > 0 ? [notes.map((note) => `- ${note}`).join('\n')] : [])].join(
    '\n\n',
  );
}

/** What the statement around comes to. */
function line(
  snapshot: Snapshot,
  path: readonly AnyNode[],
  offset: number,
  definition: Definition | undefined,
  estimate: AcceleratorEstimate | undefined,
): (string | undefined)[] {
  if (!estimate) return [];
  const { analysis } = snapshot;
  const at = kernelAt(snapshot, offset);
  const place =
    definition === undefined || definition.sort === 'memory' ? placeHover(path, analysis.text, estimate) : undefined;
  const onKernel = at && (definition === undefined || ['kernel', 'operator'].includes(definition.sort));
  const stream = path.find((node) => node.kind === 'stream') as tree.Stream | undefined;
  const required = path.find((node) => node.kind === 'require' || node.kind === 'objective');
  return [
    place,
    onKernel ? kernelHover(at.estimate, at.kernel) : undefined,
    stream && streamHover(stream, analysis.file, estimate),
    required && requirementHover(required, analysis.file, estimate),
  ];
}
