/** Regions, kernels and their clauses, streams. */
import * as t from '../tokens.ts';
import type * as tree from '../tree.ts';
import { nameOf, push, type Seed, type Sink, set, wordAt } from './base.ts';
import { ExpressionProductions } from './expressions.ts';

const word = t.RESERVED;
const modifier = t.MODIFIERS;

export abstract class KernelProductions extends ExpressionProductions {
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
}
