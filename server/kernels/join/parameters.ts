import type { ElementType } from '../../design/workload.ts';

/** Words of a tile's columns from several ports, side by side. */
export interface JoinParameters {
  readonly words: number;
  /** Row blocks or heads of the pass, equal shares of the words: jobs of the timeline. */
  readonly rounds: number;
  readonly ports: number;
  /** Columns of a tile that each port has. */
  readonly lanes: number;
  readonly dot: number;
  readonly element: ElementType;
}

/** Scales of a tile's columns from several ports, one after the other. */
export interface TurnsParameters {
  readonly turns: number;
  /** Row blocks of the pass, equal shares of the turns: jobs of the timeline. */
  readonly rounds: number;
  readonly ports: number;
  /** Words of a port's turn. */
  readonly run: number;
}
