/**
 * tb/<accelerator>_tb.cpp: the whole layer with random weights through all tops, then each operator against the reference on
 * the very inputs that its kernel received, the layer against two references, and a hash of the result.
 */
import type { ElementType, Operator } from '../design/design.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { isReadAhead, type Unit } from '../estimate/netlist.ts';
import { floatParts } from '../kernels/common/array.ts';
import { isInteger } from '../kernels/word.ts';
import { beatsPerLayer, beatType, wordType } from './cpp.ts';
import { geluForm, ropeOf, tiledContext, windowOf } from './forward.ts';
import { cacheMemories } from './history.ts';
import { identifier } from './names.ts';
import type { ProjectFile } from './project.ts';
import { stepOf } from './scales.ts';
import { isTiled, type Joint, mainOperator, Tensors } from './tensors.ts';
import { keysOf } from './tokens.ts';
import { layersInTestBench } from './top.ts';
import { linkDepth, type Top, type TopMemory } from './tops.ts';
import { literal, roundingOf, sumType, valueType } from './types.ts';

/** Compilation units of the test bench. */
export function testBenchSources(estimate: AcceleratorEstimate): string[] {
  return [`tb/${identifier(estimate.accelerator.name)}_tb.cpp`];
}

/** @param trained whether weights/ holds trained values. */
export function testBench(estimate: AcceleratorEstimate, tops: readonly Top[], trained: boolean): ProjectFile {
  const tensors = new Tensors(estimate);
  const { accelerator } = estimate;
  const links = tops.flatMap((top) => top.ports.filter((port) => port.direction === 'out'));
  const tapes = new Tapes(tops);
  const checks = estimate.netlist.units
    .map((unit) => {
      if (unit.role === 'operator') return operatorChecks(unit, tensors, tapes, estimate);
      if (unit.role === 'cache') return cacheCheck(unit, tensors, tapes, tops);
      return unit.role === 'weights' || unit.role === 'join' || isReadAhead(unit)
        ? ''
        : movementCheck(unit, tensors, tapes, estimate);
    })
    .join('');
  const store = tops.flatMap((top) => top.memories).find((memory) => memory.unit.role === 'store')!;
  const result = tensors.input(store.unit, 'in')!.tensor.name;
  const output = identifier(result);
  const input = accelerator.model.layer.inputs[0]!.name;
  const caches = cacheMemories(tops);
  const hasPast = caches.length > 0;
  const seen = accelerator.phase.past > 0 ? 'reference::last_rows(input, tokens)' : 'input';
  const real = accelerator.phase.past > 0 ? `reference::last_rows(real.${output}, tokens)` : `real.${output}`;

  const noisyRows = accelerator.phase.past > 0 ? 'reference::last_rows(rows, tokens)' : 'rows';

  const content = `// Test bench of ${accelerator.name}: one layer of ${accelerator.model.name}, all dies. The exit status is 0 where all is as it should be.
//
//   --seed N       other random weights and inputs
//   --layers N     N layers in turn, each on the rows that the one before gave
//   --weights DIR  trained values from the files of DIR${trained ? ' (weights)' : ''}
//   --input FILE   the first layer's rows, single precision, row by row
//   --record FILE  write the hash of the result to FILE (tb/golden.h)
//   --dump DIR     write what lies behind every memory port, the scalars and the result expected, for host/host.py
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "../host/layer.h"
#include "check.h"
#include "dump.h"
#include "golden_list.h"
${tops.map((top) => `#include "${top.name}.h"\n`).join('')}#ifdef WEFT_CSIM
#include "tape.h"
#endif

namespace {

/// Layers behind the ports of trained values; the last one is run, so that the offset of a layer is tried too.
constexpr std::size_t layers = ${layersInTestBench};

/// What lies behind a memory port, as the kernels see it.
template <class BEAT> std::vector<BEAT> beats(const layout::image &image) {
  std::vector<BEAT> memory(image.size() / sizeof(BEAT));
  std::memcpy(static_cast<void *>(memory.data()), image.data(), image.size());
  return memory;
}

/// The same for trained values: the layers in front of the one that is run hold other bytes.
layout::image behind_others(const layout::image &image) {
  layout::image all((layers - 1) * image.size(), 0xa5);
  all.insert(all.end(), image.begin(), image.end());
  return all;
}

#ifdef WEFT_CSIM
const char *const recorded[] = {
${[...new Set(tapesIn(checks))]
  .sort()
  .map((name) => `    "${name}",\n`)
  .join('')}};

/// Every operator on the inputs that its kernel received; whatever only moves a tensor must not change it.
void check_units(checks &result, const network::parameters &p, const network::quantised &m, const network::values &input,
                 const network::values &output${hasPast ? `, const network::history &h${caches.map(({ name }) => `,\n                 const unsigned char *${name}`).join('')}` : ''}) {
  using reference::reals;
  using network::epsilon;
  const network::scalars s = network::scalars_of(m);
  (void)p;
  (void)epsilon;
  (void)s;
${checks}}
#endif

}  // namespace

int main(int argc, char **argv) {
  std::uint64_t seed = 1;
  int count = 1;
  std::string record, dump, rows, weights${trained ? ' = "weights"' : ''};
  for (int i = 1; i < argc; i += 2) {
    const std::string option = argv[i];
    const char *const value = i + 1 < argc ? argv[i + 1] : nullptr;
    if (value && option == "--seed") seed = std::strtoull(value, nullptr, 10);
    else if (value && option == "--layers") count = std::atoi(value);
    else if (value && option == "--record") record = value;
    else if (value && option == "--dump") dump = value;
    else if (value && option == "--weights") weights = value;
    else if (value && option == "--input") rows = value;
    else count = 0;
  }
  if (count < 1 || (!weights.empty() && count > network::layers)) {
    std::fprintf(stderr,
                 "usage: %s [--seed N] [--layers 1 to %d] [--weights DIR] [--input FILE] [--record FILE] [--dump DIR]\\n",
                 argv[0], network::layers);
    return 2;
  }

  // Layer after layer: each on the rows that the hardware gave for the one before.
  prng random(seed);
  reference::reals input;
  if (!rows.empty()) input = layout::read_rows(rows, network::input_rows, network::input_columns);
  network::values x;
  // The rows that go into a layer, once a run with noise.
  std::vector<reference::reals> noisy;
  checks all;
  for (int n = 0; n < count; ++n) {
    if (count > 1) std::printf("layer %d of %d\\n", n + 1, count);
    network::parameters p;
    network::quantised m;
    if (weights.empty()) {
      p = network::random_parameters(random);
      m = network::quantise_weights(p);
    } else {
      m = network::load_weights(weights, n, p);
    }
    if (input.values.empty()) input = network::random_input(random);
    const network::tensors real = network::forward(p, input);
    network::calibrate(p, real, m);
    // The next layer's input has the steps of this one's result: both were taken from the same tensor.
    if (n == 0) x = reference::narrowed<network::activation>(${seen}, ${stepOf(input)});
${hasPast ? '    const network::history h = network::history_of(real, m);\n' : ''}    const network::tensors quantised = network::forward(p, m, ${hasPast ? 'h, ' : ''}x);
    const network::scalars s = network::scalars_of(m);

${tops.flatMap((top) => ownBuffers(top).map(memoryLocal)).join('')}
#ifdef WEFT_CSIM
    for (const char *name : recorded) {
      weft_sim::record(name);
      weft_sim::rewind(name);
    }
#endif
    {
${links.map((port) => `      hls::stream<${wordType(port.estimate.fifo.word)}, ${linkDepth}> ${port.name}("${port.name}");\n`).join('')}      const int layer = static_cast<int>(layers) - 1;
      DF_BEGIN
${tops.map((top) => `      ${topCall(top)}\n`).join('')}      DF_END
    }

    const network::values result = network::${store.name}_rows(reinterpret_cast<const unsigned char *>(${store.name}.data()));
#ifdef WEFT_CSIM
    check_units(all, p, m, x, result${hasPast ? `, h${caches.map(({ name, port }) => `,\n                reinterpret_cast<const unsigned char *>(${name}.data() + (layers - 1) * ${beatsPerLayer(port)})`).join('')}` : ''});
#endif
    const reference::reals found = reference::to_real(result, ${stepOf(result)});
    noise::rounding noise(seed + static_cast<std::uint64_t>(n));
    all.relative_rms("the quantised reference in double", quantised.${output}, found,
                     noise::limit(quantised.${output}, [&](int) {
                       network::narrow i;
                       return network::forward(p, m, ${hasPast ? 'h, ' : ''}x, i, noise).${output};
                     }));
    // What quantising loses in one layer goes through the next.
    noisy.resize(static_cast<std::size_t>(noise::runs(${real})), input);
    all.relative_rms(weights.empty() ? "the reference in double, nothing quantised" : "the reference in double, weights quantised",
                     ${real}, found,
                     noise::limit(${real}, [&](int run) {
                       reference::reals &rows = noisy[static_cast<std::size_t>(run)];
                       rows = network::forward(weights.empty() ? network::rounded(p, m, noise) : p, m, rows, noise).${output};
                       return ${noisyRows};
                     }));
${comparedCycles(estimate)}    if (n == count - 1) {
      all.hash(hash_of<network::activation>(result), golden::of(tokens, seed));
      if (!record.empty()) golden::record(record, tokens, seed, hash_of<network::activation>(result));
    }
    if (!dump.empty()) {
      const std::string folder = dump::layer(dump, n, count);
${tops
  .flatMap((top) =>
    ownBuffers(top).map(
      ({ name }) => `      dump::bytes(folder, "${name}", ${name}.data(), ${name}.size() * sizeof(${name}[0]));\n`,
    ),
  )
  .join(
    '',
  )}${tops.flatMap((top) => top.scalars.map(({ name, scalar }) => `      dump::scalar(folder, "${name}", s.${name}, "${scalar.type}");\n`)).join('')}      dump::reals(folder, "result", found);
    }
    input = real.${output};
    x = result;
  }
  return all.finish();
}
`;
  return { path: testBenchSources(estimate)[0]!, content };
}

/** Simulated and estimated cycles beside each other: where all units have one clock, the simulation counts in its cycles. */
function comparedCycles({ netlist, timing, accelerator }: AcceleratorEstimate): string {
  const [clock, ...others] = new Set(netlist.units.map((unit) => unit.clock));
  if (clock === undefined || others.length > 0) return '';
  return `#ifdef WEFT_FIBERS
    if (n == 0 && tokens == ${accelerator.phase.tokens}) checks::cycles(weft_sim::cycle_report::instance().total, ${Math.round(timing.perLayer * clock)}.0);
#endif
`;
}

function memoryLocal({ name, port, unit, perLayer }: TopMemory): string {
  const type = beatType(port);
  if (unit.role === 'store') return `    std::vector<${type}> ${name}(network::${name}_bytes / sizeof(${type}));\n`;
  if (unit.role === 'cache') return `    auto ${name} = beats<${type}>(behind_others(network::${name}_image(h)));\n`;
  if (perLayer) return `    const auto ${name} = beats<${type}>(behind_others(network::${name}_image(p, m)));\n`;
  const rows = unit.role === 'turns' ? '' : 'x';
  return `    const auto ${name} = beats<${type}>(network::${name}_image(${rows}));\n`;
}

/** Memory ports that have a buffer of their own. */
function ownBuffers(top: Top): TopMemory[] {
  return top.memories.filter(({ name, buffer }) => name === buffer);
}

function topCall(top: Top): string {
  const passed = [
    ...top.memories.map(({ buffer }) => `${buffer}.data()`),
    ...top.ports.map(({ name }) => name),
    ...top.scalars.map(({ name }) => `s.${name}`),
    'layer',
  ];
  return `DF_CALL(${[top.name, ...passed].join(', ')})`;
}

/**
 * Names that the simulator records streams under: the top that declares one stands in front. A FIFO between dies has two,
 * that of the port which is written and that of the FIFO which is read.
 */
class Tapes {
  private readonly written: ReadonlyMap<string, string>;
  private readonly read: ReadonlyMap<string, string>;

  constructor(tops: readonly Top[]) {
    const inner = tops.flatMap(({ name: top, streams }) =>
      streams.map(({ name, estimate }): [string, string] => [estimate.fifo.id, `${top}/${name}`]),
    );
    const ports = tops.flatMap((top) => top.ports.map((port) => ({ top: top.name, port })));
    const incoming = ports.filter(({ port }) => port.direction === 'in');
    this.written = new Map([
      ...inner,
      ...ports.map(({ port }): [string, string] => [port.estimate.fifo.id, port.name]),
    ]);
    this.read = new Map([
      ...inner,
      ...incoming.map(({ top, port }): [string, string] => [port.estimate.fifo.id, `${top}/${port.inner}`]),
    ]);
  }

  /** The tensor that a unit wrote to, or read from, a FIFO, as a C++ expression. */
  tensor({ fifo, tensor, word }: Joint, side: 'written' | 'read'): string {
    const columns = tensor.heads > 1 ? `${tensor.heads} * keys` : `${tensor.columns}`;
    const name = this[side].get(fifo.fifo.id);
    return `tape::tensor<${valueType(word)}, ${wordType(word)}>("${name}", {${tensor.rows}, ${columns}, ${tensor.heads}, ${word.tokens}, ${word.columns}})`;
  }
}

/** Names of the tapes that a check reads. */
function tapesIn(code: string): string[] {
  return [...code.matchAll(/tape::tensor<[^"]*"([^"]+)"/g)].map(([, name]) => name!);
}

/** Each turn of an array by itself. */
function operatorChecks(unit: Unit, tensors: Tensors, tapes: Tapes, estimate: AcceleratorEstimate): string {
  if (!unit.turns) return operatorCheck(unit, tensors, tapes, estimate);
  return unit.turns
    .map((operators) => operatorCheck({ ...unit, operators }, tensors, tapes, estimate, `_${operators[0]!.name}`))
    .join('');
}

/** Integer operators bit by bit, the others within a tolerance. `turn`: how the ports of the operators end. */
function operatorCheck(
  unit: Unit,
  tensors: Tensors,
  tapes: Tapes,
  estimate: AcceleratorEstimate,
  turn?: string,
): string {
  const own = (port: string): boolean => turn === undefined || port === `in${turn}` || port === `out${turn}`;
  const plain = (joint: Joint): Joint => (turn === undefined ? joint : { ...joint, port: joint.port.split('_')[0]! });
  const inputs = unit.instance.streams
    .filter((stream) => stream.direction === 'in' && own(stream.name))
    .flatMap((stream) => tensors.input(unit, stream.name) ?? [])
    .map(plain);
  const kept = [tensors.cached(unit, 'cache'), tensors.cached(unit, 'keys'), tensors.cached(unit, 'values')];
  const outputs = uniquePorts(tensors.outputs(unit).filter(({ port }) => own(port))).map(plain);
  const operand = (port: string): Joint => inputs.find((joint) => joint.port === port)!;
  const kinds = unit.operators.map((operator) => operator.kind).join(' + ');
  const exact = isExact(unit, estimate);
  const lines = [`  {  // ${unit.operators.map((operator) => operator.name).join(' + ')}`];
  if ([...inputs, ...outputs].some(({ tensor }) => tensor.heads > 1))
    lines.push(`    constexpr int keys = ${keysOf(estimate)};`);
  lines.push(...inputs.map((joint) => `    const auto ${identifier(joint.port)} = ${tapes.tensor(joint, 'read')};`));
  for (const [index, joint] of kept.entries()) {
    if (!joint) continue;
    // of the rows so far, the last ones as the cache received them
    const name = index === 1 || (index === 0 && mainOperator(unit).kind === 'scores') ? 'k' : 'v';
    lines.push(
      `    const auto ${name} = reference::below(h.${identifier(joint.tensor.name)}, ${tapes.tensor(joint, 'read')});`,
    );
  }
  lines.push(`    const auto expected = ${expectedValue(unit, operand, estimate)};`);
  for (const out of outputs) {
    const { element } = out.word;
    const found = tapes.tensor(out, 'written');
    const name = `"${unit.id}${turn ?? ''}${outputs.length > 1 ? `.${out.port}` : ''}"`;
    if (exact) {
      const expected = element === 'fp32' ? 'expected' : 'reference::saturated<network::activation>(expected)';
      lines.push(`    result.exact(${name}, "${kinds} ${element}", ${expected}, ${found});`);
    } else if (isProduct(unit) && unit.operators.length === 1) {
      lines.push(...sumsCheck(unit, estimate, name, `${kinds} ${element}`, element, found));
    } else if (!isInteger(element)) {
      const { absolute, relative } = roundingOf(element);
      lines.push(
        `    result.near(${name}, "${kinds} ${element}", reference::to_real(expected), reference::to_real(${found}), ${literal(realTolerance.absolute + absolute)}, ${literal(realTolerance.relative + relative)}, "");`,
      );
    } else {
      // One step is the size of the smallest difference; half of it is lost in rounding anyway.
      const tolerance = isTiled(unit) ? tiledTolerance : stepTolerance;
      lines.push(
        `    result.near(${name}, "${kinds} ${element}", reference::steps<network::activation>(reference::to_real(expected), ${stepOf(out.tensor.name)}), reference::to_real(${found}), ${tolerance}, 0.0, " steps");`,
      );
    }
  }
  lines.push('  }\n');
  return lines.join('\n');
}

/**
 * A product in floating point: every term is rounded when it is multiplied and on its way through the partial sums, then the
 * scale and the bias, in units of 2^-24 of the sum of the terms' sizes.
 */
function sumsCheck(
  unit: Unit,
  estimate: AcceleratorEstimate,
  name: string,
  what: string,
  element: ElementType,
  found: string,
): string[] {
  const operator = mainOperator(unit);
  const { reduction, keys } = operator;
  const terms = operator.kind === 'context' ? keys : reduction;
  const roundings = Math.ceil(terms / floatParts) + floatParts + Math.ceil(Math.log2(Math.max(2, terms))) + 4;
  const sizes = expectedValue(unit, () => ({}) as Joint, estimate)
    .replaceAll(/\((in|q), /g, '(reference::absolute($1), ')
    .replaceAll(/, (k|v), /g, ', reference::absolute($1), ')
    .replaceAll(/(m\.\w+\.values)/g, 'reference::absolute($1)')
    .replace(/(m\.\w+_epilogue\.bias)/, 'reference::absolute($1)');
  const rounding = roundingOf(element);
  return [
    `    const auto sizes = reference::to_real(${sizes});`,
    `    result.near_sums(${name}, "${what}", reference::to_real(expected), sizes, reference::to_real(${found}), ${literal(roundings * 2 ** -24)}, ${literal(rounding.relative + 2 ** -23)});`,
  ];
}

/** Loaders, writers, forks and converters: what comes out is what went in. */
function movementCheck(unit: Unit, tensors: Tensors, tapes: Tapes, estimate: AcceleratorEstimate): string {
  const input = tensors.input(unit, 'in');
  const outputs = tensors.outputs(unit);
  const joints = [...(input ? [input] : []), ...outputs];
  const keys = joints.some(({ tensor }) => tensor.heads > 1) ? [`    constexpr int keys = ${keysOf(estimate)};`] : [];
  const expected = input ? tapes.tensor(input, 'read') : 'input';
  const found = outputs.map((out) => ({
    suffix: outputs.length > 1 ? `.${out.port}` : '',
    value: tapes.tensor(out, 'written'),
  }));
  if (unit.role === 'store') found.push({ suffix: '', value: 'output' });
  const { element } = joints[0]!.word;
  const code = [
    `  {  // ${unit.id}`,
    ...keys,
    `    const auto expected = ${expected};`,
    ...found.map(
      ({ suffix, value }) => `    result.exact("${unit.id}${suffix}", "${unit.role} ${element}", expected, ${value});`,
    ),
    '  }\n',
  ];
  return code.join('\n');
}

/** What lies in memory behind the pass: the rows of before with the new one at their end, to the byte. */
function cacheCheck(unit: Unit, tensors: Tensors, tapes: Tapes, tops: readonly Top[]): string {
  const row = tensors.input(unit, 'row')!;
  const memory = cacheMemories(tops).find((each) => each.unit === unit)!;
  return `  {  // ${unit.id}
    const auto row = ${tapes.tensor(row, 'read')};
    const auto expected = network::${memory.name}_image(reference::below(h.${identifier(row.tensor.name)}, row));
    result.exact("${unit.id}", "cache grown ${row.word.element}", tape::row(expected.data(), expected.size()), tape::row(${memory.name}, expected.size()));
  }
`;
}

/** Single precision against double; the library's exp, rsqrt and gelu are good to about 2^-20. */
const realTolerance = { absolute: 1e-5, relative: 1e-5 };
const stepTolerance = '0.51';
/** A probability that lies between two steps, to single precision, may be rounded to either. */
const tiledTolerance = '1.51';

/** A fork behind a port makes no difference to what the port gives: one check a port. */
function uniquePorts(joints: readonly Joint[]): Joint[] {
  return joints.filter((joint, index) => joints.findIndex((other) => other.port === joint.port) === index);
}

function isTrainedProduct(unit: Unit): boolean {
  return ['linear', 'conv2d'].includes(mainOperator(unit).kind);
}

/** Products, whatever they are followed by. */
function isProduct(unit: Unit): boolean {
  return isTrainedProduct(unit) || ['scores', 'context'].includes(mainOperator(unit).kind);
}

/** Sums of integer products, scaled once: no rounding that is not specified. */
function isExact(unit: Unit, { accelerator }: AcceleratorEstimate): boolean {
  const { activations, weights } = accelerator.precision;
  if (!isInteger(activations)) return mainOperator(unit).kind === 'flatten';
  if (isTrainedProduct(unit) && !isInteger(weights)) return false;
  const isProduct = ['linear', 'conv2d', 'maxpool', 'avgpool', 'flatten', 'scores', 'context'].includes(
    mainOperator(unit).kind,
  );
  return isProduct && !isTiled(unit) && unit.operators.every(({ kind }) => kind !== 'gelu' && kind !== 'silu');
}

function expectedValue(unit: Unit, operand: (port: string) => Joint, estimate: AcceleratorEstimate): string {
  const operator = mainOperator(unit);
  const heads = `${operator.heads}, ${operator.kvHeads}`;
  const name = identifier(operator.name);
  const scale = `s.${identifier(`${unit.id}_scale`)}`;
  if (isTiled(unit)) return tiledValue(unit, estimate);
  const sum = sumType(estimate, !isTrainedProduct(unit));
  switch (operator.kind) {
    case 'linear': {
      const sums = `reference::scaled(reference::product<${sum}>(in, m.${name}.values), m.${name}_epilogue.multiplier, m.${name}_epilogue.bias)`;
      return unit.operators.slice(1).reduce((value, fused) => fusedValue(value, fused, unit), sums);
    }
    case 'conv2d': {
      const sums = `reference::scaled(reference::convolution<${sum}>(in, m.${name}.values, ${windowOf(operator)}), m.${name}_epilogue.multiplier, m.${name}_epilogue.bias)`;
      return unit.operators.slice(1).reduce((value, fused) => fusedValue(value, fused, unit), sums);
    }
    case 'maxpool':
      return `reference::scaled(reference::greatest(reference::widened(in), ${windowOf(operator)}), 1.0f)`;
    case 'flatten':
      return 'reference::scaled(reference::widened(reference::flatten(in)), 1.0f)';
    case 'avgpool':
      return `reference::scaled(reference::window_sums(reference::widened(in), ${windowOf(operator)}), ${scale})`;
    case 'scores':
      // A mask behind the product is applied by the softmax that reads it.
      return `reference::scaled(reference::scores<${sum}>(q, k, ${heads}), ${scale})`;
    case 'context':
      return `reference::scaled(reference::context<${sum}>(in, v, ${heads}), ${scale})`;
    default:
      return pointwiseValue(unit, operand, estimate);
  }
}

/** Whole attention on what came in, and on K and V as they went into memory. */
function tiledValue(unit: Unit, estimate: AcceleratorEstimate): string {
  const { heads, kvHeads } = mainOperator(unit);
  const scale = `s.${identifier(`${unit.id}_score_scale`)}`;
  const scores = `reference::times(reference::to_real(reference::scores<std::int32_t>(q, k, ${heads}, ${kvHeads})), ${scale})`;
  const masked = causalOf(unit) ? `reference::causal(${scores}, ${heads}, ${estimate.accelerator.phase.past})` : scores;
  const values = new Tensors(estimate).cached(unit, 'values')!.tensor.name;
  return `reference::times(${tiledContext(unit, masked, 'v')}, ${stepOf(values)})`;
}

function fusedValue(value: string, operator: Operator, unit: Unit): string {
  if (operator.kind === 'gelu') return `reference::${geluForm(unit)}(reference::to_real(${value}))`;
  if (operator.kind === 'silu') return `reference::silu(reference::to_real(${value}))`;
  return `reference::${operator.kind}(${value})`;
}

function pointwiseValue(unit: Unit, operand: (port: string) => Joint, estimate: AcceleratorEstimate): string {
  const operator = mainOperator(unit);
  const name = identifier(operator.name);
  const real = (port: string): string => {
    const { word, tensor } = operand(port);
    return isInteger(word.element)
      ? `reference::to_real(${port}, ${stepOf(tensor.name)})`
      : `reference::to_real(${port})`;
  };
  switch (operator.kind) {
    case 'add':
    case 'mul':
      return `reference::${operator.kind}(${real('a')}, ${real('b')})`;
    case 'softmax': {
      const masked = causalOf(unit)
        ? `reference::causal(${real('in')}, ${operator.heads}, ${estimate.accelerator.phase.past})`
        : real('in');
      return `reference::softmax(${masked}, ${operator.heads})`;
    }
    case 'layernorm':
      return `reference::layernorm(${real('in')}, p.${name}_gain, p.${name}_bias, epsilon)`;
    case 'rmsnorm':
      return `reference::rmsnorm(${real('in')}, p.${name}_gain, epsilon)`;
    case 'rope':
      return ropeOf(operator, real('in'), estimate.accelerator.phase.past);
    case 'gelu':
      return `reference::${geluForm(unit)}(${real('in')})`;
    default:
      return `reference::${operator.kind}(${real('in')})`;
  }
}

function causalOf(unit: Unit): boolean {
  return unit.instance.call.templateArguments.some(({ name, value }) => name === 'CAUSAL' && value === '1');
}
