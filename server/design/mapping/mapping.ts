/** Which operators a kernel statement names in one part of the work, and what is left over. */
import type * as tree from '../../../grammar/tree.ts';
import type { Span } from '../../diagnostic.ts';
import type { Passes } from '../design.ts';
import { operatorTarget } from '../model/model.ts';
import { isFusible } from '../operators.ts';
import type { Definition } from '../problem.ts';
import type { Environment } from '../terms/expression.ts';
import { definition, spanOf } from '../terms/report.ts';
import type { ModelGraph, Operator, Phase } from '../workload.ts';
import type { Asked } from './clauses.ts';

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

/** A kernel statement with its own clauses in front of those of the region around it. */
export interface Written {
  readonly node: tree.Kernel;
  readonly region?: string;
  readonly asked: Asked;
}

/** A part of the work: the repeated layer of `graph`, some of its passes, in one phase. */
export interface Part {
  readonly graph: ModelGraph;
  /** Definitions of layers and operators by name. */
  readonly targets: ReadonlyMap<string, Definition>;
  readonly phase: Phase;
  /** What a `for` clause may call the phase. */
  readonly phaseNames: readonly Phase['name'][];
  readonly passes: Passes;
}

/** Kernels of one part, in the order of their statements, then those that nobody wrote. */
export interface Mapped {
  readonly drafts: readonly Draft[];
  readonly unmapped: readonly Operator[];
  position(draft: Draft): number;
}

/** What a mapping shares with those of the other parts. */
export interface Shared {
  readonly env: Environment;
  readonly names: Map<string, Span>;
  readonly unknown: Map<tree.Name, tree.Name>;
  readonly claimed: Set<tree.Name>;
  define(definition: Definition): void;
  free(name: string, span: Span): string;
}

export class PartMapping implements Mapped {
  readonly drafts: Draft[] = [];
  readonly unmapped: Operator[] = [];
  private readonly mapper: Shared;
  private readonly env: Environment;
  private readonly part: Part;
  private readonly operators: ReadonlyMap<string, Operator>;
  private readonly kinds = new Map<string, Operator | 'several'>();
  private readonly order: ReadonlyMap<string, number>;
  private readonly mapped = new Map<string, Draft>();

  constructor(mapper: Shared, part: Part) {
    this.mapper = mapper;
    this.env = mapper.env;
    this.part = part;
    const operators = [...part.graph.outside, ...part.graph.layer.operators];
    this.operators = new Map(operators.map((operator) => [operator.name, operator]));
    for (const operator of operators)
      this.kinds.set(operator.kind, this.kinds.has(operator.kind) ? 'several' : operator);
    this.order = new Map([...this.operators.keys()].map((name, index) => [name, index]));
  }

  /** Operators by name, and whether nobody has named them. */
  state(): [string, boolean][] {
    return [...this.operators.keys()].map((name) => [name, !this.mapped.has(name)]);
  }

  /** Maps one statement; gives the operators that it serves here, turn by turn. */
  written({ node, region, asked }: Written, unique: (name: tree.Name) => string): Operator[][] {
    const { file } = this.env;
    const name = node.name ?? node.turns?.[0]?.operators[0]?.parts.at(-1)?.name;
    if (!name) return [];
    const draft: Draft = {
      name: unique(name),
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
    if (draft.turns.length === 0) return [];
    this.mapper.names.set(draft.name, draft.nameSpan);
    this.drafts.push(draft);
    this.mapper.define({ ...definition('kernel', file, name, node, kindsOf(draft)), name: draft.name });
    return draft.turns;
  }

  private turns(node: tree.Kernel, name: tree.Name): (readonly tree.PlacePart[])[][] {
    if (!node.turns) return [[[{ kind: 'part', range: name.range, name }]]];
    return node.turns.map((turn) => turn.operators.map((place) => place.parts));
  }

  /** Takes an operator for a kernel; undefined, reported, where there is none or it is taken. */
  private claim(parts: readonly tree.PlacePart[], draft: Draft): Operator | undefined {
    const { report, file } = this.env;
    const name = parts.at(-1)?.name;
    const qualifier = parts.length > 1 ? parts[0]!.name : undefined;
    if (!name) return undefined;
    const operator = this.operators.get(name.text) ?? this.only(name.text);
    if (!operator || (qualifier && operator.layer !== qualifier.text)) {
      this.mapper.unknown.set(name, operator && qualifier ? qualifier : name);
      return undefined;
    }
    this.mapper.claimed.add(name);
    report.bind(file, name, operatorTarget(operator));
    const layer = qualifier && this.part.targets.get(qualifier.text);
    if (layer) report.bind(file, qualifier, layer);
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

  /** Fuses what can be fused into its producer; the rest of the layer gets kernels of its own. */
  leftOver(anyNamed: boolean): void {
    const { layer } = this.part.graph;
    const readers = new Map<string, number>();
    for (const operator of this.operators.values()) {
      for (const input of operator.inputs) readers.set(input.name, (readers.get(input.name) ?? 0) + 1);
    }
    for (const operator of this.operators.values()) {
      if (this.mapped.has(operator.name)) continue;
      const producer = operator.inputs[0];
      const host =
        producer && !producer.external && readers.get(producer.name) === 1 && !layer.outputs.includes(producer.name);
      const draft = host ? this.mapped.get(producer.name) : undefined;
      const fits = draft && isFusible(operator.kind, draft.turns.length);
      const turn = fits ? draft.turns.find((operators) => operators.at(-1)?.name === producer?.name) : undefined;
      if (draft && turn) {
        turn.push(operator);
        this.mapped.set(operator.name, draft);
      } else if (operator.layer === layer.name) {
        if (anyNamed) this.unmapped.push(operator);
        this.auto(operator);
      }
    }
  }

  private auto(operator: Operator): void {
    const name = this.mapper.free(operator.name, operator.span);
    const turns = [[operator]];
    const draft: Draft = { name, span: operator.span, nameSpan: operator.span, auto: true, turns, asked: {} };
    this.mapper.names.set(name, operator.span);
    this.mapped.set(operator.name, draft);
    this.drafts.push(draft);
  }

  position(draft: Draft): number {
    return draft.turns.flat().reduce((first, { name }) => Math.min(first, this.order.get(name) ?? 0), Infinity);
  }
}

/** 'linear + gelu, softmax' */
export function kindsOf(draft: { readonly turns: readonly (readonly Operator[])[] }): string {
  return draft.turns.map((turn) => turn.map((operator) => operator.kind).join(' + ')).join(', ');
}
