import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import bert from '../../examples/bert_u280.weft';
import { folderWith, weft } from './weft.ts';

const untidy = 'accelerator a{device u280\nmodel bert_base   phase forward(tokens:512)\n}';

const wordsOf = (text: string) => text.split(/\s+/).filter((word) => word !== '');

describe('weft format', () => {
  test('rewrites files in the one layout, and prints nothing', async () => {
    const folder = folderWith({ 'a.weft': untidy, 'b.weft': bert });
    const [a, b] = [join(folder, 'a.weft'), join(folder, 'b.weft')];
    expect(await weft('format', a, b)).toEqual({ code: 0, out: '', err: '' });
    expect(readFileSync(a, 'utf8')).not.toBe(untidy);
    expect(wordsOf(readFileSync(b, 'utf8'))).toEqual(wordsOf(bert));
    expect(await weft('format', a, b, '--check')).toMatchObject({ code: 0 });
    expect(await weft('check', a, b)).toMatchObject({ code: 0 });
  });

  test('--check only says which files differ: exit code 1', async () => {
    const folder = folderWith({ 'a.weft': untidy });
    const file = join(folder, 'a.weft');
    expect(await weft('format', '--check', file)).toEqual({
      code: 1,
      out: `${file} is not in the one layout\n`,
      err: '',
    });
    expect(readFileSync(file, 'utf8')).toBe(untidy);
  });

  test('a file with errors loses no word', async () => {
    const broken = 'accelerator a { device u280 at\n model bert_base ?? }';
    const folder = folderWith({ 'a.weft': broken });
    expect((await weft('format', join(folder, 'a.weft'))).code).toBe(0);
    expect(wordsOf(readFileSync(join(folder, 'a.weft'), 'utf8'))).toEqual(wordsOf(broken));
  });
});

test.each(['format', 'check', 'estimate'])(
  '%s of text that is not UTF-8 says so, and loses no byte of it',
  async (command) => {
    const folder = folderWith({});
    const file = join(folder, 'latin.weft');
    const bytes = Buffer.from('model  m { } // caf\xe9\n', 'latin1');
    writeFileSync(file, bytes);
    expect(await weft(command, file)).toEqual({
      code: 2,
      out: '',
      err: `weft: ${file} cannot be read: it is no text in UTF-8; save it in that encoding.\n`,
    });
    expect(readFileSync(file)).toEqual(bytes);
  },
);
