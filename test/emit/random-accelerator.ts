/** Accelerators drawn at random: shapes, arrays, packings, lanes, depths, storages, placements, precisions. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import { createAnalyst } from '../../server/analysis.ts';
import type { Project } from '../../server/emit/project.ts';
import { projectOf } from '../../server/exporting.ts';
import { findClang } from '../csim/compiler.ts';
import { MAIN, sourceSet } from '../kit/sources.ts';
import { type Folder, type Outcome, unity } from './projects.ts';
import { randomDecoders, turningStores } from './random-decoder.ts';
import { type ComparedCycles, comparedCycles } from './simulated-cycles.ts';

/** What is drawn; the text follows from it, so that a counterexample shrinks to something readable. */
interface Draw {
  readonly family: 'bert' | 'gpt2' | 'opt' | 'vit';
  readonly heads: number;
  /** Columns of a head. */
  readonly width: number;
  readonly ffn: number;
  readonly tokens: number;
  readonly precision: string;
  /** Which form of gelu. */
  readonly tanh: number;
  readonly clock: number;
  /** Dies of the layer's three parts, in order. */
  readonly dies: readonly [number, number, number];
  readonly products: readonly Product[];
  readonly rows: readonly number[];
  readonly streams: readonly Stream[];
  /** One array takes all products in turn; where its weights lie. */
  readonly inTurn: string | undefined;
}

interface Product {
  readonly tokens: number;
  readonly outputs: number;
  readonly dot: number;
  readonly pack: number;
  readonly weights: string;
  /** Type that it multiplies; undefined: that of the activations. */
  readonly as: string | undefined;
}

interface Stream {
  readonly edge: number;
  readonly width: number;
  /** Undefined: the estimator finds it. */
  readonly depth: number | undefined;
  readonly storage: string;
}

const stores = [
  'weights hbm[3]',
  'weights hbm[7] port 64 bit',
  'weights hbm[7] port 128 bit',
  'weights hbm[9] port 256 bit burst 32',
  'weights hbm[9] via bram',
  'weights hbm[11] double via uram',
  'tile 4  weights hbm[5]',
  'tile 8  weights hbm[6] port 64 bit',
  'weights bram',
  'weights uram',
  'weights lutram',
  '',
];

const product: fc.Arbitrary<Product> = fc.record({
  tokens: fc.constantFrom(1, 2, 4),
  outputs: fc.integer({ min: 1, max: 6 }),
  dot: fc.constantFrom(1, 1, 2, 3),
  pack: fc.constantFrom(1, 2),
  weights: fc.constantFrom(...stores),
  as: fc.constantFrom(undefined, undefined, undefined, 'int4', 'int8', 'int16'),
});

const draws: fc.Arbitrary<Draw> = fc
  .record({
    family: fc.constantFrom('bert', 'gpt2', 'opt', 'vit'),
    heads: fc.integer({ min: 1, max: 4 }),
    width: fc.integer({ min: 2, max: 12 }),
    ffn: fc.integer({ min: 3, max: 70 }),
    tokens: fc.integer({ min: 2, max: 20 }),
    precision: fc.constantFrom('W4A8', 'W8A8', 'W2A8', 'w16a8', 'W4A4', 'w8a16', 'w16a16', 'W4A16', 'bf16', 'fp32'),
    tanh: fc.constantFrom(0, 1),
    clock: fc.constantFrom(150, 245, 300),
    dies: fc.constantFrom([0, 0, 0], [0, 0, 1], [0, 1, 1], [0, 1, 2], [2, 1, 0], [1, 1, 1]),
    products: fc.array(product, { minLength: 8, maxLength: 8 }),
    rows: fc.array(fc.constantFrom(1, 2, 4, 8, 3), { minLength: 8, maxLength: 8 }),
    streams: fc.array(
      fc.record({
        edge: fc.nat(3),
        width: fc.constantFrom(1, 2, 4, 8, 16),
        depth: fc.option(fc.integer({ min: 1, max: 64 }), { nil: undefined }),
        storage: fc.constantFrom('', 'in srl', 'in lutram', 'in bram', 'in uram'),
      }),
      { maxLength: 3 },
    ),
    inTurn: fc.option(fc.constantFrom(...turningStores), { freq: 2 }),
  })
  .map(({ inTurn, ...draw }): Draw => ({ ...draw, inTurn: inTurn ?? undefined }));

const caches = ['', 'cache bram', 'cache uram double', 'cache lutram', 'cache bram double'];

function arrayText({ tokens, outputs, dot, pack }: Product): string {
  return `array ${tokens} x ${outputs}${dot > 1 ? ` x ${dot}` : ''}${pack > 1 ? ` pack ${pack}` : ''}`;
}

