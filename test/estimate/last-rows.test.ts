/** Rows that fill no block, and columns that fill no tile: each end of a stream says how many words really come. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { estimateOf } from '../emit/projects.ts';
import { randomAccelerators } from '../emit/random-accelerator.ts';

// Six rows are a block and a half of `k`, and the second tile of `q` has one column of four. K is stored whole before the scores
// take a word of q; what q has meanwhile given must lie in the FIFO behind it, or the fork in front of q, k and v stands still: the C simulation did with three words of room.
const halfBlocks = `accelerator random {
  device u280 at 300 MHz
  model gpt2(layers: 2, hidden: 5, heads: 1, ffn: 5, tanh: 0)
  phase forward(tokens: 6)
  precision W2A8
  kernel norm1 lanes 8
  kernel q array 1 x 2 x 2 pack 2 weights hbm[3]
  kernel k array 4 x 4 x 2 weights hbm[7] port 64 bit
  kernel v array 2 x 6 weights hbm[9] port 256 bit burst 32
  kernel scores array 1 x 4 cache lutram
}`;

test('a FIFO in front of a product that waits for the rest of a block is as deep as the C simulation needs it', () => {
  const { fifos } = estimateOf(halfBlocks);
  expect(fifos.find(({ fifo }) => fifo.id === 'q_to_scores')?.depth).toBeGreaterThan(3);
});

test('both ends of every stream agree on the words of a pass', () => {
  fc.assert(
    fc.property(randomAccelerators, (text) => {
      expect(estimateOf(text).caveats.filter((caveat) => caveat.includes('differ in words'))).toEqual([]);
    }),
    { numRuns: 30 },
  );
});
