/**
 * What all productions of Weft stand on: how a node is made, and what is read from a token.
 *
 * A node is put into its parent's list before its parts are read, so that whatever a half-typed line has said already is
 * in the tree. Names are optional here: whether a kernel may go without one is a question of meaning, not of grammar.
 */
import { EmbeddedActionsParser, EOF, type IToken } from 'chevrotain';
import * as t from '../tokens.ts';
import type * as tree from '../tree.ts';

export type Draft<T> = { -readonly [K in keyof T]: T[K] };
export type Seed<T> = Omit<T, 'range'>;
export type Expr = tree.Expression | undefined;

/** Where a node goes: a list (of a wider type, too) or whoever takes one. */
export type Sink<T> = { push(node: T): unknown } | ((node: T) => void);

export abstract class Productions extends EmbeddedActionsParser {
  /** Documentation by the offset of the token that starts on the line after it. */
  docs: ReadonlyMap<number, string> = new Map();

  /** @param recovers whether it reads on behind an error; otherwise the first one ends it */
  constructor(recovers: boolean, skipValidations: boolean) {
    super(t.VOCABULARY, { recoveryEnabled: recovers, maxLookahead: 2, skipValidations });
  }

  protected start(): number {
    const next = this.LA(1);
    return next.tokenType === EOF ? this.end() : next.startOffset;
  }

  /** End of the last token that was read. */
  protected end(): number {
    const last = this.LA(0);
    return last.tokenType === EOF ? 0 : t.endOf(last);
  }

  /**
   * Makes a node, hands it to its parent, then reads its parts. Whatever goes wrong on the way, the node stays where it is
   * and covers what was read.
   */
  protected node<T extends tree.Node & { kind: string }>(
    seed: Seed<T>,
    into: Sink<T>,
    parts: (node: Draft<T>) => void,
  ): void {
    const start = this.start();
    const node = { ...seed, range: { start, end: start } } as Draft<T>;
    const doc = this.docs.get(start);
    if (doc !== undefined && DOCUMENTED.has(node.kind)) (node as tree.Documented).doc = doc;
    if (typeof into === 'function') into(node as T);
    else into.push(node as T);
    try {
      parts(node);
    } finally {
      node.range = { start, end: Math.max(start, this.end()) };
    }
  }
}

export const NOWHERE: tree.Range = { start: 0, end: 0 };
const DOCUMENTED: ReadonlySet<string> = new Set([
  ...['let', 'model', 'sheet', 'item', 'accelerator', 'region', 'kernel', 'stream'],
]);

/** A token that recovery made up has no width; nothing is read from it. */
export function real(token: IToken): boolean {
  return token.isInsertedInRecovery !== true;
}

export function rangeOf(token: IToken): tree.Range {
  return { start: token.startOffset, end: t.endOf(token) };
}

export function set<T, K extends keyof T>(node: T, key: K, value: T[K] | undefined): void {
  if (value !== undefined) node[key] = value;
}

export function push<T>(list: T[], item: T | undefined): void {
  if (item !== undefined) list.push(item);
}

export function wordAt<W extends string>(token: IToken): W {
  return token.image as W;
}

export function nameOf(token: IToken): tree.Name | undefined {
  return real(token) ? { kind: 'name', text: token.image, range: rangeOf(token) } : undefined;
}

export function referenceOf(token: IToken): tree.Reference | undefined {
  const name = nameOf(token);
  return name && { kind: 'reference', path: [name], range: name.range };
}

export function numberOf(token: IToken): tree.NumberLiteral | undefined {
  if (!real(token)) return undefined;
  return { kind: 'number', value: numeric(token.image), text: token.image, range: rangeOf(token) };
}

export function quantityOf(token: IToken): tree.QuantityLiteral | undefined {
  if (!real(token)) return undefined;
  const { digits, unit } = t.partsOfQuantity(token.image);
  return { kind: 'quantity', value: numeric(digits), unit, text: token.image, range: rangeOf(token) };
}

export function textOf(token: IToken): tree.StringLiteral | undefined {
  if (!real(token)) return undefined;
  return { kind: 'string', value: token.image.replaceAll('"', ''), range: rangeOf(token) };
}

function numeric(digits: string): number {
  return Number(digits.replaceAll('_', ''));
}
