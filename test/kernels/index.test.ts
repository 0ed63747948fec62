import { readdir } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { csimFiles } from '../../server/kernels/csim/index.ts';
import { headers } from '../../server/kernels/index.ts';

const library = new URL('../../server/kernels/', import.meta.url);

it('carries every header of the library', async () => {
  const found: string[] = [];
  for (const folder of await readdir(library, { withFileTypes: true }))
    if (folder.isDirectory() && folder.name !== 'csim')
      for (const file of await readdir(new URL(`${folder.name}/`, library))) if (file.endsWith('.h')) found.push(file);
  expect(Object.keys(headers).sort()).toEqual(found.sort());
});

it('includes with quotes only what it carries', () => {
  const vendor = new Set(Object.keys(csimFiles));
  for (const [name, text] of Object.entries(headers))
    for (const [, included] of text.matchAll(/^#include "([^"]+)"/gm))
      if (!vendor.has(included!)) expect(headers, `${name} includes ${included}`).toHaveProperty([included!]);
});
