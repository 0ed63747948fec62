/** Random trees of the whole grammar, without positions, and the text that says each in the plainest way. */
import fc from 'fast-check';

/** A node as `shape` leaves it. */
export interface Shape {
  readonly kind: string;
  readonly [key: string]: unknown;
}

/** Modifiers are names too, wherever a name may stand. */
const NAMES = ['a', 'q', 'norm1', 'slr0', 'hbm', 'x', 'of', 'repeat', 'double', 'single', 'port', 'burst'];
const LABELS = [...NAMES, 'tokens', 'on', 'depth', 'array', 'kernel', 'as'];
const NUMBERS: [string, number][] = [
  ['0', 0],
  ['8', 8],
  ['1_000', 1000],
  ['2.5', 2.5],
  ['1e3', 1000],
];
const QUANTITIES: [string, number, string][] = [
  ['30 ms', 30, 'ms'],
  ['80%', 80, '%'],
  ['14.4GB/s', 14.4, 'GB/s'],
  ['1_6 MiB', 16, 'MiB'],
  ['2 tok', 2, 'tok'],
];
const DOCS = ['why', 'two\nlines', 'x 8 // no comment'];

const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const some = <T>(value: fc.Arbitrary<T>, maxLength = 3): fc.Arbitrary<T[]> =>
  fc.array(value, { minLength: 1, maxLength });
const few = <T>(value: fc.Arbitrary<T>, maxLength = 3): fc.Arbitrary<T[]> => fc.array(value, { maxLength });
/** Keys whose value is undefined are left out, as the parser leaves them out. */
const node = (kind: string, parts: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Shape> =>
  fc.record({ kind: fc.constant(kind), ...parts }).map((made) => defined(made) as Shape);
const defined = (made: object): object =>
  Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined));
const word = (...words: string[]): fc.Arbitrary<string> => fc.constantFrom(...words);

const named = (names: readonly string[]): fc.Arbitrary<Shape> =>
  fc.constantFrom(...names).map((text) => ({ kind: 'name', text }));
const name = named(NAMES);
const doc = optional(fc.constantFrom(...DOCS));
const text = fc.constantFrom('', 'a b', 'https://x').map((value) => ({ kind: 'string', value }));
const auto = fc.constant<Shape>({ kind: 'auto' });
const binary = (operators: string[], left: fc.Arbitrary<unknown>, right: fc.Arbitrary<unknown>): fc.Arbitrary<Shape> =>
  node('binary', { operator: word(...operators), left, right });

const { expression, sum, args } = fc.letrec<
  Record<'expression' | 'sum' | 'product' | 'unary' | 'primary' | 'args', unknown>
>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small' },
    tie('sum'),
    binary(['<', '<=', '>', '>=', '==', '!='], tie('sum'), tie('sum')),
  ),
  sum: fc.oneof({ depthSize: 'small' }, tie('product'), binary(['+', '-'], tie('sum'), tie('product'))),
  product: fc.oneof({ depthSize: 'small' }, tie('unary'), binary(['*', '/'], tie('product'), tie('unary'))),
  unary: fc.oneof(
    { depthSize: 'small' },
    tie('primary'),
    node('unary', { operator: word('-'), operand: tie('primary') }),
  ),
  primary: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(...NUMBERS).map(([digits, value]) => ({ kind: 'number', value, text: digits })),
    fc.constantFrom(...QUANTITIES).map(([written, value, unit]) => ({ kind: 'quantity', value, unit, text: written })),
    text,
    node('reference', { path: some(name) }),
    node('call', { path: some(name, 2), arguments: tie('args') }),
    node('parenthesised', { inner: tie('expression') }),
  ),
  args: few(node('argument', { label: optional(named(LABELS)), value: tie('expression') }) as fc.Arbitrary<unknown>, 2),
}));

const dim = fc.oneof(auto, sum);
const span = node('span', { from: expression, to: optional(expression) });
const place = node('place', { parts: some(node('part', { name, index: optional(some(span, 2)) }), 2) });
const list = some(expression, 2);
const reference = fc.oneof(
  node('model-reference', { importPath: text }),
  node('model-reference', { name, arguments: optional(args) }),
);
const constant = node('let', { doc, name, value: expression });

