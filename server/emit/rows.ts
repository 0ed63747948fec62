/** What a row of a tensor is. */
import { tensorOf } from '../design/operators.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';

/** Whether all tensors have a row a token: not where the model works on images, whose sizes are its own. */
export function rowsAreTokens({ accelerator }: AcceleratorEstimate): boolean {
  return accelerator.model.layer.operators.every(({ window }) => !window);
}

/** Rows of the layer's input: tokens of a pass, or pixels. */
export function inputRows(estimate: AcceleratorEstimate): number {
  const { model, phase } = estimate.accelerator;
  if (rowsAreTokens(estimate)) return phase.tokens;
  const [input] = model.layer.inputs;
  const reader = model.layer.operators.flatMap(({ inputs }) => inputs).find(({ name }) => name === input?.name);
  return reader ? tensorOf(reader.name, reader.shape).rows : 1;
}
