/**
 * Sources with marks: `kernel up array 8 x ^0^`. Two carets enclose a range (`^^` is a place); they are no part of the
 * source, and Weft has no use for the character.
 */
export interface Annotated {
  /** The source without its marks. */
  readonly text: string;
  /** Marked ranges in order, UTF-16 offsets into `text`. */
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
}

/** Throws where a mark is not closed: that is a mistake in a test. */
export function annotated(source: string): Annotated {
  const parts = source.split('^');
  if (parts.length % 2 === 0) throw new Error(`a mark is not closed in: ${source}`);
  const ranges: { start: number; end: number }[] = [];
  let text = '';
  for (const [index, part] of parts.entries()) {
    if (index % 2 === 1) ranges.push({ start: text.length, end: text.length + part.length });
    text += part;
  }
  return { text, ranges };
}
