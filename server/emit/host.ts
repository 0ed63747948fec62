/** host/host.cpp and host/host.py: the same layer on a card, through XRT. */
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { cacheMemories } from './history.ts';
import { identifier } from './names.ts';
import type { ProjectFile } from './project.ts';
import { inputRows } from './rows.ts';
import { stepOf } from './scales.ts';
import { Tensors } from './tensors.ts';
import { readsAhead, type Top } from './tops.ts';

/** @param trained whether weights/ holds trained values. */
export function hostFiles(estimate: AcceleratorEstimate, tops: readonly Top[], trained: boolean): ProjectFile[] {
  return [
    { path: 'host/host.cpp', content: hostProgram(estimate, tops, trained) },
    { path: 'host/host.py', content: hostScript(estimate, tops), executable: true },
  ];
}

/** Position of an argument in the top's signature, which is how XRT names it. */
function argumentsOf(top: Top): { index: number; kind: 'memory' | 'scalar' | 'layer' | 'next'; name: string }[] {
  const named = [
    ...top.memories.map(({ buffer }) => ({ kind: 'memory' as const, name: buffer })),
    ...top.ports.map(({ name }) => ({ kind: 'stream' as const, name })),
    ...top.scalars.map(({ name }) => ({ kind: 'scalar' as const, name })),
    { kind: 'layer' as const, name: 'layer' },
    ...(readsAhead(top) ? [{ kind: 'next' as const, name: 'next' }] : []),
  ];
  return named.flatMap(({ kind, name }, index) => (kind === 'stream' ? [] : [{ index, kind, name }]));
}

