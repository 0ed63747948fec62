/**
 * host/layer.h: one layer of the model as the host and the test bench know it. Trained values, the layer in floating point
 * and quantised, the steps of its tensors, and the images of its memory ports.
 */
import type { Operator } from '../design/workload.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { elementBits, isInteger } from '../kernels/word.ts';
import { forwardText, unitOf } from './forward.ts';
import { historyText, keptTensors } from './history.ts';
import { image, loaded } from './images.ts';
import { identifier } from './names.ts';
import type { ProjectFile } from './project.ts';
import { scalarValue, stepOf } from './scales.ts';
import { type Form, operatorsOf, Tensors } from './tensors.ts';
import { isTrained, type Top } from './tops.ts';
import { groupOf, referenceType } from './types.ts';

/** Added to the variance by layer normalisation: 1e-5 in GPT-2; BERT's 1e-12 vanishes in single precision. */
const epsilon = '1e-5f';

export function layerFile(estimate: AcceleratorEstimate, tops: readonly Top[]): ProjectFile {
  const { accelerator } = estimate;
  const { layer } = accelerator.model;
  const tensors = new Tensors(estimate);
  const operators = layer.operators;
  const input = layer.inputs[0]!;
  const names = [input.name, ...operators.map((operator) => operator.name)];
  const { activations, weights } = accelerator.precision;
  const narrow = names.flatMap((tensor) => tensors.forms(tensor).map((form) => ({ ...form, tensor })));
  const linears = operators.filter(({ kind }) => kind === 'linear' || kind === 'conv2d');
  const trained = tops.flatMap((top) => top.memories.filter(isTrained));
  const norms = operators.filter(({ kind }) => kind === 'layernorm' || kind === 'rmsnorm');
  const shifted = norms.filter(({ kind }) => kind === 'layernorm');
  const turned = operators.some(({ kind }) => kind === 'rope');

  const kept = keptTensors(estimate);
  const { past } = accelerator.phase;
  const inputRows = past > 0 ? 'past + tokens' : 'tokens';
  const content = `// One layer of ${accelerator.model.name} as the host and the test bench know it: trained values, the layer in floating point and
// quantised (${accelerator.precision.name}), the steps of its tensors, the images of the memory ports.
#ifndef WEFT_HOST_LAYER_H
#define WEFT_HOST_LAYER_H

#include <cmath>
#include <string>
#include <vector>

#include "../src/design.h"
#include "../tb/noise.h"
#include "../tb/prng.h"
#include "../tb/reference.h"
#include "layout.h"
#include "quantise.h"

namespace network {

using reference::reals;
using vector = std::vector<double>;
/// Types in which tensors and weights travel.
using activation = ${referenceType(activations)};
using weight = ${referenceType(weights)};
using values = reference::matrix<activation::value>;

constexpr int layers = ${layer.repeat};
${past > 0 || kept.length > 0 ? `/// Rows of earlier passes.\nconstexpr int past = ${past};\n` : ''}
constexpr int input_columns = ${input.columns};
constexpr int input_rows = ${inputRows};
constexpr int output_columns = ${columnsOf(layer.output, operators)};
/// Added to the variance, or the mean square, by a normalisation.
constexpr float epsilon = ${epsilon};
${turned ? rotations : ''}
/// Trained values. A matrix is [length of the dot product x columns of the result].
struct parameters {
${linears.map((op) => `  reals ${w(op)}_weight{${op.reduction}, ${op.columns}};\n  vector ${w(op)}_bias = vector(${op.columns});\n`).join('')}${norms.map((op) => `  vector ${w(op)}_gain = vector(${op.columns});\n`).join('')}${shifted.map((op) => `  vector ${w(op)}_bias = vector(${op.columns});\n`).join('')}};

/// Random weights of a realistic distribution: deviation 1/sqrt(length), and output channels that differ in size up to fourfold.
inline void fill(prng &random, reals &weight, vector &bias) {
  for (int j = 0; j < weight.columns; ++j) {
    const double size = (0.5 + 1.5 * random.uniform() * random.uniform()) / std::sqrt(static_cast<double>(weight.rows));
    for (int k = 0; k < weight.rows; ++k) weight.at(k, j) = size * random.normal();
    bias[static_cast<std::size_t>(j)] = 0.05 * random.normal();
  }
}

inline parameters random_parameters(prng &random) {
  parameters p;
${linears.map((op) => `  fill(random, p.${w(op)}_weight, p.${w(op)}_bias);\n`).join('')}${norms
  .map(
    (op) =>
      `  for (double &value : p.${w(op)}_gain) value = 1.0 + 0.1 * random.normal();\n${op.kind === 'layernorm' ? `  for (double &value : p.${w(op)}_bias) value = 0.1 * random.normal();\n` : ''}`,
  )
  .join('')}  return p;
}

/// Rows as a layer normalisation gives them, with a few channels that stand out, as trained transformers have.${past > 0 ? '\n/// The last ones are those of this pass.' : ''}
inline reals random_input(prng &random) {
  reals x(input_rows, input_columns);
  for (int i = 0; i < x.rows; ++i) {
    for (int j = 0; j < x.columns; ++j) x.at(i, j) = random.normal() * (j % 97 == 5 ? 3.0 : 1.0);
  }
  return x;
}

/// The layer's input and the value of every operator.
struct tensors {
  reals ${names.map(identifier).join(', ')};
};

/// What quantising makes of a layer.
struct quantised {
  /// Size of one step of each tensor that travels as ${activations}${isInteger(activations) ? '' : ': a number is its own value'}.
  struct {
    float ${narrow.map(({ name }) => name).join(', ')};
  } step{};
${linears.map((op) => `  quantise::weights<weight> ${w(op)};\n  quantise::epilogue ${w(op)}_epilogue;\n`).join('')}  /// What the ports' files hold of this layer; empty where weights are drawn at random.
  struct {
    layout::image ${trained.map(({ name }) => name).join(', ')};
  } file;
};

/// Weights symmetric per output channel${accelerator.precision.group > 0 ? `, or per group of ${accelerator.precision.group} of its rows` : ''}.
inline quantised quantise_weights(const parameters &p) {
  quantised m;
${linears.map((op) => `  m.${w(op)} = ${quantisedColumns(op, estimate)};\n`).join('')}  return m;
}

/// Weights with noise in the place of their roundings.
inline parameters rounded(parameters p, const quantised &m, noise::rounding &noise) {
${linears.map((op) => `  p.${w(op)}_weight = noise.narrowed<weight>(p.${w(op)}_weight, m.${w(op)}.step, m.${w(op)}.group);\n`).join('')}  return p;
}

/// Activations symmetric per tensor: their steps from a run in double precision.
inline void calibrate(const parameters &p, const tensors &t, quantised &m) {
${isInteger(activations) ? '' : '  (void)t;\n'}${narrow.map((form) => `  ${stepOf(form.name)} = ${stepValue(form, operators, tensors)};\n`).join('')}${linears.map((op) => foldedLinear(op, estimate, tensors)).join('')}}

${kept.length > 0 ? `${historyText(kept)}\n` : ''}/// The tensors that travel as ${activations}.
struct narrow {
  values ${narrow.map(({ name }) => name).join(', ')};
};

${forwardText(estimate)}
/// Scalar arguments of the tops.
struct scalars {
${tops.flatMap((top) => top.scalars.map(({ name, scalar }) => `  ${scalar.type} ${name};  // ${scalar.meaning}\n`)).join('')}};

inline scalars scalars_of(const quantised &m) {
  scalars s;
${tops.flatMap((top) => top.scalars.map((scalar) => `  s.${scalar.name} = ${scalarValue(scalar, tensors)};\n`)).join('')}  (void)m;
  return s;
}

${tops.flatMap((top) => top.memories.map((memory) => image(memory, estimate, tensors))).join('\n')}
/// A layer's trained values out of the files of weights/: quantised when the project was exported, and here in double
/// precision as they were quantised.
inline quantised load_weights(const std::string &folder, int layer, parameters &p) {
  quantised m;
${trained.map((memory) => loaded(memory, estimate)).join('')}${linears.map((op) => `  p.${w(op)}_weight = reference::dequantised(m.${w(op)}.values, m.${w(op)}.step, m.${w(op)}.group);\n`).join('')}  return m;
}

}  // namespace network