const mode = fc.oneof(
  node('mode', { word: word('double', 'single') }),
  node('mode', { word: word('via'), name }),
  node('mode', { word: word('port', 'burst'), value: dim }),
);
const stored = { word: word('weights', 'cache'), modes: few(mode) };
const placed = { word: word('on', 'for') };
const clause = fc.oneof(
  node('dimensions', { word: word('array', 'tile'), dims: some(dim) }),
  node('scalar', { word: word('lanes', 'pack', 'ii', 'as', 'at'), value: dim }),
  node('replicate', { word: word('replicate'), count: dim, over: optional(name) }),
  node('storage', { ...stored, auto: fc.constant(false), place }),
  node('storage', { ...stored, auto: fc.constant(true) }),
  node('places', { ...placed, auto: fc.constant(false), places: some(place) }),
  node('places', { ...placed, auto: fc.constant(true), places: fc.constant([]) }),
);
const turn = node('turn', { operators: some(place) });
const kernel = node('kernel', { doc, name: optional(name), turns: optional(some(turn)), clauses: few(clause) });
const element = fc.record({ name, arguments: optional(args) }).map(defined);
const attributes = few(node('stream-attribute', { word: word('depth', 'in'), value: dim }), 2);
const ends = { doc, from: place, to: some(place), attributes };
const stream = fc.oneof(node('stream', ends), node('stream', { ...ends, width: dim, element: optional(element) }));
const region = node('region', { doc, name: optional(name), clauses: few(clause), body: few(fc.oneof(kernel, stream)) });
const card = { name, clock: optional(dim), link: optional(name), split: few(node('split', { name, ways: dim }), 2) };
const statement = fc.oneof(
  kernel,
  stream,
  region,
  constant,
  node('device', {
    count: optional(
      fc.oneof(fc.constant({ kind: 'number', value: 4, text: '4' }), node('reference', { path: some(name, 1) })),
    ),
    ...card,
  }),
  node('use-model', { model: reference }),
  node('phase', { name, arguments: optional(args) }),
  node('use-precision', { value: dim }),
  node('copies', { count: dim, of: optional(name) }),
  node('reserve', { shares: some(fc.record({ place, amount: expression })) }),
  node('require', { condition: expression }),
  node('objective', { direction: word('minimize', 'maximize'), value: expression }),
  node('parameters', { path: text }),
  node('choose', { name, choices: some(span) }),
  node('compare', { names: some(name) }),
);

const { operations } = fc.letrec<{ operations: unknown[] }>((tie) => ({
  operations: few(
    fc.oneof(
      { depthSize: 'small' },
      node('operation', { name, value: expression }),
      node('input', { name, shape: list }),
      node('output', { names: some(name) }),
      node('layer', {
        name,
        parameters: optional(parameters()),
        repeat: optional(expression),
        body: tie('operations'),
      }),
    ) as fc.Arbitrary<unknown>,
  ),
}));
function parameters(): fc.Arbitrary<Shape[]> {
  return few(node('parameter', { name, default: optional(expression) }));
}
const { items } = fc.letrec<{ items: unknown[] }>((tie) => ({
  items: few(
    fc.oneof(
      { depthSize: 'small' },
      node('item', {
        doc,
        key: named(LABELS),
        arguments: optional(args),
        value: fc.oneof(span, node('list', { items: list })),
      }),
      node('item', { doc, key: named(LABELS), names: optional(some(name)), items: tie('items') }),
    ) as fc.Arbitrary<unknown>,
  ),
}));

const declaration = fc.oneof(
  node('import', { path: text }),
  constant,
  node('model', { doc, name, instance: reference }),
  node('model', { doc, name, parameters: optional(parameters()), body: operations }),
  node('sheet', { doc, sort: word('device', 'baseline', 'precision'), name, items }),
  node('accelerator', { doc, name: optional(name), statements: few(statement, 5) }),
);

export const trees: fc.Arbitrary<Shape> = node('tree', { declarations: few(declaration) });

type Part = Shape | readonly Part[] | string | undefined | unknown;
const all = (parts: unknown, between = ' '): string => ((parts as Part[] | undefined) ?? []).map(written).join(between);
const maybe = (before: string, part: unknown): string => (part === undefined ? '' : `${before} ${written(part)}`);
const brackets = (args: unknown): string => (args === undefined ? '' : `(${all(args, ', ')})`);
const block = (parts: unknown): string => `{ ${all(parts)} }`;