function hostProgram(estimate: AcceleratorEstimate, tops: readonly Top[], trained: boolean): string {
  const { accelerator } = estimate;
  const tensors = new Tensors(estimate);
  const memories = tops.flatMap((top) =>
    top.memories.filter(({ name, buffer }) => name === buffer).map((memory) => ({ top, memory })),
  );
  const hasPast = cacheMemories(tops).length > 0;
  const { past } = accelerator.phase;
  const isAhead = tops.some(readsAhead);
  const layer = isAhead ? 'layer' : 'n';
  const passed = hasPast ? `model[static_cast<std::size_t>(${layer})].history, ` : '';
  const loads = memories.filter(({ memory }) => memory.unit.role === 'load');
  const store = memories.find(({ memory }) => memory.unit.role === 'store')!;
  const output = tensors.input(store.memory.unit, 'in')!.tensor.name;
  const input = accelerator.model.layer.inputs[0]!.name;

  return `// Runs ${accelerator.model.name} on the card, layer after layer through one copy of the hardware, and checks every layer against the
// quantised reference.
//
//   host XCLBIN [--layers N] [--weights DIR] [--input FILE] [--seed N] [--device N]
//
// --weights: trained values from the files of DIR${trained ? ' (weights)' : '; drawn at random where there are none'}. --input: the first layer's rows in single precision.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#include <xrt/xrt_bo.h>
#include <xrt/xrt_device.h>
#include <xrt/xrt_kernel.h>

#include "layer.h"

namespace {

/// Everything about one layer that the host keeps.
struct host_layer {
  network::parameters trained;
  network::quantised quantised;
  network::scalars scalars;
${hasPast ? '  network::history history;\n' : ''}};

/// A buffer in the memory bank that the argument is tied to.
xrt::bo buffer(const xrt::device &device, const xrt::kernel &kernel, int argument, std::size_t size) {
  return xrt::bo(device, size, kernel.group_id(argument));
}

void upload(xrt::bo &to, const layout::image &image, std::size_t at) {
  to.write(image.data(), image.size(), at);
  to.sync(XCL_BO_SYNC_BO_TO_DEVICE, image.size(), at);
}

struct options {
  std::string xclbin, weights${trained ? ' = "weights"' : ''}, input;
  int layers = network::layers;
  std::uint64_t seed = 1;
  unsigned device = 0;
};

int run(const options &given) {
  const int layers = given.layers;
  xrt::device device(given.device);
  const xrt::uuid uuid = device.load_xclbin(given.xclbin);
${tops.map((top) => `  xrt::kernel ${top.name}_kernel(device, uuid, "${top.name}:{${top.name}_1}");\n`).join('')}
  prng random(given.seed);
  std::vector<host_layer> model;
  reference::reals x =
      given.input.empty() ? network::random_input(random) : layout::read_rows(given.input, network::input_rows, network::input_columns);
  const reference::reals input = x;
  for (int n = 0; n < layers; ++n) {
    host_layer layer;
    if (given.weights.empty()) {
      layer.trained = network::random_parameters(random);
      layer.quantised = network::quantise_weights(layer.trained);
    } else {
      layer.quantised = network::load_weights(given.weights, n, layer.trained);
    }
    const network::tensors real = network::forward(layer.trained, x);
    network::calibrate(layer.trained, real, layer.quantised);
    layer.scalars = network::scalars_of(layer.quantised);
${hasPast ? '    layer.history = network::history_of(real, layer.quantised);\n' : ''}    x = real.${identifier(output)};
    model.push_back(layer);
  }

${memories
  .map(({ top, memory }) => {
    const { index } = argumentsOf(top).find((argument) => argument.name === memory.name)!;
    const copies = memory.perLayer ? ' * static_cast<std::size_t>(layers)' : '';
    return `  xrt::bo ${memory.name} = buffer(device, ${top.name}_kernel, ${index}, network::${memory.name}_bytes${copies});\n`;
  })
  .join('')}${memories
  .filter(({ memory }) => memory.unit.role === 'turns')
  .map(({ memory }) => `  upload(${memory.name}, network::${memory.name}_image(), 0);\n`)
  .join('')}  for (std::size_t n = 0; n < model.size(); ++n) {
${memories
  .filter(({ memory }) => memory.perLayer)
  .map(
    ({ memory }) =>
      `    upload(${memory.name}, network::${memory.name}_image(${memory.unit.role === 'cache' ? 'model[n].history' : 'model[n].trained, model[n].quantised'}), n * network::${memory.name}_bytes);\n`,
  )
  .join('')}  }

  int wrong = 0;
  network::values rows = reference::narrowed<network::activation>(${past > 0 ? 'reference::last_rows(input, tokens)' : 'input'}, model[0].quantised.step.${identifier(input)});
${isAhead ? aheadLoop : '  for (int n = 0; n < layers; ++n) {\n'}    const network::quantised &m = model[static_cast<std::size_t>(${layer})].quantised;
    const network::scalars &s = model[static_cast<std::size_t>(${layer})].scalars;
${loads.map(({ memory }) => `    upload(${memory.name}, network::${memory.name}_image(rows), 0);\n`).join('')}
${tops.map((top) => `    xrt::run ${top.name}_run(${top.name}_kernel);\n`).join('')}${tops
  .flatMap((top) =>
    argumentsOf(top).map(({ index, kind, name }) => {
      const value = kind === 'layer' ? layer : kind === 'scalar' ? `s.${name}` : name;
      return `    ${top.name}_run.set_arg(${index}, ${value});\n`;
    }),
  )
  .join('')}
    const auto begin = std::chrono::steady_clock::now();
${tops.map((top) => `    ${top.name}_run.start();\n`).join('')}${tops.map((top) => `    ${top.name}_run.wait();\n`).join('')}    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - begin;
${isAhead ? '    if (n < 0) continue;\n' : ''}
    std::vector<unsigned char> image(network::${store.memory.name}_bytes);
    ${store.memory.name}.sync(XCL_BO_SYNC_BO_FROM_DEVICE);
    ${store.memory.name}.read(image.data());
    const network::values result = network::${store.memory.name}_rows(image.data());
    const reference::reals found = reference::to_real(result, ${stepOf(identifier(output))});

    const network::parameters &p = model[static_cast<std::size_t>(${layer})].trained;
    const reference::reals expected = network::forward(p, m, ${passed}rows).${identifier(output)};
    noise::rounding noise(given.seed + static_cast<std::uint64_t>(n));
    const double error = reference::relative_rms(expected, found);
    const bool good = error <= noise::limit(expected, [&](int) {
      network::narrow i;
      return network::forward(p, m, ${passed}rows, i, noise).${identifier(output)};
    });
    std::printf("layer %d: %.3f ms, relative error %.3g%s\\n", n, time.count(), error, good ? "" : "  FAILED");
    wrong += good ? 0 : 1;

    rows = result;  // in the steps of the next layer's input: both were taken from the same tensor
  }
  std::printf(wrong == 0 ? "PASSED\\n" : "FAILED\\n");
  return wrong == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char **argv) {
  options given;
  bool understood = true;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const char *const value = i + 1 < argc ? argv[i + 1] : nullptr;
    if (argument[0] != '-' && given.xclbin.empty()) given.xclbin = argument;
    else if (!value) understood = false;
    else if (argument == "--layers") given.layers = std::atoi(argv[++i]);
    else if (argument == "--weights") given.weights = argv[++i];
    else if (argument == "--input") given.input = argv[++i];
    else if (argument == "--seed") given.seed = std::strtoull(argv[++i], nullptr, 10);
    else if (argument == "--device") given.device = static_cast<unsigned>(std::atoi(argv[++i]));
    else understood = false;
  }
  if (!understood || given.xclbin.empty() || given.layers < 1) {
    std::fprintf(stderr, "usage: %s XCLBIN [--layers N] [--weights DIR] [--input FILE] [--seed N] [--device N]\\n", argv[0]);
    return 2;
  }
  try {
    return run(given);
  } catch (const std::exception &problem) {
    std::fprintf(stderr, "%s\\n", problem.what());
    return 1;
  }
}
`;
}

