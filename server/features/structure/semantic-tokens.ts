import type { SemanticTokensBuilder } from 'vscode-languageserver';
import type { DefinitionSort } from '../../design/problem.ts';
import type { Snapshot } from '../snapshot.ts';

/** Standard types, so that every theme has a colour for them. */
export const legend = {
  tokenTypes: [
    'variable',
    'parameter',
    'function',
    'class',
    'struct',
    'namespace',
    'property',
    'enumMember',
    'type',
    'interface',
  ],
  tokenModifiers: ['declaration', 'readonly', 'defaultLibrary'],
};

const types: Readonly<Record<DefinitionSort, string>> = {
  let: 'variable',
  choice: 'variable',
  parameter: 'parameter',
  operator: 'function',
  kernel: 'function',
  input: 'interface',
  accelerator: 'class',
  device: 'struct',
  baseline: 'struct',
  precision: 'type',
  model: 'class',
  layer: 'namespace',
  region: 'namespace',
  die: 'enumMember',
  memory: 'enumMember',
  link: 'enumMember',
};

/**
 * Names by what they stand for: what the TextMate grammar cannot know.
 * @param range offsets; the whole file where there is none
 */
export function semanticTokens(
  { analysis, document }: Snapshot,
  builder: SemanticTokensBuilder,
  range = { start: 0, end: analysis.text.length },
): void {
  const { bindings, definitions } = analysis.design;
  const names = [
    ...bindings.map(({ span, target }) => ({ span, target, declaration: false })),
    ...definitions.map((target) => ({ span: target.span, target, declaration: true })),
  ]
    .filter(({ span }) => span.file === analysis.file && span.end > span.start)
    .filter(({ span }) => span.start < range.end && range.start < span.end)
    .sort((a, b) => a.span.start - b.span.start);
  let end = 0;
  for (const { span, target, declaration } of names) {
    if (span.start < end) continue; // one name, several meanings: the first one colours it
    end = span.end;
    const { line, character } = document.positionAt(span.start);
    const modifiers =
      (declaration ? 1 : 0) |
      (target.sort === 'let' ? 2 : 0) |
      (target.span.file.startsWith('weft-library:') && target.span.file !== analysis.file ? 4 : 0);
    builder.push(line, character, span.end - span.start, legend.tokenTypes.indexOf(types[target.sort]), modifiers);
  }
}
