/** What words mean that are no words of the language and stand for nothing that is declared: kinds, types, metrics, keys. */
import type * as tree from '../../../grammar/tree.ts';
import type { AnyNode } from '../../../grammar/walk.ts';
import { signature } from '../../design/model/graph.ts';
import { ROWS } from '../../design/model/names.ts';
import { isOperatorKind } from '../../design/operators.ts';
import { builtInPrecision, isElementType } from '../../design/sheets/precision.ts';
import { argumentDetails, fifoStorages, functionSignatures, metricMembers, metrics, storages } from '../vocabulary.ts';
import { words } from '../words.ts';
import { resources, sheetMeaningOf, typeText } from './sheet-words.ts';

/** @param path from the file down to the innermost node at the word */
export function meaningOf(word: string, path: readonly AnyNode[]): string | undefined {
  const within = (kind: string): boolean => path.some((node) => node.kind === kind);
  const own = (table: Readonly<Record<string, string>>): string | undefined =>
    Object.hasOwn(table, word) ? table[word] : undefined;
  if (within('phase') && own(argumentDetails) !== undefined) return `\`${word}:\` ${own(argumentDetails)}.`;
  if (within('argument') && within('operation') && own(options) !== undefined) return `\`${word}:\` ${own(options)}`;
  if (within('model-reference') && path.at(-2)?.kind === 'argument') return `\`${word}:\` a parameter of the model.`;
  if (within('operation') && isOperatorKind(word) && kinds[word] !== undefined) {
    return `\`${signature(word)}\`\n\n${kinds[word]}`;
  }
  const item = [...path].reverse().find((node) => node.kind === 'item');
  if (item) return sheetMeaningOf(word, item as AnyNode & tree.SheetItem);
  // What a phase says is known in every model, and bound nowhere.
  if (within('model') && within('reference') && ROWS.includes(word)) {
    return `\`${word}\`: ${own(argumentDetails)}, as the phase of an accelerator says.`;
  }
  if (Object.hasOwn(functionSignatures, word) && within('call')) {
    return `\`${word}(${functionSignatures[word]!.join(', ')})\`: a function of numbers.`;
  }
  if (within('require') || within('objective') || within('reserve')) {
    const metric = [...metrics, ...metricMembers].find(({ label }) => label === word);
    if (metric) return `\`${word}\`: ${metric.detail}.`;
    const resource = own(resources);
    if (resource) return resource;
  }
  const precision = within('use-precision') ? builtInPrecision(word) : undefined;
  if (precision) {
    const { weights, activations, cache, accumulator, nonlinear } = precision;
    return `\`${word}\`: weights ${weights}, activations ${activations}, K and V ${cache}, sums ${accumulator}, the rest ${nonlinear}; one scale an output channel.`;
  }
  if (isElementType(word)) return typeText(word);
  const storage = (within('stream') ? fifoStorages : storages).find(({ label }) => label === word);
  if (storage) return `\`${word}\`: ${storage.detail}.`;
  return own(places) ?? own(resources) ?? own(words);
}

/** Labels of operators. */
const options: Readonly<Record<string, string>> = {
  columns: 'columns of the result.',
  bias: '1 where a bias is added, 0 where none is.',
  heads: 'heads that the columns are shared out to.',
  kv_heads: 'heads of keys and values; several heads of queries share one.',
  size: 'side of the window.',
  stride: 'step from one window to the next.',
  pad: 'rows and columns of zeros on each side.',
  vocab: 'rows of the table.',
  tanh: '1 for the approximation by a tanh, 0 for the normal distribution’s function.',
  positions: 'rows of a second table, for the place of a token; 0: none.',
};

const places: Readonly<Record<string, string>> = {
  host: 'Not on the card: listed, not estimated.',
  card: 'One card of several: `card[1].slr0`.',
  tensor: 'Every card has a part of every matrix.',
  pipeline: 'Every card has some of the layers.',
};

const kinds: Readonly<Record<string, string>> = {
  linear: 'Matrix product with trained weights, and a bias.',
  matmul: 'Matrix product of two tensors.',
  scores: 'Queries times keys, a head at a time, scaled by 1 ÷ √(columns of a head). The keys are kept: the K cache.',
  context: 'Scores times values, a head at a time. The values are kept: the V cache.',
  softmax: 'Exponentials over their sum, row by row, the greatest value subtracted.',
  causal: 'Masks what comes later: a token sees itself and those before it.',
  layernorm: 'Rows to mean 0 and variance 1, times gain plus bias.',
  rmsnorm: 'Rows over their root mean square, times gain.',
  gelu: 'x · Φ(x), element by element.',
  silu: 'x ÷ (1 + e⁻ˣ), element by element.',
  relu: 'max(x, 0), element by element.',
  add: 'Sum, element by element.',
  mul: 'Product, element by element.',
  rope: 'Rotary position embedding: pairs of columns turned by the token’s position.',
  embed: 'A row of a table for each token.',
  conv2d: 'Convolution of an image with trained kernels.',
  maxpool: 'The greatest value of each window.',
  avgpool: 'The mean of each window.',
  flatten: 'An image as one row.',
  concat: 'Columns side by side.',
};
