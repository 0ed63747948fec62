/**
 * The grammar as a machine that can be asked what may come next.
 *
 * The parser reads a text once, from its start to its end, and cannot be stopped in between. This automaton is made from
 * the productions that the parser publishes, so the two never drift apart; it follows all readings of a text at once, and
 * it can be continued with any token from any point. Completion (expect.ts) and the repair of broken text (repair.ts) both
 * stand on it.
 */
import type { ISerializedGast, TokenType } from 'chevrotain';

interface State {
  readonly rule: string;
  readonly silent: number[];
  readonly terminals: { type: TokenType; next: number }[];
  readonly calls: { rule: string; next: number }[];
  end: boolean;
}

/** Where to go on when the rule that is being read ends; interned, so that equal stacks are the same object. */
class Stack {
  readonly inner = new Map<number, Stack>();
  readonly positions = new Map<number, Position>();
  constructor(
    readonly returnTo: number,
    readonly outer: Stack | undefined,
  ) {}
}

/** A token that may come next: where it stands in the grammar and where it leads. */
export interface Edge {
  readonly type: TokenType;
  readonly at: Position;
  readonly next: Position;
}

/** A point in the grammar together with the rules that are open around it. */
export class Position {
  private reach: Edge[] | undefined;
  private complete = false;
  /** Made when asked for: of twelve positions that are reached, a text goes on from one. */
  private steps: Map<number, Position[]> | undefined;

  constructor(
    private readonly automaton: Automaton,
    readonly state: number,
    readonly stack: Stack | undefined,
  ) {}

  /** The tokens that may come next. */
  get edges(): readonly Edge[] {
    if (!this.reach) {
      this.reach = [];
      this.complete = this.automaton.close(this, this.reach);
    }
    return this.reach;
  }

  /** Whether the text may end here. */
  get accepting(): boolean {
    return this.edges.length >= 0 && this.complete;
  }

  /** Name of the rule that is being read. */
  get rule(): string {
    return this.automaton.ruleOf(this.state);
  }

  /** Names of the open rules, innermost first. */
  *rules(): Generator<string> {
    yield this.rule;
    for (let stack = this.stack; stack; stack = stack.outer) yield this.automaton.ruleOf(stack.returnTo);
  }

  after(type: TokenType): Position[] {
    this.steps ??= new Map();
    const known = this.steps.get(type.tokenTypeIdx!);
    if (known) return known;
    const next = new Set<Position>();
    for (const edge of this.edges) if (matches(type, edge.type)) next.add(edge.next);
    const made = [...next];
    this.steps.set(type.tokenTypeIdx!, made);
    return made;
  }

  /** The ways out: for each open rule, the cheapest tokens that end it, and where one is then. */
  *exits(): Generator<{ inserted: TokenType[]; position: Position }> {
    const inserted: TokenType[] = [];
    let position: Position = this;
    while (position.stack) {
      inserted.push(...this.automaton.cheapestEnd(position.state));
      position = this.automaton.position(position.stack.returnTo, position.stack.outer);
      yield { inserted: [...inserted], position };
    }
  }
}

/** Whether a token of this type may stand where that one is asked for (a `double` is a name, too). */
export function matches(type: TokenType, wanted: TokenType): boolean {
  return type === wanted || wanted.categoryMatchesMap?.[type.tokenTypeIdx!] === true;
}

/** The positions after one more token; none where it may not come. */
export function step(from: readonly Position[], type: TokenType): readonly Position[] {
  if (from.length === 1) return from[0]!.after(type);
  const next = new Set<Position>();
  for (const position of from) for (const reached of position.after(type)) next.add(reached);
  return [...next];
}

/**
 * Positions after which the next text starts the collection afresh. A text of a hundred lines needs two thousand, or with its
 * slips five; what is forgotten is found again in a millisecond, what is kept is kept for the life of the process.
 */
export const MAX_POSITIONS = 10_000;

export class Automaton {
  private readonly states: State[] = [];
  private readonly starts = new Map<string, number>();
  private readonly ends = new Map<string, number>();
  private bottom = new Stack(-1, undefined);
  /** Positions since `bottom` was new. */
  private count = 0;
  private readonly wayOut: { cost: number; tokens: TokenType[] }[];

  constructor(
    productions: ISerializedGast[],
    vocabulary: TokenType[],
    private readonly costOf: (type: TokenType) => number,
  ) {
    const types = new Map(vocabulary.map((type) => [type.name, type]));
    for (const rule of productions as GastNode[]) {
      this.starts.set(rule.name!, this.state(rule.name!));
      const end = this.state(rule.name!);
      this.states[end]!.end = true;
      this.ends.set(rule.name!, end);
    }
    for (const rule of productions as GastNode[]) {
      const last = this.sequence(rule.definition ?? [], this.starts.get(rule.name!)!, types);
      this.states[last]!.silent.push(this.ends.get(rule.name!)!);
    }
    this.wayOut = this.cheapestEnds();
  }

