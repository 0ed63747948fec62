import type { Accelerator, Kernel } from '../design/design.ts';
import { isMatrixProduct } from '../design/operators.ts';
import { multiplied } from '../design/sheets/precision.ts';
import type { ElementType, Operator } from '../design/workload.ts';
import { greatestPack } from '../kernels/common/array.ts';
import { kernelNamed } from './places.ts';
import { acceleratorRule } from './rule.ts';

const spec = (pack: number) => `model query {
  input x : [tokens, 768]
  q = linear(x, 768)
  output q
}
accelerator a {
  device    u280 at 245 MHz
  model     query
  phase     forward(tokens: 512)
  precision W8A8
  kernel q  array 8 x 8  pack ${pack}  weights hbm[3]
}`;

export const packImpossible = acceleratorRule({
  code: 'pack-impossible',
  severity: 'error',
  ofText: true,
  page: {
    summary: 'A DSP cannot give that many products of these types in a cycle.',
    why: 'Packed products share one operand and stand side by side in one multiplication, a product’s width apart. What is wider than the multiplier’s port cannot be multiplied at once: a DSP48E2 multiplies 27 by 18 bits, so two int8 weights share an int8 activation and a third finds no room. Nothing is priced at a packing that no hardware has.',
    failing: spec(4),
    mended: spec(2),
    remedies: [
      'Pack as many products as the message names (the quick fix).',
      'Use narrower weights: `precision W4A8`.',
    ],
  },
  *find(accelerator) {
    for (const kernel of accelerator.kernels) {
      const limit = packLimit(accelerator, kernel);
      if (!limit || kernel.engines || !kernel.pack.span || kernel.pack.value <= limit.most) continue;
      const { most, packed, shared } = limit;
      yield {
        span: kernel.pack.span,
        message: `‘${kernel.name}’ cannot pack ${kernel.pack.value} products into a DSP: a ${accelerator.device.dspKind} gives at most ${most} of ${packed} by ${shared}.`,
        subject: { accelerator: accelerator.name, kernel: kernel.name, most: String(most) },
      };
    }
  },
  fix({ span, subject }, { facts, text }) {
    const accelerator = facts.design.accelerators.find((one) => one.name === subject.accelerator);
    const kernel = accelerator && kernelNamed(accelerator, subject.kernel);
    const words = text(span).replace(/\d[\d_]*(?!.*\d)/, subject.most ?? '');
    return kernel && words !== text(span)
      ? [{ title: `Use \`${words}\``, edits: [{ span, newText: words }], preferred: true }]
      : [];
  },
});

interface PackLimit {
  readonly most: number;
  readonly packed: ElementType;
  readonly shared: ElementType;
}

/** The fewest products a DSP that one of the kernel's matrix products allows. */
function packLimit(accelerator: Accelerator, kernel: Kernel): PackLimit | undefined {
  return kernel.turns
    .flat()
    .filter((operator) => isMatrixProduct(operator.kind))
    .map((operator) => limitOf(operator, accelerator, kernel))
    .sort((a, b) => a.most - b.most)[0];
}

function limitOf({ weights }: Operator, { precision, device }: Accelerator, kernel: Kernel): PackLimit {
  const rows = kernel.array?.value.tokens;
  const shared = multiplied(kernel, precision);
  const packed = weights > 0 ? precision.weights : shared;
  const whole = [packed, shared].every((type) => type.startsWith('int') || type.startsWith('uint'));
  return { packed, shared, most: whole ? Math.max(1, greatestPack(packed, shared, device.dspKind, rows)) : 1 };
}
