/** The blocks of Weft in a Markdown file. */
export interface Block {
  /** Line of the opening fence, from 1. */
  readonly line: number;
  /** 'accelerator' where the block is what stands in one; undefined where it is a whole spec. */
  readonly fragment?: string;
  readonly text: string;
}

/**
 * A block that opens with ```weft is a whole file. One that opens with ```weft fragment=accelerator is what stands in an
 * accelerator, which lends it a card, a model, a phase and a precision where it has none.
 */
export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```weft(?: fragment=(\w+))?\n([\s\S]*?)^```$/gm)].map((match) => ({
    line: markdown.slice(0, match.index).split('\n').length,
    ...(match[1] === undefined ? {} : { fragment: match[1] }),
    text: match[2]!,
  }));
}

const lent = ['device u280 at 245 MHz', 'model bert_base', 'phase forward(tokens: 512)', 'precision W4A8'];

/** A block as a file of its own. */
export function specOf({ fragment, text }: Block): string {
  if (fragment === undefined) return text;
  if (fragment !== 'accelerator') throw new Error(`there is no fragment ‘${fragment}’`);
  const missing = lent.filter((line) => !new RegExp(`^\\s*${line.split(' ')[0]}\\b`, 'm').test(text));
  return `accelerator fragment {\n${missing.join('\n')}\n${text}\n}\n`;
}
