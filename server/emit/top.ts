/** src/<top>.cpp and .h: a flat DATAFLOW region of streams and calls, one function a unit so that reports keep the names. */

import { burstsUnderWay, defaultBurst } from '../estimate/cost/interfaces.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import type { Unit } from '../estimate/netlist.ts';
import { beatsPerLayer, beatType, elementType, wordType } from './cpp.ts';
import { outermost } from './kernel-headers.ts';
import { identifier } from './names.ts';
import type { EmitOptions } from './options.ts';
import type { ProjectFile } from './project.ts';
import { rowsExpression, wordsExpression } from './tokens.ts';
import { topTable } from './top-table.ts';
import {
  isLayerOffset,
  isPerLayer,
  readsAhead,
  type Top,
  type TopMemory,
  type TopPort,
  type TopStream,
} from './tops.ts';

/** Layers that the test bench keeps behind a port, so that the argument `layer` is tried too. */
export const layersInTestBench = 2;

/** What passes words on from a port to the FIFO behind it: a fork with one branch. */
export const relayHeaders = ['word.h', 'dataflow.h', 'fork.h'];

export function topFiles(estimate: AcceleratorEstimate, top: Top, options: EmitOptions): ProjectFile[] {
  return [
    { path: `src/${top.name}.h`, content: topHeader(estimate, top) },
    { path: `src/${top.name}.cpp`, content: topSource(estimate, top, options) },
  ];
}

function topHeader(estimate: AcceleratorEstimate, top: Top): string {
  const guard = `WEFT_TOP_${top.name.toUpperCase()}_H`;
  const headers = outermost([...relayHeaders, ...top.units.flatMap((unit) => unit.instance.headers)]);
  return `// ${estimate.accelerator.name}: the units on ${top.die}.
#ifndef ${guard}
#define ${guard}

#include "design.h"
${headers.map((header) => `#include "weft/${header}"\n`).join('')}
extern "C" ${signature(top)};

#endif
`;
}

function topSource(estimate: AcceleratorEstimate, top: Top, options: EmitOptions): string {
  return `${topTable(estimate, top, options)}
#include "${top.name}.h"

${depthConstants(top)}${[...incoming(top).map((port) => relayFunction(estimate, port)), ...top.units.map((unit) => moduleFunction(estimate, unit))].join('\n')}
extern "C" ${signature(top)} {
${interfacePragmas(top)}
#pragma HLS DATAFLOW
${top.units.some((unit) => isPerLayer(unit) && !unit.ahead) ? '' : '  (void)layer; // nothing trained lies on this die\n'}${fifosOf(top).map(streamLocal).join('')}
  DF_BEGIN
${incoming(top)
  .map(({ name, inner }) => `  DF_CALL(${name}_relay, ${name}, ${inner})\n`)
  .join('')}${top.units.map((unit) => `  ${moduleCall(top, unit)}\n`).join('')}  DF_END
}
`;
}

/** void NAME(memories, AXI streams, scalars, layer) */
function signature(top: Top): string {
  const parameters = [
    ...top.memories.map((memory) => `${beatPointer(memory)}${memory.name}`),
    ...top.ports.map((port) => `hls::stream<${wordType(port.estimate.fifo.word)}> &${port.name}`),
    ...top.scalars.map(({ scalar, name }) => `${scalar.type} ${name}`),
    'int layer',
    ...(readsAhead(top) ? ['int next'] : []),
  ];
  return `void ${top.name}(\n    ${parameters.join(',\n    ')})`;
}

function beatPointer({ port }: TopMemory): string {
  return `${port.direction === 'read' ? 'const ' : ''}${beatType(port)} *`;
}

const incoming = (top: Top): TopPort[] => top.ports.filter((port) => port.direction === 'in');

/** Streams that are built in the top: those between its units, and those behind its input ports. */
function fifosOf(top: Top): TopStream[] {
  return [...top.streams, ...incoming(top).map(({ inner, estimate }) => ({ name: inner, estimate }))];
}

function depthConstants(top: Top): string {
  const constants = fifosOf(top).map(({ name, estimate }) => `constexpr int ${name}_depth = ${estimate.depth};\n`);
  return constants.length === 0 ? '' : `// Depths of the streams, in words.\n${constants.join('')}\n`;
}

/** From an input port to the FIFO behind it. */
function relayFunction(estimate: AcceleratorEstimate, { name, estimate: { fifo } }: TopPort): string {
  const { word } = fifo;
  const stream = `hls::stream<${wordType(word)}>`;
  const words = wordsExpression(fifo, estimate);
  return `static void ${name}_relay(${stream} &in, ${stream} &out) {
#pragma HLS INLINE off
  weft::fork<${words}, ${word.tokens * word.columns}, ${elementType(word.element)}>(in, out);
}
`;
}

