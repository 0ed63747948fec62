/**
 * Runs instances of the kernel library as a user's project would: the headers that the instance names, in one folder, a
 * test bench around the call that the instance describes, and values in and out as numbers in stream order.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import type { Instance } from '../../../server/kernels/kernel.ts';
import { elementBits } from '../../../server/kernels/word.ts';
import { type Outcome, openWorkshop, run } from '../../csim/compiler.ts';

export type Mode = 'sequential' | 'fibres';

/** `sanitized` is sequential, not optimised, and stops at undefined behaviour. */
type Way = Mode | 'sanitized';

/** The compiler warns of more when it optimises; once is enough, for it takes longer than it saves. */
const flagsOf: Readonly<Record<Way, readonly string[]>> = {
  sequential: ['-O1'],
  fibres: ['-O0', '-DWEFT_FIBERS'],
  sanitized: ['-O0', '-fsanitize=address,undefined', '-fno-sanitize-recover=undefined'],
};

/**
 * A fault put into a header: that file's text with one passage replaced. Several in one program are expressions, of which
 * the one that is asked for at run time counts.
 */
export interface Fault {
  readonly header: string;
  readonly from: string;
  readonly to: string;
}

export interface Results {
  /** Values of each output stream in order: integers, or floats. */
  readonly outputs: Readonly<Record<string, readonly number[]>>;
  /** Bytes of each memory port that is written; what the kernel leaves alone is 0. */
  readonly memories: Readonly<Record<string, Uint8Array>>;
  /** Modelled cycles; 0 in sequential mode. */
  readonly cycles: number;
}

/** Values of each input stream in order, bytes of each memory port that is read, values of the scalars. */
export interface Inputs {
  readonly streams: Readonly<Record<string, readonly number[]>>;
  readonly memories?: Readonly<Record<string, Uint8Array>>;
  readonly scalars?: Readonly<Record<string, number>>;
}

const kernels = fileURLToPath(new URL('../../../server/kernels', import.meta.url));

/** Path of every header of the library, by file name. */
async function findHeaders(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const folder of await readdir(kernels, { withFileTypes: true })) {
    if (!folder.isDirectory() || folder.name === 'csim') continue;
    for (const file of await readdir(join(kernels, folder.name)))
      if (file.endsWith('.h')) found.set(file, join(kernels, folder.name, file));
  }
  return found;
}

interface InstanceBench {
  build(instances: readonly Instance[], mode: Way, fault?: Fault | readonly Fault[]): Promise<Program>;
  /** One program with an instance for each fault, whose headers stand in a namespace of their own. */
  buildFaulty(faults: readonly (Fault & { readonly instance: Instance })[]): Promise<Program>;
  close(): Promise<void>;
}

/** Programs over several instances, compiled once; gone after the tests of the file that asks for them. */
export function instanceBench(): InstanceBench {
  const bench = openInstanceBench();
  afterAll(() => bench.close());
  return bench;
}