/** A tree as text: blanks between all words, no line but those that documentation asks for. */
export function written(part: Part): string {
  if (typeof part === 'string') return part;
  if (Array.isArray(part)) return all(part);
  const n = part as Shape;
  const docs =
    n.doc === undefined
      ? ''
      : `\n${(n.doc as string)
          .split('\n')
          .map((line) => `/// ${line}\n`)
          .join('')}`;
  return docs + plain(n);
}

function plain(n: Shape): string {
  switch (n.kind) {
    case 'name':
    case 'number':
    case 'quantity':
      return n.text as string;
    case 'string':
      return `"${n.value}"`;
    case 'unary':
      return `-${written(n.operand)}`;
    case 'binary':
      return `${written(n.left)} ${n.operator} ${written(n.right)}`;
    case 'parenthesised':
      return `(${written(n.inner)})`;
    case 'reference':
    case 'call':
      return all(n.path, '.') + brackets(n.arguments);
    case 'auto':
      return 'auto';
    case 'argument':
      return (n.label ? `${written(n.label)}: ` : '') + written(n.value);
    case 'span':
      return written(n.from) + (n.to === undefined ? '' : ` .. ${written(n.to)}`);
    case 'list':
      return `[${all(n.items, ', ')}]`;
    case 'place':
      return all(n.parts, '.');
    case 'part':
      return written(n.name) + (n.index === undefined ? '' : `[${all(n.index, ', ')}]`);
    case 'tree':
      return all(n.declarations, '\n');
    case 'import':
      return `import ${written(n.path)}`;
    case 'let':
      return `let ${written(n.name)} = ${written(n.value)}`;
    case 'model':
      return n.instance
        ? `model ${written(n.name)} = ${written(n.instance)}`
        : `model ${written(n.name)}${brackets(n.parameters)} ${block(n.body)}`;
    case 'model-reference':
      return n.importPath ? `import ${written(n.importPath)}` : written(n.name) + brackets(n.arguments);
    case 'parameter':
      return written(n.name) + maybe(' =', n.default);
    case 'input':
      return `input ${written(n.name)} : [${all(n.shape, ', ')}]`;
    case 'output':
      return `output ${all(n.names, ', ')}`;
    case 'layer':
      return `layer ${written(n.name)}${brackets(n.parameters)}${maybe(' repeat', n.repeat)} ${block(n.body)}`;
    case 'operation':
      return `${written(n.name)} = ${written(n.value)}`;
    case 'sheet':
      return `${n.sort} ${written(n.name)} ${block(n.items)}`;
    case 'item': {
      const head = `${written(n.key)}${brackets(n.arguments)}`;
      return n.items ? `${head} ${all(n.names, ', ')} ${block(n.items)}` : `${head}: ${written(n.value)},`;
    }
    case 'accelerator':
      return `accelerator${maybe('', n.name)} ${block(n.statements)}`;
    default:
      return statementText(n);
  }
}

function statementText(n: Shape): string {
  switch (n.kind) {
    case 'device': {
      const split = n.split as unknown[];
      const cut = split.length > 0 ? ` split ${all(split, ', ')}` : '';
      return `device ${n.count ? `${written(n.count)} x ` : ''}${written(n.name)}${maybe(' at', n.clock)}${maybe(' link', n.link)}${cut}`;
    }
    case 'split':
      return `${written(n.name)} ${written(n.ways)}`;
    case 'use-model':
      return `model ${written(n.model)}`;
    case 'phase':
      return `phase ${written(n.name)}${brackets(n.arguments)}`;
    case 'use-precision':
      return `precision ${written(n.value)}`;
    case 'copies':
      return `copies ${written(n.count)}${maybe(' of', n.of)}`;
    case 'reserve':
      return `reserve ${(n.shares as Shape[]).map(({ place, amount }) => `${written(place)} ${written(amount)}`).join(', ')}`;
    case 'require':
      return `require ${written(n.condition)}`;
    case 'objective':
      return `${n.direction} ${written(n.value)}`;
    case 'parameters':
      return `parameters ${written(n.path)}`;
    case 'choose':
      return `choose ${written(n.name)} from ${all(n.choices, ', ')}`;
    case 'compare':
      return `compare ${all(n.names, ', ')}`;
    case 'region':
      return `region${maybe('', n.name)} ${all(n.clauses)} ${block(n.body)}`;
    case 'kernel':
      return `kernel${maybe('', n.name)}${n.turns ? ` : ${all(n.turns, ', ')}` : ''} ${all(n.clauses)}`;
    case 'turn':
      return all(n.operators, ' + ');
    case 'dimensions':
      return `${n.word} ${all(n.dims, ' x ')}`;
    case 'scalar':
    case 'stream-attribute':
      return `${n.word} ${written(n.value)}`;
    case 'replicate':
      return `replicate ${written(n.count)}${maybe(' over', n.over)}`;
    case 'storage':
      return `${n.word} ${n.auto ? 'auto' : written(n.place)} ${all(n.modes)}`;
    case 'places':
      return `${n.word} ${n.auto ? 'auto' : all(n.places, ', ')}`;
    case 'mode':
      return `${n.word}${maybe('', n.name)}${maybe('', n.value)}`;
    case 'stream': {
      const element = n.element as { name: unknown; arguments?: unknown } | undefined;
      const type = element ? ` x ${written(element.name)}${brackets(element.arguments)}` : '';
      return `stream ${written(n.from)} -> ${all(n.to, ', ')}${maybe('', n.width)}${type} ${all(n.attributes)}`;
    }
    default:
      throw new Error(`no text for a ‘${n.kind}’`);
  }
}
