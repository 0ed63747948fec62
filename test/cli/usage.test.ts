import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { write } from '../../server/spec-files.ts';
import { NoFile } from '../../server/usage.ts';
import { folderWith, weft } from './weft.ts';

const example = 'examples/bert_u280.weft';

test.each<[what: string, args: string[], message: string]>([
  ['an unknown command', ['chek', example], 'weft: There is no command ‘chek’. Did you mean ‘check’?\n'],
  ['a command that is no pattern', ['chek('], 'weft: There is no command ‘chek(’.\n'],
  ['a file alone', [example], `weft: What of ${example}? As in: weft estimate ${example}\n`],
  ['a command of every object', ['constructor'], 'weft: There is no command ‘constructor’.\n'],
  ['check without a file', ['check'], 'weft: check needs a file.\n'],
  ['estimate without a file', ['estimate'], 'weft: estimate needs one file.\n'],
  ['estimate of two files', ['estimate', example, example], 'weft: estimate needs one file.\n'],
  ['export without a folder', ['export', example], 'weft: export needs --out DIR.\n'],
  ['format without a file', ['format'], 'weft: format needs a file.\n'],
  [
    'an option that nobody knows',
    ['check', example, '--jsn'],
    'weft: There is no option ‘--jsn’ here. Did you mean ‘--json’?\n',
  ],
  ['an option that is far from any', ['check', example, '--colour'], 'weft: There is no option ‘--colour’ here.\n'],
  ['a short form', ['export', example, '-o', 'x'], 'weft: There is no option ‘-o’ here. Did you mean ‘--out’?\n'],
  ['an option without its value', ['export', example, '--out'], "weft: Option '--out <value>' argument missing"],
  ['lsp without --stdio', ['lsp'], 'weft: lsp speaks over standard input and output: weft lsp --stdio\n'],
])('%s is wrong usage: said with the usage, exit code 2', async (_, args, message) => {
  const { code, out, err } = await weft(...args);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err.startsWith(message), err).toBe(true);
  const [command = ''] = args;
  const lines = err.split('\n').filter((line) => line.startsWith('  weft '));
  // Of a command that there is, its own lines alone: the message stays in sight.
  if (['chek', 'chek(', example, 'constructor'].includes(command)) expect(lines.length).toBeGreaterThan(5);
  else expect(lines).toEqual([expect.stringContaining(`weft ${command} `)]);
});

test('a file that cannot be written is said in one line', () => {
  const folder = folderWith({});
  expect(() => write(folder, 'x')).toThrow(new NoFile(`${folder} cannot be written: it is a folder.`));
});

test('--help behind a command is no wrong usage: its own lines', async () => {
  const { code, out, err } = await weft('tune', '--help');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(await weft('help', 'tune')).toEqual({ code, out, err });
  expect(out).toMatch(/^ {2}weft tune FILE .*--write-point/s);
  expect(out).not.toContain('weft sweep');
});

test('the usage of a command has all of its lines', async () => {
  const { err } = await weft('export', example);
  expect(err).toContain(
    '[--accelerator NAME] [--parameters FILE] [--overwrite] [--keep] [--add]\n\nAll commands: weft --help\n',
  );
});

test.each(['check', 'estimate', 'format'])('%s of a file that is not there: one line, exit code 2', async (command) => {
  expect(await weft(command, 'no-such.weft')).toEqual({
    code: 2,
    out: '',
    err: 'weft: no-such.weft cannot be read: there is no such file.\n',
  });
});

test('a folder is no file', async () => {
  const folder = folderWith({});
  const { code, err } = await weft('check', folder);
  expect(code).toBe(2);
  expect(err).toBe(`weft: ${folder} cannot be read: it is a folder.\n`);
});

test('nothing at all: the usage on the error stream, exit code 2', async () => {
  const { code, out, err } = await weft();
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain('Exit codes: 0 clean (warnings too), 1 errors in the spec, 2 wrong usage.');
});

test.each(['--help', '-h', 'help'])('%s: the usage on the output, exit code 0', async (word) => {
  const { code, out, err } = await weft(word);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  for (const command of ['check', 'estimate', 'export', 'format', 'lsp']) expect(out).toContain(`weft ${command} `);
});

test('--version is that of the package', async () => {
  expect(await weft('--version')).toEqual({ code: 0, out: `${manifest.version}\n`, err: '' });
});
