/**
 * The syntax tree. Plain values, no methods, no parents; a position is a UTF-16 offset.
 *
 * Every part that a person may leave out or get wrong is optional: a tree of half a line is a tree. Nothing is invented
 * by recovery: a missing name is `undefined`, never an empty string, and a missing number is a missing expression.
 */

/** Half-open range of UTF-16 offsets. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export interface Node {
  readonly range: Range;
}

export interface Name extends Node {
  readonly kind: 'name';
  readonly text: string;
}

export interface Tree extends Node {
  readonly kind: 'tree';
  readonly declarations: Declaration[];
}

/** What is wrong with the text. The words belong to server/rules; `expected` holds readable token names. */
export interface SyntaxProblem {
  readonly range: Range;
  readonly kind: 'unexpected' | 'missing' | 'lexical' | 'nesting' | 'too-large' | 'binary';
  /** What stands there, as written ('' at the end of the file). */
  readonly found: string;
  /** Something is missing behind this, which ends its line and is marked; absent where `found` is marked. */
  readonly after?: string;
  /** The number that a word stands behind: it may be meant as its unit. */
  readonly number?: string;
  /** What could have come instead, most useful first; may be empty. */
  readonly expected: string[];
  /** What was being read: 'a kernel', 'a data sheet', … */
  readonly within: string;
}

export interface Comment extends Node {
  readonly text: string;
  readonly documentation: boolean;
}

export interface Parsed {
  readonly tree: Tree;
  readonly problems: SyntaxProblem[];
  /** In order of position; the formatter puts them back. */
  readonly comments: Comment[];
}

export type Declaration = Import | Let | Model | Sheet | Accelerator;

export interface Documented {
  /** Text of the `///` lines that end on the line before, markers removed. */
  doc?: string;
}

export interface Import extends Node {
  readonly kind: 'import';
  path?: StringLiteral;
}

export interface Let extends Node, Documented {
  readonly kind: 'let';
  name?: Name;
  value?: Expression;
}

export interface Model extends Node, Documented {
  readonly kind: 'model';
  name?: Name;
  /** `model m = …`: an instance or an imported configuration. */
  instance?: ModelReference;
  parameters?: Parameter[];
  body?: ModelItem[];
}

/** `gpt2(layers: 24)`, `bert_base` or `import "config.json"`. */
export interface ModelReference extends Node {
  readonly kind: 'model-reference';
  name?: Name;
  arguments?: Argument[];
  importPath?: StringLiteral;
}

export interface Parameter extends Node {
  readonly kind: 'parameter';
  name?: Name;
  default?: Expression;
}

export type ModelItem = ModelInput | ModelOutput | Layer | Operation;

export interface ModelInput extends Node {
  readonly kind: 'input';
  name?: Name;
  shape?: Expression[];
}

export interface ModelOutput extends Node {
  readonly kind: 'output';
  readonly names: Name[];
}

export interface Layer extends Node {
  readonly kind: 'layer';
  name?: Name;
  parameters?: Parameter[];
  repeat?: Expression;
  body: ModelItem[];
}

/** `q = linear(x, hidden)` */
export interface Operation extends Node {
  readonly kind: 'operation';
  name?: Name;
  value?: Expression;
}

/** A data sheet: `device`, `baseline` or `precision` with a body. */
export interface Sheet extends Node, Documented {
  readonly kind: 'sheet';
  readonly sort: 'device' | 'baseline' | 'precision';
  name?: Name;
  readonly items: SheetItem[];
}

/** `key: value`, `key(args): value` or a section `die slr0 { … }`. */
export interface SheetItem extends Node, Documented {
  readonly kind: 'item';
  readonly key: Name;
  arguments?: Argument[];
  /** One value, a list in brackets, or a range `0..31`. */
  value?: SheetValue;
  /** A section: its names and items. */
  names?: Name[];
  items?: SheetItem[];
}

export type SheetValue = Span | ListValue;

/** `[0, 1]` */
export interface ListValue extends Node {
  readonly kind: 'list';
  readonly items: Expression[];
}

/** `a` or `a .. b` (both ends belong to it); written `range` in the grammar. */
export interface Span extends Node {
  readonly kind: 'span';
  from?: Expression;
  to?: Expression;
}

export interface Accelerator extends Node, Documented {
  readonly kind: 'accelerator';
  name?: Name;
  readonly statements: Statement[];
}

export type Statement =
  | Let
  | DeviceStatement
  | ModelStatement
  | PhaseStatement
  | PrecisionStatement
  | CopiesStatement
  | ReserveStatement
  | Region
  | Kernel
  | Stream
  | Require
  | Objective
  | Parameters
  | Choose
  | Compare;

/** `device 4 x u280 at 245 MHz link qsfp split tensor 4, pipeline 1` */
export interface DeviceStatement extends Node {
  readonly kind: 'device';
  count?: Expression;
  name?: Name;
  clock?: Dim;
  link?: Name;
  readonly split: Split[];
}

export interface Split extends Node {
  readonly kind: 'split';
  name?: Name;
  ways?: Dim;
}

export interface ModelStatement extends Node {
  readonly kind: 'use-model';
  model?: ModelReference;
}

export interface PhaseStatement extends Node {
  readonly kind: 'phase';
  name?: Name;
  arguments?: Argument[];
}

export interface PrecisionStatement extends Node {
  readonly kind: 'use-precision';
  value?: Dim;
}

