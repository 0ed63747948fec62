/** The decoder layers of the examples at their full size, with bounded FIFOs: bit by bit, against the layer's reference, the recorded hash. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { folders, projectOf } from '../emit/projects.ts';
import { decoders } from '../simulate.ts';

const disk = folders();

test.each(Object.entries(decoders))('%s', async (spec, hash) => {
  const folder = await disk.write(projectOf(await readFile(spec, 'utf8')));
  const { code, output } = await folder.make('csim-fibers');
  expect(output).not.toMatch(/warning:|FAILED/);
  expect(output).toContain(`hash of the result ${hash}:`);
  const [, simulated, estimated] = /cycles: (\d+) simulated, (\d+) estimated/.exec(output)!;
  expect(Math.abs(Number(estimated) / Number(simulated) - 1)).toBeLessThan(0.03);
  expect(code).toBe(0);
});
