/** Decoder layers as a person sees them: the structures of the examples, small, in order and with bounded FIFOs. */
import { expect, test } from 'vitest';
import { findClang } from '../csim/compiler.ts';
import { folders, generatingText, projectOf } from './projects.ts';

const clang = await findClang();
const disk = folders();
const minutes = 60_000;

const specs = {
  'Llama reads a prompt, a tile of keys at a time, and leaves K and V in memory: rotated positions, shared heads, a gated FFN': `
    accelerator prompt {
      device    u280 at 200 MHz
      model     llama(layers: 2, hidden: 96, heads: 6, kv_heads: 2, ffn: 160)
      phase     prefill(tokens: 21)
      precision W8A8
      kernel cpu : embed, last, lm_head  on host
      region project on slr0  pack 2 {
        kernel norm1  lanes 4
        kernel q      array 4 x 4  weights hbm[1..2]
        kernel k      array 4 x 2  weights hbm[3]
        kernel v      array 4 x 2  weights hbm[4]
        kernel qr     lanes 4
        kernel kr     lanes 4
        kernel attend : scores + masked + softmax + context  array 4 x 4 x 2  tile 4 x 8  cache hbm[9..11]
        kernel proj   array 4 x 4  weights hbm[5]
        kernel add1   lanes 4  as fp32
        kernel norm2  lanes 4  as fp32
      }
      region feed_forward on slr2  pack 2 {
        kernel gate   : gate + act  array 4 x 4  weights hbm[6]
        kernel up     array 4 x 4  weights hbm[7]
        kernel gated  lanes 4
        kernel down   array 4 x 4  weights hbm[8]
        kernel add2   lanes 4  as fp32
      }
    }`,
  'GPT-2 writes a token: K and V grow in memory, weights behind several ports': `
    accelerator token {
      device    u280 at 180 MHz
      model     gpt2(layers: 2, hidden: 64, heads: 4, ffn: 128)
      phase     decode(past: 18)
      precision W8A8
      kernel cpu : embed, last, lm_head  on host
      region all on slr0 {
        kernel norm1   lanes 4
        kernel q       array 1 x 2 x 16  pack 2  weights hbm[0..3]
        kernel k       array 1 x 2 x 16  weights hbm[4..5]
        kernel v       array 1 x 2 x 16  weights hbm[6]
        kernel scores  array 1 x 4 x 16  cache hbm[8..11]
        kernel softmax : masked + softmax  lanes 4  as fp32
        kernel context array 1 x 8 x 4   cache hbm[12..13]
        kernel proj    array 1 x 2 x 16  weights hbm[7]
        kernel add1    lanes 4  as fp32
        kernel norm2   lanes 4  as fp32
      }
      region feed_forward on slr2 {
        kernel up      array 1 x 2 x 16  weights hbm[16..17]
        kernel act     lanes 1
        kernel down    array 1 x 2 x 16  weights hbm[18..19]
        kernel add2    lanes 4  as fp32
      }
    }`,
};

test.each(Object.entries(specs))(
  '%s',
  async (_, spec) => {
    const folder = await disk.write(projectOf(spec));
    const { code, output } = await folder.makeQuickly('csim-fibers');
    expect(output).not.toMatch(/warning:|FAILED/);
    expect(output).toMatch(
      /layer against the quantised reference in double: relative error (0|0\.00\d*|\d\.?\d*e-0\d) /,
    );
    expect(output).toMatch(/PASSED: \d+ checks$/m);
    expect(code).toBe(0);
    // Without a warning in either compiler.
    if (clang) expect(await folder.clang(clang)).toBe('');
  },
  5 * minutes,
);

test(
  'a prompt and a token behind it: each a project, one call for both',
  async () => {
    const folder = await disk.write(projectOf(generatingText));
    const { code, output } = await folder.makeQuickly('csim');
    expect(output).not.toMatch(/warning:|FAILED/);
    expect(output.match(/^PASSED: \d+ checks$/gm)).toHaveLength(2);
    expect(code).toBe(0);
  },
  5 * minutes,
);

test(
  'a row that is put in the wrong place of the cache makes the simulation fail',
  async () => {
    const folder = await disk.write(
      projectOf(specs['GPT-2 writes a token: K and V grow in memory, weights behind several ports']),
    );
    await folder.edit('src/weft/cache.h', (text) => text.replace('past % KIND::span', '(past + 1) % KIND::span'));
    const { code, output } = await folder.makeQuickly('csim');
    expect(output).toMatch(/^scores_cache\d cache grown int8 bit-exact .* FAILED$/m);
    expect(output).toMatch(/^scores scores fp32 bit-exact .* FAILED$/m);
    expect(code).not.toBe(0);
  },
  5 * minutes,
);
