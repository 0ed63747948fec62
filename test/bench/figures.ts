import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Client, spawnServer } from '../kit/client.ts';
import { estimates } from './estimator.ts';
import { longSpec, typingOf } from './long-spec.ts';

/** One figure of the benchmark, with the most it should be. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: 'ms' | 'kB';
  readonly limit: number;
}

const example = 'examples/bert_u280.weft';
const uri = pathToFileURL(example).href;
export const serverCommand = [process.execPath, ['dist/server.cjs', '--stdio']] as const;

const elapsed = async (action: () => unknown): Promise<number> => {
  const start = performance.now();
  await action();
  return performance.now() - start;
};

async function repeat(times: number, action: () => Promise<number>): Promise<number[]> {
  const values: number[] = [];
  for (let i = 0; i < times; i++) values.push(await action());
  return values;
}

/** The value that the given share of the values do not exceed (nearest rank). */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Milliseconds of a loop that never changes: what the other figures of a run are to be compared with. */
export function calibrate(): number {
  const once = () => {
    const start = performance.now();
    let x = 1;
    for (let i = 0; i < 20_000_000; i++) x = (Math.imul(x, 1_664_525) + 1_013_904_223) | 0; // a linear congruential generator
    if (x === 0) throw new Error('unreachable: the result is used so that the loop is not optimised away');
    return performance.now() - start;
  };
  return percentile([once(), once(), once(), once(), once()], 0.5);
}

/**
 * Milliseconds from each keystroke to the arrival of diagnostics and hints: every kernel's line is deleted from its end
 * and typed again, a character at a time.
 */
async function keystrokes(): Promise<number[]> {
  const text = readFileSync(example, 'utf8');
  const lines = text.split('\n');
  const kernels = [...lines.entries()].filter(([, line]) => /^\s*kernel /.test(line));
  const server = await spawnServer(...serverCommand);
  await server.open(uri, text);
  const times: number[] = [];
  for (const [line, content] of kernels) {
    const first = content.search(/\S/);
    const edit = (from: number, to: number, inserted: string) => {
      const range = { start: { line, character: from }, end: { line, character: to } };
      // As an editor does: it asks for hints without waiting for diagnostics.
      return elapsed(() => Promise.all([server.change(uri, { range, text: inserted }), server.hints(uri)]));
    };
    for (let end = content.length; end > first; end--) times.push(await edit(end - 1, end, ''));
    for (let end = first; end < content.length; end++) times.push(await edit(end, end, content.charAt(end)));
  }
  await server.stop();
  return times.slice(50); // before that the JavaScript engine is still compiling
}

/**
 * Milliseconds from the word `auto` in the place of an array to the values that it stands for as hints, and diagnostics: the
 * example with all of its arrays and lanes open, one after the other written and opened again.
 */
async function autoValues(): Promise<number[]> {
  const text = readFileSync(example, 'utf8').replace(/(array) \d+ x \d+|(lanes) +\d+/g, '$1$2 auto');
  const server = await spawnServer(...serverCommand);
  await server.open(uri, text);
  const times: number[] = [];
  for (const word of [...text.matchAll(/array auto/g), ...text.matchAll(/array auto/g)]) {
    const start = word.index + 'array '.length;
    const put = (length: number, inserted: string) => {
      const at = (offset: number) => server.document(uri).positionAt(offset);
      const range = { start: at(start), end: at(start + length) };
      return elapsed(() => Promise.all([server.change(uri, { range, text: inserted }), server.hints(uri)]));
    };
    await put('auto'.length, '8 x 4');
    times.push(await put('8 x 4'.length, 'auto'));
  }
  if (!/ \d+ x \d+/.test(JSON.stringify(await server.hints(uri)))) throw new Error('no hint says what an array is');
  await server.stop();
  return times.slice(4);
}

/** Which hints are asked for at a keystroke: all, or as VS Code does those of a tall window and of 30 lines around it. */
type HintsOf = 'all lines' | 'the lines shown' | 'none';

const SHOWN = 60;
const AROUND = 30;

/**
 * Milliseconds from each keystroke to the arrival of diagnostics, and of hints where there are any, while a spec is typed
 * from its start to its end.
 * @param typed lines of it that are typed a character at a time; what lies between them is put in at once
 */
