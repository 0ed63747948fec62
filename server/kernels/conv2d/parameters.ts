import type { ArrayShape } from '../../design/design.ts';
import type { ElementType } from '../../design/workload.ts';
import type { WindowParameters } from '../common/window.ts';
import type { Activation } from '../linear/parameters.ts';
import type { RowElement } from '../rows.ts';

/** `lanes` and `dot` of the windows are those of the array. */
export interface Conv2dParameters extends Omit<WindowParameters, 'lanes' | 'dot'> {
  /** Channels of the result. */
  readonly columns: number;
  readonly array: ArrayShape;
  readonly pack: number;
  readonly activations: ElementType;
  readonly weights: ElementType;
  readonly output: RowElement;
  readonly activation: Activation;
}

/** What window.ts asks for. */
export function windowsOf(parameters: Conv2dParameters): WindowParameters {
  return { ...parameters, lanes: parameters.array.tokens, dot: parameters.array.dot };
}
