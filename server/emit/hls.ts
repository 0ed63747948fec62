/** What the vendor's tools are told: hls/<top>.cfg (unified flow), hls/run_hls.tcl (the flow before 2023.2), link/<card>.cfg. */
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import type { ChannelRef } from '../estimate/netlist.ts';
import { testBenchSources } from './bench.ts';
import { identifier } from './names.ts';
import type { ProjectFile } from './project.ts';
import { linkDepth, type Top } from './tops.ts';

/** Flags of every compilation: no fused multiply-add, or results would depend on the compiler. */
export const sourceFlags = '-std=c++17 -ffp-contract=off';

/** Nanoseconds with picoseconds, as the tools take a period. */
function period(top: Top): string {
  return (1e9 / clockOf(top)).toFixed(3);
}

/** The slowest unit sets the clock of its top: a top has one clock. */
function clockOf(top: Top): number {
  return Math.min(...top.units.map((unit) => unit.clock));
}

/** @param data files that the test bench reads: the simulators copy them into the directory in which they run. */
export function hlsFiles(estimate: AcceleratorEstimate, tops: readonly Top[], data: readonly string[]): ProjectFile[] {
  return [
    ...tops.map((top) => ({ path: `hls/${top.name}.cfg`, content: hlsConfiguration(estimate, tops, top, data) })),
    { path: 'hls/run_hls.tcl', content: tclScript(estimate, tops, data) },
  ];
}

function hlsConfiguration(
  estimate: AcceleratorEstimate,
  tops: readonly Top[],
  top: Top,
  data: readonly string[],
): string {
  const others = tops.filter((other) => other !== top);
  return `# v++ -c --mode hls --config ${top.name}.cfg --work_dir ../build/hls/${top.name}   (run in hls/; 'make csynth' does)
part=${estimate.accelerator.device.part}

[hls]
flow_target=vitis
clock=${period(top)}ns
syn.top=${top.name}
syn.file=../src/${top.name}.cpp
syn.cflags=-I../src ${sourceFlags}
syn.csimflags=-I../src ${sourceFlags}
${[...others.map((other) => `src/${other.name}.cpp`), ...testBenchSources(estimate), ...data].map((path) => `tb.file=../${path}\n`).join('')}tb.cflags=-I../src ${sourceFlags}
package.output.format=xo
package.output.syn=false
package.output.file=../build/${top.name}.xo
`;
}

function tclScript(estimate: AcceleratorEstimate, tops: readonly Top[], data: readonly string[]): string {
  const flags = `-I../src ${sourceFlags}`;
  return `# vitis_hls -f run_hls.tcl -tclargs csim|csynth|cosim|xo TOP   (run in hls/; before version 2023.2)
set step [lindex $argv 0]
set top [lindex $argv 1]
set tops [dict create ${tops.map((top) => `${top.name} ${period(top)}`).join(' ')}]
if {![dict exists $tops $top]} {
  error "expected one of [dict keys $tops] as the top, found '$top'"
}

open_project -reset build_$top
set_top $top
add_files ../src/$top.cpp -cflags "${flags}"
foreach other [dict keys $tops] {
  if {$other ne $top} { add_files -tb ../src/$other.cpp -cflags "${flags}" }
}
${testBenchSources(estimate)
  .map((path) => `add_files -tb ../${path} -cflags "${flags}"`)
  .join('\n')}${data.map((path) => `\nadd_files -tb ../${path}`).join('')}
open_solution -reset solution -flow_target vitis
set_part {${estimate.accelerator.device.part}}
create_clock -period [dict get $tops $top] -name default

switch $step {
  csim { csim_design -O }
  csynth { csynth_design }
  cosim { csynth_design; cosim_design }
  xo { csynth_design; export_design -format xo -output ../build/$top.xo }
  default { error "expected csim, csynth, cosim or xo, found '$step'" }
}
exit
`;
}

/** A memory bank as the linker names it: 'HBM[3]', or 'HBM[3:5]' where a port spans several. */
function bankOf(channels: readonly ChannelRef[]): string {
  const [first, last] = [channels[0]!, channels.at(-1)!];
  const range = first.channel === last.channel ? `${first.channel}` : `${first.channel}:${last.channel}`;
  return `${first.memory.toUpperCase()}[${range}]`;
}

export function linkFile(estimate: AcceleratorEstimate, tops: readonly Top[]): ProjectFile {
  const lines = ['[connectivity]'];
  for (const { name } of tops) lines.push(`nk=${name}:1:${name}_1`);
  for (const { name, die } of tops) if (/^slr\d+$/i.test(die)) lines.push(`slr=${name}_1:${die.toUpperCase()}`);
  for (const top of tops)
    for (const { name, channels } of top.memories) lines.push(`sp=${top.name}_1.${name}:${bankOf(channels)}`);
  for (const from of tops)
    for (const out of from.ports.filter((port) => port.direction === 'out')) {
      const to = tops.find((top) => top !== from && top.ports.some((port) => port.name === out.name))!;
      lines.push(`stream_connect=${from.name}_1.${out.name}:${to.name}_1.${out.name}:${linkDepth}`);
    }
  lines.push('', '[clock]');
  for (const top of tops) lines.push(`freqHz=${clockOf(top)}:${top.name}_1`);
  return {
    path: `link/${identifier(estimate.accelerator.device.name)}.cfg`,
    content: `# v++ -l -t hw --platform … --config link/${identifier(estimate.accelerator.device.name)}.cfg build/*.xo   ('make link' does)\n${lines.join('\n')}\n`,
  };
}
