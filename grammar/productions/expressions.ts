/** Expressions, places, lists and arguments. */
import type { IToken } from 'chevrotain';
import * as t from '../tokens.ts';
import type * as tree from '../tree.ts';
import {
  type Draft,
  type Expr,
  nameOf,
  numberOf,
  Productions,
  push,
  quantityOf,
  rangeOf,
  real,
  type Sink,
  set,
  textOf,
} from './base.ts';

const word = t.RESERVED;

/** A higher expression is refused: whoever walks it would run out of stack. `a + b + …` leans left, so chains count. */
const MAX_HEIGHT = 256;

export abstract class ExpressionProductions extends Productions {
  /** The first operator whose right side was dropped because the expression would be higher than MAX_HEIGHT. */
  tooHigh: IToken | undefined;
  /** Height of the expression that was read last. */
  protected height = 0;

  protected binary(start: number, left: Expr, leftHeight: number, operator: IToken, right: Expr): Expr {
    if (!real(operator)) return left ?? right;
    const height = Math.max(leftHeight, this.height) + 1;
    if (height > MAX_HEIGHT) {
      this.tooHigh ??= operator;
      this.height = leftHeight;
      return left;
    }
    this.height = height;
    const range = { start, end: this.end() };
    const node: Draft<tree.Binary> = { kind: 'binary', operator: operator.image as tree.BinaryOperator, range };
    set(node, 'left', left);
    set(node, 'right', right);
    return node;
  }

  names = this.RULE('names', (into: tree.Name[] = []): void => {
    push(into, nameOf(this.CONSUME(t.Name)));
    this.MANY(() => {
      this.CONSUME(t.Comma);
      push(into, nameOf(this.CONSUME2(t.Name)));
    });
  });

  places = this.RULE('places', (into: tree.Place[] = []): void => {
    this.SUBRULE(this.place, { ARGS: [into] });
    this.MANY(() => {
      this.CONSUME(t.Comma);
      this.SUBRULE2(this.place, { ARGS: [into] });
    });
  });

  place = this.RULE('place', (into: Sink<tree.Place> = []): void => {
    this.node<tree.Place>({ kind: 'place', parts: [] }, into, (node) => {
      this.SUBRULE(this.placePart, { ARGS: [node.parts] });
      this.MANY(() => {
        this.CONSUME(t.Dot);
        this.SUBRULE2(this.placePart, { ARGS: [node.parts] });
      });
    });
  });

  placePart = this.RULE('placePart', (into: tree.PlacePart[] = []): void => {
    const name = nameOf(this.CONSUME(t.Name));
    const part: Draft<tree.PlacePart> | undefined = name && { kind: 'part', name, range: name.range };
    push(into, part);
    this.OPTION(() => {
      const index: tree.Span[] = [];
      if (part) part.index = index;
      this.CONSUME(t.BracketOpen);
      this.SUBRULE(this.spans, { ARGS: [index] });
      this.CONSUME(t.BracketClose);
      if (part) part.range = { start: part.range.start, end: this.end() };
    });
  });

  spans = this.RULE('spans', (into: tree.Span[] = []): void => {
    this.SUBRULE(this.span, { ARGS: [into] });
    this.MANY(() => {
      this.CONSUME(t.Comma);
      this.SUBRULE2(this.span, { ARGS: [into] });
    });
  });

  span = this.RULE('span', (into: Sink<tree.Span> = []): void => {
    this.node<tree.Span>({ kind: 'span' }, into, (node) => {
      set(node, 'from', this.SUBRULE(this.expression));
      this.OPTION(() => {
        this.CONSUME(t.DotDot);
        set(node, 'to', this.SUBRULE2(this.expression));
      });
    });
  });

  list = this.RULE('list', (into: tree.Expression[] = []): void => {
    this.CONSUME(t.BracketOpen);
    push(into, this.SUBRULE(this.expression));
    this.MANY(() => {
      this.CONSUME(t.Comma);
      push(into, this.SUBRULE2(this.expression));
    });
    this.CONSUME(t.BracketClose);
  });

