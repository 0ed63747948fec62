import type { DefinitionSort } from '../design/problem.ts';
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
    const used = new Set<number>();
    for (const { target } of design.bindings) if (target.span.file === design.file) used.add(target.span.start);
    for (const one of design.definitions) {
      const sort = words[one.sort];
      if (sort === undefined || one.span.file !== design.file || used.has(one.span.start)) continue;
      yield {
        span: one.full, // all of it is greyed out
        message: `Nothing uses the ${sort} ‘${one.name}’.`,
        subject: { sort: one.sort },
      };
    }
  },
  fix({ span, subject }) {
    if (subject.sort === 'parameter') return []; // its callers would have to change with it
    return [{ title: 'Remove it', edits: [{ span, newText: '' }] }];
  },
};
