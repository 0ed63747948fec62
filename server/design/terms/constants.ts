/** `let` and `choose`: names that stand for numbers, evaluated where they are first asked for. */
import type * as tree from '../../../grammar/tree.ts';
import type { Definition } from '../problem.ts';
import { type Constant, type Environment, evaluate, type Value } from './expression.ts';
import { definition, type Report } from './report.ts';
import type { FileScope, Files } from './scope.ts';
import { formatQuantity } from './units.ts';

/** A longer chain of constants that are written the wrong way round is not followed. */
const MAX_CHAIN = 100;

/** Values of constants, as one declaration reads them. */
export class Constants {
  private readonly values = new Map<tree.Let, Value | undefined>();
  private readonly targets = new Map<tree.Let, Definition>();
  /** Constants whose values are being found, each for the one before it. */
  private readonly busy: tree.Let[] = [];
  private readonly files: Files;
  private readonly report: Report;
  private readonly known: (node: tree.Let) => Constant | undefined;

  /** @param known what a constant of a file was found to stand for when its own declaration was resolved */
  constructor(files: Files, report: Report, known: (node: tree.Let) => Constant | undefined) {
    this.files = files;
    this.report = report;
    this.known = known;
  }

  /** The constants that a file sees. */
  environment(file: FileScope): Environment {
    return {
      file,
      report: this.report,
      find: (name) => {
        const found = this.files.find('let', name, file);
        return found && (this.known(found.node) ?? this.constant(found.node, this.environment(found.file)));
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
    if (this.values.has(node)) return this.values.get(node);
    const { busy } = this;
    const circle = busy.includes(node) ? busy.slice(busy.indexOf(node)) : [];
    if (circle.length > 0 || busy.length >= MAX_CHAIN) {
      const found = circle.length > 0 ? 'a value that needs itself' : `a chain of more than ${MAX_CHAIN} constants`;
      // Wherever a circle is entered, it is the first of its constants that is marked.
      const first = circle.reduce((a, b) => (b.range.start < a.range.start ? b : a), node);
      env.report.invalid(env.file, first.name ?? first, 'let', found, 'an expression of constants that come before it');
      return undefined;
    }
    busy.push(node);
    const value = evaluate(node.value, env);
    busy.pop();
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
