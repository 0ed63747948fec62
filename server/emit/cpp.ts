/** The C++ spelling of what a netlist says. */
import type { ElementType } from '../design/workload.ts';
import type { MemoryPort, Word } from '../kernels/kernel.ts';
import { elementBits } from '../kernels/word.ts';

export function elementType(element: ElementType): string {
  return `weft::${element}`;
}

/** weft::word<weft::int8, 64> */
export function wordType(word: Word): string {
  return `weft::word<${elementType(word.element)}, ${word.tokens * word.columns}>`;
}

/** Type of one beat of a memory port. */
export function beatType(port: MemoryPort): string {
  const element = port.element ?? 'uint8';
  return `weft::word<${elementType(element)}, ${port.bits / elementBits[element]}>`;
}

export function beatBytes(port: MemoryPort): number {
  return port.bits / 8;
}

/** Beats that one layer takes behind the port. */
export function beatsPerLayer(port: MemoryPort): number {
  return Math.ceil(port.bytes / beatBytes(port));
}

/** A block comment of whole lines. */
export function comment(lines: readonly string[]): string {
  return lines.map((line) => `// ${line}`.trimEnd()).join('\n');
}
