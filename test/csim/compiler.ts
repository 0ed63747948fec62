import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

/** What the headers promise to compile without a word: these flags, with either standard and either compiler. */
const strict = ['-Wall', '-Wextra', '-Werror', '-Wno-unknown-pragmas'];

const includes = ['csim', 'common'].map(
  (folder) => `-I${fileURLToPath(new URL(`../../server/kernels/${folder}`, import.meta.url))}`,
);
const here = fileURLToPath(new URL('.', import.meta.url));

export interface Outcome {
  /** The exit code; negative when a signal ended the program. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; a hang ends with the signal after `seconds`. */
export function run(
  command: string,
  args: readonly string[] = [],
  { input = '', env = {}, seconds = 50 }: { input?: string; env?: Record<string, string>; seconds?: number } = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, timeout: seconds * 1000, cwd: here });
    const output = { stdout: '', stderr: '' };
    child.stdout.on('data', (part) => (output.stdout += part));
    child.stderr.on('data', (part) => (output.stderr += part));
    child.on('error', (error) => reject(new Error(`${command} does not start (${error.message}): is it installed?`)));
    child.on('close', (code) => resolve({ code: code ?? -1, ...output }));
    // A program may end without reading its input.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** A C++ program: the name of a file beside the tests, or its text. */
export type Program = { readonly file: string } | { readonly text: string };

export interface Build {
  /** `g++` unless said otherwise. */
  readonly compiler?: string;
  readonly standard?: 'c++14' | 'c++17';
  readonly flags?: readonly string[];
}

/** Compiles without linking or generating code: only to see whether the compiler takes it. */
export function check(
  text: string,
  { compiler = 'g++', standard = 'c++14', flags = [] }: Build = {},
): Promise<Outcome> {
  const args = [`-std=${standard}`, ...strict, ...includes, '-fsyntax-only', ...flags, '-x', 'c++', '-'];
  return run(compiler, args, { input: text });
}

export interface Workshop {
  /** Compiles and links; the compiler's complaints are the error. Gives the path of the executable. */
  build(program: Program, build?: Build): Promise<string>;
  close(): Promise<void>;
}

/** A folder for executables, removed after the tests of the file that asks for it. */
export function workshop(): Workshop {
  const opened = openWorkshop();
  afterAll(() => opened.close());
  return opened;
}

/** The same, removed when it is closed: for what test files share. */
export function openWorkshop(): Workshop {
  const folder = mkdtemp(join(tmpdir(), 'weft-csim-'));
  let built = 0;
  return {
    close: async () => rm(await folder, { recursive: true, force: true }),
    async build(program, { compiler = 'g++', standard = 'c++14', flags = [] } = {}) {
      const executable = join(await folder, `program${built++}`);
      const source = 'file' in program ? [join(here, program.file)] : ['-x', 'c++', '-'];
      const args = [`-std=${standard}`, ...strict, ...includes, ...source, '-o', executable, ...flags];
      // A loaded machine compiles several times slower, and a night's program has many shapes; a compiler does not hang.
      const outcome = await run(compiler, args, { input: 'text' in program ? program.text : '', seconds: 900 });
      if (outcome.code !== 0) throw new Error(`${compiler} ${args.join(' ')}\n${outcome.stderr}`);
      return executable;
    },
  };
}

/** The newest clang++ here, if any: Debian installs it under its version only. */
export async function findClang(): Promise<string | undefined> {
  for (const name of ['clang++', 'clang++-19', 'clang++-16', 'clang++-15', 'clang++-14']) {
    const outcome = await run(name, ['--version']).catch(() => undefined);
    if (outcome?.code === 0) return name;
  }
  return undefined;
}
