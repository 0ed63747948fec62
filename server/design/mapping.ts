/** Which operators a kernel statement names, and what is left over. */
import type * as tree from '../../grammar/tree.ts';
import type { Span } from '../diagnostic.ts';
import { type Asked, type ClauseReader, inherit } from './clauses.ts';
import type { Definition, ModelGraph, Operator, Phase } from './design.ts';
import type { Environment } from './expression.ts';
import { isFusible, isMatrixProduct } from './operators.ts';
import { definition, spanOf } from './report.ts';

/** A kernel before its defaults: what is written and what it computes. */
export interface Draft {
  readonly name: string;
  readonly span: Span;
  readonly nameSpan: Span;
  readonly doc?: string;
  readonly auto: boolean;
  readonly region?: string;
  readonly turns: Operator[][];
  readonly asked: Asked;
}

/** A kernel statement with the region around it. */
export interface Written {
  readonly node: tree.Kernel;
  readonly region?: string;
  readonly defaults: Asked;
}

interface Unknown {
  readonly name: tree.Name;
  readonly sort: 'operator';
}

/** What a mapping works on; `targets` are the definitions of the model's operators. */
interface Model {
  readonly graph: ModelGraph;
  readonly targets: ReadonlyMap<string, Definition>;
  readonly phase: Phase;
  /** The phase is one of the two kinds of passes of `generate`. */
  readonly generates: boolean;
}

export class Mapping {
  readonly drafts: Draft[] = [];
  readonly unmapped: Operator[] = [];
  /** Of the kernels that are written, by name. */
  readonly definitions = new Map<string, Definition>();
  private readonly env: Environment;
  private readonly reader: ClauseReader;
  private readonly model: Model | undefined;
  private readonly operators: ReadonlyMap<string, Operator>;
  private readonly kinds = new Map<string, Operator | 'several'>();
  private readonly order: ReadonlyMap<string, number>;
  private readonly names = new Map<string, Span>();
  private readonly mapped = new Map<string, Draft>();
  private readonly unknown: Unknown[] = [];

  /** Without a model the clauses are checked, and no operator is known. */
  constructor(env: Environment, reader: ClauseReader, model: Model | undefined) {
    this.env = env;
    this.reader = reader;
    this.model = model;
    const operators = model ? [...model.graph.outside, ...model.graph.layer.operators] : [];
    this.operators = new Map(operators.map((operator) => [operator.name, operator]));
    for (const operator of operators)
      this.kinds.set(operator.kind, this.kinds.has(operator.kind) ? 'several' : operator);
    this.order = new Map([...this.operators.keys()].map((name, index) => [name, index]));
  }

  /** Maps the kernel statements of an accelerator, then gives kernels to the operators that they leave out. */
  map(kernels: readonly Written[]): void {
    for (const kernel of kernels) this.written(kernel);
    this.reportUnknown();
    if (this.model) this.leftOver(this.model, kernels.length > 0);
  }

  /** Kernel and turn of an operator; undefined where it runs on the host. */
  kernelOf(operator: string): Draft | undefined {
    return this.mapped.get(operator);
  }

  private written({ node, region, defaults }: Written): void {
    const { report, file } = this.env;
    const asked = inherit(this.reader.read(node.clauses, 'written'), defaults);
    const name = node.name ?? node.turns?.[0]?.operators[0]?.parts.at(-1)?.name;
    if (!node.name) report.missing(file, node, 'a kernel', node.turns ? 'a name' : 'the name of an operator');
    if (!name || !this.model) return;
    if (!this.serves(asked, name, this.model)) return;
    const draft: Draft = {
      name: this.unique(name, node),
      span: spanOf(file, node),
      nameSpan: spanOf(file, name),
      ...(node.doc === undefined ? {} : { doc: node.doc }),
      auto: false,
      ...(region === undefined ? {} : { region }),
      turns: [],
      asked,
    };
    for (const turn of this.turns(node, name)) {
      const operators = turn.flatMap((place) => this.claim(place, draft) ?? []);
      operators.sort((a, b) => this.order.get(a.name)! - this.order.get(b.name)!);
      if (operators.length > 0) draft.turns.push(operators);
      this.checkFusion(operators, turn);
    }
    if (draft.turns.length === 0) return;
    this.names.set(draft.name, draft.nameSpan);
    this.drafts.push(draft);
    const target = definition('kernel', file, name, node, kindsOf(draft));
    this.definitions.set(draft.name, report.define(target));
    this.checkClauses(node, draft);
  }

