/**
 * The grammar of Weft, straight to its tree.
 *
 * A node is put into its parent's list before its parts are read, so that whatever a half-typed line has said already is
 * in the tree. Names are optional here: whether a kernel may go without one is a question of meaning, not of grammar.
 */
import { EmbeddedActionsParser, EOF, type IToken } from 'chevrotain';
import * as t from './tokens.ts';
import type * as tree from './tree.ts';

type Draft<T> = { -readonly [K in keyof T]: T[K] };
type Seed<T> = Omit<T, 'range'>;
type Expr = tree.Expression | undefined;

const word = t.RESERVED;
const modifier = t.MODIFIERS;

/** Where a node goes: a list (of a wider type, too) or whoever takes one. */
type Sink<T> = { push(node: T): unknown } | ((node: T) => void);

/** A higher expression is refused: whoever walks it would run out of stack. `a + b + …` leans left, so chains count. */
const MAX_HEIGHT = 256;

export class WeftParser extends EmbeddedActionsParser {
  /** Documentation by the offset of the token that starts on the line after it. */
  docs: ReadonlyMap<number, string> = new Map();
  /** The first operator whose right side was dropped because the expression would be higher than MAX_HEIGHT. */
  tooHigh: IToken | undefined;
  /** Height of the expression that was read last. */
  private height = 0;

