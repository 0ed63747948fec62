/**
 * A model cut over several cards: what one of them computes. Tensor parallel, every operator is cut: the columns of a
 * product whose readers can go on with a part of them (a head, a part of the feed-forward network), else its reduction, whose
 * partial sums all cards then add up (Megatron-LM, arXiv 1909.08053). Pipeline parallel, the layers are shared out.
 */
import type { Accelerator, Edge, Kernel } from '../../design/design.ts';
import type { Operator } from '../../design/workload.ts';
import { elementBits } from '../../kernels/word.ts';
import { type Collective, inWords, secondsOver } from './link-words.ts';
import { cardsOf, isPlaced, machineOf } from './machine.ts';

export interface OneCard {
  /** The accelerator as this card has it: its part of each operator, its part of the layers. */
  readonly accelerator: Accelerator;
  readonly collectives: readonly Collective[];
  readonly caveats: readonly string[];
}

/** Kinds that work on a part of their columns, or of their heads, as they do on the whole. */
const passing: ReadonlySet<Operator['kind']> = new Set([
  ...(['scores', 'causal', 'softmax', 'context', 'rope', 'gelu', 'silu', 'relu', 'mul', 'linear'] as const),
]);

export function onOneCard(accelerator: Accelerator): OneCard {
  const { split, model } = accelerator;
  if (split.tensor <= 1 && split.pipeline <= 1) return { accelerator, collectives: [], caveats: [] };
  const cut = new Cut(accelerator);
  const operators = cut.operators();
  const part = (operator: Operator): Operator => operators.get(operator.name) ?? operator;
  const kernels = accelerator.kernels.map(
    (kernel): Kernel => ({ ...kernel, turns: kernel.turns.map((turn) => turn.map(part)) }),
  );
  const { layer, outside } = model;
  const own = isPlaced(accelerator) ? machineOf : (same: Accelerator): Accelerator => same;
  return {
    accelerator: own({
      ...accelerator,
      kernels,
      edges: accelerator.edges.map((edge): Edge => ({ ...edge, columns: cut.columns(edge.tensor, edge.columns) })),
      model: {
        ...model,
        layer: {
          ...layer,
          repeat: Math.ceil(layer.repeat / split.pipeline),
          operators: layer.operators.map(part),
        },
        outside: outside.map(part),
      },
    }),
    collectives: cut.collectives.map((collective) => inWords(accelerator, collective)),
    caveats: cut.caveats,
  };
}

/** Bytes a second that arrive over the link; undefined where nothing joins the cards. */
export function linkRate({ link }: Accelerator): number | undefined {
  const rate = link ? link.bandwidth * link.efficiency : 0;
  return rate > 0 ? rate : undefined;
}

/** Seconds for the rows of a pass from one card of a pipeline to the next: l · d · b_A / (α · B). */
export function hopSeconds(accelerator: Accelerator): number {
  const { model, phase, precision, split } = accelerator;
  const rate = linkRate(accelerator);
  if (split.pipeline <= 1 || rate === undefined) return 0;
  const columns = model.layer.inputs[0]?.columns ?? 0;
  const bytes = (phase.tokens * columns * elementBits[precision.activations]) / 8;
  const rows: Collective = { operator: model.layer.output, kind: 'send', widens: 1, bytes, sent: bytes };
  return secondsOver(rate, inWords(accelerator, rows)) + (accelerator.link?.latency ?? 0);
}

class Cut {
  readonly collectives: Collective[] = [];
  readonly caveats: string[] = [];
  private readonly waysOfAll: number;
  /** Of each operator, the cards that have it, where these are not all. */
  private readonly placed = new Map<string, readonly number[]>();
  private readonly all: readonly Operator[];
  private readonly accelerator: Accelerator;
  /** Share of a tensor that this card has: 1 where it has all of it. */
  private readonly share = new Map<string, number>();
  private readonly cutsHeads: boolean;

  constructor(accelerator: Accelerator) {
    const { model, split } = accelerator;
    this.accelerator = accelerator;
    this.waysOfAll = split.tensor;
    if (isPlaced(accelerator))
      for (const kernel of accelerator.kernels)
        for (const { name } of kernel.turns.flat()) this.placed.set(name, cardsOf(kernel, accelerator.cards));
    this.all = [...model.outside, ...model.layer.operators];
    const attention = this.all.filter(({ kind }) => kind === 'scores' || kind === 'context');
    const uneven = attention.find(({ name, heads, kvHeads }) => {
      const ways = this.ways(name);
      return heads % ways !== 0 || (kvHeads % ways !== 0 && ways % Math.max(1, kvHeads) !== 0);
    });
    this.cutsHeads = !uneven;
    if (uneven)
      this.caveats.push(
        `${uneven.heads} heads (${uneven.kvHeads} of K and V) cannot be dealt out to ${this.ways(uneven.name)} cards: each computes all of them`,
      );
  }

  /** Operators of this card by name, in order of the data flow, so that what is read is known. */
  operators(): Map<string, Operator> {
    if (this.waysOfAll <= 1) return new Map();
    return new Map(this.all.map((operator) => [operator.name, this.part(operator)]));
  }

  /** Cards that share an operator. */
  private ways(operator: string): number {
    return this.placed.get(operator)?.length ?? this.waysOfAll;
  }

  /** Whether both are on the same cards: what leaves these leaves them whole. */
  private together(a: string, b: string): boolean {
    const [left, right] = [this.placed.get(a), this.placed.get(b)];
    return left === right || left?.join() === right?.join();
  }

  private shareFor(reader: Operator, tensor: string): number {
    return this.together(reader.name, tensor) ? (this.share.get(tensor) ?? 1) : 1;
  }

