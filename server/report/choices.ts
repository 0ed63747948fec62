/** What the knobs of an accelerator are, where it has any: every figure beside it rests on them. */
import type { Accelerator } from '../design/design.ts';
import { formatQuantity } from '../design/terms/units.ts';

/** Values by name, as a spec says them: '8', '250 MHz'. They are what was asked for, no figures. */
export function choicesOf({ choices }: Accelerator): Record<string, string> {
  return Object.fromEntries(choices.map(({ name, value, unit }) => [name, formatQuantity(value, unit)]));
}

/** ', with rows = 8, clock = 250 MHz'; nothing where nothing is to be chosen. */
export function choicesText(accelerator: Accelerator): string {
  const said = Object.entries(choicesOf(accelerator)).map(([name, value]) => `${name} = ${value}`);
  return said.length === 0 ? '' : `, with ${said.join(', ')}`;
}
