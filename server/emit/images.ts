/** What host/layer.h says of the memory ports: the image of each, and the way back from a file of weights/. */
import type { Operator } from '../design/workload.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import type { Unit } from '../estimate/netlist.ts';
import { elementBits } from '../kernels/word.ts';
import type { Share } from '../weights/share.ts';
import { beatBytes } from './cpp.ts';
import { tapsOf } from './forward.ts';
import { cacheImage } from './history.ts';
import { identifier } from './names.ts';
import { operatorsOf, type Tensors } from './tensors.ts';
import type { TopMemory } from './tops.ts';
import { groupOf } from './types.ts';

const w = (operator: Operator): string => identifier(operator.name);

/** Vectors of a normalisation, in the order in which its kernel reads them. */
function trainedVectors(op: Operator): string {
  return op.kind === 'layernorm' ? `{&p.${w(op)}_gain, &p.${w(op)}_bias}` : `{&p.${w(op)}_gain}`;
}

/** The layout of a row port's words. */
function rowLayout({ unit, port }: TopMemory): string {
  const { word } = unit.instance.streams[0]!;
  return `layout::words{${word.tokens}, ${word.columns}, ${elementBits[word.element]}, ${beatBytes(port)}}`;
}

/** The image of a port. */
export function image(memory: TopMemory, estimate: AcceleratorEstimate, tensors: Tensors): string {
  const { unit, port, name } = memory;
  const [operator] = fedBy(unit, estimate);
  if (unit.role === 'cache') return port.direction === 'read' ? cacheImage(memory, estimate) : '';
  switch (unit.role) {
    case 'weights': {
      const share = shareOf(memory, estimate);
      const groups = groupOf(operator!, estimate) === undefined ? undefined : grouping(operator!, memory, estimate);
      const of = (value: string): string => {
        const loaded = groups ? `groups.loaded(${value})` : value;
        return share ? `quantise::share(${loaded}, ${share.tile}, ${share.lanes}, ${share.first})` : loaded;
      };
      return `/// ${port.content}
constexpr std::size_t ${name}_bytes = ${port.bytes};
inline layout::image ${name}_image(const parameters &, const quantised &m) {
  const layout::weights weights{${weightLayout(memory, estimate)}};
${groups ? `  const layout::grouping groups{${groups}};\n` : ''}  if (!m.file.${name}.empty()) return weights.with_head(m.file.${name}, ${of(`m.${w(operator!)}_epilogue`)});
  return weights.pack(${of(packedRows(operator!, unit))}, ${of(`m.${w(operator!)}_epilogue`)}, ${name}_bytes);
}
`;
    }
    case 'parameters':
      return `/// ${port.content}
constexpr std::size_t ${name}_bytes = ${port.bytes};
inline layout::image ${name}_image(const parameters &p, const quantised &) {
  return ${rowLayout(memory)}.pack(${trainedVectors(operator!)}, ${name}_bytes);
}
`;
    case 'turns':
      return `/// ${port.content}
const std::size_t ${name}_bytes = ${rowLayout(memory)}.bytes(tokens, ${operator!.headDim});
inline layout::image ${name}_image() {
  return ${rowLayout(memory)}.pack(turns(${operator!.headDim}, ${estimate.accelerator.phase.past}), ${name}_bytes);
}
`;
    case 'load': {
      const [out] = tensors.outputs(unit);
      return `/// ${port.content}
const std::size_t ${name}_bytes = ${rowLayout(memory)}.bytes(${out!.tensor.rows}, ${out!.tensor.columns});
inline layout::image ${name}_image(const values &rows) { return ${rowLayout(memory)}.pack<activation>(rows, ${name}_bytes); }
`;
    }
    default: {
      const { rows, columns } = tensors.input(unit, 'in')!.tensor;
      return `/// ${port.content}
const std::size_t ${name}_bytes = ${rowLayout(memory)}.bytes(${rows}, ${columns});
inline values ${name}_rows(const unsigned char *image) { return ${rowLayout(memory)}.unpack<activation>(image, ${rows}, ${columns}); }
`;
    }
  }
}

/** A number that a loader is built with. */
const argumentOf = ({ unit }: TopMemory, key: string): number =>
  Number(unit.instance.call.templateArguments.find(({ name }) => name === key)!.value);

