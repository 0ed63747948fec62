/** What a person sees who runs the exported project: it builds, it passes, and a fault in it makes it fail. */
import { beforeAll, describe, expect, test } from 'vitest';
import { findClang } from '../csim/compiler.ts';
import { exampleOf, type Folder, folders, type Outcome, projectOf } from './projects.ts';

/** Not a multiple of the arrays' eight rows, so that padded rows and masked keys are there to go wrong. */
const tokens = 20;
const clang = await findClang();
const disk = folders();
const minutes = 60_000;
/** A run of seconds: half the optimisation saves more than it costs. Warnings of more of it are the stage `simulate`'s. */
const half = 'CXXFLAGS=-O1';
/** Exported, built and run once either way; tests that change something take a copy, which builds only that anew. */
let built: Folder;
let first: Outcome;
let fibers: Outcome;
beforeAll(async () => {
  built = await disk.write(projectOf(exampleOf(tokens)));
  first = await built.make('csim', half);
  fibers = await built.make('csim-fibers', half);
}, 10 * minutes);

const products = { q: 'int8', k: 'int8', v: 'int8', proj: 'fp32', up: 'fp32', down: 'fp32' };

test('the project builds without a warning and every integer operator is bit-exact', () => {
  const { code, output } = first;
  expect(output).not.toMatch(/warning|error:/);
  for (const [name, element] of Object.entries(products)) {
    const values = tokens * (name === 'up' ? 3072 : 768);
    expect(output).toContain(`${name} linear ${element} bit-exact ${values} of ${values}\n`);
  }
  expect(output).toContain(`scores scores fp32 bit-exact ${tokens * tokens * 12} of ${tokens * tokens * 12}\n`);
  expect(output).toContain(`context context int8 bit-exact ${tokens * 768} of ${tokens * 768}\n`);
  expect(output).toMatch(/softmax softmax int8 within 0.51 steps: (\d+) of \1,/);
  expect(output).toMatch(/norm1\.out2 layernorm fp32 within .*: (\d+) of \1,/);
  expect(output).not.toContain('FAILED');
  expect(output).toMatch(/PASSED: \d+ checks$/m);
  expect(code).toBe(0);
});

test(
  'the hash is the same with bounded FIFOs, another with other inputs, and compared when recorded',
  async () => {
    const [hash] = /0x[0-9a-f]{16}/.exec(first.output)!;
    expect(fibers.output).toContain(`hash of the result ${hash}`);
    expect(fibers.output).toMatch(/modelled cycles: \d+\n/);
    expect(fibers.code).toBe(0);
    const folder = await disk.copy(built);
    expect((await folder.make('golden', half)).code).toBe(0);
    expect((await folder.make('csim', half)).output).toContain(`hash of the result ${hash}: as recorded\n`);
    const other = await folder.make('csim', 'SEED=2', half);
    expect(other.code).toBe(0);
    expect(other.output).not.toContain(hash);

    await folder.edit('tb/golden.h', (text) => text.replace(hash, '0x0123456789abcdef'));
    const stale = await folder.make('csim', half);
    expect(stale.output).toContain(`${hash}: another one was recorded  FAILED`);
    expect(stale.code).not.toBe(0);
  },
  5 * minutes,
);

test(
  'fewer rows than the spec says need no new export',
  async () => {
    const { code, output } = await (await disk.copy(built)).make('csim', 'TOKENS=9', half);
    expect(output).toContain('q linear int8 bit-exact 6912 of 6912\n');
    expect(code).toBe(0);
  },
  5 * minutes,
);

describe('a fault that a tolerance would let pass makes the simulation fail', () => {
  test.each([
    {
      fault: 'the borrow correction of packed products is dropped',
      path: 'src/weft/multiply.h',
      change: (text: string) => text.replace('field < 0 ? 1 : 0', '0 * field'),
      says: /^q linear int8 bit-exact .* FAILED$/m,
    },
    {
      fault: 'results are truncated, not rounded',
      path: 'src/weft/word.h',
      change: (text: string) => text.replace('whole + (up ? 1u : 0u)', 'whole + 0u * up'),
      says: /^q linear int8 bit-exact .* FAILED$/m,
    },
    {
      fault: 'q and k are swapped',
      path: 'src/project.cpp',
      change: (text: string) => swapLastArguments(text, 'q', 'k'),
      says: /^k linear int8 bit-exact .* FAILED$/m,
    },
    {
      fault: 'the mask of the softmax is off by one',
      path: 'src/weft/softmax.h',
      change: (text: string) => text.replace('key < KEYS', 'key < KEYS - 1'),
      says: /^softmax softmax int8 within .* FAILED$/m,
    },
  ])(
    '$fault',
    async ({ path, change, says }) => {
      const folder = await disk.copy(built);
      await folder.edit(path, change);
      const { code, output } = await folder.make('csim', half);
      expect(output).toMatch(says);
      expect(output).toMatch(/FAILED: \d+ of \d+ checks/);
      expect(code).not.toBe(0);
    },
    5 * minutes,
  );
});

test(
  'bounded FIFOs find a deadlock that unbounded ones hide',
  async () => {
    const folder = await disk.copy(built);
    // The residual bypass must hold what the feed-forward network has under way.
    await folder.edit('src/feed_forward.cpp', (text) => text.replace(/(norm1_to_add2\w*_depth = )\d+/, '$12'));
    const { code, output } = await folder.make('csim-fibers', half);
    expect(output).toMatch(/deadlock/);
    expect(output).toMatch(/norm1_to_add2/);
    expect(code).not.toBe(0);
  },
  5 * minutes,
);

