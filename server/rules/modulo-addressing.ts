import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { count } from '../format.ts';
import { kernelNamed, placeOf } from './places.ts';
import { estimateRule } from './rule.ts';
import { quoted } from './words.ts';

const spec = (columns: number) => `model attention {
  input x : [tokens, 192]
  q = linear(x, 192)
  k = linear(x, 192)
  v = linear(x, 192)
  s = scores(q, k, heads: 4)
  p = softmax(s)
  c = context(p, v, heads: 4)
  output c
}
accelerator a {
  device    u280 at 245 MHz
  model     attention
  phase     forward(tokens: 48)
  precision W8A8
  kernel q  array 12 x 8
  kernel k  array 12 x 8
  kernel v  array 12 x 8
  kernel s  array 12 x ${columns}
  kernel p  lanes 12
  kernel c  array 12 x 8
}`;

export const moduloAddressing = estimateRule({
  code: 'modulo-addressing',
  severity: 'warning',
  page: {
    summary: 'Keys are picked out of their words by a modulo that is no power of two.',
    why: 'K stays on the chip in words of as many keys as rows are side by side. A tile of scores that is narrower takes a part of a word, at (part · columns + c) mod rows: of a power of two these are wires, of any other number a divider in front of every multiplexer of the array, in a loop that begins a step each cycle.',
    failing: spec(4),
    mended: spec(12),
    remedies: [
      'Have as many columns in a tile of scores as rows are side by side (the quick fix), or a multiple.',
      'Put a power of two of rows side by side in all arrays.',
    ],
  },
  *find(estimate) {
    for (const { kernel: name, rows, columns } of moduloIn(estimate)) {
      const { accelerator } = estimate;
      const kernel = kernelNamed(accelerator, name);
      yield {
        span: placeOf(accelerator, kernel, ['array']),
        message: `${quoted(name)} takes ${count(columns)} keys at a time from words of ${count(rows)}: where they are is a modulo of ${count(rows)}, which is no power of two.`,
        subject: { kernel: name, rows: String(rows) },
      };
    }
  },
  fix({ span, subject }, { facts, text, evaluate }) {
    const before = facts.estimate.accelerators.find((one) => one.accelerator.name === subject.accelerator);
    const kernel = before && kernelNamed(before.accelerator, subject.kernel);
    if (!kernel?.array?.span || kernel.array.origin === 'auto') return [];
    const columns = Math.ceil(Number(subject.rows) / kernel.pack.value);
    const newText = text(span).replace(/(x\s*)\d[\d_]*/, `$1${columns}`);
    const edits = [{ span, newText }];
    const after = evaluate(edits).estimate.accelerators.find((one) => one.accelerator.name === subject.accelerator);
    const isBuilt = (one: AcceleratorEstimate) =>
      !one.netlist.refused.some((refused) => refused.kernel === kernel.name);
    const helped = after && isBuilt(after) && !moduloIn(after).some((one) => one.kernel === kernel.name);
    return helped ? [{ title: `Use \`${newText}\``, edits, preferred: true }] : [];
  },
});

/** Kernels of scores whose tile is a part of the rows in a word of K (scores.h: `% KEY_TOKENS`). */
function moduloIn({ netlist, accelerator }: AcceleratorEstimate) {
  return netlist.units.flatMap(({ kernel: name, operators, instance }) => {
    const kernel = operators[0]?.kind === 'scores' ? kernelNamed(accelerator, name) : undefined;
    const word = instance.streams.find((stream) => stream.direction === 'in' && stream.name === 'k')?.word;
    const columns = (kernel?.array?.value.outputs ?? 0) * (kernel?.pack.value ?? 1);
    const isModulo = word && columns > 0 && word.tokens > columns && !Number.isInteger(Math.log2(word.tokens));
    return isModulo ? [{ kernel: name, rows: word.tokens, columns }] : [];
  });
}
