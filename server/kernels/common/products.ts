/** DSP blocks of the products of an array of integers. */
import type { ArrayShape } from '../../design/design.ts';
import type { ElementType } from '../../design/workload.ts';
import type { Target } from '../kernel.ts';
import { elementBits } from '../word.ts';

/** Products of integers of so many bits that a block adds up in one cycle, each of operands of its own. */
interface SumOfProducts {
  readonly bits: number;
  readonly terms: number;
}

/** Of blocks that have such a mode; the narrowest first. */
const sumsOfProducts: Readonly<Record<string, { readonly modes: readonly SumOfProducts[]; readonly source: string }>> =
  {
    AGILEX_DSP: {
      modes: [
        { bits: 9, terms: 4 },
        { bits: 18, terms: 2 },
      ],
      source: 'Intel 683458: sums of four products of 9 × 9 bits, of two of 18 × 19',
    },
  };

/**
 * DSP blocks of the integer products of an array: one for P products that share an operand, or, of a block that adds products up,
 * one for so many steps of a dot product; whichever are fewer.
 */
export function productBlocks(
  { array: { tokens, outputs, dot }, pack }: { readonly array: ArrayShape; readonly pack: number },
  { packed, shared }: { readonly packed: ElementType; readonly shared: ElementType },
  { dspKind }: Target,
): { readonly blocks: number; readonly symbolic: string; readonly numeric: string; readonly source: string } {
  const one = {
    blocks: tokens * outputs * dot,
    symbolic: 'R · A · D',
    numeric: `${tokens} · ${outputs} · ${dot}`,
    source: 'BIND_OP of multiply.h',
  };
  const known = Object.hasOwn(sumsOfProducts, dspKind) ? sumsOfProducts[dspKind] : undefined;
  const mode = known?.modes.find(({ bits }) => Math.max(elementBits[packed], elementBits[shared]) <= bits);
  if (!known || !mode) return one;
  const blocks = tokens * outputs * pack * Math.ceil(dot / mode.terms);
  if (blocks >= one.blocks) return one;
  return {
    blocks,
    symbolic: `R · A · P · ⌈D/${mode.terms}⌉`,
    numeric: `${tokens} · ${outputs} · ${pack} · ${Math.ceil(dot / mode.terms)}`,
    source: known.source,
  };
}
