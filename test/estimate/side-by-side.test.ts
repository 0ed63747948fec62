/** `replicate`: instances that take different rows or columns are one array, built and priced as if it had been written so. */
import { expect, test } from 'vitest';
import { emitted, estimateOf, exampleText } from '../emit/projects.ts';

/** The example with this in the place of the lines of these kernels. */
function example(lines: Readonly<Record<string, string>>): string {
  let text = exampleText.replace('tokens: 512', 'tokens: 64');
  for (const [kernel, line] of Object.entries(lines)) {
    const found = new RegExp(`kernel ${kernel} +.*`).exec(text)![0];
    text = text.replace(found, line);
  }
  return text;
}

const replicated = example({
  q: 'kernel q array 8 x 4  replicate 4 over outputs  weights hbm[1]',
  proj: 'kernel proj array 4 x 16  pack 2  replicate 2 over tokens  weights hbm[4]',
  norm1: 'kernel norm1 lanes 4  replicate 2 over tokens',
  act: 'kernel act lanes 2  replicate 4',
});
const wide = example({
  q: 'kernel q array 8 x 16  weights hbm[1]',
  proj: 'kernel proj array 8 x 16  pack 2  weights hbm[4]',
  norm1: 'kernel norm1 lanes 8',
  act: 'kernel act lanes 8',
});

test('the estimate is that of the wider arrays, to the cycle and the LUT', () => {
  const [one, other] = [estimateOf(replicated), estimateOf(wide)];
  expect(one.netlist.refused).toEqual([]);
  expect(one.timing.perLayer).toBe(other.timing.perLayer);
  expect(one.resources).toEqual(other.resources);
  expect(one.netlist.units.map(({ id, instance }) => [id, instance.call])).toEqual(
    other.netlist.units.map(({ id, instance }) => [id, instance.call]),
  );
  expect(one.fifos.map(({ fifo, depth }) => [fifo.id, fifo.word, depth])).toEqual(
    other.fifos.map(({ fifo, depth }) => [fifo.id, fifo.word, depth]),
  );
});

test('what is exported calls the same kernels', () => {
  const [one, other] = [emitted(replicated), emitted(wide)];
  if ('refused' in one || 'refused' in other) throw new Error('no project');
  const sources = ({ files }: typeof one) =>
    files
      .filter(({ path }) => path.startsWith('src/'))
      // Comments name the arrays and the lines of the spec.
      .map(({ path, content }) => [path, String(content).replace(/\/\/.*/g, '')]);
  expect(sources(one)).toEqual(sources(other));
});

test('instances with heads of their own deal them out among them, where K and V are on the chip', () => {
  const heads = emitted(example({ scores: 'kernel scores array 8 x 8  replicate 2 over heads  cache uram' }));
  if ('refused' in heads) throw new Error(heads.refused.join());
  const sources = heads.files.filter(({ path }) => path.startsWith('src/')).map(({ content }) => String(content));
  expect(sources.join('')).toMatch(/weft::scores_heads<\s*2 /);
  expect(sources.join('')).toContain('weft::softmax<');
});

test('of K and V in memory, instances are one array as many times as wide', () => {
  const attend = (clauses: string) => emitted(example({ scores: `kernel scores ${clauses}  cache hbm[8]` }));
  const [heads, array] = [attend('array 8 x 8  replicate 2 over heads'), attend('array 8 x 16')];
  if ('refused' in heads || 'refused' in array) throw new Error('no project');
  const sources = ({ files }: typeof heads) =>
    files
      .filter(({ path }) => path.startsWith('src/'))
      .map(({ path, content }) => [path, String(content).replace(/\/\/.*/g, '')]);
  expect(sources(heads)).toEqual(sources(array));
});

test('of attention in tiles there is one reader of K and V, and the reason says which array does as much', () => {
  const mha =
    'kernel mha : scores + softmax + context  array 8 x 8  tile auto x 32  replicate 2 over heads  cache hbm[8..9]';
  const refused = emitted(example({ scores: mha, softmax: '', context: '' }));
  expect('refused' in refused && refused.refused).toEqual([
    expect.stringMatching(/^kernel mha: .*not for 2 with heads of their own; ‘array 8 x 16’ multiplies as much/),
  ]);
});

test('heads that cannot be dealt out are said', () => {
  const heads = emitted(example({ scores: 'kernel scores array 8 x 8  replicate 5 over heads  cache uram' }));
  expect('refused' in heads && heads.refused).toEqual([
    expect.stringMatching(/^kernel scores: .*5 instances cannot have as many of the 12 heads of k each/),
  ]);
});
