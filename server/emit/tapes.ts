import { wordType } from './cpp.ts';
import type { Joint } from './tensors.ts';
import type { Top } from './tops.ts';
import { valueType } from './types.ts';

/**
 * Names that the simulator records streams under: the top that declares one stands in front. A FIFO between dies has two,
 * that of the port which is written and that of the FIFO which is read.
 */
export class Tapes {
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
export function tapesIn(code: string): string[] {
  return [...code.matchAll(/tape::tensor<[^"]*"([^"]+)"/g)].map(([, name]) => name!);
}
