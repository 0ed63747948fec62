import type { Span } from '../diagnostic.ts';
import type { OpenFile } from '../weights/checkpoint.ts';

export interface EmitOptions {
  /** Of Weft, for the comments. */
  readonly version: string;
  /** Where a span of the spec begins: the file as it shall be named in comments (relative), and the line from 1. */
  /** Trained values: the checkpoint that the export shall read, and how; without it they are drawn at random. */
  readonly checkpoint?: { readonly path: string; readonly open: OpenFile };
  readonly locate: (span: Span) => { readonly file: string; readonly line: number };
}

/** Why there is no project: a sentence each, with what to change. */
export interface Refusal {
  readonly refused: readonly string[];
}