/** The same, gone when it is closed: for what test files share. */
export function openInstanceBench(): InstanceBench {
  const { build, close } = openWorkshop();
  const folders: Promise<string>[] = [];
  return {
    async close() {
      await close();
      for (const folder of folders) await rm(await folder, { recursive: true, force: true });
    },
    async build(instances, mode, fault) {
      const folder = mkdtemp(join(tmpdir(), 'weft-kernels-'));
      folders.push(folder);
      const sources = await findHeaders();
      for (const name of new Set(instances.flatMap((instance) => instance.headers))) {
        const path = sources.get(name);
        if (path === undefined) throw new Error(`the library has no header ${name}`);
        let text = await readFile(path, 'utf8');
        text = withFaults(name, text, fault);
        await writeFile(join(await folder, name), text);
      }
      // -iquote comes before every -I: these copies, and none of the library's own headers, are what the bench includes.
      const ways = fault ? [...flagsOf[mode], '-O0'] : flagsOf[mode];
      const flags = [...ways, '-ffp-contract=off', '-iquote', await folder];
      const executable = await build({ text: benchText(instances) }, { flags });
      return new Program(executable, instances);
    },
    async buildFaulty(faults) {
      const root = mkdtemp(join(tmpdir(), 'weft-kernels-'));
      folders.push(root);
      const sources = await findHeaders();
      const put = async (folder: string, name: string, change: (text: string) => string): Promise<void> => {
        await mkdir(join(await root, folder), { recursive: true });
        await writeFile(join(await root, folder, name), change(await readFile(sources.get(name)!, 'utf8')));
      };
      for (const name of ['word.h', 'dataflow.h']) await put('.', name, (text) => text);
      for (const [index, { instance, ...fault }] of faults.entries()) {
        const namespace = `weft_f${index}`;
        for (const name of instance.headers)
          await put(namespace, name, (text) => renamed(withFaults(name, text, fault), namespace));
      }
      const instances = faults.map(({ instance }) => instance);
      const flags = [...flagsOf.sequential, '-O0', '-ffp-contract=off', '-iquote', await root];
      const executable = await build({ text: benchText(instances, (index) => `weft_f${index}`) }, { flags });
      return new Program(executable, instances);
    },
  };
}

/** A header with its namespace and its guard under another name. */
const renamed = (text: string, namespace: string): string =>
  text.replace(/\bweft\b/g, namespace).replace(/\bWEFT_(\w+)_H\b/g, `${namespace.toUpperCase()}_$1_H`);

function withFaults(header: string, text: string, faults: Fault | readonly Fault[] = []): string {
  let changed = text;
  const put = ({ from }: Fault, to: string): void => {
    if (changed.split(from).length !== 2) throw new Error(`${header} has not exactly one: ${from}`);
    changed = changed.replace(from, to);
  };
  if ('header' in faults) {
    if (faults.header === header) put(faults, faults.to);
    return changed;
  }
  const own = faults.flatMap((fault, index) => (fault.header === header ? [{ fault, index }] : []));
  for (const { fault, index } of own) put(fault, `(weft_fault == ${index + 1} ? ${fault.to} : ${fault.from})`);
  return own.length > 0 ? `extern int weft_fault;\n${changed}` : text;
}

export class Program {
  private readonly executable: string;
  private readonly instances: readonly Instance[];

  constructor(executable: string, instances: readonly Instance[]) {
    this.executable = executable;
    this.instances = instances;
  }

  /** Runs one instance; a program that fails is an error with what it said. */
  async simulate(which: number, inputs: Inputs, fault = 0): Promise<Results> {
    const outcome = await this.attempt(which, inputs, fault);
    if (outcome.code !== 0) throw new Error(`the simulation ended with ${outcome.code}: ${outcome.stderr}`);
    const numbers = outcome.stdout.trim().split(/\s+/).map(Number);
    const outputs: Record<string, number[]> = {};
    let at = 0;
    for (const port of this.instances[which]!.streams) {
      if (port.direction !== 'out') continue;
      const values = port.words * port.word.tokens * port.word.columns;
      outputs[port.name] = numbers
        .slice(at, at + values)
        .map(port.word.element === 'fp32' ? floatOf : (value) => value);
      at += values;
    }
    const memories: Record<string, Uint8Array> = {};
    for (const port of this.instances[which]!.memories) {
      if (port.direction !== 'write') continue;
      memories[port.name] = Uint8Array.from(numbers.slice(at, at + port.bytes));
      at += port.bytes;
    }
    return { outputs, memories, cycles: numbers[at]! };
  }

