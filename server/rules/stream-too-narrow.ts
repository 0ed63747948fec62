import type { Edge } from '../design/design.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { activeCycles } from '../estimate/time/channels.ts';
import { count, share } from '../format.ts';
import { estimateRule } from './rule.ts';

/** A stream that takes this much longer than the slower of its ends is not a rounding of a last word. */
const NOTABLE = 0.01;

const spec = (width: number) => `model feed {
  input x : [tokens, 768]
  act  = gelu(x)
  norm = layernorm(act)
  output norm
}
accelerator a {
  device    u280 at 245 MHz
  model     feed
  phase     forward(tokens: 512)
  kernel act   lanes 16
  kernel norm  lanes 16
  stream act -> norm  ${width} x fp32
}`;

export const streamTooNarrow = estimateRule({
  code: 'stream-too-narrow',
  severity: 'warning',
  page: {
    summary: 'A stream takes longer to carry its rows than the units at both of its ends take to work on them.',
    why: 'A FIFO moves one word a cycle. A width below what its ends work with makes the stream itself the slowest stage; lanes and multipliers behind it wait.',
    failing: spec(4),
    mended: spec(16),
    remedies: ['Widen the stream (the quick fix).', 'Leave the width out: it follows from the kernels.'],
  },
  *find(estimate) {
    const { accelerator } = estimate;
    for (const edge of accelerator.edges) {
      const carried = carriedBy(edge, estimate);
      if (!carried || !edge.width.span) continue;
      const { words, ends } = carried;
      yield {
        span: edge.width.span,
        message: `${count(edge.width.value)} elements a cycle carry the ${count(edge.rows)} x ${count(edge.columns)} of ‘${edge.tensor}’ in ${count(words)} cycles, ${share(words / ends - 1)} more than the slower of its ends takes.`,
        subject: { enough: String(edge.width.value * 2 ** Math.ceil(Math.log2(words / ends))), tensor: edge.tensor },
      };
    }
  },
  fix({ span, subject }, { text, evaluate }) {
    const newText = text(span).replace(/^\d[\d_]*/, subject.enough ?? '');
    if (newText === text(span)) return [];
    const edits = [{ span, newText }];
    const after = evaluate(edits).estimate.accelerators.find((one) => one.accelerator.name === subject.accelerator);
    const helped = after?.accelerator.edges.every((edge) => edge.tensor !== subject.tensor || !carriedBy(edge, after));
    return helped ? [{ title: `Use ${subject.enough} elements a cycle`, edits, preferred: true }] : [];
  },
});

/** Words of the edge's narrowest FIFO and cycles of the slower end, where the stream is the slower of the two. */
function carriedBy(edge: Edge, { netlist }: AcceleratorEstimate): { words: number; ends: number } | undefined {
  if (edge.width.origin === 'auto') return undefined;
  const units = new Map(netlist.units.map((unit) => [unit.id, unit]));
  const fifos = netlist.fifos.filter((fifo) => fifo.edge === edge);
  const words = fifos.reduce((most, fifo) => Math.max(most, fifo.words), 0);
  const kernels = [edge.from, edge.to].flatMap((end) => (end.kind === 'operator' ? [end.kernel] : []));
  const ends = [...units.values()]
    .filter(({ kernel, role }) => role === 'operator' && kernels.includes(kernel))
    .reduce((most, unit) => Math.max(most, activeCycles(unit)), 0);
  return ends > 0 && words > ends * (1 + NOTABLE) ? { words, ends } : undefined;
}
