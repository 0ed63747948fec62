/** Kernels in a netlist: which units are theirs, and what goes in and out. */
import type { Fifo, FifoEnd, Unit } from '../estimate/netlist.ts';

/** What stands between kernels follows from both ends: no lower bound may count on it. */
export const between: ReadonlySet<Unit['role']> = new Set(['fork', 'convert', 'load', 'store', 'link']);

/** Of what stands behind a kernel, what its readers would have in its place. */
const behind: ReadonlySet<Unit['role']> = new Set(['convert', 'store']);

/** FIFOs at the boundary of a kernel, and the port of an operator whose words they carry. */
export interface Stream {
  readonly fifos: readonly string[];
  readonly source: string;
  /** Of the design. */
  readonly tensor: string | undefined;
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
    return this.boundary(kernel, false);
  }

  /**
   * A kernel that is alone in its netlist, where rows come from memory in the place of each stream, and go there.
   *
   * @param among as it is among the others
   */
  alone(kernel: string, among: Boundary): Boundary {
    const { own, inputs, outputs } = this.boundary(kernel, true);
    const fifosOf = (tensor: string | undefined) => inputs.flatMap((one) => (one.tensor === tensor ? one.fifos : []));
    return {
      own: own.filter((u) => !behind.has(this.units[u]!.role)),
      inputs: among.inputs.map((stream) => ({ ...stream, fifos: fifosOf(stream.tensor) })),
      outputs: among.outputs.map((stream, o) => {
        // Of several, each has the port that it has there.
        const own = among.outputs.length === 1 ? outputs[o] : outputs.find(({ source }) => source === stream.source);
        return { ...stream, fifos: own?.fifos ?? [] };
      }),
    };
  }

  /** @param memory whether rows that come from memory are a stream, too */
  private boundary(kernel: string, memory: boolean): Boundary {
    const isOwn = (unit: Unit): boolean => {
      if (unit.kernel !== kernel || !between.has(unit.role)) return unit.kernel === kernel;
      const before = this.into.get(unit.id);
      const head = before && this.headOf(before);
      return head !== undefined && !head.isRows && this.byId.get(head.from.unit)?.kernel === kernel;
    };
    const own = this.units.flatMap((unit, u) => (isOwn(unit) ? [u] : []));
    const inside = new Set(own.map((u) => this.units[u]!.id));
    const inputs = new Map<string, Stream & { fifos: string[]; inOrder: boolean }>();
    const outputs: Stream[] = [];
    for (const fifo of this.fifos) {
      const { id, from, to, word } = fifo;
      if (inside.has(from.unit) && this.roleOf(from.unit) === 'operator')
        outputs.push({ fifos: [id], source: `${from.unit}.${from.port}`, tensor: fifo.edge?.tensor, inOrder: true });
      if (!inside.has(to.unit) || inside.has(from.unit)) continue;
      const head = this.headOf(fifo);
      // Rows in memory are there from the start.
      if (head.isRows && !memory) continue;
      const key = `${head.from.unit}.${head.from.port}`;
      const known = inputs.get(key) ?? { fifos: [], source: key, tensor: head.tensor, inOrder: true };
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

  /** Where the words of a FIFO come from, behind all that stands between, and what they are called. */
  private headOf(fifo: Fifo): {
    readonly from: FifoEnd;
    readonly tensor: string | undefined;
    readonly isRows: boolean;
  } {
    let [at, tensor] = [fifo, fifo.edge?.tensor];
    for (let steps = 0; steps <= this.units.length && between.has(this.roleOf(at.from.unit)); steps++) {
      const before = this.into.get(at.from.unit);
      if (!before) return { from: at.from, tensor, isRows: true };
      at = before;
      tensor = at.edge?.tensor ?? tensor;
    }
    return { from: at.from, tensor, isRows: false };
  }

  private roleOf(unit: string): Unit['role'] {
    return this.byId.get(unit)!.role;
  }
}