export interface CopiesStatement extends Node {
  readonly kind: 'copies';
  count?: Dim;
  of?: Name;
}

/** `reserve dsp 20%, slr0.lut 15%` */
export interface ReserveStatement extends Node {
  readonly kind: 'reserve';
  readonly shares: { place?: Place; amount?: Expression }[];
}

export interface Region extends Node, Documented {
  readonly kind: 'region';
  name?: Name;
  readonly clauses: Clause[];
  readonly body: (Kernel | Stream)[];
}

export interface Kernel extends Node, Documented {
  readonly kind: 'kernel';
  name?: Name;
  /** `: a + b, c`: turns of fused operators; absent: the operator of the kernel's own name. */
  turns?: Turn[];
  readonly clauses: Clause[];
}

/** Operators fused into one pass: `a + b`. */
export interface Turn extends Node {
  readonly kind: 'turn';
  readonly operators: Place[];
}

export type Clause = DimensionClause | ScalarClause | ReplicateClause | StorageClause | PlaceClause;

/** `array 8 x 16 x 2`, `tile 128 x 256` */
export interface DimensionClause extends Node {
  readonly kind: 'dimensions';
  readonly word: 'array' | 'tile';
  readonly dims: Dim[];
}

/** `lanes 8`, `pack 2`, `ii 1`, `as fp32`, `at 300 MHz` */
export interface ScalarClause extends Node {
  readonly kind: 'scalar';
  readonly word: 'lanes' | 'pack' | 'ii' | 'as' | 'at';
  value?: Dim;
}

export interface ReplicateClause extends Node {
  readonly kind: 'replicate';
  readonly word: 'replicate';
  count?: Dim;
  over?: Name;
}

/** `weights hbm[4] double port 512 bit`, `cache uram double` */
export interface StorageClause extends Node {
  readonly kind: 'storage';
  readonly word: 'weights' | 'cache';
  readonly auto: boolean;
  place?: Place;
  readonly modes: Mode[];
}

export interface Mode extends Node {
  readonly kind: 'mode';
  readonly word: 'double' | 'single' | 'via' | 'port' | 'burst';
  name?: Name;
  value?: Dim;
}

/** `on slr0, slr1`, `for decode`, `for block[0..5]` */
export interface PlaceClause extends Node {
  readonly kind: 'places';
  readonly word: 'on' | 'for';
  readonly auto: boolean;
  readonly places: Place[];
}

/** `stream a -> b, c 8 x int8 depth 64 in srl` */
export interface Stream extends Node, Documented {
  readonly kind: 'stream';
  from?: Place;
  readonly to: Place[];
  /** Elements a cycle. */
  width?: Dim;
  element?: { name?: Name; arguments?: Argument[] };
  readonly attributes: StreamAttribute[];
}

export interface StreamAttribute extends Node {
  readonly kind: 'stream-attribute';
  readonly word: 'depth' | 'in';
  value?: Dim;
}

export interface Require extends Node {
  readonly kind: 'require';
  condition?: Expression;
}

export interface Objective extends Node {
  readonly kind: 'objective';
  readonly direction: 'minimize' | 'maximize';
  value?: Expression;
}

export interface Parameters extends Node {
  readonly kind: 'parameters';
  path?: StringLiteral;
}

export interface Choose extends Node {
  readonly kind: 'choose';
  name?: Name;
  readonly choices: Span[];
}

export interface Compare extends Node {
  readonly kind: 'compare';
  readonly names: Name[];
}

/** `card[1].slr0`, `hbm[0..7]`, `x` */
export interface Place extends Node {
  readonly kind: 'place';
  readonly parts: PlacePart[];
}

export interface PlacePart extends Node {
  readonly kind: 'part';
  readonly name: Name;
  index?: Span[];
}

/** `auto`, or an expression. */
export type Dim = Auto | Expression;

export interface Auto extends Node {
  readonly kind: 'auto';
}

export interface Argument extends Node {
  readonly kind: 'argument';
  label?: Name;
  value?: Expression;
}

export type Expression =
  | NumberLiteral
  | QuantityLiteral
  | StringLiteral
  | Unary
  | Binary
  | Parenthesised
  | Reference
  | Call;

export interface NumberLiteral extends Node {
  readonly kind: 'number';
  readonly value: number;
  readonly text: string;
}

export interface QuantityLiteral extends Node {
  readonly kind: 'quantity';
  readonly value: number;
  readonly unit: string;
  readonly text: string;
}

export interface StringLiteral extends Node {
  readonly kind: 'string';
  readonly value: string;
}

export interface Unary extends Node {
  readonly kind: 'unary';
  readonly operator: '-';
  operand?: Expression;
}

export type BinaryOperator = '+' | '-' | '*' | '/' | '<' | '<=' | '>' | '>=' | '==' | '!=';

export interface Binary extends Node {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  left?: Expression;
  right?: Expression;
}

export interface Parenthesised extends Node {
  readonly kind: 'parenthesised';
  inner?: Expression;
}

/** `hidden`, `block.latency` */
export interface Reference extends Node {
  readonly kind: 'reference';
  readonly path: Name[];
}

/** `linear(x, hidden)`, `use(slr1.dsp)`, `decode.use(dsp)` */
export interface Call extends Node {
  readonly kind: 'call';
  readonly path: Name[];
  readonly arguments: Argument[];
}
