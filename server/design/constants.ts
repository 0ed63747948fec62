/** `let` and `choose`: names that stand for numbers, evaluated where they are first asked for. */
import type * as tree from '../../grammar/tree.ts';
import type { Definition } from './design.ts';
import { type Constant, type Environment, evaluate, type Value } from './expression.ts';
import { definition, type Report } from './report.ts';
import type { FileScope, Files } from './scope.ts';
import { formatQuantity } from './units.ts';

/** A longer chain of constants that are written the wrong way round is not followed. */
const MAX_CHAIN = 100;

/** Values of all constants of one resolution. */
export class Constants {
  private readonly values = new Map<tree.Let, Value | 'busy' | undefined>();
  private readonly targets = new Map<tree.Let, Definition>();
  private depth = 0;
  private readonly files: Files;
  private readonly report: Report;

  constructor(files: Files, report: Report) {
    this.files = files;
    this.report = report;
  }

  /** The constants that a file sees. */
  environment(file: FileScope): Environment {
    return {
      file,
      report: this.report,
      find: (name) => {
        const found = this.files.find('let', name, file);
        return found && this.constant(found.node, this.environment(found.file));
      },
      names: () => this.files.names('let', file),
    };
  }

  /** What a `let` stands for; `env` are the names that its expression may use. */
  constant(node: tree.Let, env: Environment): Constant {
    const value = this.value(node, env);
    return { value, ...(node.name ? { target: this.target(node, node.name, env, value) } : {}) };
  }

  private value(node: tree.Let, env: Environment): Value | undefined {
    const known = this.values.get(node);
    if (known === 'busy' || (known === undefined && this.depth >= MAX_CHAIN)) {
      const found = known === 'busy' ? 'a value that needs itself' : `a chain of more than ${MAX_CHAIN} constants`;
      env.report.invalid(env.file, node.name ?? node, 'let', found, 'an expression of constants that come before it');
      return undefined;
    }
    if (this.values.has(node)) return known;
    this.values.set(node, 'busy');
    this.depth++;
    const value = evaluate(node.value, env);
    this.depth--;
    this.values.set(node, value);
    return value;
  }

  private target(node: tree.Let, name: tree.Name, env: Environment, value: Value | undefined): Definition {
    const known = this.targets.get(node);
    if (known) return known;
    const detail = value && `= ${formatQuantity(value.number, value.dimension)}`;
    const target = definition('let', env.file, name, node, detail);
    this.targets.set(node, target);
    return target;
  }
}

/** Names of one place in front of those around it. */
export function within(
  outer: Environment,
  find: (name: string) => Constant | undefined,
  names: () => string[],
): Environment {
  return {
    file: outer.file,
    report: outer.report,
    find: (name) => find(name) ?? outer.find(name),
    names: () => [...names(), ...outer.names()],
  };
}
