/** The trained values of a model's layers out of a checkpoint: one safetensors file, or several with their index. */
import type { ModelGraph, Operator } from '../design/workload.ts';
import { type Architecture, architectures, ownArchitecture, type Source, tensorName } from './architectures.ts';
import { imageArchitectures } from './image-architectures.ts';
import type { Matrix } from './quantise.ts';
import { type Bytes, isRecord, openSafetensors, type Safetensors, type TensorEntry } from './safetensors.ts';
import { channelsLast } from './taps.ts';
import { valuesOf, weightTypes } from './values.ts';

/** The doors open files; a path is relative to the spec's folder, or to another file's where `beside` says so. */
export type OpenFile = (path: string) => Bytes | { readonly problem: string };

/** What is wrong with a checkpoint, or lacks in it, in words. */
export class CheckpointError extends Error {}

/** Kinds of operators that have trained values, which an exported project gets from a checkpoint. */
const trainedKinds: ReadonlySet<Operator['kind']> = new Set(['linear', 'conv2d', 'layernorm', 'rmsnorm']);

/** PyTorch's default. */
const batchNormEpsilon = 1e-5;

export class Checkpoint {
  /** As it is named in the spec or on the command line. */
  readonly path: string;
  /** Whose names the tensors have. */
  readonly architecture: string;
  readonly layers: number;
  private readonly names: Architecture;
  private readonly prefix: string;
  private readonly entries: ReadonlyMap<string, { readonly file: Safetensors; readonly entry: TensorEntry }>;
  /** Columns of each operator, for those that share a tensor. */
  private readonly columns: ReadonlyMap<string, number>;
  /** Channels and pixels of the images that are flattened, by the flatten's name. */
  private readonly flattened: ReadonlyMap<string, readonly [channels: number, pixels: number]>;

  /** @throws CheckpointError where the file is none, or is not of this model. */
  constructor(path: string, open: OpenFile, model: ModelGraph) {
    const { layer } = model;
    this.path = path;
    this.layers = layer.repeat;
    this.entries = new Map(
      filesOf(path, open).flatMap((file) => [...file.tensors].map(([name, entry]) => [name, { file, entry }] as const)),
    );
    this.columns = new Map(layer.operators.map((operator) => [operator.name, operator.columns]));
    this.flattened = new Map(
      layer.operators.flatMap(({ name, kind, inputs }) => {
        const [channels = 1, ...extents] = inputs[0]?.shape ?? [];
        const pixels = extents.reduce((all, extent) => all * extent, 1);
        return kind === 'flatten' ? [[name, [channels, pixels] as const] as const] : [];
      }),
    );
    const trained = layer.operators.filter((operator) => trainedKinds.has(operator.kind));
    const found = this.architectureOf(
      layer,
      trained.map((operator) => operator.name),
    );
    this.names = found.architecture;
    this.prefix = found.prefix;
    this.architecture = found.architecture.name;
    const missing = trained.flatMap((operator) => {
      const names = Array.from({ length: this.layers }, (_, n) => `${this.tensorOf(operator, n)}.weight`);
      return names.filter((name) => this.entryOf(name) === undefined);
    });
    if (missing.length > 0) {
      const listed = `${missing.slice(0, 4).join(', ')}${missing.length > 4 ? `, … (${missing.length} in all)` : ''}`;
      throw this.error(
        `it lacks ${listed}, which ${model.name} with ${this.layers} layers of ${this.architecture} needs`,
      );
    }
  }

  /** A linear operator's weights and bias in a layer. */
  linear(operator: Operator, layer: number): { readonly matrix: Matrix; readonly bias: Float32Array } {
    const { columns, reduction } = operator;
    const source = this.sourceOf(operator);
    const transposed = source.orientation === 'conv1d';
    const { first, total } = this.partOf(operator, source);
    const tensor = this.tensorOf(operator, layer);
    const values = this.read(`${tensor}.weight`, transposed ? [reduction, total] : [total, reduction]);
    const scales = this.scalesOf(tensor, total);
    if (scales) {
      for (let index = 0; index < values.length; index++)
        values[index]! *= scales[transposed ? index % total : Math.floor(index / reduction)]!;
    }
    const image = this.flattened.get(operator.inputs[0]?.name ?? '');
    if (image && !transposed) {
      const own = channelsLast(values.subarray(first * reduction, (first + columns) * reduction), columns, ...image);
      const matrix = { values: own, reduction, columns, across: reduction, along: 1 };
      return { matrix, bias: this.biasOf(operator, tensor, total).subarray(first, first + columns) };
    }
    const matrix: Matrix = transposed
      ? { values: values.subarray(first), reduction, columns, across: 1, along: total }
      : { values: values.subarray(first * reduction), reduction, columns, across: reduction, along: 1 };
    return { matrix, bias: this.biasOf(operator, tensor, total).subarray(first, first + columns) };
  }

