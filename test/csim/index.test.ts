import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { csimFiles } from '../../server/kernels/csim/index.ts';

const folder = fileURLToPath(new URL('../../server/kernels/csim/', import.meta.url));

it('exports every header of the folder under its own path', async () => {
  const headers = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.h')).sort();
  expect(Object.keys(csimFiles).sort()).toEqual(headers);
  for (const path of headers) expect(csimFiles[path], path).toBe(await readFile(folder + path, 'utf8'));
});
