/** weights/<port>.bin: trained values of all layers from a checkpoint, quantised and in the layout of each memory port. */
import type { ElementType, Operator } from '../design/workload.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { elementBits } from '../kernels/word.ts';
import { type Checkpoint, CheckpointError } from '../weights/checkpoint.ts';
import { loadedGroups } from '../weights/groups.ts';
import { packTurns, packVectors } from '../weights/pack.ts';
import {
  addErrors,
  noError,
  type QuantisationError,
  type QuantisedMatrix,
  quantiseMatrix,
  relativeError,
} from '../weights/quantise.ts';
import { isFloatElement, roundMatrix } from '../weights/round.ts';
import { shareOfColumns } from '../weights/share.ts';
import { wholeTaps } from '../weights/taps.ts';
import { beatBytes, beatsPerLayer } from './cpp.ts';
import { fedBy, shareOf } from './images.ts';
import type { LayerLoss, ProjectFile } from './project.ts';
import { isTrained, type Top, type TopMemory } from './tops.ts';
import { groupOf } from './types.ts';

export interface Trained {
  readonly files: readonly ProjectFile[];
  readonly source: string;
  readonly architecture: string;
  /** Of the weights: int4, … */
  readonly weights: ElementType;
  /** Weights of a column that share a step; 0 where all do. */
  readonly group: number;
  readonly losses: readonly LayerLoss[];
}

/** How weights become integers, for the README and the JSON. */
const schemeOf = ({ weights, group }: Trained): string =>
  isFloatElement(weights)
    ? 'rounded half to even, greatest values kept finite'
    : `symmetric, one step an output channel${group > 0 ? `, or per ${group} of its weights` : ''}: greatest magnitude / (2^(bits-1) - 1), rounded up to eight significant bits; values rounded half to even`;

/** @throws CheckpointError where a tensor is missing or has another shape. */
export function trainedFiles(estimate: AcceleratorEstimate, tops: readonly Top[], checkpoint: Checkpoint): Trained {
  const { weights, group } = estimate.accelerator.precision;
  const memories = tops.flatMap((top) => top.memories.filter(isTrained));
  const errors = Array.from({ length: checkpoint.layers }, () => new Map<string, QuantisationError>());
  const sizeOf = ({ port }: TopMemory): number => beatsPerLayer(port) * beatBytes(port);
  const files = memories.map((memory) => ({
    path: `weights/${memory.name}.bin`,
    content: new Uint8Array(sizeOf(memory) * checkpoint.layers),
  }));
  for (let layer = 0; layer < checkpoint.layers; layer++) {
    // Of several ports each has a share of the same matrix.
    const known = new Map<string, TrainedMatrix>();
    const trainedOf = (operator: Operator): TrainedMatrix => {
      const found = known.get(operator.name) ?? quantisedLinear(operator, layer, checkpoint, estimate);
      known.set(operator.name, found);
      return found;
    };
    memories.forEach((memory, m) => {
      const size = sizeOf(memory);
      const image = files[m]!.content.subarray(layer * size, (layer + 1) * size);
      const operators = fedBy(memory.unit, estimate);
      if (memory.unit.role === 'parameters') writeVectors(image, memory, checkpoint.norm(operators[0]!, layer));
      else writeMatrices(image, memory, operators, trainedOf, estimate);
    });
    for (const [name, { matrix }] of known) errors[layer]!.set(name, matrix.error);
  }
  return {
    files,
    source: checkpoint.path.slice(checkpoint.path.lastIndexOf('/') + 1),
    architecture: checkpoint.architecture,
    weights,
    group,
    losses: errors.map((operators, layer) => ({
      layer,
      relative: relativeError([...operators.values()].reduce(addErrors, noError)),
      operators: [...operators].map(([name, error]) => ({
        name,
        relative: relativeError(error),
        greatest: error.greatest,
      })),
    })),
  };
}

interface TrainedMatrix {
  readonly matrix: QuantisedMatrix;
  readonly bias: Float32Array;
}

function quantisedLinear(
  operator: Operator,
  layer: number,
  checkpoint: Checkpoint,
  estimate: AcceleratorEstimate,
): TrainedMatrix {
  const { weights } = estimate.accelerator.precision;
  const { matrix, bias } =
    operator.kind === 'conv2d' ? checkpoint.conv2d(operator, layer) : checkpoint.linear(operator, layer);
  const quantised = isFloatElement(weights)
    ? roundMatrix(matrix, weights)
    : quantiseMatrix(matrix, elementBits[weights], groupOf(operator, estimate));
  return { matrix: quantised, bias };
}

function writeVectors(
  image: Uint8Array,
  { unit, port }: TopMemory,
  { gain, bias }: ReturnType<Checkpoint['norm']>,
): void {
  const { word } = unit.instance.streams[0]!;
  packVectors(image, word.tokens === 1 ? [gain] : [gain, bias], word.columns, beatBytes(port));
}

/** A port's share of the weights of an operator, or of those that its array takes in turn. */
function writeMatrices(
  image: Uint8Array,
  memory: TopMemory,
  operators: readonly Operator[],
  trainedOf: (operator: Operator) => TrainedMatrix,
  estimate: AcceleratorEstimate,
): void {
  const { unit, port } = memory;
  const argument = (key: string): number =>
    Number(unit.instance.call.templateArguments.find(({ name }) => name === key)!.value);
  const share = shareOf(memory, estimate);
  const tile = argument('A') * argument('PACK');
  const loadedOf = (operator: Operator): TrainedMatrix => {
    const { matrix, bias } = trainedOf(operator);
    const { window } = operator;
    const group = groupOf(operator, estimate);
    let loaded = { matrix: window ? wholeTaps(matrix, window.channels, argument('D')) : matrix, bias };
    if (share && loaded.matrix !== matrix)
      throw new CheckpointError(
        `${operator.name}: its weights lie behind several ports, and its channels do not fill whole dot products of ${argument('D')}: give it one channel, or another array`,
      );
    if (group) loaded = loadedGroups(loaded.matrix, loaded.bias, group, share?.tile ?? tile);
    return share ? shareOfColumns(loaded.matrix, loaded.bias, share) : loaded;
  };
  packTurns(image, operators.map(loadedOf), {
    array: { tokens: 1, outputs: argument('A'), dot: argument('D') },
    pack: argument('PACK'),
    weights: estimate.accelerator.precision.weights,
    portBits: port.bits,
  });
}

/** For estimate.json. */
export function trainedJson(trained: Trained): object {
  const { source, architecture, weights, losses } = trained;
  const bits = elementBits[weights];
  return {
    file: source,
    names: architecture,
    type: weights,
    bits,
    scheme: schemeOf(trained),
    quantisation_error: losses,
  };
}

/** The README's chapter. */
export function trainedText(trained: Trained): string {
  const { source, architecture, weights, losses } = trained;
  const names = losses[0]?.operators.map(({ name }) => name) ?? [];
  const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;
  return `## Weights

From \`${source}\` (names of ${architecture}), ${weights}: ${schemeOf(trained)}. \`weights/\` has a file for each memory port, the layers one
behind the other, in the layout that \`host/layout.h\` documents; steps and biases stand where the host writes multipliers.

What quantising loses, as the root of the mean square of the difference over that of the weights:

| layer | all | ${names.join(' | ')} |
| ---: | ---: | ${names.map(() => '---:').join(' | ')} |
${losses.map(({ layer, relative, operators }) => `| ${layer} | ${percent(relative)} | ${operators.map((operator) => percent(operator.relative)).join(' | ')} |\n`).join('')}
`;
}
