import type { Span } from '../diagnostic.ts';

export interface EmitOptions {
  /** Of Weft, for the comments. */
  readonly version: string;
  /** Where a span of the spec begins: the file as it shall be named in comments (relative), and the line from 1. */
  readonly locate: (span: Span) => { readonly file: string; readonly line: number };
}

/** Why there is no project: a sentence each, with what to change. */
export interface Refusal {
  readonly refused: readonly string[];
}
