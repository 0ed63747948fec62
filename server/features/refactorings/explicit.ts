/** *Make auto values explicit*: what a kernel, a region or an accelerator gets by default, written down. */
import { CodeActionKind } from 'vscode-languageserver-protocol';
import type * as tree from '../../../grammar/tree.ts';
import type { Accelerator, Kernel, Setting, Store } from '../../design/design.ts';
import { isMatrixProduct } from '../../design/operators.ts';
import type { AcceleratorEstimate } from '../../estimate/estimate.ts';
import { rangeText } from '../../report/phase.ts';
import type { Edit, Refactoring, Selection } from './refactoring.ts';
import { overlaps, replaced, unitsOf } from './refactoring.ts';

export function explicitActions(selection: Selection): Refactoring[] {
  const { accelerator, estimate } = selection;
  const written = unitsOf(accelerator).flatMap(({ node, region }) =>
    node.kind === 'kernel' ? [{ node, region }] : [],
  );
  const here = written.filter(({ node }) => overlaps(node, selection));
  const region = accelerator.statements.find((one) => one.kind === 'region' && overlaps(one, selection));
  const action = (what: string, edits: (words: readonly string[]) => Edit[]): Refactoring[] =>
    edits(allWords).length === 0
      ? []
      : [
          {
            kind: CodeActionKind.RefactorRewrite,
            title: `Make auto values of ${what} explicit`,
            edits: () => choices.map(edits),
            otherwise:
              'What is written here decides what auto stands for elsewhere: make all of the accelerator explicit.',
          },
        ];
  const kernels = (nodes: readonly tree.Kernel[]) => (words: readonly string[]) =>
    nodes.flatMap((node) => kernelEdits(node, kernelOf(estimate.accelerator, node), words));
  const [one] = here;
  return [
    ...(one && here.length === 1 ? action(`‘${one.node.name?.text ?? 'kernel'}’`, kernels([one.node])) : []),
    ...(region?.kind === 'region'
      ? action(
          `region ‘${region.name?.text ?? ''}’`,
          kernels(region.body.flatMap((node) => (node.kind === 'kernel' ? [node] : []))),
        )
      : []),
    ...action(`accelerator ‘${estimate.accelerator.name}’`, (words) => [
      // In front of others that are put in at the end of the same line, so that these stay on it.
      ...newKernels(selection, words),
      ...kernels(written.map(({ node }) => node))(words),
      ...streamEdits(accelerator, estimate),
    ]),
  ];
}

/** In the order in which clauses are usually written. */
const allWords = ['array', 'lanes', 'pack', 'weights', 'cache', 'on'] as const;

/**
 * As much as leaves everything else as it is. Where a die is written, the kernels behind it follow it; where an array is,
 * the others are balanced anew.
 */
const choices: readonly (readonly string[])[] = [
  allWords,
  ...[['on'], ['array'], ['array', 'on'], ['array', 'on', 'weights']].map((left) =>
    allWords.filter((word) => !left.includes(word)),
  ),
];

function kernelOf({ kernels }: Accelerator, node: tree.Kernel): Kernel | undefined {
  return kernels.find(({ auto, span }) => !auto && span.start === node.range.start && span.end === node.range.end);
}

/** Clauses that say `auto` get their value, and those that nobody wrote are added behind the last one. */
function kernelEdits(node: tree.Kernel, kernel: Kernel | undefined, words: readonly string[]): Edit[] {
  if (!kernel) return [];
  const edits: Edit[] = [];
  const added: string[] = [];
  for (const [word, text] of clausesOf(kernel, words)) {
    const clause = node.clauses.find((one) => one.word === word);
    if (clause) edits.push({ ...autoPart(clause), newText: text });
    else added.push(text);
  }
  const end = node.clauses.at(-1)?.range.end ?? node.range.end;
  if (added.length > 0) edits.push({ start: end, end, newText: `  ${added.join('  ')}` });
  return edits;
}

/** `weights auto double`: the modes stay. */
function autoPart(clause: tree.Clause): { start: number; end: number } {
  const { start, end } = clause.range;
  return { start, end: clause.kind === 'storage' && clause.modes[0] ? clause.modes[0].range.start - 1 : end };
}

