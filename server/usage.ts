/** What the commands of the shell share: their options, their exit codes, and how wrong usage is said. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

export const CLEAN = 0;
export const ERRORS = 1;
export const USAGE = 2;

/** Wrong usage: said with the usage. */
export class Usage extends Error {}
/** A file that is not there is wrong usage as well, but whoever misspells one knows how to call the command. */
export class NoFile extends Usage {}

/** Options and files; anything unknown is wrong usage. */
export function options<Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  known: Options,
) {
  try {
    return parseArgs({ args: [...args], options: known, allowPositionals: true });
  } catch (error) {
    throw new Usage((error as Error).message);
  }
}

export function print(text: string): number {
  process.stdout.write(text);
  return CLEAN;
}

export function oneFile(positionals: readonly string[], command: string): [string] {
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw new Usage(`${command} needs one file.`);
  return [path];
}