const ownPrecisions = `precision w16a8 { weights: int16, activations: int8, accumulator: int32, nonlinear: fp32 }
precision w8a16 { weights: int8, activations: int16, accumulator: int32, nonlinear: fp32 }
precision w16a16 { weights: int16, activations: int16, accumulator: int32, nonlinear: fp32 }
`;

/** Type of the activations, and whether two products find room in a DSP block: with weights, and of two activations. */
const precisions: Readonly<Record<string, { activations: string; weights: boolean; attention: boolean }>> = {
  W4A4: { activations: 'int4', weights: true, attention: true },
  w16a8: { activations: 'int8', weights: false, attention: true },
  w8a16: { activations: 'int16', weights: false, attention: false },
  w16a16: { activations: 'int16', weights: false, attention: false },
  W4A16: { activations: 'fp16', weights: false, attention: false },
  bf16: { activations: 'bf16', weights: false, attention: false },
  fp32: { activations: 'fp32', weights: false, attention: false },
};
const packed = { activations: 'int8', weights: true, attention: true };

/** Kernels of the layer by part: projections, attention, feed-forward. */
function textOf(draw: Draw): string {
  const { family, heads, width, ffn, tokens, precision, tanh, clock, dies, products, rows, streams, inTurn } = draw;
  const types = precisions[precision] ?? packed;
  /** What is not read from memory may be multiplied in another type, integers among integers. */
  const asOf = (index: number): string | undefined =>
    index >= 5 && types.activations.startsWith('int') ? products[index]!.as : undefined;
  const linear = (index: number): string => {
    const as = asOf(index);
    const pack = types.weights && as === undefined ? products[index]!.pack : 1;
    return `${arrayText({ ...products[index]!, pack })}${as ? ` as ${as}` : ''} ${products[index]!.weights}`;
  };
  /** Attention takes whole words of keys and values, and dot products that divide a head. */
  const attention = (index: number): string => {
    const one = products[index]!;
    const power = (size: number): number => (size < 2 ? 1 : size < 4 ? 2 : 4);
    const whole =
      index === 3 ? { outputs: power(one.outputs), dot: width % one.dot === 0 ? one.dot : 1 } : { dot: power(one.dot) };
    const pack = types.attention ? one.pack : 1;
    return `${arrayText({ ...one, ...whole, pack })} ${caches[(one.outputs + index) % caches.length]}`;
  };
  const lanes = (index: number): string => `lanes ${rows[index]}`;
  /** Instances side by side where they can have as many heads each. */
  const apart = (index: number): string => {
    const several = [1, 2, heads][(products[index]!.outputs + index) % 3]!;
    return several > 1 && heads % several === 0 ? ` replicate ${several} over heads` : '';
  };
  const norms = family === 'bert' ? { norm1: 1, norm2: 2 } : { norm1: 0, norm2: 2 };
  const parts: string[][] = [[], [], []];
  parts[norms.norm1]!.push(`kernel norm1 ${lanes(3)}`);
  const own = (name: string, index: number): string[] =>
    inTurn === undefined ? [`kernel ${name} ${linear(index)}`] : [];
  for (const [index, name] of ['q', 'k', 'v'].entries()) parts[0]!.push(...own(name, index));
  parts[1]!.push(
    `kernel scores ${attention(3)}${apart(3)}`,
    `kernel softmax ${lanes(0)}${apart(5)}`,
    `kernel context ${attention(4)}${apart(4)}`,
    ...own('proj', 5),
    `kernel add1 ${lanes(1)}`,
  );
  parts[norms.norm2]!.push(`kernel norm2 ${lanes(4)}`);
  const fused = rows[2] === 3;
  parts[2]!.push(
    ...own(fused ? 'up : up + act' : 'up', 6),
    ...(fused ? [] : [`kernel act ${lanes(5)}`]),
    ...own('down', 7),
    `kernel add2 ${lanes(6)}`,
  );
  const turning =
    inTurn === undefined
      ? ''
      : `  kernel gemm : q, k, v, proj, up${fused ? ' + act' : ''}, down  ${arrayText({ ...products[0]!, outputs: 2 * products[0]!.outputs, pack: types.weights ? products[0]!.pack : 1 })}  ${inTurn}  on slr${dies[2]}\n`;
  const edges = ['softmax -> context', fused ? 'up -> down' : 'act -> down', 'scores -> softmax', 'proj -> add1'];
  const chosen = new Map(streams.map((stream) => [stream.edge, stream]));
  const lines = [...chosen.values()].flatMap(({ edge, width: elements, depth, storage }) => {
    // Ends of these are inside of the array.
    if (inTurn !== undefined && (edge === 1 || edge === 3)) return [];
    // A mask stands between scores and softmax.
    if (edge === 2 && (family === 'gpt2' || family === 'opt')) return [];
    const type = edge >= 2 ? 'fp32' : (edge === 1 && asOf(7)) || types.activations;
    return [
      `stream ${edges[edge]} ${elements} x ${type} ${depth === undefined ? 'depth auto' : `depth ${depth}`} ${storage}`,
    ];
  });
  const hidden = heads * width;
  const image = family === 'vit' ? ', image: 48, patch: 16' : '';
  const form = family === 'opt' ? '' : `, tanh: ${tanh}`;
  const arguments_ = `layers: 2, hidden: ${hidden}, heads: ${heads}, ffn: ${ffn}${image}${form}`;
  const phase = family === 'vit' ? 'forward' : `forward(tokens: ${tokens})`;
  return `${ownPrecisions}accelerator random {
  device u280 at ${clock} MHz
  model ${family}(${arguments_})
  phase ${phase}
  precision ${precision}
${turning}${parts.map((kernels, part) => `  region part${part} on slr${dies[part]} {\n${kernels.map((kernel) => `    ${kernel}\n`).join('')}  }\n`).join('')}${lines.map((line) => `  ${line}\n`).join('')}}
`;
}

