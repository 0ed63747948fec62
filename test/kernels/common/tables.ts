/**
 * The ROMs of server/kernels/common/{exp,reciprocal,rsqrt,gelu}.h, computed anew: the quadratic through the three
 * Chebyshev nodes of each segment, in units of 2^-28. The headers hold literals so that no simulation or synthesis computes
 * them; the test compares. Printed by `node test/kernels/common/tables.ts`, to paste after a change.
 */
const unit = 2 ** 28;

export interface Table {
  readonly name: string;
  readonly header: string;
  readonly rows: readonly (readonly [number, number, number])[];
}

function table(
  header: string,
  name: string,
  segments: readonly (readonly [number, number])[],
  f: (x: number) => number,
): Table {
  return { header, name, rows: segments.map(([from, to]) => quadratic(from, to, f)) };
}

/** Coefficients of p = 0 … 1 over the segment. */
function quadratic(from: number, to: number, f: (x: number) => number): readonly [number, number, number] {
  const nodes = [0, 1, 2].map((k) => 0.5 - 0.5 * Math.cos(((2 * k + 1) * Math.PI) / 6));
  const [a, b, c] = nodes as [number, number, number];
  const [fa, fb, fc] = nodes.map((p) => f(from + p * (to - from))) as [number, number, number];
  const ab = (fb - fa) / (b - a);
  const bc = (fc - fb) / (c - b);
  const c2 = (bc - ab) / (c - a);
  const c1 = ab - c2 * (a + b);
  const c0 = fa - a * (c1 + a * c2);
  return [c0, c1, c2].map((x) => Math.round(x * unit) + 0) as unknown as readonly [number, number, number];
}

function segments(from: number, to: number, count: number): readonly (readonly [number, number])[] {
  const width = (to - from) / count;
  return Array.from({ length: count }, (_, k) => [from + k * width, from + (k + 1) * width] as const);
}

/** 1 − Φ(x), x ≥ 0: Taylor series of erf below 3, Legendre's continued fraction of erfc above. */
export function normalTail(x: number): number {
  const z = x / Math.SQRT2;
  if (z < 2.2) {
    let term = z;
    let sum = z;
    for (let n = 1; n < 80; n++) {
      term *= (-z * z) / n;
      sum += term / (2 * n + 1);
    }
    return 0.5 - sum / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let n = 120; n > 0; n--) fraction = n / 2 / (z + fraction);
  return (0.5 * Math.exp(-z * z)) / (Math.sqrt(Math.PI) * (z + fraction));
}

/** 1 − ½(1 + tanh(√(2/π)(x + 0.044715 x³))) without cancellation. */
export function tanhTail(x: number): number {
  return 1 / (1 + Math.exp(2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

export const tables: readonly Table[] = [
  table('exp.h', 'power_of_two', segments(0, 1, 64), (x) => 2 ** x),
  table('reciprocal.h', 'reciprocal', segments(1, 2, 128), (x) => 1 / x),
  table('rsqrt.h', 'rsqrt', [...segments(1, 2, 64), ...segments(2, 4, 64)], (x) => 1 / Math.sqrt(x)),
  table('gelu.h', 'normal_tail', segments(0, 6, 192), normalTail),
  table('gelu.h', 'tanh_tail', segments(0, 6, 192), tanhTail),
];

/** The initialiser of one column of a table as it stands in the header: 8 numbers a line. */
export function initialiser(table: Table, column: 0 | 1 | 2): string {
  const numbers = table.rows.map((row) => String(row[column]));
  const lines: string[] = [];
  for (let i = 0; i < numbers.length; i += 8) lines.push(`      ${numbers.slice(i, i + 8).join(', ')}`);
  return `{\n${lines.join(',\n')}};`;
}

/** Declarations of all three columns. */
export function declarations(table: Table): string {
  return ([0, 1, 2] as const)
    .map(
      (column) =>
        `  static const int c${column}[${table.rows.length}] = ${initialiser(table, column)}\n#pragma HLS BIND_STORAGE variable=c${column} type=rom_np impl=lutram`,
    )
    .join('\n');
}

if (process.argv[1]?.endsWith('tables.ts'))
  for (const each of tables) process.stdout.write(`// ${each.header}: ${each.name}\n${declarations(each)}\n\n`);
