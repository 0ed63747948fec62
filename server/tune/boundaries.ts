/** Kernels in a netlist: which units are theirs, and what goes in and out. */
import type { Fifo, Unit } from '../estimate/netlist.ts';

/** What stands between kernels follows from both ends: no lower bound may count on it. */
export const between: ReadonlySet<Unit['role']> = new Set(['fork', 'convert', 'load', 'store', 'link']);

/** FIFOs at the boundary of a kernel, and the port of an operator whose words they carry. */
export interface Stream {
  readonly fifos: readonly string[];
  readonly source: string;
  /** Of an input: whether its words come in the order in which the operator gives them. */
  readonly inOrder: boolean;
}

/** A kernel's own. */
export interface Boundary {
  /** Indices of its units, with the converters and forks inside of it. */
  readonly own: readonly number[];
  readonly inputs: readonly Stream[];
  readonly outputs: readonly Stream[];
}

/** Which units of a netlist are a kernel's, and what goes in and out of them. */
export class Boundaries {
  private readonly units: readonly Unit[];
  private readonly fifos: readonly Fifo[];
  private readonly byId: ReadonlyMap<string, Unit>;
  private readonly into: ReadonlyMap<string, Fifo>;

  constructor(units: readonly Unit[], fifos: readonly Fifo[]) {
    this.units = units;
    this.fifos = fifos;
    this.byId = new Map(units.map((unit) => [unit.id, unit]));
    this.into = new Map(fifos.map((fifo) => [fifo.to.unit, fifo]));
  }

  of(kernel: string): Boundary {
    const isOwn = (unit: Unit): boolean =>
      unit.kernel === kernel &&
      (!between.has(unit.role) || this.byId.get(this.sourceOf(unit.id)?.unit ?? '')?.kernel === kernel);
    const own = this.units.flatMap((unit, u) => (isOwn(unit) ? [u] : []));
    const inside = new Set(own.map((u) => this.units[u]!.id));
    const inputs = new Map<string, { fifos: string[]; source: string; inOrder: boolean }>();
    const outputs: Stream[] = [];
    for (const { id, from, to, word } of this.fifos) {
      if (inside.has(from.unit) && this.byId.get(from.unit)!.role === 'operator')
        outputs.push({ fifos: [id], source: `${from.unit}.${from.port}`, inOrder: true });
      if (!inside.has(to.unit) || inside.has(from.unit)) continue;
      const source = between.has(this.byId.get(from.unit)!.role) ? this.sourceOf(from.unit) : from;
      if (!source) continue;
      const key = `${source.unit}.${source.port}`;
      const known = inputs.get(key) ?? { fifos: [], source: key, inOrder: true };
      known.fifos.push(id);
      known.inOrder &&= this.keepsOrder(from.unit, word.tokens);
      inputs.set(key, known);
    }
    return { own, inputs: [...inputs.values()], outputs };
  }

  /** Whether on the way to a word of so many rows nothing but forks and changes of the width stand. */
  private keepsOrder(unit: string, tokens: number): boolean {
    for (let at = unit, steps = 0; steps <= this.units.length; steps++) {
      const { role } = this.byId.get(at)!;
      if (!between.has(role)) return true;
      const before = this.into.get(at);
      if ((role !== 'fork' && role !== 'convert') || before?.word.tokens !== tokens) return false;
      at = before.from.unit;
    }
    return false;
  }

  /** The operator's port behind what stands between; undefined where rows come from memory: they are there from the start. */
  private sourceOf(unit: string): Fifo['from'] | undefined {
    for (let at = unit, steps = 0; steps <= this.units.length; steps++) {
      const from = this.into.get(at)?.from;
      if (!from || !between.has(this.byId.get(from.unit)!.role)) return from;
      at = from.unit;
    }
    return undefined;
  }
}