/** Of the settings that are `auto`, the clauses that would say the same. */
function clausesOf(kernel: Kernel, words: readonly string[]): [word: string, text: string][] {
  const { array, lanes, pack, weights, cache, dies, turns } = kernel;
  const product = turns.flat().some(({ kind }) => isMatrixProduct(kind));
  const auto = <T>(setting: Setting<T> | undefined): setting is Setting<T> => setting?.origin === 'auto';
  const all: [string, string | false][] = [
    ['array', auto(array) && arrayText(array.value)],
    ['lanes', auto(lanes) && `lanes ${lanes.value}`],
    ['pack', product && auto(pack) && `pack ${pack.value}`],
    ['weights', auto(weights) && `weights ${storeText(weights.value)}`],
    ['cache', auto(cache) && `cache ${storeText(cache.value)}`],
    ['on', auto(dies) && !kernel.onHost && !kernel.engines && dies.value.length > 0 && `on ${dies.value.join(', ')}`],
  ];
  return all.flatMap(([word, text]) => (text !== false && words.includes(word) ? [[word, text]] : []));
}

export function arrayText({ tokens, outputs, dot }: { tokens: number; outputs: number; dot: number }): string {
  return `array ${tokens} x ${outputs}${dot > 1 ? ` x ${dot}` : ''}`;
}

export function storeText(store: Store): string {
  const double = store.double ? ' double' : '';
  if (store.kind === 'on-chip') return `${store.storage}${double}`;
  const { channels, memory, via } = store;
  const first = channels[0] ?? 0;
  const inRow = channels.length > 1 && channels.every((channel, index) => channel === first + index);
  return `${memory}[${inRow ? `${first}..${channels.at(-1)}` : channels.join(', ')}]${double}${via ? ` via ${via}` : ''}`;
}

/** `depth auto` of a stream, as deep as the deepest FIFO that it stands for. */
function streamEdits(accelerator: tree.Accelerator, { fifos }: AcceleratorEstimate): Edit[] {
  return unitsOf(accelerator).flatMap(({ node }) => {
    if (node.kind !== 'stream') return [];
    const built = fifos.filter(({ fifo: { edge } }) => edge?.span?.start === node.range.start);
    // Several FIFOs of one line may be built with several depths, of which a number could say only one.
    const depths = new Set(built.map(({ depth }) => depth));
    const [depth] = depths;
    if (depth === undefined || depths.size > 1) return [];
    return node.attributes.flatMap(({ word, value }) =>
      word === 'depth' && value?.kind === 'auto' ? [replaced(value, String(depth))] : [],
    );
  });
}

/** A line for each kernel that nobody wrote, behind the last that somebody did. */
function newKernels({ snapshot, accelerator, estimate }: Selection, words: readonly string[]): Edit[] {
  const lines = estimate.accelerator.kernels
    .filter(({ auto }) => auto)
    .map((kernel) => {
      const turns = kernel.turns.map((turn) => turn.map(({ name }) => name).join(' + ')).join(', ');
      const passes = kernel.passes ? [`for ${kernel.passes.map(rangeText).join(', ')}`] : [];
      const clauses = [...clausesOf(kernel, words).map(([, text]) => text), ...passes];
      return ['  kernel ', kernel.name, turns === kernel.name ? '' : ` : ${turns}`, '  ', clauses.join('  ')].join('');
    });
  if (lines.length === 0) return [];
  const kinds = ['kernel', 'region'];
  const { text } = snapshot.analysis;
  const last =
    accelerator.statements.filter(({ kind }) => kinds.includes(kind)).at(-1) ?? accelerator.statements.at(-1);
  if (!last) return [];
  const lineEnd = text.indexOf('\n', last.range.end);
  const closing = text.lastIndexOf('}', accelerator.range.end);
  // Behind the comment of its line; where the accelerator ends on that line, in front of its brace.
  const sharesLine = lineEnd < 0 || lineEnd > closing;
  const at = sharesLine ? last.range.end : lineEnd;
  return [{ start: at, end: at, newText: `\n${lines.join('\n')}${sharesLine ? '\n' : ''}` }];
}
