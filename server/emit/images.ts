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
    case 'weights':
      return `/// ${port.content}
constexpr std::size_t ${name}_bytes = ${port.bytes};
inline layout::image ${name}_image(const parameters &, const quantised &m) {
  const layout::weights weights{${weightLayout(memory, estimate)}};
${weightsImage(memory, estimate)}}
`;
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

/** How the image of a loader's weights is made: of one operator, or of all that its array takes in turn. */
function weightsImage(memory: TopMemory, estimate: AcceleratorEstimate): string {
  const { unit, name } = memory;
  const share = shareOf(memory, estimate);
  const operators = fedBy(unit, estimate);
  const [operator] = operators;
  const groups =
    operators.length > 1 || groupOf(operator!, estimate) === undefined
      ? undefined
      : grouping(operator!, memory, estimate);
  const of = (value: string): string => {
    const loaded = groups ? `groups.loaded(${value})` : value;
    return share ? `quantise::share(${loaded}, ${share.tile}, ${share.lanes}, ${share.first})` : loaded;
  };
  const epilogue = (one: Operator): string => of(`m.${w(one)}_epilogue`);
  const file = `m.file.${name}`;
  if (operators.length === 1)
    return `${groups ? `  const layout::grouping groups{${groups}};\n` : ''}  if (!${file}.empty()) return weights.with_head(${file}, ${epilogue(operator!)});
  return weights.pack(${of(packedRows(operator!, unit))}, ${epilogue(operator!)}, ${name}_bytes);
`;
  const parts = (part: (one: Operator, which: number) => string): string =>
    operators.map((one, which) => `\n      ${part(one, which)}`).join(',');
  return `  const layout::turns turns{weights, {${matricesOf(memory, estimate)}}};
  if (!${file}.empty()) return turns.together({${parts((one, which) => `weights.with_head(turns.part(${file}, ${which}), ${epilogue(one)})`)}});
  return turns.together({${parts((one, which) => `weights.pack(${of(packedRows(one, unit))}, ${epilogue(one)}, turns.bytes(${which}))`)}});
`;
}

/** Members of layout::turns::matrix of what lies behind a port: of several ports, each has its share of the columns. */
function matricesOf(memory: TopMemory, estimate: AcceleratorEstimate): string {
  const share = shareOf(memory, estimate);
  return fedBy(memory.unit, estimate)
    .map(({ reduction, columns }) => {
      const own = share ? Math.ceil(columns / share.tile) * share.lanes : columns;
      return `{${reduction}, ${own}}`;
    })
    .join(', ');
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
  const operators = fedBy(unit, estimate);
  const operator = operators[0]!;
  const read = `  m.file.${name} = layout::read_file(folder, "${name}.bin", layer, ${name}_bytes);\n`;
  if (unit.role === 'parameters')
    return `${read}  ${rowLayout(memory)}.unpack(m.file.${name}, ${trainedVectors(operator)});\n`;
  const { window } = operator;
  const dot = dotOf(unit);
  const layout = `layout::weights{${weightLayout(memory, estimate)}}`;
  const share = shareOf(memory, estimate);
  if (operators.length > 1) {
    const turns = `layout::turns{${layout}, {${matricesOf(memory, estimate)}}}`;
    const parts = operators.map((one, which) => {
      const groups = share && `layout::grouping{${grouping(one, memory, estimate)}}, ${share.lanes}, ${share.first}`;
      const place = groups ?? `${one.reduction}, ${one.columns}`;
      return `  ${layout}.unpack(${turns}.part(m.file.${name}, ${which}), ${place}, m.${w(one)}, p.${w(one)}_bias);\n`;
    });
    return `${read}${parts.join('')}`;
  }
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

/** Operators that are fed by a loader, alone or with others: of an array that takes turns, in their order. */
export function fedBy(unit: Unit, estimate: AcceleratorEstimate): Operator[] {
  const units = new Map(estimate.netlist.units.map((other) => [other.id, other]));
  const fed = estimate.fifos
    .filter(({ fifo }) => fifo.from.unit === unit.id)
    .flatMap(({ fifo }) => {
      const reader = units.get(fifo.to.unit)!;
      if (reader.role === 'join') return fedBy(reader, estimate);
      return (reader.turns ?? [operatorsOf(reader, fifo.to.port)]).flatMap(([first]) => first ?? []);
    });
  return [...new Set(fed)];
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
