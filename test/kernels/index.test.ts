import { readdir, readFile } from 'node:fs/promises';
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

/** Folders of what several kernels share, and of the simulator: they are no kernels. */
const shared = new Set(['common', 'csim']);

it('says at the head of every kernel what its streams are and what it costs, and has a page for it', async () => {
  const page = await readFile(new URL('../../docs/kernels.md', import.meta.url), 'utf8');
  for (const folder of await readdir(library, { withFileTypes: true })) {
    if (!folder.isDirectory() || shared.has(folder.name)) continue;
    const files = await readdir(new URL(`${folder.name}/`, library));
    expect(files).toContain(`${folder.name}.h`);
    for (const name of files.filter((file) => file.endsWith('.h'))) {
      const [head = ''] = headers[name]!.split('#ifndef');
      expect(head, `${name}: its streams`).toMatch(/\bword<|\bwords?\b/);
      expect(head, `${name}: its law`).toMatch(/\bcycles?\b/i);
      expect(page, name).toContain(`\`${name}\``);
    }
  }
});

it('tries every kernel on shapes that nobody chose', async () => {
  const tests = new URL('./', import.meta.url);
  const files = (await readdir(tests, { recursive: true })).filter((file) => file.endsWith('.test.ts'));
  const texts = await Promise.all(files.map((file) => readFile(new URL(file, tests), 'utf8')));
  const random = texts.filter((text) => /\bdrawn\(/.test(text)).join('\n');
  for (const folder of await readdir(library, { withFileTypes: true }))
    if (folder.isDirectory() && !shared.has(folder.name))
      expect(random, folder.name).toContain(`kernels/${folder.name}/index.ts'`);
});
