/** Which tensor goes through which port of a netlist, as what type: the test bench and the host need both. */
import type { ElementType, Operator } from '../design/workload.ts';
import type { AcceleratorEstimate, FifoEstimate } from '../estimate/estimate.ts';
import type { Fifo, Unit } from '../estimate/netlist.ts';
import type { Word } from '../kernels/kernel.ts';
import { identifier } from './names.ts';
import { rowsAreTokens } from './rows.ts';
import { multipliedBy } from './types.ts';

export interface Tensor {
  /** Operator that computes it, or the layer's input. */
  readonly name: string;
  /** As a C++ expression: the rows of a pass, or the pixels of an image. */
  readonly rows: string;
  readonly columns: number;
  /** Heads whose columns stand side by side on the stream. */
  readonly heads: number;
}

/** A port of a unit with the FIFO that ends there. */
export interface Joint {
  readonly port: string;
  readonly fifo: FifoEstimate;
  readonly tensor: Tensor;
  readonly word: Word;
  /** Name of the tensor as this type. */
  readonly form: string;
}

/** A tensor as one of the types in which it travels, by which host/layer.h knows its steps and its values. */
export interface Form {
  /** 'up', or 'up_int16' where that is not the type of the activations. */
  readonly name: string;
  readonly element: ElementType;
}

export class Tensors {
  private readonly units: ReadonlyMap<string, Unit>;
  private readonly estimate: AcceleratorEstimate;

  constructor(estimate: AcceleratorEstimate) {
    this.estimate = estimate;
    this.units = new Map(estimate.netlist.units.map((unit) => [unit.id, unit]));
  }

  /** The tensor that a unit reads at a port; undefined for trained values. */
  input(unit: Unit, port: string): Joint | undefined {
    const fifo = this.estimate.fifos.find(({ fifo: { to } }) => to.unit === unit.id && to.port === port);
    return fifo && this.joint(port, fifo);
  }

  /** The row of K or V that goes into the cache in memory which a product of attention reads; undefined without one. */
  cached(unit: Unit, port?: string): Joint | undefined {
    const before = (id: string, through?: string): Unit[] =>
      this.estimate.fifos
        .filter(({ fifo: { to } }) => to.unit === id && (through === undefined || to.port === through))
        .map(({ fifo }) => this.units.get(fifo.from.unit)!);
    const direct = before(unit.id, port);
    const caches = [...direct, ...direct.filter(({ role }) => role === 'join').flatMap(({ id }) => before(id))];
    const cache = caches.find(({ role }) => role === 'cache');
    return cache && this.input(cache, 'row');
  }

  /** What a unit writes: one joint a stream. */
  outputs(unit: Unit): Joint[] {
    return this.estimate.fifos
      .filter(({ fifo: { from } }) => from.unit === unit.id)
      .flatMap((fifo) => this.joint(fifo.fifo.from.port, fifo) ?? []);
  }

  /** Types in which the value of an operator, or the layer's input, travels. */
  elements(name: string): ReadonlySet<ElementType> {
    const types = this.estimate.fifos
      .filter(({ fifo }) => this.through(fifo)?.name === name)
      .map(({ fifo }) => fifo.word.element);
    return new Set(types);
  }

  /** The types in which products read a tensor: none where it travels as fp32 alone, beside activations that are narrower. */
  forms(tensor: string): Form[] {
    const { activations } = this.estimate.accelerator.precision;
    const elements = [...this.elements(tensor)].filter((element) => element === activations || element !== 'fp32');
    return elements.sort().map((element) => ({ name: this.formOf(tensor, element), element }));
  }

  /** The form in which an operator multiplies one of its operands. */
  readBy(operator: Operator, index: number): string {
    return this.formOf(operator.inputs[index]!.name, multipliedBy(operator, this.estimate));
  }

  private formOf(tensor: string, element: ElementType): string {
    const suffix = element === this.estimate.accelerator.precision.activations ? '' : `_${element}`;
    return `${identifier(tensor)}${suffix}`;
  }

  private joint(port: string, fifo: FifoEstimate): Joint | undefined {
    const tensor = this.through(fifo.fifo);
    const { word } = fifo.fifo;
    return tensor && { port, fifo, tensor, word, form: this.formOf(tensor.name, word.element) };
  }

  /** The tensor that a FIFO carries; undefined for trained values. */
  through(fifo: Fifo): Tensor | undefined {
    const unit = this.units.get(fifo.from.unit)!;
    switch (unit.role) {
      case 'operator':
        return this.tensorOf(operatorsOf(unit, fifo.from.port).at(-1)!);
      case 'load':
        return this.layerInput(fifo.edge?.tensor);
      case 'fork':
      case 'convert': {
        const before = this.estimate.fifos.find(({ fifo: { to } }) => to.unit === unit.id);
        return before && this.through(before.fifo);
      }
      default:
        return undefined;
    }
  }

  /** Scores and what follows them have one block of columns a head. */
  private tensorOf({ name, kind, heads, rows, columns }: Operator): Tensor {
    const own = kind === 'scores' || kind === 'causal' || kind === 'softmax' ? heads : 1;
    return { name, rows: rowsAreTokens(this.estimate) ? 'tokens' : String(rows), columns: columns * own, heads: own };
  }

  private layerInput(name: string | undefined): Tensor {
    const { inputs } = this.estimate.accelerator.model.layer;
    const input = inputs.find((candidate) => candidate.name === name) ?? inputs[0]!;
    return { name: input.name, rows: 'tokens', columns: input.columns, heads: 1 };
  }
}

/** Operators behind a port: of an array that takes turns, those of the turn that the port is named after. */
export function operatorsOf({ operators, turns }: Unit, port: string): readonly Operator[] {
  return turns?.find(([first]) => port.endsWith(`_${first!.name}`)) ?? operators;
}

/** Whether a unit is whole attention, a tile of keys at a time: scores and probabilities stay inside. */
export function isTiled({ instance }: Unit): boolean {
  return instance.kernel === 'attention';
}

/** The operator that a unit is built for: a mask that is fused to it is part of its softmax. */
export function mainOperator(unit: Unit): Operator {
  return unit.operators.find((operator) => operator.kind !== 'causal') ?? unit.operators[0]!;
}
