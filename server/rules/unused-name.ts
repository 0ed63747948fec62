import type { Definition, DefinitionSort, Names } from '../design/problem.ts';
import { remembered } from '../remembered.ts';
import type { Rule } from './rule.ts';

const words: Readonly<Partial<Record<DefinitionSort, string>>> = {
  let: 'constant',
  choice: 'choice',
  parameter: 'parameter',
  precision: 'precision',
  model: 'model',
  device: 'device',
  baseline: 'baseline',
};

/** Of a declaration: what names that may be unused it declares, and what such names it uses. */
const declaredBy = remembered(({ definitions }: Names) => definitions.filter(({ sort }) => sort in words));
const usedBy = remembered(({ bindings }: Names) => [
  ...new Set(bindings.map(({ target }) => target).filter(({ sort }) => sort in words)),
]);

const spec = (rows: string) => `let rows = 8
accelerator a {
  device u280 at 245 MHz
  model  bert_base
  phase  forward(tokens: ${rows})
}`;

export const unusedName: Rule = {
  code: 'unused-name',
  severity: 'hint',
  tags: ['unnecessary'],
  page: {
    summary: 'Nothing in the file uses this name.',
    why: 'A constant that nobody reads was most likely meant to be read somewhere. A file without an accelerator is there to be imported, so what it declares is not looked at.',
    failing: spec('512'),
    mended: spec('64 * rows'),
    remedies: ['Use it, or remove it (the quick fix).'],
  },
  *find({ design }) {
    if (design.accelerators.length === 0) return;
    const of = (some: readonly Definition[]) => some.filter(({ span }) => span.file === design.file);
    const used = new Set(design.names.flatMap((names) => of(usedBy(names))).map(({ span }) => span.start));
    for (const one of of(design.names.flatMap(declaredBy))) {
      if (used.has(one.span.start)) continue;
      used.add(one.span.start); // once
      yield {
        span: one.full, // all of it is greyed out
        message: `Nothing uses the ${words[one.sort]} ‘${one.name}’.`,
        subject: { sort: one.sort },
      };
    }
  },
  fix({ span, subject }) {
    if (subject.sort === 'parameter') return []; // its callers would have to change with it
    return [{ title: 'Remove it', edits: [{ span, newText: '' }] }];
  },
};
