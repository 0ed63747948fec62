/** Reading data sheets: fields by key, each read once; what nobody read is unknown and gets reported. */
import type * as tree from '../../../grammar/tree.ts';
import { type Environment, read, type Wanted } from '../terms/expression.ts';
import { spanOf, textOf } from '../terms/report.ts';

export class Fields {
  private readonly items: readonly tree.SheetItem[];
  private readonly env: Environment;
  private readonly asked = new Set<string>();
  private readonly repeated = new Set<string>();

  constructor(items: readonly tree.SheetItem[], env: Environment) {
    this.items = items;
    this.env = env;
  }

  has(key: string): boolean {
    return this.items.some((item) => item.key.text === key);
  }

  /** One quantity; undefined where it is absent or wrong. */
  quantity(key: string, wanted: Omit<Wanted, 'subject'>): number | undefined {
    const item = this.item(key);
    const value = item?.value;
    if (!item || !value) return undefined;
    const first = value.kind === 'list' ? value.items[0] : value.from;
    if (value.kind === 'list' || value.to) this.invalid(value, key, 'several values', 'one value');
    return read(first, this.env, { subject: key, ...wanted });
  }

  /** One quantity or a list of them. */
  quantities(key: string, wanted: Omit<Wanted, 'subject'>): number[] {
    const item = this.item(key);
    const expressions = item ? this.expressionsOf(item) : [];
    return expressions.flatMap((expression) => read(expression, this.env, { subject: key, ...wanted }) ?? []);
  }

  /** `0..31`. One number would be taken for how many there are. */
  span(key: string, most: number): { first: number; last: number } | undefined {
    const value = this.item(key)?.value;
    if (!value) return undefined;
    if (value.kind === 'list') {
      this.invalid(value, key, 'a list', 'a range such as 0..31');
      return undefined;
    }
    const wanted: Wanted = { subject: key, whole: true, least: 0, most };
    const first = read(value.from, this.env, wanted);
    const last = value.to ? read(value.to, this.env, wanted) : first;
    if (first === undefined || last === undefined) return undefined;
    if (!value.to && first > 0) {
      this.invalid(value, key, textOf(this.env.file, value), `the first and the last, as in 0..${first - 1}`);
      return { first: 0, last: first - 1 };
    }
    if (last >= first) return { first, last };
    this.invalid(value, key, textOf(this.env.file, value), 'a range that rises');
    return undefined;
  }

  /** A word that means itself (`ultrascale_plus`) or a text in quotes. */
  word(key: string): tree.Name | undefined {
    return this.words(key)[0];
  }

  words(key: string): tree.Name[] {
    const item = this.item(key);
    return item ? this.wordsOf(item) : [];
  }

  /**
   * Texts or words of a key that may stand as often as there is something to say: `source`, `assumed`.
   *
   * @param word is told the words, which may name something; texts in quotes do not
   */
  notes(key: string, word: (name: tree.Name) => void = () => {}): string[] {
    this.asked.add(key);
    this.repeated.add(key);
    const items = this.items.filter((item) => item.key.text === key && !item.items && !item.arguments);
    return items.flatMap((item) =>
      this.wordsOf(item).map((name) => {
        if (name.range.end - name.range.start === name.text.length) word(name);
        return name.text;
      }),
    );
  }

  /** Sections of a key, in order: `die slr0 { … }` */
  sections(key: string): tree.SheetItem[] {
    this.asked.add(key);
    return this.items.filter((item) => item.key.text === key && item.items);
  }

  /** Items that are fields with arguments: `forward(tokens: 512): 3.47 ms` */
  calls(): tree.SheetItem[] {
    return this.items.filter((item) => item.arguments);
  }

  /** Reports keys that were never asked for, and keys that stand twice. */
  finish(): void {
    const first = new Map<string, tree.SheetItem>();
    for (const item of this.items) {
      const key = item.key.text;
      const earlier = first.get(key);
      if (item.arguments) continue;
      if (!this.asked.has(key)) this.env.report.unknown(this.env.file, item.key, 'field', [...this.asked]);
      else if (earlier && !item.items && !this.repeated.has(key))
        this.env.report.duplicate(this.env.file, item.key, 'field', spanOf(this.env.file, earlier.key));
      else first.set(key, item);
    }
  }

  private item(key: string): tree.SheetItem | undefined {
    this.asked.add(key);
    return this.items.find((item) => item.key.text === key && !item.items && !item.arguments);
  }

  private wordsOf(item: tree.SheetItem): tree.Name[] {
    return this.expressionsOf(item).flatMap((expression) => {
      if (expression.kind === 'string') return { kind: 'name', range: expression.range, text: expression.value };
      if (expression.kind === 'reference' && expression.path.length === 1) return expression.path[0]!;
      this.invalid(expression, item.key.text, textOf(this.env.file, expression), 'a word or a text in quotes');
      return [];
    });
  }

  private expressionsOf({ key, value }: tree.SheetItem): tree.Expression[] {
    if (!value) return [];
    if (value.kind === 'list') return value.items;
    if (value.to) this.invalid(value, key.text, 'a range', 'a value or a list');
    return value.from ? [value.from] : [];
  }

  private invalid(node: tree.Node, subject: string, found: string, expected: string): void {
    this.env.report.invalid(this.env.file, node, subject, found, expected);
  }
}

const ASSUMED = 'assumed: ';

/** What a reader should know of the figures of a sheet. */
export function provenance({
  sources,
  unverified,
}: {
  sources: readonly string[];
  unverified: readonly string[];
}): string[] {
  const assumed = unverified.filter((note) => note.startsWith(ASSUMED)).map((note) => note.slice(ASSUMED.length));
  const recalled = unverified.filter((note) => !note.startsWith(ASSUMED));
  return [
    ...(recalled.length > 0 ? [`**Not verified**, no source was found: ${recalled.join(', ')}`] : []),
    ...(assumed.length > 0 ? [`Assumed: ${assumed.join('; ')}`] : []),
    ...(sources.length > 0 ? [`Sources: ${sources.join('; ')}`] : []),
  ];
}
