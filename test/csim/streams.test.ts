import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { findClang, run, workshop } from './compiler.ts';

const { build } = workshop();
const clang = await findClang();
const designs = { file: 'streams.cpp' };
const fibers = ['-O1', '-DWEFT_FIBERS'];
/** Sanitizers take twice as long to compile when they optimise. */
const sanitized = ['-O0', '-g1', '-fsanitize=address,undefined'];

describe('sequential simulation', () => {
  const sequential = build(designs, { flags: ['-O1'] });
  const simulate = async (...args: string[]) => run(await sequential, args);

  it.each([
    ['pipeline 64 16 32 2 1 1', '33541888'],
    ['fork-join 6', '140'],
    ['nested', '1620'],
    ['test-bench', '45'],
  ])('%s computes %s, in silence', async (design, result) => {
    expect(await simulate(...design.split(' '))).toEqual({ code: 0, stdout: `${result}\n`, stderr: '' });
  });

  it('reports a read of an empty stream instead of hanging', async () => {
    const outcome = await simulate('feedback');
    expect(outcome.code).toBe(65);
    expect(outcome.stderr).toContain('process forward reads the empty stream "back" after 0 tokens');
  });

  it('reports tokens that nobody read', async () => {
    const outcome = await simulate('tokens-left');
    expect(outcome.code).toBe(67);
    expect(outcome.stderr).toContain('"forgotten" is destroyed with 1 of 1 tokens unread');
  });
});

/** Clock cycles that Verilator 5.006 counted for the same pipelines as Verilog: a producer, a unit that reads K tokens and
 *  writes T for each of some tiles, and a consumer, with FIFOs of `depth` and intervals at both ends. */
const verilator = [
  { K: 64, T: 16, tiles: 32, depth: 2, intervals: [1, 1], cycles: 2562 },
  { K: 64, T: 16, tiles: 32, depth: 2, intervals: [2, 1], cycles: 4516 },
  { K: 64, T: 16, tiles: 32, depth: 2, intervals: [1, 5], cycles: 4234 },
  { K: 64, T: 16, tiles: 32, depth: 4, intervals: [1, 5], cycles: 3924 },
  { K: 64, T: 16, tiles: 32, depth: 16, intervals: [1, 5], cycles: 2622 },
  { K: 768, T: 16, tiles: 64, depth: 2, intervals: [1, 1], cycles: 50178 },
  { K: 10, T: 16, tiles: 50, depth: 3, intervals: [1, 2], cycles: 1856 },
  { K: 8, T: 16, tiles: 100, depth: 32, intervals: [3, 4], cycles: 6421 },
  { K: 5, T: 16, tiles: 100, depth: 1, intervals: [1, 1], cycles: 4002 },
  { K: 16, T: 16, tiles: 40, depth: 3, intervals: [2, 7], cycles: 4585 },
] as const;

const modes = [
  { name: 'ucontext', flags: fibers },
  { name: 'the assembly switch', flags: [...fibers, '-DWEFT_FIBERS_ASM'] },
  { name: 'ucontext and sanitizers', flags: [...fibers, ...sanitized] },
  { name: 'the assembly switch and sanitizers', flags: [...fibers, '-DWEFT_FIBERS_ASM', ...sanitized] },
  ...(clang ? [{ name: clang, compiler: clang, standard: 'c++17' as const, flags: fibers }] : []),
];

