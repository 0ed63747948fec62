/** The declarations of a file: the whole parser. */
import type { IToken } from 'chevrotain';
import * as t from '../tokens.ts';
import type * as tree from '../tree.ts';
import { NOWHERE, nameOf, set, textOf } from './base.ts';
import { ModelProductions } from './models.ts';

const word = t.RESERVED;

export class WeftParser extends ModelProductions {
  constructor(recovers: boolean, skipValidations = true) {
    super(recovers, skipValidations);
    this.performSelfAnalysis();
  }

  /** Parses a vector of tokens; the declarations found so far are returned even where the top rule gives up. */
  declarations(tokens: IToken[], docs: ReadonlyMap<number, string>): tree.Declaration[] {
    this.docs = docs;
    this.tooHigh = undefined;
    this.input = tokens;
    const found: tree.Declaration[] = [];
    this.file(found);
    return found;
  }

  file = this.RULE('file', (into: tree.Declaration[] = []): void => {
    this.MANY(() => this.SUBRULE(this.declaration, { ARGS: [into] }));
  });

  declaration = this.RULE('declaration', (into: tree.Declaration[] = []): void => {
    this.OR([
      { ALT: () => this.SUBRULE(this.importFile, { ARGS: [into] }) },
      { ALT: () => this.SUBRULE(this.letConstant, { ARGS: [into] }) },
      { ALT: () => this.SUBRULE(this.model, { ARGS: [into] }) },
      { ALT: () => this.SUBRULE(this.sheet, { ARGS: [into] }) },
      { ALT: () => this.SUBRULE(this.accelerator, { ARGS: [into] }) },
    ]);
  });

  importFile = this.RULE('importFile', (into: tree.Declaration[] = []): void => {
    this.node<tree.Import>({ kind: 'import' }, into, (node) => {
      this.CONSUME(word.import);
      set(node, 'path', textOf(this.CONSUME(t.Text)));
    });
  });

  sheet = this.RULE('sheet', (into: tree.Declaration[] = []): void => {
    this.node<tree.Sheet>({ kind: 'sheet', sort: 'device', items: [] }, into, (node) => {
      this.OR([
        { ALT: () => this.CONSUME(word.device) },
        {
          ALT: () => {
            this.CONSUME(word.baseline);
            node.sort = 'baseline';
          },
        },
        {
          ALT: () => {
            this.CONSUME(word.precision);
            node.sort = 'precision';
          },
        },
      ]);
      set(node, 'name', nameOf(this.CONSUME(t.Name)));
      this.SUBRULE(this.items, { ARGS: [node.items] });
    });
  });

  items = this.RULE('items', (into: tree.SheetItem[] = []): void => {
    this.CONSUME(t.BraceOpen);
    this.MANY(() => {
      this.SUBRULE(this.item, { ARGS: [into] });
      this.OPTION(() => this.CONSUME(t.Comma));
    });
    this.CONSUME(t.BraceClose);
  });

  item = this.RULE('item', (into: tree.SheetItem[] = []): void => {
    const key = nameOf(this.LA(1)) ?? { kind: 'name', text: '', range: NOWHERE };
    this.node<tree.SheetItem>({ kind: 'item', key }, into, (node) => {
      this.CONSUME(t.Word);
      this.OR([
        {
          ALT: () => {
            this.OPTION(() => {
              node.arguments = [];
              this.SUBRULE(this.callArguments, { ARGS: [node.arguments] });
            });
            this.CONSUME(t.Colon);
            this.SUBRULE(this.itemValue, { ARGS: [node] });
          },
        },
        {
          ALT: () => {
            this.OPTION2(() => {
              node.names = [];
              this.SUBRULE(this.names, { ARGS: [node.names] });
            });
            node.items = [];
            this.SUBRULE(this.items, { ARGS: [node.items] });
          },
        },
      ]);
    });
  });

  itemValue = this.RULE('itemValue', (owner: { value?: tree.SheetValue } = {}): void => {
    this.OR([
      {
        ALT: () => {
          this.node<tree.ListValue>(
            { kind: 'list', items: [] },
            (made) => set(owner, 'value', made),
            (node) => {
              this.SUBRULE(this.list, { ARGS: [node.items] });
            },
          );
        },
      },
      { ALT: () => this.SUBRULE(this.span, { ARGS: [(made) => set(owner, 'value', made)] }) },
    ]);
  });

  accelerator = this.RULE('accelerator', (into: tree.Declaration[] = []): void => {
    this.node<tree.Accelerator>({ kind: 'accelerator', statements: [] }, into, (node) => {
      this.CONSUME(word.accelerator);
      this.OPTION(() => set(node, 'name', nameOf(this.CONSUME(t.Name))));
      this.CONSUME(t.BraceOpen);
      this.MANY(() => this.SUBRULE(this.statement, { ARGS: [node.statements] }));
      this.CONSUME(t.BraceClose);
    });
  });
}