export async function typing(
  server: Client,
  file: string,
  text: string,
  typed: number,
  hints: HintsOf = 'all lines',
): Promise<number[]> {
  await server.open(file, '');
  const times: number[] = [];
  for (const piece of typingOf(text, typed)) {
    for (const inserted of piece.typed ? piece.text : [piece.text]) {
      const document = server.document(file);
      const end = document.positionAt(document.getText().length);
      const change = { range: { start: end, end }, text: inserted };
      const first = hints === 'all lines' ? 0 : Math.max(0, end.line - SHOWN - AROUND);
      const time = await elapsed(() =>
        Promise.all([server.change(file, change), ...(hints === 'none' ? [] : [server.hints(file, first)])]),
      );
      if (piece.typed) times.push(time);
    }
  }
  if (server.document(file).getText() !== text) throw new Error('what was typed is not the text');
  return times;
}

async function typingFigures(
  lines: number,
  typed: number,
  limits: Record<string, number>,
  hints: HintsOf = 'all lines',
): Promise<Figure[]> {
  const server = await spawnServer(...serverCommand);
  const times = await typing(server, uri, longSpec(lines), typed, hints);
  await server.stop();
  return Object.entries(limits).map(([name, limit]) => ({
    name: `typing ${lines} lines, each keystroke to diagnostics and hints of ${hints}, ${name}`,
    value: percentile(times, Number(name.slice(1)) / 100),
    unit: 'ms',
    limit,
  }));
}

/** Milliseconds of completion behind each word of the example, right after the word was typed. */
async function completions(): Promise<number[]> {
  const text = readFileSync(example, 'utf8');
  const server = await spawnServer(...serverCommand);
  await server.open(uri, text);
  const times: number[] = [];
  for (const word of text.matchAll(/\w+/g)) {
    const end = word.index + word[0].length;
    const at = (offset: number) => server.document(uri).positionAt(offset);
    const range = { start: at(end - 1), end: at(end) };
    await server.change(uri, { range, text: '' });
    await server.change(uri, { range: { start: range.start, end: range.start }, text: word[0].slice(-1) });
    times.push(await elapsed(() => server.completion(uri, end)));
  }
  await server.stop();
  return times.slice(20);
}

/** Milliseconds from the start of the server's process until it has answered to its first request. */
async function ready(): Promise<number> {
  const begin = performance.now();
  const server = await spawnServer(...serverCommand);
  const time = performance.now() - begin;
  await server.stop();
  return time;
}

/** Milliseconds from the start of the server's process to the first diagnostics of the example. */
async function start(): Promise<number> {
  const text = readFileSync(example, 'utf8');
  const begin = performance.now();
  const server = await spawnServer(...serverCommand);
  await server.open(uri, text);
  const time = performance.now() - begin;
  await server.stop();
  return time;
}

/** Milliseconds of `weft export`, from the start of its process to its end. */
async function exportTime(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'weft-bench-'));
  const time = await elapsed(() =>
    execFileSync(process.execPath, ['dist/cli.cjs', 'export', example, '--out', folder]),
  );
  rmSync(folder, { recursive: true });
  return time;
}

/** What can be measured, by name; each is measured apart, so that one that fails leaves the others. */
export const measurements: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  keystroke: async () => {
    const times = await keystrokes();
    return [
      { name: 'keystroke to diagnostics and hints, p50', value: percentile(times, 0.5), unit: 'ms', limit: 5 },
      { name: 'keystroke to diagnostics and hints, p99', value: percentile(times, 0.99), unit: 'ms', limit: 25 },
    ];
  },
  auto: async () => [
    {
      name: '‘auto’ in the BERT example to its values as hints, p95',
      value: percentile(await autoValues(), 0.95),
      unit: 'ms',
      limit: 100,
    },
  ],
  typing: async () => [
    ...(await typingFigures(2000, 8, { p50: 8, p99: 30 })),
    ...(await typingFigures(2000, 8, { p50: 8, p99: 30 }, 'the lines shown')),
  ],
  'long typing': () => typingFigures(20_000, 1, { p99: 150 }),
  completion: async () => [
    { name: 'completion, p99', value: percentile(await completions(), 0.99), unit: 'ms', limit: 30 },
  ],
  start: async () => [
    {
      name: 'server start to ready',
      value: percentile(await repeat(7, ready), 0.5),
      unit: 'ms',
      limit: 300,
    },
    {
      name: 'server start to first diagnostics',
      value: percentile(await repeat(7, start), 0.5),
      unit: 'ms',
      limit: 400,
    },
  ],
  export: async () => [
    {
      name: 'weft export, the whole process',
      value: percentile(await repeat(7, exportTime), 0.5),
      unit: 'ms',
      limit: 300,
    },
  ],
  estimator: estimates,
  size: async () => [{ name: '.vsix', value: statSync('weft.vsix').size / 1000, unit: 'kB', limit: 2000 }],
};