const divideNothing =
  'arrays and lanes that divide nothing, weights on the chip and behind narrow ports, a fused gelu, 8-bit weights in groups, some of them read ahead';

/** Other structures than the example's, small. */
const others = {
  'names that C++ keeps for itself, a causal mask, a fused relu': `
    model awkward(hidden, heads, ffn) {
      input float : [tokens, hidden]
      layer main(float) repeat 2 {
        class   = linear(float, hidden)
        exp     = linear(float, hidden)
        v       = linear(float, hidden)
        log     = scores(class, exp, heads: heads)
        masked  = causal(log)
        default = softmax(masked)
        weft    = context(default, v, heads: heads)
        m       = linear(weft, hidden)
        tokens_ = add(float, m)
        std     = layernorm(tokens_)
        read    = linear(std, ffn)
        x       = relu(read)
        t       = linear(x, hidden)
        s       = add(std, t)
        p       = layernorm(s)
        output p
      }
      output main
    }
    accelerator int {
      device u280
      model  awkward(hidden: 64, heads: 2, ffn: 128)
      phase  forward(tokens: 11)
      region write on slr0 { kernel class array 4 x 4  kernel exp array 4 x 4  kernel v array 4 x 4  kernel log array 4 x 4 }
      region m on slr1 {
        kernel default lanes 4  kernel weft array 4 x 4  kernel m array 4 x 4  kernel tokens_ lanes 4  kernel std lanes 4
        kernel read : read + x array 4 x 4  kernel t array 4 x 4  kernel s lanes 4  kernel p lanes 4
      }
    }`,
  [divideNothing]: `
    // groups of forty: 96 rows are two and a half of them
    precision W8A8G40 { weights: int8, activations: int8, cache: int8, accumulator: int32, nonlinear: fp32, group: 40 }
    model tiny = bert(layers: 2, hidden: 96, heads: 4, ffn: 200)
    accelerator odd {
      device u280 at 200 MHz
      model  tiny
      phase  forward(tokens: 30)
      precision W8A8G40
      region a on slr0 {
        kernel q       array 4 x 6      pack 2  weights hbm[1]
        kernel k       array 2 x 4 x 2  weights hbm[2] port 256 bit
        kernel v       array 4 x 4      weights hbm[3..4] burst 32
        kernel scores  array 4 x 4      cache bram
        kernel softmax lanes 16
        kernel context array 4 x 4      cache uram double
        kernel proj    array 4 x 10     weights uram double
      }
      region b on slr1 {
        kernel add1  lanes 2
        kernel norm1 lanes 16
        kernel up : up + act  array 4 x 8  pack 2  weights hbm[5]
        kernel down  array 2 x 8 x 4  pack 2  weights bram
        kernel add2  lanes 2
        kernel norm2 lanes 1
      }
    }`,
};

/**
 * Values that the host prepares are the same for a kernel and for the reference of its operator: only the layer as a whole can
 * tell that they are wrong. The environment chooses the fault, so that one build has them all.
 */
const unseen = {
  NO_BIAS: (folder: Folder) =>
    folder.edit('host/quantise.h', (text) =>
      text
        .replace('#include <cmath>', '#include <cmath>\n#include <cstdlib>')
        .replace('result.bias.push_back(', 'result.bias.push_back((std::getenv("NO_BIAS") ? 0.0f : 1.0f) * '),
    ),
  TWICE_THE_SCALE: (folder: Folder) =>
    folder.edit('host/layer.h', (text) =>
      text.replace(/(s\.(scores|log)_scale = )/, '$1(std::getenv("TWICE_THE_SCALE") ? 2.0f : 1.0f) * '),
    ),
};

test.each(Object.entries(others))(
  '%s: passes in order and with bounded FIFOs, and what no operator by itself can see is seen at the result of the layer',
  async (_, spec) => {
    const folder = await disk.write(projectOf(spec));
    for (const put of Object.values(unseen)) await put(folder);
    for (const target of ['csim', 'csim-fibers']) {
      const { code, output } = await folder.makeQuickly(target);
      expect(output).not.toMatch(/warning|FAILED/);
      expect(output).toMatch(/PASSED: \d+ checks$/m);
      expect(code).toBe(0);
    }
    if (clang) expect(await folder.clang(clang)).toBe('');
    for (const fault of Object.keys(unseen)) {
      const { code, output } = await folder.run('sh', ['-c', `${fault}=1 build/csim-*/*_tb`]);
      const failed = output.match(/.* FAILED$/gm) ?? [];
      expect(failed[0], fault).toMatch(/^layer against the quantised reference/);
      expect(failed.every((line) => line.startsWith('layer against'))).toBe(true);
      expect(code).not.toBe(0);
    }
  },
  5 * minutes,
);

/** Exchanges the last arguments of two calls: their output streams. */
function swapLastArguments(text: string, first: string, second: string): string {
  const last = (unit: string): string => new RegExp(`DF_CALL\\(${unit}, .*, (\\w+)\\)`).exec(text)![1]!;
  const [one, other] = [last(first), last(second)];
  return text
    .replace(new RegExp(`(DF_CALL\\(${first}, .*, )${one}\\)`), `$1${other})`)
    .replace(new RegExp(`(DF_CALL\\(${second}, .*, )${other}\\)`), `$1${one})`);
}
