import type { Accelerator, Edge, End } from '../design/design.ts';
import { acceleratorRule } from './rule.ts';

const spec = (width: number) => `model feed {
  input x : [tokens, 768]
  act  = gelu(x)
  down = linear(act, 768)
  output down
}
accelerator a {
  device    u280 at 245 MHz
  model     feed
  phase     forward(tokens: 512)
  precision W4A8
  kernel act   lanes 8
  kernel down  array 8 x 16  pack 2  weights hbm[1]
  stream act -> down  ${width} x int8
}`;

export const streamWidthMismatch = acceleratorRule({
  code: 'stream-width-mismatch',
  severity: 'warning',
  page: {
    summary: 'A stream is neither a multiple nor a part of the width that a unit at its end works with.',
    why: 'A converter joins widths where one divides the other: a shift register. Where neither does, it needs a gearbox of their least common multiple, which costs LUTs and stalls one side.',
    failing: spec(12),
    mended: spec(16),
    remedies: [
      'Use a width that divides, or is divided by, the widths of both ends.',
      'Leave the width out: it follows from the kernels.',
    ],
  },
  *find(accelerator) {
    for (const edge of accelerator.edges) {
      if (edge.width.origin === 'auto' || !edge.span) continue;
      for (const end of [edge.from, edge.to]) {
        const width = endWidth(end, accelerator.kernels);
        if (width === undefined || divides(width, edge.width.value)) continue;
        yield {
          span: edge.width.span ?? edge.span,
          message: `${edge.width.value} elements a cycle do not fit ‘${nameOf(end)}’, which ${end === edge.from ? 'writes' : 'reads'} ${width} a cycle: neither divides the other.`,
          related: kernelSpan(end, accelerator.kernels).map((span) => ({
            span,
            message: `‘${nameOf(end)}’ works on ${width} elements a cycle`,
          })),
          subject: { accelerator: accelerator.name, width: String(width), ...subjectOf(edge) },
        };
        break;
      }
    }
  },
  fix(diagnostic) {
    const width = diagnostic.subject.width;
    if (width === undefined || !/^\d+$/.test(width)) return [];
    return diagnostic.subject.written === 'yes'
      ? [
          {
            title: `Use ${width} elements a cycle`,
            edits: [{ span: diagnostic.span, newText: width }],
            preferred: true,
          },
        ]
      : [];
  },
});

type Kernels = Accelerator['kernels'];

function subjectOf(edge: Edge): Record<string, string> {
  return { written: edge.width.span ? 'yes' : 'no' };
}

function divides(a: number, b: number): boolean {
  return a > 0 && b > 0 && (a % b === 0 || b % a === 0);
}

/** Elements that the unit at this end handles a cycle; memories take any width. */
function endWidth(end: End, kernels: Kernels): number | undefined {
  if (end.kind !== 'operator') return undefined;
  const kernel = kernels.find((one) => one.name === end.kernel);
  return kernel?.lanes?.value ?? kernel?.array?.value.tokens;
}

function kernelSpan(end: End, kernels: Kernels) {
  const kernel = end.kind === 'operator' ? kernels.find((one) => one.name === end.kernel) : undefined;
  return kernel ? [kernel.lanes?.span ?? kernel.array?.span ?? kernel.nameSpan] : [];
}

function nameOf(end: End): string {
  switch (end.kind) {
    case 'operator':
      return end.operator;
    case 'memory':
      return `${end.memory}[${end.channel}]`;
    case 'link':
      return end.link;
    case 'host':
      return 'host';
  }
}