  async attempt(which: number, inputs: Inputs, fault = 0): Promise<Outcome> {
    const instance = this.instances[which]!;
    const values: number[] = [];
    for (const port of instance.streams) {
      if (port.direction !== 'in') continue;
      const given = inputs.streams[port.name] ?? [];
      const expected = port.words * port.word.tokens * port.word.columns;
      if (given.length !== expected) throw new Error(`${port.name} takes ${expected} values, not ${given.length}`);
      for (const value of given) values.push(port.word.element === 'fp32' ? bitsOf(value) : value);
    }
    for (const port of instance.memories) {
      if (port.direction !== 'read') continue;
      const bytes = inputs.memories?.[port.name] ?? new Uint8Array();
      if (bytes.length !== port.bytes) throw new Error(`${port.name} holds ${port.bytes} bytes, not ${bytes.length}`);
      for (const byte of bytes) values.push(byte);
    }
    for (const { name, type } of instance.scalars) {
      const value = inputs.scalars![name]!;
      values.push(type === 'int' ? value : bitsOf(value));
    }
    return run(this.executable, [String(which), String(fault)], { input: values.join('\n') });
  }
}

function benchText(instances: readonly Instance[], namespaceOf?: (index: number) => string): string {
  const own = namespaceOf && instances.flatMap(({ headers }, i) => headers.map((name) => `${namespaceOf(i)}/${name}`));
  const headers = new Set(own ? ['word.h', 'dataflow.h', ...own] : instances.flatMap((instance) => instance.headers));
  const cases = instances.map((_, i) => `    case ${i}: return run${i}();`);
  return `
${[...headers].map((header) => `#include "${header}"`).join('\n')}
#include "weft_sim.h"
#include <cstdio>
#include <cstdlib>
#include <vector>

static long next() {
  long value = 0;
  if (std::scanf("%ld", &value) != 1) std::exit(3);
  return value;
}
static float next_float() { return weft::float_of((unsigned)next()); }
template <class BEAT> inline void fill(std::vector<BEAT> &memory) {
  unsigned char *const bytes = reinterpret_cast<unsigned char *>(memory.data());
  for (std::size_t i = 0; i < memory.size() * sizeof(BEAT); i++) bytes[i] = (unsigned char)next();
}
template <class BEAT> inline void clear(std::vector<BEAT> &memory) {
  unsigned char *const bytes = reinterpret_cast<unsigned char *>(memory.data());
  for (std::size_t i = 0; i < memory.size() * sizeof(BEAT); i++) bytes[i] = 0;
}
template <class BEAT> inline void invert(std::vector<BEAT> &memory) {
  unsigned char *const bytes = reinterpret_cast<unsigned char *>(memory.data());
  for (std::size_t i = 0; i < memory.size() * sizeof(BEAT); i++) bytes[i] = (unsigned char)~bytes[i];
}
template <class BEAT> inline void show_bytes(const std::vector<BEAT> &memory) {
  const unsigned char *const bytes = reinterpret_cast<const unsigned char *>(memory.data());
  for (std::size_t i = 0; i < memory.size() * sizeof(BEAT); i++) std::printf("%d\\n", bytes[i]);
}
${(namespaceOf ? instances.map((_, index) => namespaceOf(index)) : ['weft']).map((name) => renamed(elementsText, name)).join('')}
${instances.map((instance, index) => runText(instance, index, namespaceOf?.(index) ?? 'weft')).join('\n')}
int weft_fault = 0;
int main(int, char **argv) {
  weft_fault = std::atoi(argv[2]);
  switch (std::atoi(argv[1])) {
${cases.join('\n')}
  }
  return 2;
}
`;
}

/** Values of words in and out; the types are those of the namespace that a kernel stands in. */
const elementsText = `namespace weft {
namespace bench {
template <class ELEMENT> struct wire {
  static typename weft::element<ELEMENT>::value in() { return (typename weft::element<ELEMENT>::value)next(); }
  static long out(typename weft::element<ELEMENT>::value value) { return (long)value; }
};
template <int EXPONENT> struct wire<weft::half<EXPONENT>> {
  static weft::half<EXPONENT> in() { return weft::half<EXPONENT>((int)next()); }
  static long out(weft::half<EXPONENT> value) { return value.bits; }
};
template <> struct wire<float> {
  static float in() { return next_float(); }
  static long out(float value) { return (long)weft::bits_of(value); }
};
template <class ELEMENT, int N> void give(hls::stream<weft::word<ELEMENT, N>> &stream, int words) {
  WEFT_UNBOUNDED(stream);
  for (int i = 0; i < words; i++) {
    weft::word<ELEMENT, N> word = weft::zeros<ELEMENT, N>();
    for (int j = 0; j < N; j++) weft::set<ELEMENT>(word, j, wire<ELEMENT>::in());
    stream.write(word);
  }
}
template <class ELEMENT, int N> void show(hls::stream<weft::word<ELEMENT, N>> &stream, int words) {
  for (int i = 0; i < words; i++) {
    const weft::word<ELEMENT, N> word = stream.read();
    for (int j = 0; j < N; j++) std::printf("%ld\\n", wire<ELEMENT>::out(weft::get<ELEMENT>(word, j)));
  }
}
}  // namespace bench
}  // namespace weft
`;

function runText(instance: Instance, index: number, namespace: string): string {
  const { call, streams, memories, scalars } = instance;
  const of = (port: Instance['streams'][number]) =>
    `${namespace}::${port.word.element}, ${port.word.tokens * port.word.columns}`;
  const lines = [
    ...streams.map((port) => `  hls::stream<${namespace}::word<${of(port)}>> ${port.name}("${port.name}");`),
    ...streams
      .filter((port) => port.direction === 'in')
      .map((port) => `  ${namespace}::bench::give<${of(port)}>(${port.name}, ${port.words});`),
    ...streams.filter((port) => port.direction === 'out').map((port) => `  WEFT_UNBOUNDED(${port.name});`),
    ...memories.flatMap(({ name, element = 'int8', bits, bytes, direction }) => [
      `  std::vector<${namespace}::word<${namespace}::${element}, ${bits / elementBits[element]}>> ${name}(${(bytes * 8) / bits});`,
      `  ${direction === 'read' ? 'fill' : 'clear'}(${name});`,
    ]),
    ...scalars.map(({ name, type }) => `  const ${type} ${name} = ${type === 'int' ? '(int)next' : 'next_float'}();`),
  ];
  const template = renamed(call.templateArguments.map((argument) => argument.value).join(', '), namespace);
  const values = call.arguments.map((argument) =>
    argument.kind === 'memory' ? `${argument.name}.data()` : argument.name,
  );
  // What is read for the next call: a first call, of which nothing is looked at, and other values behind the ports for the second.
  const calls = template.includes('ahead<') ? 2 : 1;
  const between = [
    ...streams
      .filter(({ direction }) => direction === 'out')
      .map(({ name, words }) => `      for (int i = 0; i < ${words}; i++) ${name}.read();`),
    ...memories.map(({ name }) => `      invert(${name});`),
  ];
  return `static int run${index}() {
${lines.join('\n')}
  long begun = 0;
  for (int call = 0; call < ${calls}; call++) {
    if (call > 0) {
${between.join('\n')}
      begun = (long)weft_sim::cycles();
    }
    DF_BEGIN
    DF_CALL((${namespace}::${call.name}<${template}>), ${values.join(', ')})
    DF_END
  }
${streams
  .filter((port) => port.direction === 'out')
  .map((port) => `  ${namespace}::bench::show<${of(port)}>(${port.name}, ${port.words});`)
  .join('\n')}
${memories
  .filter((port) => port.direction === 'write')
  .map((port) => `  show_bytes(${port.name});`)
  .join('\n')}
  std::printf("%ld\\n", (long)weft_sim::cycles() - begun);
  return 0;
}
`;
}

const view = new DataView(new ArrayBuffer(4));

function bitsOf(value: number): number {
  view.setFloat32(0, value);
  return view.getUint32(0);
}

function floatOf(bits: number): number {
  view.setUint32(0, bits);
  return view.getFloat32(0);
}
