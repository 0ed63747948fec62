/** Runs a tutorial: specs become files, commands are run, and what they print takes the place of what the page says. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Step {
  readonly info: string;
  readonly body: string;
}

/** Runs one command line in the tutorial's folder; the answer is what stands on the terminal afterwards. */
export type Shell = (words: readonly string[]) => Promise<string>;

/**
 * The same page with current outputs. A block ```weft is the whole of FILE from there on, ```weft replace="A" by="B" an edit
 * of it, ```console a command (with an optional `| head -N`) and its output.
 */
export async function replay(page: string, folder: string, file: string, shell: Shell): Promise<string> {
  let spec = '';
  const parts = page.split(/^```/m);
  for (const [index, part] of parts.entries()) {
    if (index % 2 === 0) continue;
    const { info, body } = stepOf(part);
    const edit = /^weft replace="(.*)" by="(.*)"$/.exec(info);
    if (info === 'weft') spec = body;
    else if (edit) spec = edited(spec, edit[1]!, edit[2]!.replaceAll('\\n', '\n'));
    writeFileSync(join(folder, file), spec);
    if (info === 'console') parts[index] = `console\n${await answered(body, shell)}`;
    if (edit) parts[index] = `${info}\n${linesWith(spec, edit[2]!)}`;
  }
  return parts.join('```');
}

function stepOf(part: string): Step {
  const end = part.indexOf('\n');
  return { info: part.slice(0, end), body: part.slice(end + 1) };
}

function edited(spec: string, from: string, to: string): string {
  if (!spec.includes(from)) throw new Error(`the spec has no ‘${from}’`);
  return spec.replace(from, () => to);
}

/** The lines that an edit leaves, as the page shows them. */
function linesWith(spec: string, to: string): string {
  const wanted = to.split('\\n').filter((line) => line !== '');
  const lines = spec.split('\n').filter((line) => wanted.some((text) => line.includes(text)));
  return `${lines.map((line) => line.trimStart()).join('\n')}\n`;
}

async function answered(body: string, shell: Shell): Promise<string> {
  const [command = ''] = body.split('\n');
  const [, words = '', lines] = /^\$ weft (.*?)(?: \| head -(\d+))?$/.exec(command) ?? [];
  if (words === '') throw new Error(`‘${command}’ is no command of the tutorial`);
  const printed = (await shell(words.split(' '))).trimEnd().split('\n');
  return `${[command, ...(lines === undefined ? printed : printed.slice(0, Number(lines)))].join('\n').trimEnd()}\n`;
}
