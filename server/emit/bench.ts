/**
 * tb/<accelerator>_tb.cpp: the whole layer with random weights through all tops, then each operator against the reference on
 * the very inputs that its kernel received, the layer against two references, and a hash of the result.
 */
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { isReadAhead } from '../estimate/netlist.ts';
import { cacheCheck, movementCheck, operatorChecks } from './bench-checks.ts';
import { beatsPerLayer, beatType, wordType } from './cpp.ts';
import { cacheMemories } from './history.ts';
import { identifier } from './names.ts';
import type { ProjectFile } from './project.ts';
import { stepOf } from './scales.ts';
import { Tapes, tapesIn } from './tapes.ts';
import { Tensors } from './tensors.ts';
import { layersInTestBench } from './top.ts';
import { linkDepth, readsAhead, type Top, type TopMemory } from './tops.ts';

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

  const isAhead = tops.some(readsAhead);
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
    if (n == 0) x = reference::narrowed<network::activation>(${seen}, ${stepOf(identifier(input))});
${hasPast ? '    const network::history h = network::history_of(real, m);\n' : ''}    const network::tensors quantised = network::forward(p, m, ${hasPast ? 'h, ' : ''}x);
    const network::scalars s = network::scalars_of(m);

${tops.flatMap((top) => ownBuffers(top).map(memoryLocal)).join('')}
${isAhead ? warmUpText : ''}#ifdef WEFT_CSIM
    for (const char *name : recorded) {
      weft_sim::record(name);
      weft_sim::rewind(name);
    }
#endif
    ${isAhead ? 'for (int pass = 0; pass < 2; ++pass) ' : ''}{
${isAhead ? passText : ''}${links.map((port) => `      hls::stream<${wordType(port.estimate.fifo.word)}, ${linkDepth}> ${port.name}("${port.name}");\n`).join('')}      const int layer = static_cast<int>(layers) - 1;
${isAhead ? '      const int next = pass == 0 ? layer : 0;\n' : ''}      DF_BEGIN
${tops.map((top) => `      ${topCall(top)}\n`).join('')}      DF_END
    }

    const network::values result = network::${store.name}_rows(reinterpret_cast<const unsigned char *>(${store.name}.data()));
#ifdef WEFT_CSIM
    check_units(all, p, m, x, result${hasPast ? `, h${caches.map(({ name, port }) => `,\n                reinterpret_cast<const unsigned char *>(${name}.data() + (layers - 1) * ${beatsPerLayer(port)})`).join('')}` : ''});
#endif
    const reference::reals found = reference::to_real(result, ${stepOf(output)});
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
${comparedCycles(estimate, isAhead)}    if (n == count - 1) {
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

/** Weights that are read a layer ahead need a pass before the one that is looked at. */
const warmUpText = `    // Weights are read a layer ahead: a first pass brings those of the layer to the chip, and nothing else of it counts.
#ifdef WEFT_FIBERS
    weft_sim::cycle begun = 0;
#endif
`;
const passText = `#ifdef WEFT_CSIM
      if (pass > 0) {
        for (const char *name : recorded) weft_sim::rewind(name);
      }
#endif
#ifdef WEFT_FIBERS
      begun = weft_sim::cycle_report::instance().total;
#endif
`;

/** Simulated and estimated cycles beside each other: where all units have one clock, the simulation counts in its cycles. */
function comparedCycles({ netlist, timing, accelerator }: AcceleratorEstimate, isAhead: boolean): string {
  const [clock, ...others] = new Set(netlist.units.map((unit) => unit.clock));
  if (clock === undefined || others.length > 0) return '';
  return `#ifdef WEFT_FIBERS
    if (n == 0 && tokens == ${accelerator.phase.tokens}) checks::cycles(weft_sim::cycle_report::instance().total${isAhead ? ' - begun' : ''}, ${Math.round(timing.perLayer * clock)}.0);
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
    ...(readsAhead(top) ? ['next'] : []),
  ];
  return `DF_CALL(${[top.name, ...passed].join(', ')})`;
}
