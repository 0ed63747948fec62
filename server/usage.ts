/** What the commands of the shell share: their options, their exit codes, and how wrong usage is said. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { near } from './rules/names.ts';

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
    const { message } = error as Error;
    const [, unknown] = /^Unknown option '(-[^']*)'/.exec(message) ?? [];
    if (unknown === undefined) throw new Usage(message);
    const names = Object.keys(known).map((name) => `--${name}`);
    // A short form: of the options that begin with its letter the shortest.
    const short = /^-\w$/.test(unknown) ? names.filter((name) => name.startsWith(`-${unknown}`)) : [];
    const [long] = short.sort((a, b) => a.length - b.length);
    const meant = long === undefined ? guess(unknown, names) : ` Did you mean ‘${long}’?`;
    throw new Usage(`There is no option ‘${unknown}’ here.${meant}`);
  }
}

/** ' Did you mean ‘check’?', or nothing. */
export function guess(word: string, known: readonly string[]): string {
  const [nearest] = near(word, known);
  return nearest === undefined ? '' : ` Did you mean ‘${nearest}’?`;
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

/** What an option that counts something says. */
export function countOf(option: string, text: string, least: number): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < least)
    throw new Usage(`${option} needs a whole number from ${least}; found ‘${text}’.`);
  return count;
}
