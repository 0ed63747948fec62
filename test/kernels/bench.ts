/**
 * Runs kernels of the library as an export calls them: a test bench is written around each instance's call, compiled with
 * g++ against the simulation headers, fed with elements in stream order and read back. All cases of one run share a program,
 * since compiling costs more than running.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ElementType } from '../../server/design/design.ts';
import type { Instance, StreamPort } from '../../server/kernels/kernel.ts';
import { elementBits } from '../../server/kernels/word.ts';

const run = promisify(execFile);
const library = new URL('../../server/kernels/', import.meta.url).pathname;

export type Elements = Float32Array | Int8Array;

export interface Case {
  readonly instance: Instance;
  /** Elements of every input stream and of every memory that is read, words one after the other. */
  readonly inputs: Readonly<Record<string, Elements>>;
  readonly scalars?: Readonly<Record<string, number>>;
}

export interface Result {
  /** Elements of every output stream, and of every memory that is written. */
  readonly outputs: Readonly<Record<string, Elements>>;
  /** Modelled cycles; 0 in sequential mode. */
  readonly cycles: number;
}

export type Mode = 'sequential' | 'fibres';

const warnings = ['-Wall', '-Wextra', '-Werror', '-Wno-unknown-pragmas'];

/** Where the headers of the library lie: every folder of it. */
async function includes(): Promise<string[]> {
  const folders = await readdir(library, { withFileTypes: true });
  return folders.filter((entry) => entry.isDirectory()).map((entry) => `-I${join(library, entry.name)}`);
}

export async function compileAndRun(source: string, flags: readonly string[], folder: string): Promise<string> {
  const program = join(folder, `bench${flags.join('')}`);
  await writeFile(`${program}.cpp`, source);
  const options = ['-std=c++14', '-O2', '-ffp-contract=off', ...warnings, ...flags, ...(await includes())];
  await run('g++', [...options, `${program}.cpp`, '-o', program]);
  const { stdout } = await run(program, [], { cwd: folder, maxBuffer: 1 << 26 });
  return stdout;
}