function streamLocal({ name, estimate }: TopStream): string {
  // Two registers are what an SRL FIFO of depth two is built of.
  const storage = estimate.storage === 'registers' ? 'srl' : estimate.storage;
  return `
  hls::stream<${wordType(estimate.fifo.word)}, ${name}_depth> ${name}("${name}");
#pragma HLS STREAM variable=${name} depth=${name}_depth type=fifo
#pragma HLS BIND_STORAGE variable=${name} type=fifo impl=${storage}
`;
}

function interfacePragmas(top: Top): string {
  const lines: string[] = [];
  for (const { name, port, perLayer, unit } of top.memories) {
    const burst = unit.burst ?? defaultBurst;
    const transfer =
      port.direction === 'read'
        ? `max_read_burst_length=${burst} num_read_outstanding=${burstsUnderWay}`
        : `max_write_burst_length=${burst} num_write_outstanding=${burstsUnderWay}`;
    lines.push(
      `m_axi port=${name} bundle=${name} offset=slave depth=${(perLayer ? layersInTestBench : 1) * beatsPerLayer(port)} ` +
        `max_widen_bitwidth=512 ${transfer}`,
      `s_axilite port=${name} bundle=control`,
    );
  }
  for (const port of top.ports) lines.push(`axis port=${port.name}`);
  for (const { name } of top.scalars) lines.push(`s_axilite port=${name} bundle=control`);
  lines.push(
    's_axilite port=layer bundle=control',
    ...(readsAhead(top) ? ['s_axilite port=next bundle=control'] : []),
    's_axilite port=return bundle=control',
    'ap_ctrl_chain port=return',
  );
  return lines.map((line) => `#pragma HLS INTERFACE ${line}`).join('\n');
}

/** The argument that says which layer's values a unit moves. */
const layerOf = ({ ahead }: Unit): string => (ahead ? 'next' : 'layer');

/** The unit as a function of its own name: the kernel with its parameters put in. */
function moduleFunction(estimate: AcceleratorEstimate, unit: Unit): string {
  const { call, streams, memories, scalars } = unit.instance;
  const perLayer = isPerLayer(unit);
  const parameters: string[] = [];
  const passed: string[] = [];
  for (const { kind, name } of call.arguments) {
    const local = identifier(name);
    if (kind === 'stream') {
      const word = streams.find((stream) => stream.name === name)!.word;
      parameters.push(`hls::stream<${wordType(word)}> &${local}`);
      passed.push(local);
    } else if (kind === 'memory') {
      const port = memories.find((memory) => memory.name === name)!;
      parameters.push(`${port.direction === 'read' ? 'const ' : ''}${beatType(port)} *${local}`);
      passed.push(
        unit.role === 'weights' || unit.role === 'cache'
          ? `${local} + static_cast<long>(${layerOf(unit)}) * ${beatsPerLayer(port)}`
          : local,
      );
    } else if (kind === 'scalar' && isLayerOffset(unit, name)) {
      passed.push(`layer * ${beatsPerLayer(memories[0]!)}`);
    } else if (kind === 'scalar') {
      parameters.push(`${scalars.find((scalar) => scalar.name === name)!.type} ${local}`);
      passed.push(local);
    } else {
      passed.push(name);
    }
  }
  if (perLayer) parameters.push(`int ${layerOf(unit)}`);
  const template = call.templateArguments.map(
    (argument) => `      ${rowsExpression(argument, unit, estimate)} /* ${argument.name} */`,
  );
  return `static void ${identifier(unit.id)}(
    ${parameters.join(',\n    ')}) {
#pragma HLS INLINE off
  weft::${call.name}<
${template.join(',\n')}>(
      ${passed.join(', ')});
}
`;
}

function moduleCall(top: Top, unit: Unit): string {
  const streamAt = (port: string): string => {
    const ends = ({ estimate: { fifo } }: TopStream): boolean =>
      (fifo.from.unit === unit.id && fifo.from.port === port) || (fifo.to.unit === unit.id && fifo.to.port === port);
    return top.streams.find(ends)?.name ?? top.ports.find(ends)!.inner;
  };
  const passed = unit.instance.call.arguments.flatMap(({ kind, name }) => {
    if (kind === 'stream') return [streamAt(name)];
    if (kind === 'memory')
      return [top.memories.find((memory) => memory.unit === unit && memory.port.name === name)!.name];
    if (kind === 'scalar' && !isLayerOffset(unit, name))
      return [top.scalars.find((scalar) => scalar.unit === unit && scalar.scalar.name === name)!.name];
    return [];
  });
  if (isPerLayer(unit)) passed.push(layerOf(unit));
  return `DF_CALL(${[identifier(unit.id), ...passed].join(', ')})`;
}
