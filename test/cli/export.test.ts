import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import bert from '../../examples/bert_u280.weft';
import { encoderFile, encoderValues } from '../weights/encoder.ts';
import { folderWith, weft } from './weft.ts';

const example = 'examples/bert_u280.weft';

describe('weft export', () => {
  test('puts the Makefile into the folder itself, and says what to do next', async () => {
    const out = join(folderWith({}), 'project');
    const { code, out: said, err } = await weft('export', example, '--out', out);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(said).toMatch(/: \d+ files written, 0 unchanged\. Try: make -C .*project csim\n$/);
    for (const file of ['Makefile', 'README.md', 'estimate.json', '.weft-manifest.json']) {
      expect(existsSync(join(out, file)), file).toBe(true);
    }
  });

  test('again: nothing changes', async () => {
    const out = join(folderWith({}), 'project');
    await weft('export', example, '--out', out);
    expect((await weft('export', example, '--out', out)).out).toMatch(/: 0 files written, \d+ unchanged\./);
  });

  test('a person’s edits are not lost', async () => {
    const out = join(folderWith({}), 'project');
    await weft('export', example, '--out', out);
    appendFileSync(join(out, 'Makefile'), '# mine\n');
    const { code, err } = await weft('export', example, '--out', out);
    expect(code).toBe(1);
    expect(err).toContain('Nothing was written: these files were changed since the last export:\n  Makefile\n');
    expect(err).toContain('--- Makefile (as exported)\n+++ Makefile (as changed)\n');
    expect(err).toMatch(/^\+# mine$/m);
    const kept = await weft('export', example, '--out', out, '--keep');
    expect(kept).toMatchObject({ code: 0 });
    expect(kept.out).toContain('1 changed by hand and kept');
    expect(readFileSync(join(out, 'Makefile'), 'utf8')).toContain('# mine');
    await weft('export', example, '--out', out, '--overwrite');
    expect(readFileSync(join(out, 'Makefile'), 'utf8')).not.toContain('# mine');
  });

  test('not into a folder of somebody else’s, unless it is said', async () => {
    const folder = folderWith({ 'notes.txt': 'mine', 'thesis.tex': 'mine' });
    const { code, err } = await weft('export', example, '--out', folder, '--overwrite');
    expect({ code, err }).toEqual({
      code: 1,
      err: `Nothing was written: ${folder} is not empty, and no export of Weft’s is in it.\nIt holds notes.txt and thesis.tex. Name a new or an empty folder, or use --add to put the project between these files.\n`,
    });
    const said = await weft('export', example, '--out', folder, '--json');
    expect([said.code, JSON.parse(said.out)]).toEqual([1, { foreign: ['notes.txt', 'thesis.tex'] }]);
    expect(existsSync(join(folder, 'Makefile'))).toBe(false);
    expect(await weft('export', example, '--out', folder, '--add')).toMatchObject({ code: 0, err: '' });
    expect(await weft('export', example, '--out', folder)).toMatchObject({ code: 0, err: '' });
  });

  test('--json', async () => {
    const out = join(folderWith({}), 'project');
    const { code, out: said } = await weft('export', example, '--out', out, '--json');
    expect(code).toBe(0);
    const { folder, written, kept, ...others } = JSON.parse(said);
    expect({ folder, kept, others }).toEqual({ folder: out, kept: [], others: {} });
    expect(written).toContain('Makefile');
  });

  test('a spec with errors is not exported: why, exit code 1', async () => {
    const folder = folderWith({ 'a.weft': bert.replace('245 MHz', '245 GB/s') });
    const out = join(folder, 'project');
    const { code, err } = await weft('export', join(folder, 'a.weft'), '--out', out);
    expect(code).toBe(1);
    expect(err).toMatch(/^Not exported:\n {2}line 3: A clock: .* \[unit-mismatch\]$/m);
    expect(existsSync(out)).toBe(false);
    const refused = await weft('export', join(folder, 'a.weft'), '--out', out, '--json');
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.out)).toEqual({
      refused: [expect.stringMatching(/^line 3: A clock: .* \[unit-mismatch\]$/)],
    });
  });

  test('an accelerator that is not there', async () => {
    const folder = folderWith({});
    const { code, err } = await weft('export', example, '--out', join(folder, 'p'), '--accelerator', 'other');
    expect(code).toBe(1);
    expect(err).toContain('other');
  });

  test('--parameters and ‘parameters’: weights from a file, and what quantising lost', async () => {
    const size = { layers: 2, hidden: 8, heads: 2, ffn: 12 };
    const spec = (statement: string): string =>
      `accelerator a { device u280  model bert(layers: 2, hidden: 8, heads: 2, ffn: 12)  phase forward(tokens: 4)  ${statement} }`;
    const folder = folderWith({ 'a.weft': spec(''), 'b.weft': spec('parameters "model.safetensors"') });
    const missing = await weft('export', join(folder, 'b.weft'), '--out', join(folder, 'b'));
    expect(missing.code).toBe(1);
    expect(missing.err).toBe('Not exported:\n  model.safetensors: there is no such file\n');

    const checked = await weft('check', join(folder, 'b.weft'));
    expect(checked.code).toBe(0);
    expect(checked.out).toMatch(
      /b\.weft:1:\d+: warning: There are no trained weights in ‘model\.safetensors’: there is no such file\. .* \[parameters-missing\]\n0 errors, /,
    );
    const file = join(folder, 'model.safetensors');
    writeFileSync(file, encoderFile(encoderValues(size, 3), size));
    expect((await weft('check', join(folder, 'b.weft'))).out).not.toContain('parameters-missing');
    const named = await weft('export', join(folder, 'b.weft'), '--out', join(folder, 'b'));
    expect(named.out).toMatch(/layer 1: weights quantised, relative error \d\.\d\d %, at most \d\.\d\d % \(\w+\)\n$/);
    const given = await weft(
      'export',
      join(folder, 'a.weft'),
      '--parameters',
      file,
      '--out',
      join(folder, 'a'),
      '--json',
    );
    expect(JSON.parse(given.out).losses).toHaveLength(2);
    const bytes = (project: string): Buffer => readFileSync(join(folder, project, 'weights/q_weights_mem.bin'));
    expect(bytes('a').equals(bytes('b'))).toBe(true);

    writeFileSync(file, readFileSync(file).subarray(0, -100));
    const cut = await weft('export', join(folder, 'b.weft'), '--out', join(folder, 'c'));
    expect(cut.err).toMatch(/model\.safetensors: tensor ‘encoder\..*’ ends at byte \d+ of a file of \d+/);
    expect(existsSync(join(folder, 'c'))).toBe(false);
  });
});