/** Runs all cases; results in the order of the cases. */
export async function simulate(cases: readonly Case[], mode: Mode): Promise<Result[]> {
  const folder = await mkdtemp(join(tmpdir(), 'weft-kernels-'));
  try {
    for (const [index, { inputs }] of cases.entries())
      for (const [port, elements] of Object.entries(inputs))
        await writeFile(join(folder, `${index}.${port}`), elements);
    const printed = await compileAndRun(benchSource(cases), mode === 'fibres' ? ['-DWEFT_FIBERS'] : [], folder);
    const cycles = printed.trim().split('\n').map(Number);
    return await Promise.all(
      cases.map(async ({ instance }, index) => {
        const outputs: Record<string, Elements> = {};
        for (const { name, element } of sinks(instance))
          outputs[name] = typed(element, await readFile(join(folder, `${index}.${name}`)));
        return { outputs, cycles: cycles[index]! };
      }),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Both ways to run, side by side. */
export async function simulateBoth(cases: readonly Case[]): Promise<{ sequential: Result[]; fibres: Result[] }> {
  const [sequential, fibres] = await Promise.all([simulate(cases, 'sequential'), simulate(cases, 'fibres')]);
  return { sequential, fibres };
}

function sinks({ streams, memories }: Instance): { name: string; element: ElementType }[] {
  return [
    ...streams.filter((port) => port.direction === 'out').map(({ name, word }) => ({ name, element: word.element })),
    ...memories.filter((port) => port.direction === 'write').map(({ name, element }) => ({ name, element: element! })),
  ];
}

function typed(element: ElementType, bytes: Buffer): Elements {
  const copy = new Uint8Array(bytes).buffer;
  return element === 'fp32' ? new Float32Array(copy) : new Int8Array(copy);
}

const lanesOf = ({ word }: StreamPort) => word.tokens * word.columns;
const typeOf = (port: StreamPort) => `weft::word<weft::${port.word.element}, ${lanesOf(port)}>`;

function benchSource(cases: readonly Case[]): string {
  const headers = new Set(cases.flatMap(({ instance }) => instance.headers));
  return `#include "weft_sim.h"
${[...headers].map((name) => `#include "${name}"`).join('\n')}
#include <cstdio>
#include <string>
#include <vector>

template <class T>
static std::vector<T> contents(const char *name, std::size_t count) {
  std::vector<T> values(count);
  std::FILE *const file = std::fopen(name, "rb");
  const std::size_t got = file ? std::fread(values.data(), sizeof(T), count, file) : 0;
  if (file) std::fclose(file);
  if (got != count) weft_sim::fail(weft_sim::bad_value, std::string(name) + " is too short");
  return values;
}
template <class T>
static void keep(const char *name, const std::vector<T> &values) {
  std::FILE *const file = std::fopen(name, "wb");
  std::fwrite(values.data(), sizeof(T), values.size(), file);
  std::fclose(file);
}
template <class WORD>
static void feed(const char *name, std::size_t words, hls::stream<WORD> &stream) {
  for (const WORD &each : contents<WORD>(name, words)) stream.write(each);
}
template <class WORD>
static void drain(const char *name, std::size_t words, hls::stream<WORD> &stream) {
  std::vector<WORD> values;
  for (std::size_t w = 0; w < words; ++w) values.push_back(stream.read());
  keep(name, values);
}

${cases.map(caseSource).join('\n')}
int main() {
${cases.map((_, index) => `  case${index}();`).join('\n')}
}
`;
}

function caseSource({ instance, scalars = {} }: Case, index: number): string {
  const { streams, memories, call } = instance;
  const lines: string[] = [];
  for (const port of streams) {
    lines.push(
      `hls::stream<${typeOf(port)}, 2> ${port.name}("${port.name}${index}");`,
      `WEFT_UNBOUNDED(${port.name});`,
    );
    if (port.direction === 'in') lines.push(`feed("${index}.${port.name}", ${port.words}, ${port.name});`);
  }
  for (const { name, element, bits, bytes, direction } of memories) {
    const type = `weft::word<weft::${element}, ${bits / elementBits[element!]}>`;
    const beats = (bytes * 8) / bits;
    lines.push(
      direction === 'read'
        ? `std::vector<${type}> ${name} = contents<${type}>("${index}.${name}", ${beats});`
        : `std::vector<${type}> ${name}(${beats});`,
    );
  }
  const values = call.arguments.map(({ kind, name }) => {
    if (kind === 'memory') return `${name}.data()`;
    if (kind !== 'scalar') return name;
    const { type } = instance.scalars.find((scalar) => scalar.name === name)!;
    const value = scalars[name] ?? 0;
    return type === 'int' ? String(value) : `weft::float_of(${bitsOf(value)}u)`;
  });
  const types = call.templateArguments.map(({ value }) => value).join(', ');
  lines.push(
    'const std::uint64_t before = weft_sim::cycles();',
    'DF_BEGIN',
    `DF_CALL((weft::${call.name}<${types}>), ${values.join(', ')})`,
    'DF_END',
    'std::printf("%llu\\n", static_cast<unsigned long long>(weft_sim::cycles() - before));',
  );
  for (const port of streams)
    if (port.direction === 'out') lines.push(`drain("${index}.${port.name}", ${port.words}, ${port.name});`);
  for (const { name, direction } of memories)
    if (direction === 'write') lines.push(`keep("${index}.${name}", ${name});`);
  return `static void case${index}() {\n${lines.map((line) => `  ${line}`).join('\n')}\n}`;
}

function bitsOf(value: number): number {
  return new Uint32Array(new Float32Array([value]).buffer)[0]!;
}

/** Reproducible pseudo-random numbers, uniform in −1 … 1 (xorshift32). */
export function uniform(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  };
}
