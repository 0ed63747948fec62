/** `--choose NAME=VALUE`: a spec with other values of its knobs than the first, the text left as it is. */
import { type Analysis, createAnalyst } from '../analysis.ts';
import { type Chosen, valueIn } from '../design/terms/choices.ts';
import { formatQuantity } from '../design/terms/units.ts';
import { analyse } from '../spec-files.ts';
import { guess, NoFile, Usage } from '../usage.ts';
import { settingOf } from './knobs.ts';

/**
 * A file, analysed with what its knobs are to be, and the analyst that knows them.
 *
 * @param given 'NAME=VALUE', as the shell has them
 * @throws Usage where a setting is none, names no knob, or says what is not among its values
 */
export function analyseWith(path: string, given: readonly string[] = [], analyst = createAnalyst()) {
  const found = analyse(path, analyst);
  if (given.length === 0) return { ...found, analyst };
  const choosing = createAnalyst(chosenOf(given, found.analysis));
  return { ...analyse(path, choosing), analyst: choosing };
}

function chosenOf(given: readonly string[], { design }: Analysis): Chosen {
  const knobs = design.accelerators.flatMap(({ name: owner, choices }) =>
    choices.map((choice) => ({ ...choice, full: `${owner}.${choice.name}` })),
  );
  const names = knobs.map(({ name, full }) => (knobs.filter((one) => one.name === name).length > 1 ? full : name));
  const chosen: Record<string, number> = {};
  for (const text of given) {
    const { name, values: [value, ...more] = [] } = settingOf(text) ?? {};
    if (name === undefined || value === undefined || more.length > 0)
      throw new Usage(`--choose needs NAME=VALUE, one value, as in rows=8; found ‘${text}’.`);
    // The name of several knobs says none of them.
    const knob = knobs.find(({ full }, index) => name === full || name === names[index]);
    if (!knob) {
      const there = names.length > 0 ? `there is ${names.join(', ')}` : 'the file has no ‘choose’';
      throw new NoFile(`There is no knob ‘${name}’ to choose; ${there}.${guess(name, names)}`);
    }
    if (Object.hasOwn(chosen, knob.full)) throw new NoFile(`--choose says ‘${name}’ twice: a knob has one value.`);
    const number = valueIn(knob, value);
    if (number === undefined) {
      const all = knob.values.map((one) => formatQuantity(one, knob.unit)).join(', ');
      throw new NoFile(`‘${name}’ cannot be ${value}: the spec lets it be one of ${all}.`);
    }
    chosen[knob.full] = number;
  }
  return chosen;
}
