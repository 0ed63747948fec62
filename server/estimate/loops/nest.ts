/**
 * Loop nests as an HLS tool sees them: which loops become one pipeline, how often it runs, and what it reads and writes in
 * which iteration. Everything here is structure; what it costs stands in `schedule.ts`, when it runs in `network.ts`.
 */

export interface Loop {
  readonly name: string;
  readonly trip: number;
  /** Enclosing loop; null for an outermost one. */
  readonly parent: string | null;
  readonly pipelined: boolean;
  /** Copied out completely, because a pragma says so or because it is inside a pipelined loop. */
  readonly unrolled: boolean;
  /** Iterations that are copied out side by side, where only some are. */
  readonly factor?: number | undefined;
  /** Interval that a pragma asks for. */
  readonly interval?: number | undefined;
  /** Its body is a dataflow region: the parts of the body overlap from one iteration to the next. */
  readonly dataflow?: boolean | undefined;
}

/** In which iterations of a loop an access happens. */
export type Guard = 'first' | 'last' | { readonly from: number; readonly count: number };

export interface Access {
  /** Edge of the graph, or local array. */
  readonly array: string;
  /** Loops that index it, outermost first. */
  readonly order: readonly string[];
  /** Innermost loop around it. */
  readonly loop: string;
  readonly guard?: Readonly<Record<string, Guard>> | undefined;
  /** Different elements that one iteration of the text touches, before unrolling. */
  readonly distinct: number;
  /** Element accesses of one run. */
  readonly transfers: number;
}

export interface Operators {
  /** 'fmul', 'fadd', … */
  readonly operator: string;
  readonly loop: string;
  /** Copies of it after unrolling. */
  readonly copies: number;
  /** Its operands do not change in the loop: it is computed once, before. */
  readonly hoisted?: boolean | undefined;
}

export interface Nest {
  readonly name: string;
  readonly loops: readonly Loop[];
  readonly operators: readonly Operators[];
  readonly reads: readonly Access[];
  readonly writes: readonly Access[];
  /** Arrays of its own. */
  readonly locals: readonly string[];
}

/** Loops that run as one pipeline: one iteration of all of them together starts every interval. */
export interface Pipeline {
  readonly kind: 'pipeline';
  /** Flattened loops, outermost first; the last one is the pipelined one. */
  readonly loops: readonly Loop[];
  /** Loops copied out inside the pipelined one. */
  readonly unrolled: readonly Loop[];
  readonly trip: number;
}

/** A loop whose body has several parts, one after another (or overlapping, where the body is a dataflow region). */
export interface Repeat {
  readonly kind: 'repeat';
  readonly loop: Loop;
  readonly body: readonly Step[];
}

export type Step = Pipeline | Repeat;

/**
 * The steps of a nest, in program order. A loop without a pragma is pipelined if it is innermost, as the tool does it by
 * default; a loop around exactly one pipeline is flattened into it; parts that are unrolled at an outer level cost no steps
 * of their own.
 */
export function stepsOf(nest: Nest): Step[] {
  const children = childrenOf(nest.loops);
  const stepsAt = (parent: string | null): Step[] => (children.get(parent) ?? []).flatMap(stepOf);
  const stepOf = (loop: Loop): Step[] => {
    if (loop.unrolled || (loop.factor !== undefined && loop.factor >= loop.trip)) return [];
    const inner = loop.pipelined ? [] : stepsAt(loop.name);
    if (inner.length === 0) return [pipelineOf([loop], below(loop.name, children))];
    const [only] = inner;
    if (loop.trip === 1) return inner;
    if (only?.kind === 'pipeline' && inner.length === 1 && !loop.dataflow && dividesEvenly(only))
      return [pipelineOf([loop, ...only.loops], only.unrolled)];
    return [{ kind: 'repeat', loop, body: inner }];
  };
  return stepsAt(null);
}

/** All pipelines of the steps, with the loops that repeat them. */
export function pipelinesOf(
  steps: readonly Step[],
  around: readonly Loop[] = [],
): { pipeline: Pipeline; around: readonly Loop[] }[] {
  return steps.flatMap((step) =>
    step.kind === 'pipeline' ? [{ pipeline: step, around }] : pipelinesOf(step.body, [...around, step.loop]),
  );
}

function pipelineOf(loops: readonly Loop[], unrolled: readonly Loop[]): Pipeline {
  return { kind: 'pipeline', loops, unrolled, trip: loops.reduce((product, loop) => product * iterations(loop), 1) };
}

/** How often the loop goes round, with what is copied out side by side. */
export function iterations({ trip, factor = 1 }: Loop): number {
  return Math.ceil(trip / factor);
}

/** What is left over of a partly unrolled loop is a way out of its middle: such a loop is not flattened. */
function dividesEvenly({ loops }: Pipeline): boolean {
  return loops.every(({ trip, factor = 1 }) => trip % factor === 0);
}

function childrenOf(loops: readonly Loop[]): Map<string | null, Loop[]> {
  const children = new Map<string | null, Loop[]>();
  for (const loop of loops) {
    const siblings = children.get(loop.parent);
    if (siblings) siblings.push(loop);
    else children.set(loop.parent, [loop]);
  }
  return children;
}

function below(name: string, children: ReadonlyMap<string | null, readonly Loop[]>): Loop[] {
  return (children.get(name) ?? []).flatMap((loop) => [loop, ...below(loop.name, children)]);
}

/** Whether an access belongs to the pipeline: its innermost loop is one of the pipeline's. */
export function isIn(pipeline: Pipeline, { loop }: { readonly loop: string }): boolean {
  return [...pipeline.loops.slice(-1), ...pipeline.unrolled].some(({ name }) => name === loop);
}

/** Elements that one iteration of the pipeline touches: unrolled loops that index them, times textual copies. */
export function lanesOf(pipeline: Pipeline, access: Access): number {
  const copies = (lanes: number, { name, factor }: Loop): number =>
    factor && access.order.includes(name) ? lanes * factor : lanes;
  const partly = pipeline.loops.reduce(copies, Math.max(1, access.distinct));
  const unrolled = pipeline.unrolled.filter(({ name }) => access.order.includes(name));
  return unrolled.reduce((lanes, { trip }) => lanes * trip, partly);
}
