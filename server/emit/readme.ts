/** README.md of a project: what it is, how to use it, what it is estimated to cost, and what nobody has checked. */
import type { ResourceName } from '../design/hardware.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { amount, count, frequency, resourceLabels, share, time } from '../format.ts';
import { choicesText } from '../report/choices.ts';
import { phaseText } from '../report/phase.ts';
import { identifier } from './names.ts';
import type { EmitOptions } from './options.ts';
import { arrayText } from './top-table.ts';
import type { Top } from './tops.ts';
import { type Trained, trainedText } from './trained.ts';

const resources = Object.keys(resourceLabels) as ResourceName[];

export function readme(
  estimate: AcceleratorEstimate,
  tops: readonly Top[],
  trained: Trained | undefined,
  options: EmitOptions,
): string {
  const { accelerator, timing } = estimate;
  const name = identifier(accelerator.name);
  return `# ${accelerator.name}

${accelerator.model.name}, ${phaseText(accelerator.phase)}, ${accelerator.precision.name}, on one ${accelerator.device.name} (${accelerator.device.part}) at ${frequency(accelerator.clock.value)}${choicesText(accelerator)}.
Written by Weft ${options.version}.${accelerator.doc ? ` ${accelerator.doc.trim()}` : ''}

## Commands

| command | does | needs |
| --- | --- | --- |
| \`make -j2 csim\` | compiles the sources and runs the test bench of the whole layer | g++ or clang, make |
| \`make -j2 csim-fibers\` | the same with every process side by side and FIFOs of their real depths: reports a deadlock by process and FIFO, prints modelled cycles | g++ or clang, make |
| \`make csim TOKENS=32\` | any of these with fewer rows a pass (more may need deeper FIFOs); \`SEED=2\`: other random weights and inputs | |
| \`make csim-model\` | all ${accelerator.model.layer.repeat} layers in turn through one copy of the hardware, each on the rows that the one before gave; \`LAYERS=n\`: fewer | |
| \`make golden\` | records the hash of the result in \`tb/golden.h\`; later runs must give it again | |
| \`make csynth\` | synthesis of every top; \`TOP=${tops[0]!.name}\` for one | Vitis 2023.2 or newer |
| \`make cosim TOP=${tops[0]!.name}\` | RTL simulation of one top under the same test bench | Vitis |
| \`make xo\`, \`make link TARGET=hw PLATFORM=…\` | kernel objects, then the xclbin (\`TARGET=hw_emu\`: hardware emulation) | Vitis and the card's platform |
| \`make run TARGET=hw PLATFORM=…\` | builds \`host/host.cpp\` and runs all layers on the card | XRT |

With \`XILINX_HLS\` set, \`make csim\` takes the vendor's headers instead of \`csim/\`; the sources are the same. Before Vitis 2023.2:
\`cd hls && vitis_hls -f run_hls.tcl -tclargs csynth ${tops[0]!.name}\`.

## What is in here

| path | is |
| --- | --- |
${tops.map((top) => `| \`src/${top.name}.cpp\` | the units on ${top.die}: ${kernelsOf(estimate, top).join(', ')} |\n`).join('')}| \`src/weft/\` | the kernels, as templates, each with its cost law in a comment |
| \`tb/${name}_tb.cpp\` | test bench; \`tb/reference.h\` (\`tb/reference/\`) is what it compares with, written independently of the kernels |
| \`csim/\` | headers for simulation without the vendor's tools |
| \`hls/\`, \`link/\` | what the tools are told |
| \`host/\` | host programs; \`layout.h\`, and \`layout.py\` for Python, say how rows and weights lie in memory, and pack and unpack them |
${trained ? '| `weights/` | trained values, quantised and packed, a file for each memory port |\n' : ''}| \`estimate.json\` | the estimate, for programs |

A file that you change is yours: the next export leaves it alone and says so.

## Estimate

Per layer ${time(timing.perLayer)}, per model ${time(timing.model)} (${count(timing.passes)} ${timing.passes === 1 ? 'pass' : 'passes'}).${timing.closedForm ? ` Closed form per layer: ${time(timing.closedForm.seconds)}.` : ''}${estimate.bottleneck ? ` ${estimate.bottleneck.kernel} sets the pace: ${estimate.bottleneck.reason}.` : ''}

| kernel | array | die | cycles | time | busy | ${resources.map((resource) => resourceLabels[resource]).join(' | ')} |
| --- | --- | --- | ---: | ---: | ---: | ${resources.map(() => '---:').join(' | ')} |
${estimate.kernels
  .map((kernel) => {
    const written = accelerator.kernels.find((candidate) => candidate.name === kernel.name);
    return `| ${kernel.name} | ${written ? arrayText(written) : ''} | ${kernel.die} | ${count(kernel.cycles)} | ${time(kernel.seconds)} | ${share(kernel.busy)} | ${resources.map((resource) => amount(kernel.resources[resource])).join(' | ')} |\n`;
  })
  .join('')}
| die | latency | ${resources.map((resource) => resourceLabels[resource]).join(' | ')} |
| --- | ---: | ${resources.map(() => '---:').join(' | ')} |
${[
  ...estimate.dies.map((die) => ({ ...die, latencyText: time(die.latency) })),
  { name: 'card, shell included', resources: estimate.resources, available: estimate.available, latencyText: '' },
]
  .map(
    (die) =>
      `| ${die.name} | ${die.latencyText} | ${resources
        .map((resource) => {
          const available = die.available[resource];
          return `${amount(die.resources[resource])}${available > 0 ? ` of ${count(available)} (${share(die.resources[resource].used / available)})` : ''}`;
        })
        .join(' | ')} |\n`,
  )
  .join('')}
LUT and FF are bands: synthesis prints more than routing needs.

${trained ? trainedText(trained) : ''}## What was checked, and what was not

\`make csim\` and \`make csim-fibers\` run the whole layer with ${trained ? 'the weights of `weights/`' : 'seeded random weights of a realistic distribution'}, quantised
${accelerator.precision.name}: weights symmetric per output channel, activations symmetric per tensor, calibrated by a run in double precision. Every
integer operator must be bit-exact against \`tb/reference.h\` on the inputs that its kernel received; every floating-point
operator must be within the tolerance that its line prints; the layer's result must be as near to a quantised and to an
unquantised reference as runs with noise in the place of roundings are (\`tb/noise.h\`), and have the recorded hash where one was recorded. With the vendor's headers there is no recording of
streams: the comparison of the layer and the hash remain.

**No vendor tool was run to make this project.** Nobody has checked the interval that synthesis achieves, timing closure, the
vendor's own resource figures, the link or the programs in \`host/\` on a card.

Left out or assumed:

${[...estimate.caveats, ...crossingNote(tops), ...hostNote(estimate)].map((line) => `- ${line}\n`).join('')}`;
}

/** In the order of the spec. */
function kernelsOf(estimate: AcceleratorEstimate, top: Top): string[] {
  const built = new Set(top.units.map((unit) => unit.kernel));
  return estimate.accelerator.kernels.map((kernel) => kernel.name).filter((name) => built.has(name));
}

function crossingNote(tops: readonly Top[]): string[] {
  return tops.some((top) => top.ports.length > 0)
    ? [
        'A FIFO between dies stands on the die that reads it; the linker’s own FIFO in front of it is not in the estimate.',
      ]
    : [];
}

function hostNote({ accelerator }: AcceleratorEstimate): string[] {
  return accelerator.host.length > 0
    ? [`On the host, and not in this project: ${accelerator.host.map((operator) => operator.name).join(', ')}.`]
    : [];
}
