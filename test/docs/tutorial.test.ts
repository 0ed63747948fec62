/** docs/tutorial.md prints what its commands print: `vitest run test/docs -u` brings it up to date. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, weft } from '../cli/weft.ts';
import { replay } from './replay.ts';

const page = 'docs/tutorial.md';
const file = 'my_bert.weft';

test('the tutorial', async () => {
  const folder = folderWith({});
  const shell = async (words: readonly string[]) => {
    const { out, err } = await weft(...words.map((word) => (word === file ? join(folder, file) : word)));
    // The path is that of the reader's own folder.
    return (out + err).replaceAll(/\S*my_bert\.weft/g, file);
  };
  const current = await replay(readFileSync(page, 'utf8'), folder, file, shell);
  expect(current).toContain('0 errors, 0 warnings');
  await expect(current).toMatchFileSnapshot(`../../${page}`);
});
