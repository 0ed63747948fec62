/** The hardware and the streams of the parts of an accelerator's work, one part after the other. */
import { atPast } from './decoding.ts';
import { fillDefaults } from './defaults/defaults.ts';
import type { Surroundings } from './defaults/settling.ts';
import type { Kernel } from './design.ts';
import { edgesOf, type OpenEdge } from './mapping/edges.ts';
import type { Mapper } from './mapping/mapper.ts';
import type { Part } from './mapping/mapping.ts';
import type { ModelGraph, Operator, Phase } from './workload.ts';

export interface BuiltPart {
  readonly part: Part;
  /** Written ones first in their order, then the `auto` ones in dataflow order. */
  readonly kernels: readonly Kernel[];
  readonly edges: OpenEdge[];
  readonly unmapped: readonly Operator[];
  readonly host: readonly Operator[];
}

type Around = Omit<Surroundings, 'phase' | 'repeat' | 'built' | 'tokensBehind'>;

export class PartBuilder {
  private readonly built = new Map<string, Kernel>();
  private readonly mapper: Mapper;
  private readonly around: Around;
  private readonly tokensBehind: number;

  /** @param tokensBehind token passes on the hardware of the first parts */
  constructor(mapper: Mapper, around: Around, tokensBehind: number) {
    this.mapper = mapper;
    this.around = around;
    this.tokensBehind = tokensBehind;
  }

  /** Of all parts so far, each once. */
  get kernels(): Kernel[] {
    return [...this.built.values()];
  }

  /** A part of its own; kernels that no part before it has serve the phases `alone`, where nothing else is written. */
  build(part: Part, alone?: readonly Phase['name'][]): BuiltPart {
    const mapping = this.mapper.map(part);
    const { drafts, unmapped } = mapping;
    const { first, last } = part.passes;
    const inOrder = [...drafts].sort((a, b) => mapping.position(a) - mapping.position(b));
    const passes = { phase: part.phase, repeat: last - first + 1, built: this.built };
    const around = { ...this.around, ...passes, tokensBehind: alone ? 0 : this.tokensBehind };
    const filled = fillDefaults(inOrder, around).map((kernel) =>
      alone && !kernel.phases && !this.built.has(kernel.name) ? { ...kernel, phases: alone } : kernel,
    );
    for (const kernel of filled) this.built.set(kernel.name, kernel);
    const kernels = drafts.map((draft) => filled[inOrder.indexOf(draft)]!);
    return { part, kernels, unmapped, ...this.outside(kernels, part.graph) };
  }

  /** The same part of a token pass behind another past. */
  again({ kernels: built, unmapped }: BuiltPart, part: Part): BuiltPart {
    const kernels = built.map((kernel) => atPast(kernel, part.graph));
    return { part, kernels, unmapped, ...this.outside(kernels, part.graph) };
  }

  private outside(kernels: readonly Kernel[], graph: ModelGraph): Pick<BuiltPart, 'edges' | 'host'> {
    const { precision, device } = this.around;
    return { edges: edgesOf(kernels, graph, precision, device.memories[0]), host: hostOperators(graph, kernels) };
  }
}

/** What runs on the host: kernels that are put there, and what lies outside of the layer without a kernel. */
function hostOperators({ outside, layer }: ModelGraph, kernels: readonly Kernel[]): Operator[] {
  const placed = new Set(kernels.filter((kernel) => !kernel.onHost).flatMap((kernel) => kernel.turns.flat()));
  return [...outside, ...layer.operators].filter((operator) => !placed.has(operator));
}
