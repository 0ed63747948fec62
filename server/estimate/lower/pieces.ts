/** Kernels of a spec cut into what one unit of the library computes: a product with the activation behind it, a softmax with its mask. */
import type { Accelerator, Edge, Kernel, Passes, TileShape } from '../../design/design.ts';
import { sideBySide } from '../../design/mapping/side-by-side.ts';
import { FUNCTIONS_OF_ARRAYS, isAttention } from '../../design/operators.ts';
import type { ElementType, Operator } from '../../design/workload.ts';

export interface Piece {
  /** Id of its unit. */
  readonly id: string;
  readonly kernel: Kernel;
  /** In order of fusion; the first decides the kind. */
  readonly operators: readonly Operator[];
  /** Turn of the kernel that it belongs to. */
  readonly turn: number;
  /** Of a turn: the unit that serves all turns. */
  readonly unit?: string;
}

/** Id of the unit that computes a piece. */
export const unitIdOf = ({ unit, id }: Piece): string => unit ?? id;

/** Names the ports that a piece has at a unit which serves several in turn: 'in_q'. */
export const portOf = (name: string, { unit, operators }: Piece): string =>
  unit === undefined ? name : `${name}_${operators[0]!.name}`;

/** Operators that a unit takes over from the operator in front of them. */
const absorbs: Readonly<Partial<Record<Operator['kind'], readonly Operator['kind'][]>>> = {
  linear: FUNCTIONS_OF_ARRAYS,
  conv2d: FUNCTIONS_OF_ARRAYS,
  scores: ['causal'],
  causal: ['softmax'],
};

/** What a linear's tile of weights is kept for; weights on the chip are read once anyway. */
export function tileOf({ tile, weights }: Kernel, { kind }: Operator): TileShape | undefined {
  return kind === 'linear' && weights?.value.kind === 'channels' ? tile?.value : undefined;
}

/** Whether a kernel works in these passes. */
export function worksIn({ passes }: Kernel, here: Passes): boolean {
  return !passes?.every(({ layer, first, last }) => layer !== here.layer || here.first < first || last < here.last);
}

/** The kernels that work on the FPGA in this phase and these passes; of `generate`, in the pass over the prompt. */
export function builtKernels(accelerator: Accelerator): Kernel[] {
  const { phase, kernels, passes } = accelerator;
  return kernels.filter((kernel) => {
    const { onHost, phases, turns } = kernel;
    const serves =
      !phases?.some(isPhase) ||
      phases.includes(phase.name) ||
      (phase.name === 'generate' && phases.includes('prefill'));
    return !onHost && serves && worksIn(kernel, passes) && turns.some((turn) => turn.length > 0);
  });
}

/** `for block[0..5]` names layers, `for decode` a phase. */
function isPhase(name: string): boolean {
  return ['forward', 'prefill', 'decode', 'generate'].includes(name);
}

export function piecesOf(written: Kernel): Piece[] {
  const kernel = sideBySide(written);
  const pieces: Piece[] = [];
  kernel.turns.forEach((turn, index) => {
    if (kernel.tile && isAttention(turn)) {
      pieces.push({ id: kernel.name, kernel, operators: turn, turn: index });
      return;
    }
    let group: Operator[] = [];
    const close = (): void => {
      if (group.length === 0) return;
      const name = group[0]!.name;
      const id = pieces.length === 0 || name === kernel.name ? kernel.name : `${kernel.name}_${name}`;
      pieces.push({ id, kernel, operators: group, turn: index });
      group = [];
    };
    for (const operator of turn) {
      const last = group.at(-1);
      // A softmax takes the mask in front of it; behind a product of scores, which has the mask, it is a unit of its own.
      const masks = operator.kind !== 'softmax' || group[0]?.kind === 'causal';
      const fits =
        last && masks && absorbs[last.kind]?.includes(operator.kind) && operator.inputs[0]?.name === last.name;
      if (!fits) close();
      group.push(operator);
    }
    close();
  });
  return pieces;
}

/** Whether a piece is whole attention, a tile of keys at a time. */
export function isTiled({ operators }: Piece): boolean {
  return isAttention(operators);
}

/**
 * The operator that a piece computes, for the library: a mask in front of a softmax belongs to it, and so does one behind
 * a product of scores, whose softmax then leaves the masked columns out.
 */
export function mainOperator(piece: Piece): Operator {
  return piece.operators.find(({ kind }) => kind !== 'causal') ?? piece.operators[0]!;
}

export function isProduct(operator: Operator): boolean {
  return (
    operator.kind === 'linear' ||
    operator.kind === 'conv2d' ||
    operator.kind === 'matmul' ||
    operator.kind === 'scores' ||
    operator.kind === 'context'
  );
}

/** A pooling picks or sums what it reads as it is. */
function readsActivations(operator: Operator): boolean {
  return isProduct(operator) || ['maxpool', 'avgpool', 'flatten'].includes(operator.kind);
}

/** Scores and what follows them have a block of columns a head, side by side. */
export function headsOf(operator: Operator | undefined): number {
  return operator && ['scores', 'causal', 'softmax'].includes(operator.kind) ? operator.heads : 1;
}

/** What flows between the pieces of one kernel: the design has edges between kernels only. */
export function innerEdges(pieces: readonly Piece[], activations: ElementType): Edge[] {
  const edges: Edge[] = [];
  for (const piece of pieces) {
    for (const operator of piece.operators) {
      for (const input of operator.inputs) {
        if (piece.operators.some(({ name }) => name === input.name)) continue;
        const source = pieces.find(({ operators }) => operators.at(-1)!.name === input.name);
        if (!source || source.kernel !== piece.kernel || source.turn !== piece.turn) continue;
        const produced = source.operators.at(-1)!;
        edges.push({
          from: { kind: 'operator', kernel: source.kernel.name, operator: produced.name },
          to: { kind: 'operator', kernel: piece.kernel.name, operator: operator.name },
          tensor: produced.name,
          rows: produced.rows,
          columns: produced.columns,
          element: { value: readsActivations(mainOperator(piece)) ? activations : 'fp32', origin: 'auto' },
          width: { value: 0, origin: 'auto' },
          depth: { value: 'auto', origin: 'auto' },
          storage: { value: 'auto', origin: 'auto' },
        });
      }
    }
  }
  return edges;
}
