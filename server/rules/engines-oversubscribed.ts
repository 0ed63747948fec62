import { count, enumeration, share } from '../format.ts';
import { estimateOf } from './after.ts';
import { halved } from './halved.ts';
import { kernelNamed, placeOf } from './places.ts';
import { estimateRule } from './rule.ts';
import { quoted } from './words.ts';

const spec = (up: string) => `model ffn {
  input x : [tokens, 768]
  up = linear(x, 3072)
  output up
}
accelerator a {
  device    vck5000 at 250 MHz
  model     ffn
  phase     forward(tokens: 512)
  precision W8A8
  kernel up  ${up}  weights uram
}`;

export const enginesOversubscribed = estimateRule({
  code: 'engines-oversubscribed',
  severity: 'error',
  page: {
    summary: 'Kernels on engines multiply more than the engines of the card do.',
    why: 'AI engines and tensor blocks are a rate here: their number, times what each multiplies and adds a cycle of its clock, rescaled to the clock of the logic. Arrays `on engines` share it; a VCK5000 gives 204,800 multiply-accumulates a cycle of 250 MHz.',
    failing: spec('array 32 x 128 x 64  on engines'),
    mended: spec('array 8 x 32  pack 2'),
    remedies: ['Make the array smaller.', 'Leave `on engines` out: the products are those of DSPs then.'],
  },
  *find({ accelerator, engines }) {
    if (!engines || engines.used <= engines.available) return;
    const { used, available, users } = engines;
    const byMost = [...users].sort((a, b) => b.macs - a.macs);
    yield {
      span: placeOf(accelerator, kernelNamed(accelerator, byMost[0]?.kernel), ['array']),
      message: `${enumeration(byMost.map(({ kernel }) => quoted(kernel)))} ${users.length > 1 ? 'ask' : 'asks'} for ${count(used)} multiply-accumulates a cycle of the engines of ${accelerator.device.name}, which do ${count(available)} (${share(used / available)}).`,
      subject: { kernel: byMost[0]?.kernel ?? '' },
    };
  },
  fix({ subject }, { facts, text, evaluate }) {
    const before = estimateOf(facts, subject.accelerator);
    const span = before && kernelNamed(before.accelerator, subject.kernel)?.array?.span;
    let smaller = span && halved(text(span));
    for (; span && smaller !== undefined; smaller = halved(smaller)) {
      const edits = [{ span, newText: smaller }];
      const engines = estimateOf(evaluate(edits), subject.accelerator)?.engines;
      if (engines && engines.used <= engines.available)
        return [{ title: `Use \`${smaller}\``, edits, preferred: true }];
    }
    return [];
  },
});
