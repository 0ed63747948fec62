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

  test.each([[], ['--check']])(
    'a file with syntax errors is left to the letter and said, the others are formatted: %j',
    async (...more) => {
      const broken = 'accelerator a { device u280 at\n model bert_base ?? }';
      const folder = folderWith({ 'a.weft': broken, 'b.weft': untidy });
      const [a, b] = [join(folder, 'a.weft'), join(folder, 'b.weft')];
      const { code, out, err } = await weft('format', a, b, ...more);
      expect(code).toBe(1);
      expect(readFileSync(a, 'utf8')).toBe(broken);
      expect(readFileSync(b, 'utf8') === untidy).toBe(more.length > 0);
      expect(out).toBe(more.length > 0 ? `${b} is not in the one layout\n` : '');
      const [head, ...lines] = err.trim().split('\n');
      expect(head).toBe(`${a} is left as it is: mend its syntax first`);
      expect(lines).toEqual([
        expect.stringMatching(/a\.weft:1:29: error: .*\[syntax-error\]$/),
        expect.stringMatching(/a\.weft:2:18: error: .*\[syntax-error\]$/),
      ]);
    },
  );
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
