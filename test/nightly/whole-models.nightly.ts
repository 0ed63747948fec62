/** Models of their real size: exported, simulated, compared. */
import { expect, test } from 'vitest';
import { exampleText, folders, projectOf } from '../emit/projects.ts';
import { compareWhole, type Encoder, exported } from '../emit/whole-model.ts';

const disk = folders();

const miniLm = (precision: string): Encoder => ({
  size: { layers: 6, hidden: 384, heads: 12, ffn: 1536 },
  tokens: 128,
  type: 'BF16',
  spec: `
    accelerator minilm {
      device     u280 at 245 MHz
      model      minilm_l6
      phase      forward(tokens: 128)
      precision  ${precision}
      parameters "model.safetensors"
      region project on slr0 pack 2 {
        kernel q array 8 x 16 weights hbm[1]
        kernel k array 8 x 16 weights hbm[2]
        kernel v array 8 x 16 weights hbm[3]
      }
      region attend on slr1 {
        kernel scores  array 8 x 8  cache uram double
        kernel softmax lanes 8
        kernel context array 8 x 8  cache uram double
        kernel proj    array 8 x 16 pack 2 weights hbm[4]
        kernel add1    lanes 8
        kernel norm1   lanes 8
      }
      region feed_forward on slr2 pack 2 {
        kernel up   array 8 x 16 weights hbm[5]
        kernel act  lanes 8
        kernel down array 8 x 16 weights hbm[6]
        kernel add2  lanes 8
        kernel norm2 lanes 8
      }
    }`,
});

test.each([
  ['W8A8', 0.08],
  ['W4A8', 0.35],
] as const)('MiniLM whole, six layers, %s, weights from a safetensors file', async (precision, bound) => {
  const one = miniLm(precision);
  const { code, output, error } = await compareWhole(await disk.write(exported(one)), one);
  console.log(output, `relative error of the whole model: ${error}`);
  expect(output).not.toMatch(/warning|FAILED/);
  expect(output).toMatch(/layer 6 of 6\n[\s\S]*PASSED: \d+ checks$/m);
  expect(code).toBe(0);
  expect(error).toBeLessThan(bound);
});

test.each(['W4A8', 'W8A8'])('a layer of BERT-base at 512 tokens, %s', async (precision) => {
  const folder = await disk.write(projectOf(exampleText.replace('W4A8', precision)));
  for (const target of ['csim', 'csim-fibers']) {
    const { code, output } = await folder.make(target);
    console.log(output);
    expect(output).not.toMatch(/warning|FAILED/);
    expect(output).toMatch(/PASSED: \d+ checks$/m);
    expect(code).toBe(0);
  }
});
