/** Models: graphs of operators. */
import * as t from '../tokens.ts';
import type * as tree from '../tree.ts';
import { nameOf, set } from './base.ts';
import { StatementProductions } from './statements.ts';

const word = t.RESERVED;
const modifier = t.MODIFIERS;

export abstract class ModelProductions extends StatementProductions {
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
}