  private turns(node: tree.Kernel, name: tree.Name): (readonly tree.PlacePart[])[][] {
    if (!node.turns) return [[[{ kind: 'part', range: name.range, name }]]];
    return node.turns.map((turn) => turn.operators.map((place) => place.parts));
  }

  /** Whether the kernel works in the pass that is read. One that works in the other pass of `generate` is not left out. */
  private serves(asked: Asked, name: tree.Name, { phase, generates }: Model): boolean {
    const phases = asked.phases?.value;
    const pass = phase.name === 'generate' ? 'prefill' : phase.name;
    const others = generates ? ['generate', 'prefill', 'decode'] : [];
    if (!phases || phases.includes(pass) || (generates && phases.includes('generate'))) return true;
    if (phases.some((one) => others.includes(one))) return false;
    this.env.report.notModelled(
      this.env.file,
      name,
      `kernel ‘${name.text}’ for ${phases.join(', ')}`,
      `the phase is ${generates ? 'generate' : pass}; the kernel is left out`,
    );
    return false;
  }

  /** Takes an operator for a kernel; undefined, reported, where there is none or it is taken. */
  private claim(parts: readonly tree.PlacePart[], draft: Draft): Operator | undefined {
    const { report, file } = this.env;
    const name = parts.at(-1)?.name;
    const qualifier = parts.length > 1 ? parts[0]!.name : undefined;
    if (!name) return undefined;
    const operator = this.operators.get(name.text) ?? this.only(name.text);
    if (!operator || (qualifier && operator.layer !== qualifier.text)) {
      this.unknown.push({ name: operator && qualifier ? qualifier : name, sort: 'operator' });
      return undefined;
    }
    const target = this.model?.targets.get(operator.name);
    if (target) report.bind(file, name, target);
    const earlier = this.mapped.get(operator.name);
    if (earlier) {
      const span = spanOf(file, name);
      const kernels = [earlier, draft].map(({ nameSpan }) => file.text.slice(nameSpan.start, nameSpan.end));
      report.problem({
        code: 'operator-mapped-twice',
        span,
        operator: operator.name,
        kernels,
        first: earlier.nameSpan,
      });
      return undefined;
    }
    this.mapped.set(operator.name, draft);
    return operator;
  }

  /** `embed` where the model's only embedding has another name: there is no doubt what is meant. */
  private only(kind: string): Operator | undefined {
    const operator = this.kinds.get(kind);
    return operator === 'several' ? undefined : operator;
  }

  /** A name that no other kernel of the accelerator has. */
  private unique(name: tree.Name, node: tree.Kernel): string {
    const earlier = this.names.get(name.text);
    if (!earlier) return name.text;
    // Without turns the operator is mapped twice, which says it all.
    if (node.turns) this.env.report.duplicate(this.env.file, name, 'kernel', earlier);
    return this.free(name.text);
  }

  private free(name: string): string {
    if (!this.names.has(name)) return name;
    let count = 2;
    while (this.names.has(`${name}_${count}`)) count++;
    return `${name}_${count}`;
  }