  /** A convolution's weights, tap by tap, and bias in a layer, with the batch norm behind it folded in where the file has one. */
  conv2d(operator: Operator, layer: number): { readonly matrix: Matrix; readonly bias: Float32Array } {
    const { columns, reduction, window } = operator;
    const { size, channels } = window ?? { size: 1, channels: reduction };
    const tensor = this.tensorOf(operator, layer);
    const read = this.read(`${tensor}.weight`, [columns, channels, size, size]);
    const values = channelsLast(read, columns, channels, size * size);
    const matrix: Matrix = { values, reduction, columns, across: reduction, along: 1 };
    const norm = this.normOf(operator, layer);
    if (!norm) return { matrix, bias: this.biasOf(operator, tensor, columns) };
    const vector = (name: string): Float32Array => this.read(`${norm}.${name}`, [columns]);
    const [gain, shift, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map(vector);
    const own = this.entryOf(`${tensor}.bias`) ? this.read(`${tensor}.bias`, [columns]) : new Float32Array(columns);
    const bias = new Float32Array(columns);
    for (let n = 0; n < columns; n++) {
      const factor = gain![n]! / Math.sqrt(variance![n]! + batchNormEpsilon);
      for (let k = 0; k < reduction; k++) values[n * reduction + k]! *= factor;
      bias[n] = (own[n]! - mean![n]!) * factor + shift![n]!;
    }
    return { matrix, bias };
  }

  /** The batch norm behind a convolution, where the file has it: one that is folded already has none. */
  private normOf(operator: Operator, layer: number): string | undefined {
    const { norm } = this.sourceOf(operator);
    const name = norm === undefined ? '' : tensorName({ tensor: norm }, this.prefix, layer);
    return this.entryOf(`${name}.running_var`) ? name : undefined;
  }

  /** Gain and bias of a normalisation; a bias that it does not have is zero. */
  norm(operator: Operator, layer: number): { readonly gain: Float32Array; readonly bias: Float32Array } {
    const tensor = this.tensorOf(operator, layer);
    const { gainOffset = 0 } = this.sourceOf(operator);
    const length = operator.columns / (operator.kind === 'rmsnorm' ? Math.max(1, operator.heads) : 1);
    const gain = this.read(`${tensor}.weight`, [length]).map((value) => value + gainOffset);
    const bias = operator.kind === 'layernorm' ? this.read(`${tensor}.bias`, [length]) : new Float32Array(length);
    return { gain, bias };
  }

  private biasOf(operator: Operator, tensor: string, total: number): Float32Array {
    const name = `${tensor}.bias`;
    if (operator.parameters > 0) return this.read(name, [total]);
    const extra = this.entryOf(name);
    if (extra && this.read(name, [total]).some((value) => value !== 0))
      throw this.error(`it has a ${name}, and the model’s ‘${operator.name}’ has no bias`);
    return new Float32Array(total);
  }

  private sourceOf(operator: Operator): Source {
    return this.names.operators[operator.name]!;
  }

  private tensorOf(operator: Operator, layer: number): string {
    return tensorName(this.sourceOf(operator), this.prefix, layer);
  }

  /** First column of an operator among those that share its tensor, and the columns of all. */
  private partOf(operator: Operator, { part }: Source): { first: number; total: number } {
    if (!part) return { first: 0, total: operator.columns };
    const widths = part.of.map((name) => this.columns.get(name) ?? 0);
    const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
    return { first: sum(widths.slice(0, part.of.indexOf(operator.name))), total: sum(widths) };
  }

  private read(name: string, shape: readonly number[]): Float32Array {
    const found = this.entryOf(name);
    if (!found) throw this.error(`it lacks ${name} [${shape.join(', ')}]`);
    const { file, entry } = found;
    if (!weightTypes.includes(entry.type))
      throw this.error(`${name} is of type ${entry.type}; weights are read from ${weightTypes.join(', ')}`);
    const same = entry.shape.length === shape.length && entry.shape.every((extent, axis) => extent === shape[axis]);
    if (!same)
      throw this.error(
        `${name} has the shape [${entry.shape.join(', ')}]; the model’s operator needs [${shape.join(', ')}]`,
      );
    const values = valuesOf(entry, file.bytes.read(entry.offset, entry.bytes));
    const strange = values.findIndex((value) => !Number.isFinite(value));
    if (strange >= 0) throw this.error(`${name} has a value that is ${values[strange]} (element ${strange})`);
    return values;
  }

  /** Steps of int8 weights, one an output channel: `weight_scale`, or bitsandbytes’ `SCB`, in 127ths. */
  private scalesOf(tensor: string, columns: number): Float32Array | undefined {
    if (this.entryOf(`${tensor}.weight`)?.entry.type !== 'I8') return undefined;
    for (const [name, share] of [
      [`${tensor}.weight_scale`, 1],
      [`${tensor}.SCB`, 1 / 127],
    ] as const) {
      const found = this.entryOf(name);
      if (!found) continue;
      const count = found.entry.shape.reduce((product, extent) => product * extent, 1);
      if (count !== 1 && count !== columns)
        throw this.error(`${name} has ${count} values; expected one, or one for each of ${columns} output channels`);
      const scales = this.read(name, found.entry.shape).map((value) => value * share);
      return count === columns ? scales : new Float32Array(columns).fill(scales[0]!);
    }
    throw this.error(`${tensor}.weight is of int8 without its scale: expected ${tensor}.weight_scale or ${tensor}.SCB`);
  }

  /** The oldest checkpoints call gain and bias of a normalisation gamma and beta. */
  private entryOf(name: string) {
    const old = name.replace(/\.weight$/, '.gamma').replace(/\.bias$/, '.beta');
    return this.entries.get(name) ?? this.entries.get(old);
  }

  /** The names that fit best: those of an architecture that knows all operators, behind one of its prefixes. */
  private architectureOf(layer: ModelGraph['layer'], operators: readonly string[]) {
    const first = layer.operators.find(({ kind }) => kind === 'linear')?.inputs[0]?.name;
    const norms = layer.operators.some(({ name, kind }) => name === first && kind.endsWith('norm'))
      ? 'before'
      : 'behind';
    const able = [...architectures, ...imageArchitectures, ownArchitecture(layer.name, operators)].filter(
      (one) =>
        operators.every((name) => one.operators[name] !== undefined) &&
        (one.norms === undefined || one.norms === norms),
    );
    const candidates = able.flatMap((architecture) =>
      architecture.prefixes.map((prefix) => ({
        architecture,
        prefix,
        fits: operators.filter((name) => this.entryOf(`${tensorName(architecture.operators[name]!, prefix, 0)}.weight`))
          .length,
      })),
    );
    const best = candidates.reduce((a, b) => (b.fits > a.fits ? b : a));
    if (best.fits > 0) return best;
    const expected = able.map(
      ({ name, operators: known }) => `${tensorName(known[operators[0]!]!, '', 0)}.weight (${name})`,
    );
    const names = [...this.entries.keys()];
    throw this.error(
      `none of its ${names.length} tensors (${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}) has a name that is known for ‘${operators[0]}’; expected ${expected.join(' or ')}`,
    );
  }

  private error(words: string): CheckpointError {
    return new CheckpointError(`${this.path}: ${words}`);
  }
}

/** The file, or those that an index names. */
function filesOf(path: string, open: OpenFile): Safetensors[] {
  const bytes = (name: string): Bytes => {
    const opened = open(name);
    if ('problem' in opened) throw new CheckpointError(`${name}: ${opened.problem}`);
    return opened;
  };
  const file = (name: string): Safetensors => {
    const opened = openSafetensors(bytes(name));
    if ('problem' in opened) throw new CheckpointError(`${name}: ${opened.problem}`);
    return opened;
  };
  if (!path.endsWith('.json')) return [file(path)];
  const index = bytes(path);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(index.read(0, index.size)));
  } catch {
    value = undefined;
  }
  const shards = isRecord(value) && isRecord(value.weight_map) ? Object.values(value.weight_map) : [];
  const names = [...new Set(shards.filter((name) => typeof name === 'string'))];
  if (names.length === 0)
    throw new CheckpointError(`${path}: expected an index with a ‘weight_map’ from tensors to safetensors files`);
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  return names.sort().map((name) => file(folder + name));
}
