/** K and V of earlier passes: what the host, the test bench and the reference know of a growing cache. */
import type { Operator } from '../design/workload.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import type { Unit } from '../estimate/netlist.ts';
import { beatBytes } from './cpp.ts';
import { identifier } from './names.ts';
import { stepOf } from './scales.ts';
import { Tensors } from './tensors.ts';
import type { Top, TopMemory } from './tops.ts';

/** Tensors that are kept in memory from pass to pass. */
export function keptTensors(estimate: AcceleratorEstimate): string[] {
  const tensors = new Tensors(estimate);
  const caches = estimate.netlist.units.filter(({ role }) => role === 'cache');
  return [...new Set(caches.flatMap((unit) => tensors.input(unit, 'row')?.tensor.name ?? []))];
}

/** Memory ports through which caches are read. */
export function cacheMemories(tops: readonly Top[]): TopMemory[] {
  return tops
    .flatMap((top) => top.memories)
    .filter(({ unit, port }) => unit.role === 'cache' && port.direction === 'read');
}

/** The second operand of a product of attention: with the rows of earlier passes where these are kept. */
export function withPast(tensor: string, operator: Operator, kept: readonly string[]): string {
  const name = operator.inputs[1]!.name;
  return kept.includes(name) ? `reference::below(h.${identifier(name)}, ${tensor})` : tensor;
}

/** What layer.h says of the cache. */
export function historyText(kept: readonly string[]): string {
  const names = kept.map(identifier);
  return `/// K and V of the rows of earlier passes, as they lie in memory.
struct history {
  values ${names.join(', ')};
};

/// The first rows of a run over all of them, quantised.
inline history history_of(const tensors &t, const quantised &m) {
  history h;
${kept.map((name) => `  h.${identifier(name)} = reference::narrowed<activation>(reference::first_rows(t.${identifier(name)}, past), ${stepOf(identifier(name))});\n`).join('')}  (void)m;
  return h;
}
`;
}

/** Whether a cache is begun by a whole pass, rather than grown by its one row. */
export function isSpill({ instance }: Unit): boolean {
  return instance.kernel === 'spill';
}

/** The image of a cache's memory. */
export function cacheImage({ unit, port, name }: TopMemory, estimate: AcceleratorEstimate): string {
  const argument = (key: string): number =>
    Number(unit.instance.call.templateArguments.find((candidate) => candidate.name === key)!.value);
  const keys = unit.instance.call.name.startsWith('key_');
  // A whole pass may leave room for those behind it.
  const room = isSpill(unit) ? 'CAPACITY' : 'KEYS';
  const [lanes, ports, dot, count, width] = ['LANES', 'PORTS', 'D', room, 'HEAD_DIM'].map(argument) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const [across, along] = keys ? [count, width] : [width, count];
  const outer = Math.ceil(across / (lanes * ports));
  const inner = Math.ceil(along / dot);
  const numbers = [argument('KV_HEADS'), lanes, ports, argument('FIRST') / lanes, dot, outer, inner];
  const tensor = identifier(keptBy(unit, estimate));
  return `/// ${port.content}; ${beatBytes(port)} bytes a beat
constexpr std::size_t ${name}_bytes = ${port.bytes};
inline layout::image ${name}_image(const values &rows) {
  return layout::cache{${[keys, ...numbers].join(', ')}}.pack<activation>(rows, ${name}_bytes);
}
inline layout::image ${name}_image(const history &h) { return ${name}_image(h.${tensor}); }
`;
}

/** The tensor that a cache keeps. */
export function keptBy(unit: Unit, estimate: AcceleratorEstimate): string {
  return new Tensors(estimate).input(unit, 'row')!.tensor.name;
}
