/** Weights of a channel that is too full, kept on the chip for several blocks of rows: `tile 64`. */
import type { Kernel } from '../design/design.ts';
import type { TextEdit } from '../diagnostic.ts';
import type { AcceleratorEstimate, ChannelEstimate } from '../estimate/estimate.ts';
import { kernelNamed } from './places.ts';
import { clausesOf, usersOf } from './spread.ts';

/** Rows of a block, and of all blocks, where the weights of a written array are read again for each block. */
function rowsOf({ array, tile, turns, weights }: Kernel): { block: number; all: number } | undefined {
  const [turn] = turns;
  const block = array?.value.tokens ?? 0;
  const all = Math.max(0, ...(turn ?? []).map(({ kind, rows }) => (kind === 'linear' ? rows : 0)));
  const written = array?.origin === 'written' && array.span && weights?.value.kind === 'channels';
  return written && !tile && turns.length === 1 && all > block ? { block, all } : undefined;
}

export interface KeptWeights {
  /** Blocks of rows that the weights are kept for. */
  readonly blocks: number;
  readonly edits: TextEdit[];
}

/**
 * A `tile` for each product on the channel that reads its weights for each block of rows: of powers of two of blocks that leave no
 * more than the limit, the fewest first. Others that waited for the channel ask for more once it is free, so that the fewest may be
 * too few.
 */
export function* keepWeights({ accelerator }: AcceleratorEstimate, channel: ChannelEstimate): Generator<KeptWeights> {
  const again = usersOf(channel).flatMap(({ kernel: name, demand }) => {
    const kernel = kernelNamed(accelerator, name);
    const rows = kernel && clausesOf(kernel, channel).includes('weights') ? rowsOf(kernel) : undefined;
    return kernel?.array?.span && rows ? [{ ...rows, demand, span: kernel.array.span }] : [];
  });
  if (again.length === 0) return;
  const others = channel.demand - again.reduce((sum, { demand }) => sum + demand, 0);
  const most = Math.max(...again.map(({ all, block }) => Math.ceil(all / block)));
  for (let blocks = 2; blocks < 2 * most; blocks *= 2) {
    const asked = again.reduce(
      (sum, { demand, all, block }) => sum + demand / Math.min(blocks, Math.ceil(all / block)),
      others,
    );
    if (asked > channel.limit) continue;
    const edits = again.map(({ span: { file, end }, block }) => ({
      span: { file, start: end, end },
      newText: `  tile ${blocks * block}`,
    }));
    yield { blocks, edits };
  }
}
