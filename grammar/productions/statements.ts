/** The statements of an accelerator. */
import * as t from '../tokens.ts';
import type * as tree from '../tree.ts';
import { type Draft, nameOf, numberOf, referenceOf, type Sink, set, textOf } from './base.ts';
import { KernelProductions } from './kernels.ts';

const word = t.RESERVED;
const modifier = t.MODIFIERS;

export abstract class StatementProductions extends KernelProductions {
  letConstant = this.RULE('letConstant', (into: Sink<tree.Let> = []): void => {
    this.node<tree.Let>({ kind: 'let' }, into, (node) => {
      this.CONSUME(word.let);
      set(node, 'name', nameOf(this.CONSUME(t.Name)));
      this.CONSUME(t.Equals);
      set(node, 'value', this.SUBRULE(this.expression));
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
}
