import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import bert from '../../examples/bert_u280.weft';
import { folderWith, weft } from './weft.ts';

const example = 'examples/bert_u280.weft';

describe('weft check', () => {
  test('a clean file: nothing but the sum, exit code 0', async () => {
    expect(await weft('check', example)).toEqual({ code: 0, out: '0 errors, 0 warnings\n', err: '' });
  });

  test('errors: a line each with file, line and column, exit code 1', async () => {
    const folder = folderWith({ 'a.weft': bert.replace('245 MHz', '245 GB/s') });
    const { code, out } = await weft('check', join(folder, 'a.weft'));
    expect(code).toBe(1);
    const [line, sum] = out.trimEnd().split('\n');
    expect(line).toMatch(
      /a\.weft:3:21: error: A clock: expected a frequency \(MHz\), found 245 GB\/s\. \[unit-mismatch\]$/,
    );
    expect(sum).toBe('1 error, 0 warnings');
  });

  test('warnings alone: exit code 0', async () => {
    const folder = folderWith({ 'a.weft': bert.replace(/ *kernel softmax.*\n/, '') });
    const { code, out } = await weft('check', join(folder, 'a.weft'));
    expect(code).toBe(0);
    expect(out).toContain('warning: No kernel names operator ‘softmax’');
    expect(out).toContain('0 errors, 1 warning\n');
  });

  test('several files: the worst decides', async () => {
    const folder = folderWith({ 'b.weft': 'let a = b' });
    const { code, out } = await weft('check', example, join(folder, 'b.weft'));
    expect(code).toBe(1);
    expect(out).toContain('1 error, 0 warnings\n');
  });

  test('a model of a configuration file is read from beside the spec', async () => {
    const config = readFileSync('test/fixtures/configs/llama-3.2-1b.json', 'utf8');
    const spec =
      'accelerator a { device u280 model import "models/config.json" phase decode(past: 64) precision W4A8 }';
    const folder = folderWith({ 'a.weft': spec, 'models/config.json': config, 'b.weft': spec.replace('models', 'no') });
    expect(await weft('check', join(folder, 'a.weft'))).toMatchObject({ code: 0 });
    const { code, out } = await weft('check', join(folder, 'b.weft'));
    expect(code).toBe(1);
    expect(out).toContain('Nothing is imported from ‘no/config.json’: there is no such file.');
  });

  test('--json: every field of every diagnostic, with exit code 1 too', async () => {
    const folder = folderWith({ 'a.weft': bert.replace('array 8 x 16  weights hbm[3]', 'array 0 x 8') });
    const { code, out, err } = await weft('check', '--json', join(folder, 'a.weft'));
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(JSON.parse(out)).toEqual({
      diagnostics: [
        {
          code: 'invalid-value',
          severity: 'error',
          message: '‘array’: expected a whole number from 1 to 4,096, found 0.',
          file: expect.stringMatching(/a\.weft$/),
          line: 11,
          column: 26,
        },
      ],
    });
  });

  test('--json of a clean file', async () => {
    const { code, out } = await weft('check', example, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({ diagnostics: [] });
  });

  test('an empty file: one sentence, exit code 1', async () => {
    const folder = folderWith({ 'a.weft': '' });
    const { code, out } = await weft('check', join(folder, 'a.weft'));
    expect(code).toBe(1);
    expect(out).toMatch(/a\.weft:1:1: error: There is no accelerator in this file: it is empty\. \[no-accelerator\]\n/);
  });

  test('a file of cards and models is in order', async () => {
    const folder = folderWith({ 'cards.weft': 'let features = 617\n' });
    expect((await weft('check', join(folder, 'cards.weft'))).code).toBe(0);
  });

  test('what an imported file has wrong is said in that file', async () => {
    const folder = folderWith({ 'a.weft': `import "lib/b.weft"\n${bert}`, 'lib/b.weft': '\nlet x = 1 ms + 2' });
    const { code, out } = await weft('check', join(folder, 'a.weft'));
    expect(code).toBe(1);
    expect(out).toMatch(/lib\/b\.weft:2:9: error: The sum: expected a time \(ms\), found a plain number\./);
  });

  test('an import that is not there, and a circle of imports', async () => {
    const folder = folderWith({ 'a.weft': `import "b.weft"\nimport "c.weft"\n${bert}`, 'b.weft': 'import "a.weft"' });
    const { code, out } = await weft('check', join(folder, 'a.weft'));
    expect(code).toBe(1);
    expect(out).toContain('b.weft:1:8: error: Nothing is imported from ‘a.weft’: the imports form a circle');
    expect(out).toContain('a.weft:2:8: error: Nothing is imported from ‘c.weft’: there is no such file.');
    expect(out).toContain('2 errors, 0 warnings\n');
  });

  test('a binary file and one of 5 MB: an error each', async () => {
    const folder = folderWith({ 'a.weft': '\0\u0001\u0002\0', 'b.weft': 'let a = 1 // x\n'.repeat(350_000) });
    for (const name of ['a.weft', 'b.weft']) {
      const { code, out } = await weft('check', join(folder, name));
      expect(code).toBe(1);
      expect(out).toMatch(/syntax-error\]\n1 error, 0 warnings\n$/);
    }
  });

  test('a byte order mark and Windows line ends change nothing', async () => {
    const folder = folderWith({ 'a.weft': `\ufeff${bert.replaceAll('\n', '\r\n')}` });
    expect(await weft('check', join(folder, 'a.weft'))).toMatchObject({ code: 0 });
  });
});