  constructor(skipValidations = true) {
    super(t.VOCABULARY, { recoveryEnabled: true, maxLookahead: 2, skipValidations });
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

  private start(): number {
    const next = this.LA(1);
    return next.tokenType === EOF ? this.end() : next.startOffset;
  }

  /** End of the last token that was read. */
  private end(): number {
    const last = this.LA(0);
    return last.tokenType === EOF ? 0 : t.endOf(last);
  }

  /**
   * Makes a node, hands it to its parent, then reads its parts. Whatever goes wrong on the way, the node stays where it is
   * and covers what was read.
   */
  private node<T extends tree.Node & { kind: string }>(
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

  private binary(start: number, left: Expr, leftHeight: number, operator: IToken, right: Expr): Expr {
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

  // ---- declarations

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

  letConstant = this.RULE('letConstant', (into: Sink<tree.Let> = []): void => {
    this.node<tree.Let>({ kind: 'let' }, into, (node) => {
      this.CONSUME(word.let);
      set(node, 'name', nameOf(this.CONSUME(t.Name)));
      this.CONSUME(t.Equals);
      set(node, 'value', this.SUBRULE(this.expression));
    });
  });

  // ---- models

  model = this.RULE('model', (into: tree.Declaration[] = []): void => {
    this.node<tree.Model>({ kind: 'model' }, into, (node) => {
      this.CONSUME(word.model);
      set(node, 'name', nameOf(this.CONSUME(t.Name)));
      this.OR([
        {
          ALT: () => {
            this.CONSUME(t.Equals);
            this.SUBRULE(this.modelReference, { ARGS: [node] });
          },
        },
        {
          ALT: () => {
            this.OPTION(() => {
              node.parameters = [];
              this.SUBRULE(this.parameters, { ARGS: [node.parameters] });
            });
            node.body = [];
            this.SUBRULE(this.operations, { ARGS: [node.body] });
          },
        },
      ]);
    });
  });

  modelReference = this.RULE('modelReference', (owner: { instance?: tree.ModelReference } = {}): void => {
    this.node<tree.ModelReference>(
      { kind: 'model-reference' },
      (made) => set(owner, 'instance', made),
      (node) => {
        this.OR([
          {
            ALT: () => {
              this.CONSUME(word.import);
              set(node, 'importPath', textOf(this.CONSUME(t.Text)));
            },
          },
          {
            ALT: () => {
              set(node, 'name', nameOf(this.CONSUME(t.Name)));
              this.OPTION(() => {
                node.arguments = [];
                this.SUBRULE(this.callArguments, { ARGS: [node.arguments] });
              });
            },
          },
        ]);
      },
    );
  });

  parameters = this.RULE('parameters', (into: tree.Parameter[] = []): void => {
    this.CONSUME(t.ParenOpen);
    this.OPTION(() => {
      this.SUBRULE(this.parameter, { ARGS: [into] });
      this.MANY(() => {
        this.CONSUME(t.Comma);
        this.SUBRULE2(this.parameter, { ARGS: [into] });
      });
    });
    this.CONSUME(t.ParenClose);
  });

  parameter = this.RULE('parameter', (into: tree.Parameter[] = []): void => {
    this.node<tree.Parameter>({ kind: 'parameter' }, into, (node) => {
      set(node, 'name', nameOf(this.CONSUME(t.Name)));
      this.OPTION(() => {
        this.CONSUME(t.Equals);
        set(node, 'default', this.SUBRULE(this.expression));
      });
    });
  });

  operations = this.RULE('operations', (into: tree.ModelItem[] = []): void => {
    this.CONSUME(t.BraceOpen);
    this.MANY(() => {
      this.OR([
        { ALT: () => this.SUBRULE(this.modelInput, { ARGS: [into] }) },
        { ALT: () => this.SUBRULE(this.modelOutput, { ARGS: [into] }) },
        { ALT: () => this.SUBRULE(this.layer, { ARGS: [into] }) },
        { ALT: () => this.SUBRULE(this.operation, { ARGS: [into] }) },
      ]);
    });
    this.CONSUME(t.BraceClose);
  });

  modelInput = this.RULE('modelInput', (into: tree.ModelItem[] = []): void => {
    this.node<tree.ModelInput>({ kind: 'input' }, into, (node) => {
      this.CONSUME(word.input);
      set(node, 'name', nameOf(this.CONSUME(t.Name)));
      this.CONSUME(t.Colon);
      node.shape = [];
      this.SUBRULE(this.list, { ARGS: [node.shape] });
    });
  });

  modelOutput = this.RULE('modelOutput', (into: tree.ModelItem[] = []): void => {
    this.node<tree.ModelOutput>({ kind: 'output', names: [] }, into, (node) => {
      this.CONSUME(word.output);
      this.SUBRULE(this.names, { ARGS: [node.names] });
    });
  });

  layer = this.RULE('layer', (into: tree.ModelItem[] = []): void => {
    this.node<tree.Layer>({ kind: 'layer', body: [] }, into, (node) => {
      this.CONSUME(word.layer);
      set(node, 'name', nameOf(this.CONSUME(t.Name)));
      this.OPTION(() => {
        node.parameters = [];
        this.SUBRULE(this.parameters, { ARGS: [node.parameters] });
      });
      this.OPTION2(() => {
        this.CONSUME(modifier.repeat);
        set(node, 'repeat', this.SUBRULE(this.expression));
      });
      this.SUBRULE(this.operations, { ARGS: [node.body] });
    });
  });

  operation = this.RULE('operation', (into: tree.ModelItem[] = []): void => {
    this.node<tree.Operation>({ kind: 'operation' }, into, (node) => {
      set(node, 'name', nameOf(this.CONSUME(t.Name)));
      this.CONSUME(t.Equals);
      set(node, 'value', this.SUBRULE(this.expression));
    });
  });

  // ---- data sheets

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

  // ---- accelerators

  accelerator = this.RULE('accelerator', (into: tree.Declaration[] = []): void => {
    this.node<tree.Accelerator>({ kind: 'accelerator', statements: [] }, into, (node) => {
      this.CONSUME(word.accelerator);
      this.OPTION(() => set(node, 'name', nameOf(this.CONSUME(t.Name))));
      this.CONSUME(t.BraceOpen);
      this.MANY(() => this.SUBRULE(this.statement, { ARGS: [node.statements] }));
      this.CONSUME(t.BraceClose);
    });
  });

  statement = this.RULE('statement', (into: tree.Statement[] = []): void => {
    this.OR([
      { ALT: () => this.SUBRULE(this.kernel, { ARGS: [into] }) },
      { ALT: () => this.SUBRULE(this.stream, { ARGS: [into] }) },
      { ALT: () => this.SUBRULE(this.region, { ARGS: [into] }) },
      { ALT: () => this.SUBRULE(this.require, { ARGS: [into] }) },
      { ALT: () => this.SUBRULE(this.letConstant, { ARGS: [into] }) },
      { ALT: () => this.SUBRULE(this.device, { ARGS: [into] }) },
      { ALT: () => this.SUBRULE(this.useModel, { ARGS: [into] }) },
      { ALT: () => this.SUBRULE(this.phase, { ARGS: [into] }) },
      { ALT: () => this.SUBRULE(this.usePrecision, { ARGS: [into] }) },
      { ALT: () => this.SUBRULE(this.copies, { ARGS: [into] }) },
      { ALT: () => this.SUBRULE(this.reserve, { ARGS: [into] }) },
      { ALT: () => this.SUBRULE(this.objective, { ARGS: [into] }) },
      { ALT: () => this.SUBRULE(this.trained, { ARGS: [into] }) },
      { ALT: () => this.SUBRULE(this.choose, { ARGS: [into] }) },
      { ALT: () => this.SUBRULE(this.compare, { ARGS: [into] }) },
    ]);
  });

  device = this.RULE('device', (into: tree.Statement[] = []): void => {
    this.node<tree.DeviceStatement>({ kind: 'device', split: [] }, into, (node) => {
      this.CONSUME(word.device);
      this.OPTION(() => {
        this.OR([
          { ALT: () => set(node, 'count', numberOf(this.CONSUME(t.Numeral))) },
          { ALT: () => set(node, 'count', referenceOf(this.CONSUME(t.Name))) },
        ]);
        this.CONSUME(t.Times);
      });
      set(node, 'name', nameOf(this.CONSUME2(t.Name)));
      this.SUBRULE(this.deviceParts, { ARGS: [node] });
    });
  });

  deviceParts = this.RULE('deviceParts', (node: Partial<Draft<tree.DeviceStatement>> = {}): void => {
    const split = node.split ?? [];
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            this.CONSUME(word.at);
            set(node, 'clock', this.SUBRULE(this.dim));
          },
        },
        {
          ALT: () => {
            this.CONSUME(word.link);
            set(node, 'link', nameOf(this.CONSUME(t.Name)));
          },
        },
        {
          ALT: () => {
            this.CONSUME(word.split);
            this.AT_LEAST_ONE(() => {
              this.SUBRULE(this.splitPart, { ARGS: [split] });
              this.OPTION(() => this.CONSUME(t.Comma));
            });
          },
        },
      ]);
    });
  });

  splitPart = this.RULE('splitPart', (into: tree.Split[] = []): void => {
    this.node<tree.Split>({ kind: 'split' }, into, (node) => {
      set(node, 'name', nameOf(this.CONSUME(t.Name)));
      set(node, 'ways', this.SUBRULE(this.dim));
    });
  });

  useModel = this.RULE('useModel', (into: tree.Statement[] = []): void => {
    this.node<tree.ModelStatement>({ kind: 'use-model' }, into, (node) => {
      this.CONSUME(word.model);
      this.SUBRULE(this.modelReference, {
        ARGS: [
          {
            set instance(reference: tree.ModelReference) {
              node.model = reference;
            },
          },
        ],
      });
    });
  });

  phase = this.RULE('phase', (into: tree.Statement[] = []): void => {
    this.node<tree.PhaseStatement>({ kind: 'phase' }, into, (node) => {
      this.CONSUME(word.phase);
      set(node, 'name', nameOf(this.CONSUME(t.Name)));
      this.OPTION(() => {
        node.arguments = [];
        this.SUBRULE(this.callArguments, { ARGS: [node.arguments] });
      });
    });
  });

  usePrecision = this.RULE('usePrecision', (into: tree.Statement[] = []): void => {
    this.node<tree.PrecisionStatement>({ kind: 'use-precision' }, into, (node) => {
      this.CONSUME(word.precision);
      set(node, 'value', this.SUBRULE(this.dim));
    });
  });

  copies = this.RULE('copies', (into: tree.Statement[] = []): void => {
    this.node<tree.CopiesStatement>({ kind: 'copies' }, into, (node) => {
      this.CONSUME(word.copies);
      set(node, 'count', this.SUBRULE(this.dim));
      this.OPTION(() => {
        this.CONSUME(modifier.of);
        set(node, 'of', nameOf(this.CONSUME(t.Name)));
      });
    });
  });

  reserve = this.RULE('reserve', (into: tree.Statement[] = []): void => {
    this.node<tree.ReserveStatement>({ kind: 'reserve', shares: [] }, into, (node) => {
      this.CONSUME(word.reserve);
      this.SUBRULE(this.share, { ARGS: [node.shares] });
      this.MANY(() => {
        this.CONSUME(t.Comma);
        this.SUBRULE2(this.share, { ARGS: [node.shares] });
      });
    });
  });

  share = this.RULE('share', (into: tree.ReserveStatement['shares'] = []): void => {
    const share: { place?: tree.Place; amount?: tree.Expression } = {};
    into.push(share);
    this.SUBRULE(this.place, { ARGS: [(made) => set(share, 'place', made)] });
    set(share, 'amount', this.SUBRULE(this.expression));
  });

  require = this.RULE('require', (into: tree.Statement[] = []): void => {
    this.node<tree.Require>({ kind: 'require' }, into, (node) => {
      this.CONSUME(word.require);
      set(node, 'condition', this.SUBRULE(this.expression));
    });
  });

  objective = this.RULE('objective', (into: tree.Statement[] = []): void => {
    this.node<tree.Objective>({ kind: 'objective', direction: 'minimize' }, into, (node) => {
      this.OR([
        { ALT: () => this.CONSUME(word.minimize) },
        {
          ALT: () => {
            this.CONSUME(word.maximize);
            node.direction = 'maximize';
          },
        },
      ]);
      set(node, 'value', this.SUBRULE(this.expression));
    });
  });

  trained = this.RULE('trained', (into: tree.Statement[] = []): void => {
    this.node<tree.Parameters>({ kind: 'parameters' }, into, (node) => {
      this.CONSUME(word.parameters);
      set(node, 'path', textOf(this.CONSUME(t.Text)));
    });
  });

  choose = this.RULE('choose', (into: tree.Statement[] = []): void => {
    this.node<tree.Choose>({ kind: 'choose', choices: [] }, into, (node) => {
      this.CONSUME(word.choose);
      set(node, 'name', nameOf(this.CONSUME(t.Name)));
      this.CONSUME(word.from);
      this.SUBRULE(this.spans, { ARGS: [node.choices] });
    });
  });

  compare = this.RULE('compare', (into: tree.Statement[] = []): void => {
    this.node<tree.Compare>({ kind: 'compare', names: [] }, into, (node) => {
      this.CONSUME(word.compare);
      this.SUBRULE(this.names, { ARGS: [node.names] });
    });
  });

  // ---- regions, kernels, streams

  region = this.RULE('region', (into: tree.Statement[] = []): void => {
    this.node<tree.Region>({ kind: 'region', clauses: [], body: [] }, into, (node) => {
      this.CONSUME(word.region);
      this.OPTION(() => set(node, 'name', nameOf(this.CONSUME(t.Name))));
      this.SUBRULE(this.clauses, { ARGS: [node.clauses] });
      this.CONSUME(t.BraceOpen);
      this.MANY(() => {
        this.OR([
          { ALT: () => this.SUBRULE(this.kernel, { ARGS: [node.body] }) },
          { ALT: () => this.SUBRULE(this.stream, { ARGS: [node.body] }) },
        ]);
      });
      this.CONSUME(t.BraceClose);
    });
  });

  kernel = this.RULE('kernel', (into: Sink<tree.Kernel> = []): void => {
    this.node<tree.Kernel>({ kind: 'kernel', clauses: [] }, into, (node) => {
      this.CONSUME(word.kernel);
      this.OPTION(() => set(node, 'name', nameOf(this.CONSUME(t.Name))));
      this.OPTION2(() => {
        const turns: tree.Turn[] = [];
        node.turns = turns;
        this.CONSUME(t.Colon);
        this.SUBRULE(this.turn, { ARGS: [turns] });
        this.MANY(() => {
          this.CONSUME(t.Comma);
          this.SUBRULE2(this.turn, { ARGS: [turns] });
        });
      });
      this.SUBRULE(this.clauses, { ARGS: [node.clauses] });
    });
  });

  turn = this.RULE('turn', (into: tree.Turn[] = []): void => {
    this.node<tree.Turn>({ kind: 'turn', operators: [] }, into, (node) => {
      this.SUBRULE(this.place, { ARGS: [node.operators] });
      this.MANY(() => {
        this.CONSUME(t.Plus);
        this.SUBRULE2(this.place, { ARGS: [node.operators] });
      });
    });
  });

  // A rule of its own: recovery of the list that holds the kernels is then not tempted to end the list of clauses.
  clauses = this.RULE('clauses', (into: tree.Clause[] = []): void => {
    this.MANY(() => this.SUBRULE(this.clause, { ARGS: [into] }));
  });

  clause = this.RULE('clause', (into: tree.Clause[] = []): void => {
    this.OR([
      { ALT: () => this.SUBRULE(this.dimensionClause, { ARGS: [into] }) },
      { ALT: () => this.SUBRULE(this.scalarClause, { ARGS: [into] }) },
      { ALT: () => this.SUBRULE(this.replicateClause, { ARGS: [into] }) },
      { ALT: () => this.SUBRULE(this.storageClause, { ARGS: [into] }) },
      { ALT: () => this.SUBRULE(this.placeClause, { ARGS: [into] }) },
    ]);
  });

  dimensionClause = this.RULE('dimensionClause', (into: tree.Clause[] = []): void => {
    this.node<tree.DimensionClause>({ kind: 'dimensions', word: wordAt(this.LA(1)), dims: [] }, into, (node) => {
      this.OR([{ ALT: () => this.CONSUME(word.array) }, { ALT: () => this.CONSUME(word.tile) }]);
      push(node.dims, this.SUBRULE(this.dim));
      this.MANY(() => {
        this.CONSUME(t.Times);
        push(node.dims, this.SUBRULE2(this.dim));
      });
    });
  });

  scalarClause = this.RULE('scalarClause', (into: tree.Clause[] = []): void => {
    this.node<tree.ScalarClause>({ kind: 'scalar', word: wordAt(this.LA(1)) }, into, (node) => {
      this.OR([
        { ALT: () => this.CONSUME(word.lanes) },
        { ALT: () => this.CONSUME(word.pack) },
        { ALT: () => this.CONSUME(word.ii) },
        { ALT: () => this.CONSUME(word.as) },
        { ALT: () => this.CONSUME(word.at) },
      ]);
      set(node, 'value', this.SUBRULE(this.dim));
    });
  });

  replicateClause = this.RULE('replicateClause', (into: tree.Clause[] = []): void => {
    this.node<tree.ReplicateClause>({ kind: 'replicate', word: 'replicate' }, into, (node) => {
      this.CONSUME(word.replicate);
      set(node, 'count', this.SUBRULE(this.dim));
      this.OPTION(() => {
        this.CONSUME(word.over);
        set(node, 'over', nameOf(this.CONSUME(t.Name)));
      });
    });
  });

  storageClause = this.RULE('storageClause', (into: tree.Clause[] = []): void => {
    const seed: Seed<tree.StorageClause> = { kind: 'storage', word: wordAt(this.LA(1)), auto: false, modes: [] };
    this.node<tree.StorageClause>(seed, into, (node) => {
      this.OR([{ ALT: () => this.CONSUME(word.weights) }, { ALT: () => this.CONSUME(word.cache) }]);
      this.OR2([
        {
          ALT: () => {
            this.CONSUME(word.auto);
            node.auto = true;
          },
        },
        { ALT: () => this.SUBRULE(this.place, { ARGS: [(made) => set(node, 'place', made)] }) },
      ]);
      this.MANY(() => this.SUBRULE(this.mode, { ARGS: [node.modes] }));
    });
  });

  mode = this.RULE('mode', (into: tree.Mode[] = []): void => {
    this.node<tree.Mode>({ kind: 'mode', word: wordAt(this.LA(1)) }, into, (node) => {
      this.OR([
        { ALT: () => this.CONSUME(modifier.double) },
        { ALT: () => this.CONSUME(modifier.single) },
        {
          ALT: () => {
            this.CONSUME(word.via);
            set(node, 'name', nameOf(this.CONSUME(t.Name)));
          },
        },
        {
          ALT: () => {
            this.OR2([{ ALT: () => this.CONSUME(modifier.port) }, { ALT: () => this.CONSUME(modifier.burst) }]);
            set(node, 'value', this.SUBRULE(this.dim));
          },
        },
      ]);
    });
  });

  placeClause = this.RULE('placeClause', (into: tree.Clause[] = []): void => {
    const seed: Seed<tree.PlaceClause> = { kind: 'places', word: wordAt(this.LA(1)), auto: false, places: [] };
    this.node<tree.PlaceClause>(seed, into, (node) => {
      this.OR([{ ALT: () => this.CONSUME(word.on) }, { ALT: () => this.CONSUME(word.for) }]);
      this.OR2([
        {
          ALT: () => {
            this.CONSUME(word.auto);
            node.auto = true;
          },
        },
        { ALT: () => this.SUBRULE(this.places, { ARGS: [node.places] }) },
      ]);
    });
  });

  stream = this.RULE('stream', (into: Sink<tree.Stream> = []): void => {
    this.node<tree.Stream>({ kind: 'stream', to: [], attributes: [] }, into, (node) => {
      this.CONSUME(word.stream);
      this.SUBRULE(this.place, { ARGS: [(made) => set(node, 'from', made)] });
      this.CONSUME(t.Arrow);
      this.SUBRULE(this.places, { ARGS: [node.to] });
      this.OPTION(() => {
        set(node, 'width', this.SUBRULE(this.dim));
        this.OPTION2(() => this.SUBRULE(this.element, { ARGS: [node] }));
      });
      this.SUBRULE(this.streamAttributes, { ARGS: [node.attributes] });
    });
  });

  element = this.RULE('element', (stream: { element?: tree.Stream['element'] } = {}): void => {
    const element: NonNullable<tree.Stream['element']> = {};
    stream.element = element;
    this.CONSUME(t.Times);
    set(element, 'name', nameOf(this.CONSUME(t.Name)));
    this.OPTION(() => {
      element.arguments = [];
      this.SUBRULE(this.callArguments, { ARGS: [element.arguments] });
    });
  });

  streamAttributes = this.RULE('streamAttributes', (into: tree.StreamAttribute[] = []): void => {
    this.MANY(() => this.SUBRULE(this.streamAttribute, { ARGS: [into] }));
  });

  streamAttribute = this.RULE('streamAttribute', (into: tree.StreamAttribute[] = []): void => {
    this.node<tree.StreamAttribute>({ kind: 'stream-attribute', word: wordAt(this.LA(1)) }, into, (node) => {
      this.OR([{ ALT: () => this.CONSUME(word.depth) }, { ALT: () => this.CONSUME(word.in) }]);
      set(node, 'value', this.SUBRULE(this.dim));
    });
  });

  // ---- places, lists, arguments

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

  // ---- expressions

  dim = this.RULE('dim', (): tree.Dim | undefined =>
    this.OR<tree.Dim | undefined>([
      {
        ALT: () => {
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
    return this.OR<Expr>([
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

const NOWHERE: tree.Range = { start: 0, end: 0 };
const DOCUMENTED: ReadonlySet<string> = new Set([
  ...['let', 'model', 'sheet', 'item', 'accelerator', 'region', 'kernel', 'stream'],
]);

/** A token that recovery made up has no width; nothing is read from it. */
function real(token: IToken): boolean {
  return token.isInsertedInRecovery !== true;
}

function rangeOf(token: IToken): tree.Range {
  return { start: token.startOffset, end: t.endOf(token) };
}

function set<T, K extends keyof T>(node: T, key: K, value: T[K] | undefined): void {
  if (value !== undefined) node[key] = value;
}

function push<T>(list: T[], item: T | undefined): void {
  if (item !== undefined) list.push(item);
}

function wordAt<W extends string>(token: IToken): W {
  return token.image as W;
}

function nameOf(token: IToken): tree.Name | undefined {
  return real(token) ? { kind: 'name', text: token.image, range: rangeOf(token) } : undefined;
}

function referenceOf(token: IToken): tree.Reference | undefined {
  const name = nameOf(token);
  return name && { kind: 'reference', path: [name], range: name.range };
}

function numberOf(token: IToken): tree.NumberLiteral | undefined {
  if (!real(token)) return undefined;
  return { kind: 'number', value: numeric(token.image), text: token.image, range: rangeOf(token) };
}

function quantityOf(token: IToken): tree.QuantityLiteral | undefined {
  if (!real(token)) return undefined;
  const { digits, unit } = t.partsOfQuantity(token.image);
  return { kind: 'quantity', value: numeric(digits), unit, text: token.image, range: rangeOf(token) };
}

function textOf(token: IToken): tree.StringLiteral | undefined {
  if (!real(token)) return undefined;
  return { kind: 'string', value: token.image.replaceAll('"', ''), range: rangeOf(token) };
}

function numeric(digits: string): number {
  return Number(digits.replaceAll('_', ''));
}