const tileColumnsOf = (memory: TopMemory): number => argumentOf(memory, 'A') * argumentOf(memory, 'PACK');

/** Members of layout::weights. */
function weightLayout(memory: TopMemory, estimate: AcceleratorEstimate): string {
  const bits = elementBits[estimate.accelerator.precision.weights];
  return `${tileColumnsOf(memory)}, ${argumentOf(memory, 'D')}, ${bits}, ${beatBytes(memory.port)}`;
}

/** Members of layout::grouping: the tiles are those of the array, of which a port may have a share. */
function grouping(operator: Operator, memory: TopMemory, estimate: AcceleratorEstimate): string {
  const group = groupOf(operator, estimate) ?? operator.reduction;
  const tile = shareOf(memory, estimate)?.tile ?? tileColumnsOf(memory);
  return [operator.reduction, operator.columns, group, tile].join(', ');
}

/** From a port's file to the values of its operator. */
export function loaded(memory: TopMemory, estimate: AcceleratorEstimate): string {
  const { unit, name } = memory;
  const operator = fedBy(unit, estimate)[0]!;
  const read = `  m.file.${name} = layout::read_file(folder, "${name}.bin", layer, ${name}_bytes);\n`;
  if (unit.role === 'parameters')
    return `${read}  ${rowLayout(memory)}.unpack(m.file.${name}, ${trainedVectors(operator)});\n`;
  const { window } = operator;
  const dot = dotOf(unit);
  const layout = `layout::weights{${weightLayout(memory, estimate)}}`;
  const share = shareOf(memory, estimate);
  if (share || groupOf(operator, estimate)) {
    const { lanes, first } = share ?? { lanes: tileColumnsOf(memory), first: 0 };
    return `${read}  ${layout}.unpack(m.file.${name}, layout::grouping{${grouping(operator, memory, estimate)}}, ${lanes}, ${first}, m.${w(operator)}, p.${w(operator)}_bias);\n`;
  }
  const unpacked = (rows: number): string =>
    `${read}  ${layout}.unpack(m.file.${name}, ${rows}, ${operator.columns}, m.${w(operator)}, p.${w(operator)}_bias);\n`;
  if (!window || window.channels % dot === 0) return unpacked(operator.reduction);
  const rows = tapsOf(operator) * Math.ceil(window.channels / dot) * dot;
  return `${unpacked(rows)}  m.${w(operator)} = layout::trained_taps(m.${w(operator)}, ${window.channels}, ${dot});\n`;
}

/** Length of the dot products that a loader has weights for. */
function dotOf(loader: Unit): number {
  return Number(loader.instance.call.templateArguments.find(({ name }) => name === 'D')?.value ?? 1);
}

/** The rows of a matrix of weights as its array takes them: channels of a tap filled up to whole dot products. */
function packedRows(operator: Operator, loader: Unit): string {
  const { window } = operator;
  const dot = dotOf(loader);
  if (!window || window.channels % dot === 0) return `m.${w(operator)}`;
  return `layout::whole_taps(m.${w(operator)}, ${window.channels}, ${dot})`;
}

/** Operators that are fed by a loader, alone or with others. */
export function fedBy(unit: Unit, estimate: AcceleratorEstimate): Operator[] {
  const units = new Map(estimate.netlist.units.map((other) => [other.id, other]));
  return estimate.fifos
    .filter(({ fifo }) => fifo.from.unit === unit.id)
    .flatMap(({ fifo }) => {
      const reader = units.get(fifo.to.unit)!;
      return reader.role === 'join' ? fedBy(reader, estimate) : (operatorsOf(reader, fifo.to.port)[0] ?? []);
    });
}

/** A port's share of the columns of a tile; undefined where one port has all. */
export function shareOf({ unit }: TopMemory, estimate: AcceleratorEstimate): Share | undefined {
  const joined = estimate.fifos.find(({ fifo }) => fifo.from.unit === unit.id && fifo.from.port === 'weights')!.fifo.to;
  const join = estimate.netlist.units.find(({ id, role }) => id === joined.unit && role === 'join');
  if (!join) return undefined;
  const lanes = Number(join.instance.call.templateArguments.find(({ name }) => name === 'LANES')!.value);
  const ports = join.instance.streams.filter(({ direction }) => direction === 'in').length;
  return { tile: ports * lanes, lanes, first: Number(joined.port.replace('in', '')) * lanes };
}
