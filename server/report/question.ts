/** Where does the FPGA win, by how much, and what limits it: curves over the length of the sequence, and where they cross. */
import { count, significant, time } from '../format.ts';
import { table } from './table.ts';

export interface Point {
  readonly tokens: number;
  readonly seconds: number;
  /** What keeps it from being faster, and how. */
  readonly limit: string;
  readonly detail?: string;
  /** Tokens (or results) for a joule. */
  readonly perJoule?: number;
}

export interface Curve {
  readonly name: string;
  /** An accelerator of the file; the best balanced design of a card; a point of a paper; peaks. */
  readonly kind: 'timeline' | 'closed form' | 'measured' | 'roofline' | 'estimate';
  readonly points: readonly Point[];
}

export interface Question {
  readonly model: string;
  readonly precision: string;
  readonly phase: string;
  readonly tokens: readonly number[];
  /** The model says its rows itself: there is one length only. */
  readonly fixed: boolean;
  readonly designs: readonly Curve[];
  readonly gpus: readonly Curve[];
}

/** One design against one GPU. */
export interface Verdict {
  readonly design: string;
  readonly gpu: string;
  readonly kind: Curve['kind'];
  /** Above 1 the design is faster; at its best length. */
  readonly best: { readonly tokens: number; readonly faster: number };
  readonly worst: { readonly tokens: number; readonly faster: number };
  /** Lengths where they take equally long, between two that were looked at. */
  readonly crossings: readonly number[];
}

export function verdictsOf({ designs, gpus }: Question): Verdict[] {
  return designs.flatMap((design) => gpus.flatMap((gpu) => verdictOf(design, gpu) ?? []));
}

function verdictOf(design: Curve, gpu: Curve): Verdict | undefined {
  const ratios = design.points.flatMap(({ tokens, seconds }) => {
    const other = gpu.points.find((point) => point.tokens === tokens);
    return other && seconds > 0 && other.seconds > 0 ? [{ tokens, faster: other.seconds / seconds }] : [];
  });
  if (ratios.length === 0) return undefined;
  const crossings = ratios.slice(1).flatMap((after, i) => {
    const before = ratios[i]!;
    const [a, b] = [Math.log(before.faster), Math.log(after.faster)];
    if (a === 0) return [before.tokens];
    if (a * b >= 0) return [];
    // Both axes are logarithmic, as they are drawn: a straight line between two points.
    const [from, to] = [Math.log(before.tokens), Math.log(after.tokens)];
    return [Math.exp(from + ((to - from) * a) / (a - b))];
  });
  return {
    design: design.name,
    gpu: gpu.name,
    kind: gpu.kind,
    best: ratios.reduce((x, y) => (y.faster > x.faster ? y : x)),
    worst: ratios.reduce((x, y) => (y.faster < x.faster ? y : x)),
    crossings,
  };
}

export function questionText(question: Question): string {
  const { model, precision, phase, tokens, fixed, designs, gpus } = question;
  const curves = [...designs, ...gpus];
  const columns = [
    { head: fixed ? 'rows' : 'tokens', align: 'right' as const },
    ...curves.map((curve) => ({ head: headOf(curve), align: 'right' as const })),
  ];
  const cells = (of: (point: Point) => string): string[][] =>
    tokens.map((length) => [
      count(length),
      ...curves.map((curve) => {
        const point = curve.points.find((one) => one.tokens === length);
        return point ? of(point) : '—';
      }),
    ]);
  return [
    `${model}, ${phase}, ${precision}: latency of the model`,
    table(
      columns,
      cells(({ seconds }) => time(seconds)),
    ),
    `${fixed ? 'Results' : 'Tokens'} a joule (the board’s or GPU’s power all the time; of an accelerator of the file its indicative power)`,
    table(
      columns,
      cells(({ perJoule }) => (perJoule === undefined ? '—' : significant(perJoule))),
    ),
    'What limits each design',
    ...designs.map(limitsOf),
    'Where it wins',
    verdictsOf(question)
      .map(fixed ? onlyVerdict : verdictText)
      .join('\n') || 'Nothing to hold it against at these lengths.',
    [
      ...(fixed ? [`· one line: ${model} says its rows itself, and there is no length of a sequence to turn.`] : []),
      '· timeline: the accelerator of the file as it is written. closed form: the best balanced design of the card by arXiv 2312.15159,',
      '  no pipelines, no FIFOs, no routing. measured: points of the baseline’s sheet. roofline: dense peaks, which no program reaches.',
    ].join('\n'),
  ]
    .join('\n\n')
    .concat('\n');
}

function headOf({ name, kind }: Curve): string {
  return `${name} (${kind})`;
}

/** Neighbouring lengths with one limit are one line. */
function limitsOf({ name, kind, points }: Curve): string {
  const runs: { from: Point; to: Point }[] = [];
  for (const point of points) {
    const last = runs.at(-1);
    if (last?.from.limit === point.limit) last.to = point;
    else runs.push({ from: point, to: point });
  }
  const lines = runs.map(({ from, to }) => {
    const lengths = from === to ? count(from.tokens) : `${count(from.tokens)} … ${count(to.tokens)}`;
    const details = fromTo(from.detail ?? '', to.detail ?? '');
    return `  ${lengths}: ${from.limit}${details === '' ? '' : ` (${details})`}`;
  });
  return [`${name} (${kind})`, ...lines].join('\n');
}

/** 'it works 41% … 63% of the layer': what two texts have in common once. */
function fromTo(from: string, to: string): string {
  if (from === to || to === '') return from;
  const [a, b] = [from.split(' '), to.split(' ')];
  const least = Math.min(a.length, b.length);
  let start = 0;
  while (start < least && a[start] === b[start]) start++;
  let end = 0;
  while (end < least - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const middle = [a, b].map((words) => words.slice(start, words.length - end).join(' '));
  const between = middle.filter((text) => text !== '').join(' … ');
  return [...a.slice(0, start), between, ...a.slice(a.length - end)].filter((text) => text !== '').join(' ');
}

function onlyVerdict({ design, gpu, kind, best: { faster } }: Verdict): string {
  const ratio = significant(faster >= 1 ? faster : 1 / faster);
  return `${design} is ${ratio}× as ${faster >= 1 ? 'fast' : 'slow'} as ${gpu} (${kind})`;
}

function verdictText({ design, gpu, kind, best, worst, crossings }: Verdict): string {
  const against = `${gpu} (${kind})`;
  const times = ({ faster, tokens }: Verdict['best']): string =>
    `${significant(faster >= 1 ? faster : 1 / faster)}× as ${faster >= 1 ? 'fast' : 'slow'} at ${count(tokens)}`;
  const span = (from: Verdict['best'], to: Verdict['best']): string =>
    from.tokens === to.tokens ? times(from) : `${times(from)}, ${times(to)}`;
  if (worst.faster > 1) return `${design} beats ${against} at every length: ${span(worst, best)}`;
  if (best.faster <= 1) return `${design} never beats ${against}: ${span(best, worst)}`;
  const where = crossings.map((length) => `about ${count(length)}`).join(' and ');
  return `${design} and ${against} cross at ${where} tokens: ${times(best)}, ${times(worst)}`;
}