describe.each(modes)('fibres with $name', (how) => {
  const executable = build(designs, how);
  const simulate = async (...args: string[]) => run(await executable, args);
  const cycles = (stderr: string) => Number(/^modelled cycles: (\d+)$/m.exec(stderr)?.[1]);

  it('take as many cycles as RTL in all ten compared pipelines', async () => {
    const modelled = [];
    for (const { K, T, tiles, depth, intervals } of verilator) {
      const outcome = await simulate('pipeline', ...[K, T, tiles, depth, ...intervals].map(String));
      modelled.push(cycles(outcome.stderr));
    }
    expect(modelled).toEqual(verilator.map((design) => design.cycles));
  });

  it('say how long it took behind what the design has said, where both go to one file', async () => {
    const { stdout } = await run('sh', ['-c', 'exec "$0" "$@" 2>&1', await executable, 'nested']);
    expect(stdout).toMatch(/^1620\nmodelled cycles: \d+$/m);
  });

  it('find the deadlock of a fork and join at the depth where RTL hangs, and name all that wait', async () => {
    const outcome = await simulate('fork-join', '6');
    expect(outcome.code).toBe(66);
    expect(outcome.stderr).toContain(`weft csim: error: deadlock: no process can go on after cycle 6
  process (test bench) waits for the end of its region, at cycle 0
  process split waits to write skip, at cycle 6
  process join waits to read main, at cycle 1
  FIFO skip: 6 of 6, full; written 7 by split, read 1 by join
  FIFO main: 0 of 6, empty; written 0, read 0 by join
`);
  });

  it('run it at the depth where RTL does', async () => {
    expect(await simulate('fork-join', '7')).toMatchObject({ code: 0, stdout: '140\n' });
  });

  it('run regions within processes side by side', async () => {
    const outcome = await simulate('nested');
    expect(outcome).toMatchObject({ code: 0, stdout: '1620\n' });
    // Ten tokens through six units in a row, one cycle each; the first unit needs none to start.
    expect(cycles(outcome.stderr)).toBe(10 + 6 - 1);
    expect(outcome.stderr).toContain('layer#2/scale#2 ');
  });

  it('run a loop of streams, which one after the other could not', async () => {
    expect(await simulate('feedback')).toMatchObject({ code: 0, stdout: '32\n' });
  });

  it('count the latency of a pipeline once, not per token', async () => {
    // 10 tokens, then one cycle from the producer, 20 of the pipeline and one of the consumer, less the first.
    expect(cycles((await simulate('latency')).stderr)).toBe(10 + 1 + 20 + 1 - 1);
  });

  it('let a process poll, and end when all do so in vain', async () => {
    expect(await simulate('polling')).toMatchObject({ code: 0, stdout: '45\n' });
    const outcome = await simulate('polling-in-vain');
    expect(outcome.code).toBe(66);
    expect(outcome.stderr).toContain('process poll polls streams in vain');
  });

  it('refuse a stream with two writers', async () => {
    const outcome = await simulate('two-writers');
    expect(outcome.code).toBe(68);
    expect(outcome.stderr).toContain('"shared" is written by two processes, feed and feed#2');
  });

  it('bound the streams of a test bench only where it did not say otherwise', async () => {
    expect(await simulate('test-bench')).toMatchObject({ code: 0, stdout: '45\n' });
    const outcome = await simulate('without-room');
    expect(outcome.code).toBe(66);
    expect(outcome.stderr).toContain('process (test bench) waits to write in');
  });

  it('reuse the stacks of regions that run many times', async () => {
    expect(await simulate('many-calls')).toMatchObject({ code: 0, stdout: '2800000\n' });
  });
});

describe('what a test bench can ask for', () => {
  const executable = build(designs, { flags: fibers });

  it.each([
    ['sequential', build(designs)],
    ['fibres', executable],
  ])('%s: the tokens of streams that it named', async (_, program) => {
    const inner = Array.from({ length: 10 }, (_, i) => 2 * i);
    const outer = inner.map((token) => 3 * token);
    const outcome = await run(await program, ['record']);
    expect(outcome).toMatchObject({ code: 0, stdout: `${[...inner, ...outer].join(' ')} \n1620\n` });
  });

  it('and is told when it did not name one before', async () => {
    const outcome = await run(await executable, ['record', 'c']);
    expect(outcome.code).toBe(68);
    expect(outcome.stderr).toContain('the stream "c" was not recorded');
  });

  it('the cycles as JSON', async () => {
    const file = `${await executable}.json`;
    await run(await executable, ['pipeline', '64', '16', '32', '2', '1', '5'], { env: { WEFT_CYCLES_JSON: file } });
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      cycles: 4234,
      processes: [
        expect.objectContaining({ name: 'produce', calls: 1, start: 0 }),
        expect.objectContaining({ name: 'reduce', calls: 1, start: 0 }),
        expect.objectContaining({ name: 'consume', calls: 1, end: 4234, active: 4234, waitedToWrite: 0 }),
      ],
      fifos: [
        expect.objectContaining({ name: 'fed', depth: 2, tokens: 2048 }),
        expect.objectContaining({ name: 'reduced', depth: 2, tokens: 512 }),
      ],
    });
  });
});

describe('under other headers than these', () => {
  it('the macros of a kernel are plain calls', async () => {
    // Stands for the vendor's hls_stream.h: it is included first and defines its guard, and no macro of ours.
    const text = `
#define WEFT_CSIM_HLS_STREAM_H
#include <cstdio>
#include <dataflow.h>
template <int A, int B> void add(int& sum) { for (int i = 0; i < B; ++i) { sum += A; WEFT_TICK(1); } }
void show(const int& sum) { std::printf("%d\\n", sum); }
int main() {
  int sum = 1;
  WEFT_UNBOUNDED(sum);
  WEFT_LATENCY(4);
  DF_BEGIN DF_CALL((add<2, 3>), sum) DF_CALL(show, sum) DF_END
}`;
    expect(await run(await build({ text }))).toEqual({ code: 0, stdout: '7\n', stderr: '' });
  });
});
