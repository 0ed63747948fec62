import type { ElementType } from '../../design/design.ts';

/** Words of a tile's columns from several ports, side by side. */
export interface JoinParameters {
  readonly words: number;
  readonly ports: number;
  /** Columns of a tile that each port has. */
  readonly lanes: number;
  readonly dot: number;
  readonly element: ElementType;
}

/** Scales of a tile's columns from several ports, one after the other. */
export interface TurnsParameters {
  readonly turns: number;
  readonly ports: number;
  /** Words of a port's turn. */
  readonly run: number;
}
