import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { commands } from './commands.ts';
import { checkLayers } from './layers.ts';
import { checkBundles, checkSizes } from './size.ts';

const root = process.cwd();
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const lines = Array.from({ length: 20 }, (_, i) => `    input.map((x) => x * ${i} + ${i % 7}),`).join('\n');
/** A function that is long enough for its copy to be of note. */
const long = (name: string) =>
  `export function ${name}(input: number[]): number[][] {\n  return [\n${lines}\n  ];\n}\n`;

/** A small project with this project's settings, in which nothing is wrong. */
const clean: Readonly<Record<string, string>> = {
  'package.json': '{\n  "name": "small",\n  "type": "module"\n}\n',
  '.gitignore': 'node_modules\n',
  'client/extension.ts':
    "import { half } from '../grammar/half.ts';\nimport { one } from '../server/one.ts';\n\nexport const answer = one([half(84)]);\n",
  'grammar/half.ts': 'export const half = (whole: number): number => whole / 2;\n',
  'server/one.ts': long('one'),
};

/** Runs one of the tools in a small project where the given files are added or changed; its exit code and output. */
function run(command: string, changes: Readonly<Record<string, string>> = {}): { code: number | null; output: string } {
  const folder = mkdtempSync(join(tmpdir(), 'weft-check-'));
  folders.push(folder);
  for (const [file, text] of Object.entries({ ...clean, ...changes })) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  mkdirSync(join(folder, 'test/check'), { recursive: true });
  const settings = [
    'biome.json',
    'knip.json',
    'tsconfig.json',
    'test/check/jscpd.json',
    'test/check/no-randomness.grit',
  ];
  for (const file of settings) copyFileSync(join(root, file), join(folder, file));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const env = { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}` };
  const { status, stdout, stderr } = spawnSync(command, { cwd: folder, shell: true, encoding: 'utf8', env });
  return { code: status, output: stdout + stderr };
}

/** The tool, what is done wrong, and what its output names. */
const violations: [title: string, tool: keyof typeof commands, changes: Record<string, string>, names: RegExp][] = [
  ['a type error', 'types', { 'grammar/wrong.ts': "export const wrong: number = 'text';\n" }, /wrong\.ts.*TS2322/],
  [
    'an index that may be undefined',
    'types',
    { 'grammar/wrong.ts': 'export const f = (a: number[]): number => a[0];\n' },
    /TS2322/,
  ],
  ['text that is not formatted', 'lint', { 'grammar/wrong.ts': 'export const wrong = "x"\n' }, /wrong\.ts: format/],
  ['any', 'lint', { 'grammar/wrong.ts': 'export const wrong = (x: any) => x;\n' }, /noExplicitAny/],
  ['a skipped test', 'lint', { 'test/wrong.test.ts': "it.skip('works', () => {});\n" }, /noSkippedTests/],
  ['printing in a pure stage', 'lint', { 'server/rules/wrong.ts': "console.log('x');\n" }, /noConsole/],
  [
    'a clock in a pure stage',
    'lint',
    { 'server/estimate/wrong.ts': 'export const wrong = Date.now();\n' },
    /noRestrictedGlobals/,
  ],
  [
    'randomness in a pure stage',
    'lint',
    { 'server/emit/wrong.ts': 'export const wrong = Math.random();\n' },
    /byte for byte/,
  ],
  ['a file that nobody uses', 'deadCode', { 'grammar/unused.ts': 'export const unused = 1;\n' }, /unused\.ts/],
  [
    'an export that nobody uses',
    'deadCode',
    { 'grammar/half.ts': `${clean['grammar/half.ts']}export const unused = 1;\n` },
    /unused/,
  ],
  ['a function written twice', 'duplicates', { 'grammar/two.ts': long('two') }, /one\.ts/],
];

describe('the tools of npm run check', () => {
  it.each(Object.entries(commands))('%s finds nothing wrong in a clean project', (_, command) => {
    const { code, output } = run(command);
    expect(code, output).toBe(0);
  });

  it.each(violations)('finds %s (%s)', (_, tool, changes, names) => {
    const { code, output } = run(commands[tool], changes);
    expect(code).not.toBe(0);
    expect(output).toMatch(names);
  });
});

describe('the import layers', () => {
  const check = (files: Record<string, string>) => checkLayers(new Map(Object.entries(files)));

  it('admit imports along the arrows, and the packages of a layer', () => {
    const files = {
      'grammar/tree.ts': "import { Lexer } from 'chevrotain';",
      'server/design/resolve.ts': "import type { Tree } from '../../grammar/tree.ts';\nimport { a } from './a.ts';",
      'server/design/a.ts': 'export const a = 1;',
      'server/main.ts':
        "import { createConnection } from 'vscode-languageserver/node';\nimport { join } from 'node:path';",
      'client/extension.ts': "import * as vscode from 'vscode';",
    };
    expect(check(files)).toEqual([]);
  });

  it.each([
    ['an import against the arrows', 'grammar/a.ts', "import { x } from '../server/design/x.ts';"],
    ['one of types only', 'server/design/a.ts', "import type { x } from '../estimate/x.ts';"],
    ['a re-export', 'server/kernels/a.ts', "export * from '../rules/x.ts';"],
    ['an import() while running', 'server/kernels/a.ts', "const x = await import('../rules/x.ts');"],
    ['a neighbour on the same level', 'server/rules/a.ts', "import { x } from '../emit/x.ts';"],
    ['Node in a pure stage', 'server/estimate/a.ts', "import { readFileSync } from 'node:fs';"],
    ['Node by its old name', 'server/estimate/a.ts', "import { readFileSync } from 'fs';"],
    ['a room of a room against the arrows', 'server/design/model/a.ts', "import { x } from '../defaults/x.ts';"],
    ['a room whose door stands above it', 'server/features/hover/a.ts', "import { x } from '../protocol/x.ts';"],
    ['a room from what it stands on', 'server/features/a.ts', "import { x } from './hover/x.ts';"],
    ['VS Code outside the client', 'server/features/a.ts', "import * as vscode from 'vscode';"],
    [
      'protocol types outside the features',
      'server/rules/a.ts',
      "import type { Range } from 'vscode-languageserver-types';",
    ],
    ['the server in the client', 'client/extension.ts', "import { x } from '../server/format.ts';"],
    ['tests in what is shipped', 'server/rules/a.ts', "import { x } from '../outcome.ts';"],
  ])('refuse %s', (_, file, text) => {
    expect(check({ [file]: text })).toEqual([expect.stringContaining(file)]);
  });

  it('refuse a file that belongs to no layer', () => {
    expect(check({ 'server/misc.ts': '' })).toEqual(['server/misc.ts is in no layer of test/check/layers.ts']);
  });

  it('refuse a cycle, and name the files along it', () => {
    const files = {
      'grammar/a.ts': "import './b.ts';",
      'grammar/b.ts': "import './c.ts';",
      'grammar/c.ts': "import './a.ts';",
    };
    expect(check(files)).toEqual(['a cycle of imports: grammar/a.ts → grammar/b.ts → grammar/c.ts → grammar/a.ts']);
  });
});

describe('the sizes', () => {
  it('refuse a file over its budget, and one that is missing', () => {
    expect(checkSizes({ 'package.json': 1_000_000 })).toEqual([]);
    expect(checkSizes({ 'package.json': 10 })).toEqual([
      expect.stringMatching(/package\.json has \d+ bytes; its budget is 10/),
    ]);
    expect(checkSizes({ 'no-such-file': 10 })).toEqual([expect.stringContaining('no-such-file is missing')]);
  });

  it('refuse the server in the bundle of the client', () => {
    const output = (input: string) => ({
      bytes: 1,
      inputs: { [input]: { bytesInOutput: 1 } },
      imports: [],
      exports: [],
    });
    expect(checkBundles({ outputs: { 'dist/extension.cjs': output('client/extension.ts') } })).toEqual([]);
    expect(checkBundles({ outputs: { 'dist/extension.cjs': output('server/rules/index.ts') } })).toEqual([
      'dist/extension.cjs contains server/rules/index.ts',
    ]);
  });
});