  columns(tensor: string, columns: number): number {
    return Math.max(1, Math.ceil(columns * (this.share.get(tensor) ?? 1)));
  }

  private part(operator: Operator): Operator {
    const inputs = operator.inputs.map((input) => {
      const share = input.external ? 1 : this.shareFor(operator, input.name);
      return { ...input, shape: cutShape(input.shape, share) };
    });
    const has = operator.inputs.map(({ name }) => this.shareFor(operator, name));
    const share = Math.min(1, ...has);
    const whole = { ...operator, inputs };
    if (operator.kind === 'linear') return this.product(whole, share);
    const cuts = share < 1 && (passing.has(operator.kind) || (operator.kind === 'rmsnorm' && operator.heads > 1));
    if (!cuts) return whole;
    // Grouped K and V may be cut less than the queries that read them: what comes out is cut as the queries are.
    this.share.set(operator.name, share);
    return scaled(whole, share);
  }

  private product(operator: Operator, share: number): Operator {
    const ways = this.ways(operator.name);
    if (share < 1) {
      // Each card has a part of the reduction: its sums are parts of the result.
      this.bring(operator, 'all-reduce');
      const reduction = Math.ceil(operator.reduction * share);
      return { ...operator, reduction, weights: Math.ceil(operator.weights * share), macs: operator.macs * share };
    }
    const readers = this.all.filter(({ inputs }) => inputs.some(({ name }) => name === operator.name));
    const goOn = readers.length > 0 && readers.every((reader) => this.goesOn(reader, 8, operator.name));
    const own = goOn ? 1 / this.waysOf(operator, readers) : 1 / ways;
    if (own === 1) return operator;
    const part = { ...scaled(operator, own), weights: Math.ceil(operator.weights * own) };
    // Its readers need all of it: columns are dealt out all the same, and come together behind it.
    if (goOn) this.share.set(operator.name, own);
    else this.bring(operator, 'all-gather');
    return part;
  }

  /** Whether a reader can go on with a part of the columns, and all that read it in turn. */
  private goesOn(reader: Operator, depth: number, from: string): boolean {
    if (!this.together(reader.name, from)) return false;
    if (reader.kind === 'linear') return true;
    if (depth === 0 || !passing.has(reader.kind)) return reader.kind === 'rmsnorm' && reader.heads > 1;
    if (['scores', 'context'].includes(reader.kind) && !this.cutsHeads) return false;
    const next = this.all.filter(({ inputs }) => inputs.some(({ name }) => name === reader.name));
    return next.length > 0 && next.every((one) => this.goesOn(one, depth - 1, from));
  }

  /** K and V of few heads are cut into no more parts than there are of these. */
  private waysOf(operator: Operator, readers: readonly Operator[]): number {
    const attention = this.attentionOf(operator.name, readers, 3);
    const keeps =
      attention && attention.inputs[1] !== undefined && this.leadsTo(operator.name, attention.inputs[1].name, 3);
    const ways = this.ways(operator.name);
    return keeps ? Math.min(ways, attention.kvHeads) : ways;
  }

  private attentionOf(tensor: string, readers: readonly Operator[], depth: number): Operator | undefined {
    for (const reader of readers) {
      if (reader.kind === 'scores' || reader.kind === 'context') return reader;
      if (depth === 0 || reader.kind === 'linear') continue;
      const next = this.all.filter(({ inputs }) => inputs.some(({ name }) => name === reader.name));
      const found = this.attentionOf(tensor, next, depth - 1);
      if (found) return found;
    }
    return undefined;
  }

  private leadsTo(tensor: string, wanted: string, depth: number): boolean {
    if (tensor === wanted) return true;
    if (depth === 0) return false;
    const next = this.all.filter(({ kind, inputs }) => kind !== 'linear' && inputs.some(({ name }) => name === tensor));
    return next.some(({ name }) => this.leadsTo(name, wanted, depth - 1));
  }

  private bring({ name, rows, columns }: Operator, kind: Collective['kind']): void {
    // What the host computes goes over no link.
    if (this.accelerator.host.some((operator) => operator.name === name)) return;
    const bytes = (rows * columns * elementBits[this.accelerator.precision.activations]) / 8;
    // In a ring: each part once round the ring to be gathered, twice to be summed and given back.
    const ways = this.ways(name);
    const rounds = ((kind === 'all-reduce' ? 2 : 1) * (ways - 1)) / ways;
    const widens = kind === 'all-gather' ? ways : 1;
    this.collectives.push({ operator: name, widens, kind, bytes, sent: bytes * rounds });
  }
}

/** The operator with a part of its columns or heads, and of its work. */
function scaled(operator: Operator, share: number): Operator {
  const { heads, kvHeads, columns, kind } = operator;
  const perHead = heads > 1;
  const ownHeads = perHead ? Math.max(1, Math.round(heads * share)) : heads;
  const headed = kind === 'scores' || kind === 'causal' || kind === 'softmax';
  return {
    ...operator,
    heads: ownHeads,
    kvHeads: perHead ? Math.max(1, Math.round(kvHeads * share)) : kvHeads,
    // Columns of scores are those of one head.
    columns: headed && perHead ? columns : Math.ceil(columns * share),
    shape: cutShape(operator.shape, share),
    parameters: Math.ceil(operator.parameters * share),
    macs: operator.macs * share,
  };
}

/** [rows, columns] is cut in its columns, [heads, rows, keys] in its heads. */
function cutShape(shape: readonly number[], share: number): readonly number[] {
  const place = shape.length === 3 ? 0 : shape.length - 1;
  return shape.map((size, i) => (i === place ? Math.max(1, Math.ceil(size * share)) : size));
}
