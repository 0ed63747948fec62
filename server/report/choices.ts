/** What the knobs of an accelerator are, where it has any: every figure beside it rests on them. */
import type { Accelerator } from '../design/design.ts';
import { formatQuantity } from '../design/units.ts';

/** ', with rows = 8, clock = 250 MHz'; nothing where nothing is to be chosen. */
export function choicesText({ choices }: Accelerator): string {
  const said = choices.map(({ name, value, unit }) => `${name} = ${formatQuantity(value, unit)}`);
  return said.length === 0 ? '' : `, with ${said.join(', ')}`;
}