  /** Fused operators read each other: one pass cannot do two things that have nothing to do with each other. */
  private checkFusion(operators: readonly Operator[], turn: readonly (readonly tree.PlacePart[])[]): void {
    const names = new Set(operators.map((operator) => operator.name));
    const loose = operators.slice(1).find((operator) => !operator.inputs.some((input) => names.has(input.name)));
    if (!loose) return;
    const place = turn.find((parts) => parts.at(-1)?.name.text === loose.name)?.at(-1)?.name;
    const reads = loose.inputs.map((input) => `‘${input.name}’`).join(' and ');
    const expected = `operators that read each other; ‘${loose.name}’ reads ${reads} (a comma makes them take turns)`;
    if (place) this.env.report.invalid(this.env.file, place, 'fusion', [...names].join(' + '), expected);
  }

  /** Clauses that say something about a kind of operator which the kernel does not have. */
  private checkClauses(node: tree.Kernel, draft: Draft): void {
    const operators = draft.turns.flat();
    const product = operators.some((operator) => isMatrixProduct(operator.kind));
    const rows = operators.some((operator) => !isMatrixProduct(operator.kind));
    const trained = operators.some((operator) => operator.weights + operator.parameters > 0);
    const attention = operators.some((operator) => operator.keys > 0);
    const kinds = kindsOf(draft);
    for (const clause of node.clauses) {
      const fits =
        clause.word === 'array' || clause.word === 'pack' || clause.word === 'tile'
          ? { holds: product, expected: `‘lanes’: ${kinds} is no matrix product` }
          : clause.word === 'lanes'
            ? { holds: rows, expected: `‘array’: ${kinds} is a matrix product` }
            : clause.word === 'weights'
              ? { holds: trained, expected: `no weights: ${kinds} has no trained values` }
              : { holds: clause.word !== 'cache' || attention, expected: `no cache: ${kinds} keeps no keys or values` };
      if (!fits.holds)
        this.env.report.invalid(this.env.file, clause, clause.word, `a clause of ‘${draft.name}’`, fits.expected);
    }
  }

  /** Operators that nobody has named come first: a slip of the fingers means one of them. */
  private reportUnknown(): void {
    const names = [...this.operators.keys()];
    const free = names.filter((name) => !this.mapped.has(name));
    const candidates = [...free, ...names];
    for (const { name, sort } of this.unknown) this.env.report.unknown(this.env.file, name, sort, candidates);
  }

  /** Fuses what can be fused into its producer; the rest of the layer gets kernels of its own. */
  private leftOver({ graph }: Model, anyNamed: boolean): void {
    const readers = new Map<string, number>();
    for (const operator of this.operators.values()) {
      for (const input of operator.inputs) readers.set(input.name, (readers.get(input.name) ?? 0) + 1);
    }
    for (const operator of this.operators.values()) {
      if (this.mapped.has(operator.name)) continue;
      const producer = operator.inputs[0];
      const host =
        producer && !producer.external && readers.get(producer.name) === 1 && producer.name !== graph.layer.output;
      const draft = host && isFusible(operator.kind) ? this.mapped.get(producer.name) : undefined;
      const turn = draft?.turns.find((operators) => operators.at(-1)?.name === producer?.name);
      if (draft && turn) {
        turn.push(operator);
        this.mapped.set(operator.name, draft);
      } else if (operator.layer === graph.layer.name) {
        if (anyNamed) this.unmapped.push(operator);
        this.auto(operator);
      }
    }
  }

  private auto(operator: Operator): void {
    const name = this.free(operator.name);
    const turns = [[operator]];
    const draft: Draft = { name, span: operator.span, nameSpan: operator.span, auto: true, turns, asked: {} };
    this.names.set(name, operator.span);
    this.mapped.set(operator.name, draft);
    this.drafts.push(draft);
  }

  /** Position of a kernel in the data flow: that of its first operator. */
  position(draft: Draft): number {
    return draft.turns.flat().reduce((first, { name }) => Math.min(first, this.order.get(name) ?? 0), Infinity);
  }
}

/** 'linear + gelu, softmax' */
export function kindsOf(draft: { readonly turns: readonly (readonly Operator[])[] }): string {
  return draft.turns.map((turn) => turn.map((operator) => operator.kind).join(' + ')).join(', ');
}