/** Weights that are read a layer ahead: the last layer's call brings those of the first one, for the next input. */
const aheadLoop = `  // The call before the first brings the first layer's weights to the chip; its result is nothing.
  for (int n = -1; n < layers; ++n) {
    const int layer = n < 0 ? 0 : n, next = (n + 1) % layers;
`;

function hostScript(estimate: AcceleratorEstimate, tops: readonly Top[]): string {
  const { accelerator } = estimate;
  const isAhead = tops.some(readsAhead);
  const store = tops.flatMap((top) => top.memories).find((memory) => memory.unit.role === 'store')!;
  return `#!/usr/bin/env python3
"""Runs ${accelerator.name} on the card with pyxrt and compares the result with the simulation's, bit by bit: one layer, or all that
were simulated in turn.

    mkdir -p build/dump && build/csim-${inputRows(estimate)}/${identifier(accelerator.name)}_tb --dump build/dump
    host/host.py build/${identifier(accelerator.name)}.hw.xclbin build/dump
"""
import pathlib
import sys

import pyxrt

# Arguments by position; streams between the dies have positions too, and no value.
TOPS = {
${tops
  .map(
    (top) =>
      `    "${top.name}": [\n${argumentsOf(top)
        .map(({ index, kind, name }) => `        (${index}, "${kind}", "${name}"),\n`)
        .join('')}    ],\n`,
  )
  .join('')}}
RESULT = "${store.name}"
LAYER = 1  # the simulation puts the layer that it runs behind another one


def scalar(dump, name):
    kind, value = (dump / (name + ".scalar")).read_text().split()
    return float(value) if kind == "float" else int(float(value))


def run_layer(device, uuid, dump):
    """Bytes that differ from the simulation's."""
${isAhead ? '    nexts = []\n' : ''}    runs, buffers, result, expected = [], {}, None, (dump / (RESULT + ".bin")).read_bytes()
    for top, arguments in TOPS.items():
        kernel = pyxrt.kernel(device, uuid, top + ":{" + top + "_1}")
        run = pyxrt.run(kernel)
        for index, kind, name in arguments:
            if kind == "memory":
                if name not in buffers:
                    data = (dump / (name + ".bin")).read_bytes()
                    buffers[name] = pyxrt.bo(device, len(data), pyxrt.bo.normal, kernel.group_id(index))
                    if name == RESULT:
                        result = buffers[name]
                    else:
                        buffers[name].write(data, 0)
                        buffers[name].sync(pyxrt.xclBOSyncDirection.XCL_BO_SYNC_BO_TO_DEVICE, len(data), 0)
                run.set_arg(index, buffers[name])
${isAhead ? '            elif kind == "next":\n                nexts.append((run, index))\n' : ''}            else:
                run.set_arg(index, LAYER if kind == "layer" else scalar(dump, name))
        runs.append(run)
${
  isAhead
    ? `    # Weights are read a layer ahead: a first call brings those of the layer to the chip, and its result is nothing.
    for following in (LAYER, 0):
        for run, position in nexts:
            run.set_arg(position, following)
        for run in runs:
            run.start()
        for run in runs:
            run.wait()
`
    : `    for run in runs:
        run.start()
    for run in runs:
        run.wait()
`
}    result.sync(pyxrt.xclBOSyncDirection.XCL_BO_SYNC_BO_FROM_DEVICE, len(expected), 0)
    found = bytes(result.read(len(expected), 0))
    wrong = sum(a != b for a, b in zip(found, expected))
    print(f"{dump}: {len(expected) - wrong} of {len(expected)} bytes as in the simulation")
    return wrong


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: host.py XCLBIN DUMP")
    dump = pathlib.Path(sys.argv[2])
    # The simulation of several layers leaves a folder each.
    layers = sorted(dump.glob("layer*"), key=lambda path: int(path.name[len("layer") :])) or [dump]
    device = pyxrt.device(0)
    uuid = device.load_xclbin(pyxrt.xclbin(sys.argv[1]))
    wrong = sum(run_layer(device, uuid, layer) for layer in layers)
    return 0 if wrong == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
`;
}