#endif
`;
  return { path: 'host/layer.h', content };
}

const w = (operator: Operator): string => identifier(operator.name);

function quantisedColumns(op: Operator, estimate: AcceleratorEstimate): string {
  const group = groupOf(op, estimate);
  return group
    ? `quantise::groups<weight>(p.${w(op)}_weight, ${group})`
    : `quantise::columns<weight>(p.${w(op)}_weight)`;
}

function columnsOf(name: string, operators: readonly Operator[]): number {
  return operators.find((operator) => operator.name === name)!.columns;
}

/** A softmax ends at 1; the greatest of a window and a flattened image are values of their input, in its steps; the rest as large as they get. */
function stepValue(
  { tensor, element }: Form & { tensor: string },
  operators: readonly Operator[],
  tensors: Tensors,
): string {
  if (!isInteger(element)) return '1.0f';
  const operator = operators.find((one) => one.name === tensor);
  if (operator?.kind === 'softmax') return `1.0f / ${2 ** (elementBits[element] - 1) - 1}.0f`;
  if (operator?.kind === 'maxpool' || operator?.kind === 'flatten') return stepOf(tensors.readBy(operator, 0));
  return `quantise::step(t.${identifier(tensor)}, ${elementBits[element]})`;
}

/** What layer.h knows of rotated positions. */
const rotations = `/// Of rotated positions, as in Llama; a checkpoint's rope_theta.
constexpr double rope_base = 10000.0;

/// Cosine and sine of every pair of a head, side by side, for rows from position \`past\` on.
inline reals turns(int width, int past) {
  reals table(tokens, width);
  for (int i = 0; i < tokens; ++i) {
    for (int pair = 0; pair < width / 2; ++pair) {
      const double angle = (past + i) / std::pow(rope_base, 2.0 * pair / width);
      table.at(i, 2 * pair) = std::cos(angle);
      table.at(i, 2 * pair + 1) = std::sin(angle);
    }
  }
  return table;
}
`;

function foldedLinear(op: Operator, estimate: AcceleratorEstimate, tensors: Tensors): string {
  const unit = unitOf(op, estimate);
  const out = tensors.outputs(unit).find(({ port }) => operatorsOf(unit, port).includes(op));
  // Behind a function that does not keep proportions the kernel scales by itself, with a scalar.
  const scaled = unit.instance.scalars.some(({ name }) => name === `${out?.port}_inverse_scale`);
  const folded = out !== undefined && isInteger(out.word.element) && !scaled;
  const outStep = folded ? stepOf(out.form) : '1.0f';
  return `  m.${w(op)}_epilogue = quantise::fold(m.${w(op)}, p.${w(op)}_bias, ${stepOf(tensors.readBy(op, 0))}, ${outStep});
`;
}