  callArguments = this.RULE('callArguments', (into: tree.Argument[] = []): void => {
    let highest = 0;
    this.CONSUME(t.ParenOpen);
    this.OPTION(() => {
      this.SUBRULE(this.argument, { ARGS: [into] });
      highest = this.height;
      this.MANY(() => {
        this.CONSUME(t.Comma);
        this.SUBRULE2(this.argument, { ARGS: [into] });
        highest = Math.max(highest, this.height);
      });
    });
    this.height = highest + 1;
    this.CONSUME(t.ParenClose);
  });

  argument = this.RULE('argument', (into: tree.Argument[] = []): void => {
    this.node<tree.Argument>({ kind: 'argument' }, into, (node) => {
      this.OPTION(() => {
        set(node, 'label', nameOf(this.CONSUME(t.Word)));
        this.CONSUME(t.Colon);
      });
      set(node, 'value', this.SUBRULE(this.expression));
    });
  });

  dim = this.RULE('dim', (): tree.Dim | undefined =>
    this.OR([
      {
        ALT: (): tree.Dim | undefined => {
          const token = this.CONSUME(word.auto);
          return real(token) ? { kind: 'auto', range: rangeOf(token) } : undefined;
        },
      },
      { ALT: () => this.SUBRULE(this.sum) },
    ]),
  );

  expression = this.RULE('expression', (): Expr => {
    const start = this.start();
    let left = this.SUBRULE(this.sum);
    this.OPTION(() => {
      const height = this.height;
      const operator = this.CONSUME(t.Comparison);
      left = this.binary(start, left, height, operator, this.SUBRULE2(this.sum));
    });
    return left;
  });

  sum = this.RULE('sum', (): Expr => {
    const start = this.start();
    let left = this.SUBRULE(this.product);
    this.MANY(() => {
      const height = this.height;
      const operator = this.OR([{ ALT: () => this.CONSUME(t.Plus) }, { ALT: () => this.CONSUME(t.Minus) }]);
      left = this.binary(start, left, height, operator, this.SUBRULE2(this.product));
    });
    return left;
  });

  product = this.RULE('product', (): Expr => {
    const start = this.start();
    let left = this.SUBRULE(this.unary);
    this.MANY(() => {
      const height = this.height;
      const operator = this.CONSUME(t.Factor);
      left = this.binary(start, left, height, operator, this.SUBRULE2(this.unary));
    });
    return left;
  });

  unary = this.RULE('unary', (): Expr => {
    const start = this.start();
    let minus = false;
    this.OPTION(() => {
      minus = real(this.CONSUME(t.Minus));
    });
    const operand = this.SUBRULE(this.primary);
    if (!minus) return operand;
    const node: Draft<tree.Unary> = { kind: 'unary', operator: '-', range: { start, end: this.end() } };
    set(node, 'operand', operand);
    return node;
  });

  primary = this.RULE('primary', (): Expr => {
    this.height = 1;
    return this.OR([
      { ALT: () => this.SUBRULE(this.referenceOrCall) },
      { ALT: () => numberOf(this.CONSUME(t.Numeral)) },
      { ALT: () => quantityOf(this.CONSUME(t.Quantity)) },
      { ALT: () => textOf(this.CONSUME(t.Text)) },
      { ALT: () => this.SUBRULE(this.parenthesised) },
    ]);
  });

  parenthesised = this.RULE('parenthesised', (): Expr => {
    let made: Expr;
    this.node<tree.Parenthesised>(
      { kind: 'parenthesised' },
      (node) => {
        made = node;
      },
      (node) => {
        this.CONSUME(t.ParenOpen);
        set(node, 'inner', this.SUBRULE(this.expression));
        this.height++;
        this.CONSUME(t.ParenClose);
      },
    );
    return made;
  });

  referenceOrCall = this.RULE('referenceOrCall', (): Expr => {
    const start = this.start();
    const path: tree.Name[] = [];
    let args: tree.Argument[] | undefined;
    push(path, nameOf(this.CONSUME(t.Name)));
    this.MANY(() => {
      this.CONSUME(t.Dot);
      push(path, nameOf(this.CONSUME2(t.Name)));
    });
    this.OPTION(() => {
      args = [];
      this.SUBRULE(this.callArguments, { ARGS: [args] });
    });
    const range = { start, end: this.end() };
    if (path.length === 0 && !args) return undefined;
    return args ? { kind: 'call', path, arguments: args, range } : { kind: 'reference', path, range };
  });
}