/** Encoders, image classifiers and decoders by their prompt on the chip; two in five are a decoder’s token or prompt with caches. */
export const randomAccelerators: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: draws.map(textOf) },
  { weight: 2, arbitrary: randomDecoders },
);

/** What came of one of them. */
export interface Trial {
  readonly text: string;
  /** Why it cannot be exported; empty where it was. */
  readonly refused: readonly string[];
  readonly outcome?: Outcome;
  /** Of one that ran to its end. */
  readonly cycles?: ComparedCycles;
}

const clang = await findClang();

/**
 * Exports, compiles and simulates with bounded FIFOs, all sources as one: what they share is most of what a compiler has to do.
 * Three of four are compiled by clang, where it is installed: it takes half the time of g++ for them.
 */
export async function tryOut(text: string, write: (project: Project) => Promise<Folder>, number = 0): Promise<Trial> {
  const analysis = createAnalyst().analyse(MAIN, sourceSet({ [MAIN]: text }))!;
  const project = projectOf(analysis, undefined, '0.0.0-test');
  if ('refused' in project) return { text, refused: project.refused };
  const sources = project.files.map(({ path }) => path).filter((path) => /^(src|tb)\/.*\.cpp$/.test(path));
  const all = { path: 'all.cpp', content: unity(sources) };
  const folder = await write({ ...project, files: [...project.files, all] });
  const compiler = number % 4 === 0 ? undefined : clang;
  const outcome = await folder.makeQuickly(
    'csim-fibers',
    `SOURCES=${all.path}`,
    `WEFT_CYCLES_JSON=${CYCLES}`,
    ...(compiler ? [`CXX=${compiler}`] : []),
  );
  const report = await readFile(join(folder.path, CYCLES), 'utf8').catch(() => undefined);
  await rm(folder.path, { recursive: true });
  const [estimate] = analysis.estimate.accelerators;
  return {
    text,
    refused: [],
    outcome,
    ...(report && estimate ? { cycles: comparedCycles(estimate, JSON.parse(report)) } : {}),
  };
}

/** Written at the end of a run with bounded FIFOs. */
const CYCLES = 'cycles.json';

/**
 * The property: whatever is drawn is refused with a reason, or builds without a warning, passes every check, and takes the cycles
 * that it is estimated to take.
 */
export function holds({ text, refused, outcome, cycles }: Trial): void {
  const tolerance = text.includes('kernel gemm') ? TOLERANCE_IN_TURN : TOLERANCE;
  if (!outcome) {
    expect(refused.every((reason) => reason.length > 0)).toBe(true);
    return;
  }
  if (outcome.code !== 0 || /warning|FAILED/.test(outcome.output) || !/PASSED: \d+ checks/.test(outcome.output))
    throw new Error(`this accelerator does not pass:\n${text}\n${outcome.output.slice(-6000)}`);
  if (!cycles) throw new Error(`the simulation of this accelerator has not said what it took:\n${text}`);
  const { simulated, timed, units, busy } = cycles;
  if (Math.abs(timed - simulated) > tolerance * simulated + units || busy.length > 0)
    throw new Error(
      `this accelerator takes ${simulated} cycles, ${timed} by its timeline:\n${text}\n${busy.join('\n')}`,
    );
}

/**
 * Of the cycles of a pass, beside a cycle a unit: as fluid, a unit goes evenly where the words that it waits for come in bursts, and
 * gives its own up to a word later; where neighbours hold each other up all the time, these cycles come again and again. Nine in ten
 * accelerators are within 1.2 %.
 */
const TOLERANCE = 0.03;

/** Where one array takes all products in turn, attention of some tens of cycles may begin as much later as the way to it is deep. */
const TOLERANCE_IN_TURN = 0.08;