  /** How many positions are remembered. */
  get size(): number {
    return this.count;
  }

  /** The beginning of a rule, with nothing open around it. */
  start(rule: string): Position[] {
    if (this.count > MAX_POSITIONS) {
      this.bottom = new Stack(-1, undefined);
      this.count = 0;
    }
    return [this.position(this.starts.get(rule)!, undefined)];
  }

  position(state: number, stack: Stack | undefined): Position {
    const home = (stack ?? this.bottom).positions;
    let position = home.get(state);
    if (!position) {
      position = new Position(this, state, stack);
      this.count++;
      home.set(state, position);
    }
    return position;
  }

  ruleOf(state: number): string {
    return this.states[state]!.rule;
  }

  cheapestEnd(state: number): TokenType[] {
    return this.wayOut[state]!.tokens;
  }

  /** Follows everything that needs no token; tells whether the end of the outermost rule is reached. */
  close(from: Position, edges: Edge[]): boolean {
    let complete = false;
    const seen = new Set<Position>([from]); // grows while it is walked
    for (const position of seen) {
      const { state: index, stack } = position;
      const state = this.states[index]!;
      for (const { type, next } of state.terminals) {
        edges.push({ type, at: position, next: this.position(next, stack) });
      }
      for (const next of state.silent) seen.add(this.position(next, stack));
      for (const { rule, next } of state.calls)
        seen.add(this.position(this.starts.get(rule)!, this.inner(stack, next)));
      if (state.end && stack) seen.add(this.position(stack.returnTo, stack.outer));
      if (state.end && !stack) complete = true;
    }
    return complete;
  }

  private inner(stack: Stack | undefined, returnTo: number): Stack {
    const home = (stack ?? this.bottom).inner;
    let inner = home.get(returnTo);
    if (!inner) {
      inner = new Stack(returnTo, stack);
      home.set(returnTo, inner);
    }
    return inner;
  }

  private state(rule: string): number {
    return this.states.push({ rule, silent: [], terminals: [], calls: [], end: false }) - 1;
  }

  private sequence(nodes: GastNode[], from: number, types: Map<string, TokenType>): number {
    return nodes.reduce((state, node) => this.piece(node, state, types), from);
  }

  private piece(node: GastNode, from: number, types: Map<string, TokenType>): number {
    const here = this.states[from]!;
    const to = this.state(here.rule);
    const inside = node.definition ?? [];
    switch (node.type) {
      case 'Terminal':
        here.terminals.push({ type: types.get(node.name!)!, next: to });
        break;
      case 'NonTerminal':
        here.calls.push({ rule: node.name!, next: to });
        break;
      case 'Alternation':
        for (const alternative of inside) {
          const branch = this.state(here.rule);
          here.silent.push(branch);
          this.states[this.sequence(alternative.definition ?? [], branch, types)]!.silent.push(to);
        }
        break;
      case 'Option':
      case 'Repetition':
      case 'RepetitionMandatory': {
        const entry = this.state(here.rule);
        here.silent.push(entry);
        const exit = this.sequence(inside, entry, types);
        this.states[exit]!.silent.push(to);
        if (node.type !== 'Option') this.states[exit]!.silent.push(entry);
        if (node.type !== 'RepetitionMandatory') here.silent.push(to);
        break;
      }
      default:
        throw new Error(`The grammar uses ${node.type}, which the automaton does not know`);
    }
    return to;
  }

  /** For each state the cheapest tokens that lead to the end of its rule (relaxed until nothing gets cheaper). */
  private cheapestEnds(): { cost: number; tokens: TokenType[] }[] {
    const best = this.states.map((state) => ({
      cost: state.end ? 0 : Number.POSITIVE_INFINITY,
      tokens: [] as TokenType[],
    }));
    for (let changed = true; changed; ) {
      changed = false;
      for (const [index, state] of this.states.entries()) {
        const offer = (cost: number, tokens: TokenType[]): void => {
          if (cost >= best[index]!.cost) return;
          best[index] = { cost, tokens };
          changed = true;
        };
        for (const next of state.silent) offer(best[next]!.cost, best[next]!.tokens);
        for (const { type, next } of state.terminals) {
          offer(this.costOf(type) + best[next]!.cost, [type, ...best[next]!.tokens]);
        }
        for (const { rule, next } of state.calls) {
          const inside = best[this.starts.get(rule)!]!;
          offer(inside.cost + best[next]!.cost, [...inside.tokens, ...best[next]!.tokens]);
        }
      }
    }
    return best;
  }
}

interface GastNode {
  type: string;
  name?: string;
  definition?: GastNode[];
}
