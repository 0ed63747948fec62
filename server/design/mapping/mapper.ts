/** What the kernel statements of an accelerator are to all parts of its work together. */
import type * as tree from '../../../grammar/tree.ts';
import type { Span } from '../../diagnostic.ts';
import type { Passes } from '../design.ts';
import type { Definition } from '../problem.ts';
import type { Environment } from '../terms/expression.ts';
import { spanOf } from '../terms/report.ts';
import type { Operator } from '../workload.ts';
import type { Asked } from './clauses.ts';
import { checkClauses } from './fit.ts';
import { type Mapped, type Part, PartMapping, type Written } from './mapping.ts';

export class Mapper {
  /** Of the kernels that are written, by name. */
  readonly definitions = new Map<string, Definition>();
  readonly names = new Map<string, Span>();
  /** Names of operators that some part does not have, with what to blame; and those that one of them has. */
  readonly unknown = new Map<tree.Name, tree.Name>();
  readonly claimed = new Set<tree.Name>();
  private readonly nameOf = new Map<tree.Kernel, string>();
  private readonly served = new Map<tree.Kernel, Operator[][]>();
  private readonly operators = new Map<string, boolean>();
  private readonly kernels: readonly Written[];
  /** Operators of the model that have no meaning. */
  private readonly lost: ReadonlySet<string>;
  readonly env: Environment;

  /** Statements are checked even where no part can be mapped: without a model no operator is known. */
  constructor(env: Environment, kernels: readonly Written[], lost: ReadonlySet<string> = new Set()) {
    this.env = env;
    this.kernels = kernels;
    this.lost = lost;
    for (const { node } of kernels) {
      if (node.name) continue;
      env.report.missing(env.file, node, 'a kernel', node.turns ? 'a name' : 'the name of an operator');
    }
  }

  map(part: Part): Mapped {
    const mapping = new PartMapping(this, part);
    const here = this.kernels.filter((kernel) => serves(kernel.asked, part));
    for (const kernel of here) {
      const served = mapping.written(kernel, (name) => this.unique(name, kernel.node, here));
      this.served.set(kernel.node, [...(this.served.get(kernel.node) ?? []), ...served]);
    }
    for (const [name, free] of mapping.state()) this.operators.set(name, free && (this.operators.get(name) ?? true));
    mapping.leftOver(here.length > 0);
    return mapping;
  }

  /** What can be said when all parts are mapped. */
  finish(parts: readonly Part[]): void {
    const { report, file } = this.env;
    // Operators that nobody has named come first: a slip of the fingers means one of them.
    const names = [...this.operators.keys()];
    const candidates = [...names.filter((name) => this.operators.get(name)), ...names];
    for (const [place, name] of this.unknown)
      if (!this.claimed.has(place) && !this.operators.has(name.text) && !this.lost.has(name.text))
        report.unknown(file, name, 'operator', candidates);
    for (const { node, asked } of this.kernels) {
      const turns = this.served.get(node);
      if (turns && turns.length > 0) checkClauses(node, this.nameOf.get(node) ?? '', turns, asked, this.env);
      else if (!turns && parts.length > 0) this.leftOut(node, asked, parts);
    }
  }

  define(definition: Definition): void {
    if (this.definitions.has(definition.name)) return;
    this.definitions.set(definition.name, this.env.report.define(definition));
  }

  /** A name that no other hardware of the accelerator has. */
  free(name: string, span: Span): string {
    const taken = (candidate: string): boolean => {
      const earlier = this.names.get(candidate);
      return earlier !== undefined && (earlier.start !== span.start || earlier.file !== span.file);
    };
    if (!taken(name)) return name;
    let count = 2;
    while (taken(`${name}_${count}`)) count++;
    return `${name}_${count}`;
  }

  /** The name of a statement, `here` being those of a part that it serves. */
  private unique(name: tree.Name, node: tree.Kernel, here: readonly Written[]): string {
    const known = this.nameOf.get(node);
    if (known !== undefined) return known;
    const earlier = this.names.get(name.text);
    // Without turns the operator is mapped twice, which says it all.
    // Two statements may serve passes of their own under one name.
    const both = () => here.some((other) => other.node !== node && this.nameOf.get(other.node) === name.text);
    if (earlier && node.turns && both()) this.env.report.duplicate(this.env.file, name, 'kernel', earlier);
    const unique = this.free(name.text, spanOf(this.env.file, name));
    this.nameOf.set(node, unique);
    return unique;
  }

  /** A kernel for phases or passes that the accelerator has not. */
  private leftOut(node: tree.Kernel, { phases, passes }: Asked, parts: readonly Part[]): void {
    const name = node.name ?? node.turns?.[0]?.operators[0]?.parts.at(-1)?.name;
    if (!name) return;
    const ranges = (passes?.value ?? []).map(({ layer, first, last }) => `${layer}[${first}..${last}]`);
    const subject = `kernel ‘${name.text}’ for ${[...(phases?.value ?? []), ...ranges].join(', ')}`;
    const here = [...new Set(parts.map(({ phaseNames }) => phaseNames[0]))].join(' and ');
    this.env.report.notModelled(
      this.env.file,
      name,
      subject,
      `the pass that is estimated is ${here}; the kernel is left out`,
    );
  }
}

/** Whether a kernel works in a part. */
function serves({ phases, passes }: Asked, { phaseNames, passes: here }: Part): boolean {
  const inPhase = !phases?.value || phases.value.some((name) => phaseNames.includes(name));
  const inPasses = ({ layer, first, last }: Passes): boolean =>
    layer === here.layer && first <= here.first && here.last <= last;
  return inPhase && (!passes?.value || passes.value.some(inPasses));
}
