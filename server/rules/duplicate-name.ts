import { problemRule } from './problem.ts';

export const duplicateName = problemRule('duplicate-name', {
  severity: 'error',
  page: {
    summary: 'Something stands twice that may stand once: a name, a clause, a statement.',
    why: 'The first one counts. The second would change nothing, or it is the one that was meant.',
    failing: `let rows = 8
let rows = 16
accelerator a {
  device u280
  model  bert_base
  phase  forward(tokens: 64 * rows)
}`,
    mended: `let rows = 8
accelerator a {
  device u280
  model  bert_base
  phase  forward(tokens: 64 * rows)
}`,
    remedies: ['Rename or remove one of the two.'],
  },
  words: ({ name, sort, first }) => ({
    message: `A second ${sort === 'let' ? 'constant' : sort} ‘${name}’: the first one counts.`,
    related: [{ span: first, message: 'The first one' }],
    subject: { name },
  }),
  fix({ span, subject: { name = '' } }, { facts, text, evaluate }) {
    if (text(span) !== name) return [];
    const taken = new Set(facts.design.definitions.map((one) => one.name));
    let next = 2;
    while (taken.has(`${name}_${next}`)) next++;
    const newText = `${name}_${next}`;
    const edits = [{ span, newText }];
    const still = evaluate(edits).design.problems.some(
      (one) => one.code === 'duplicate-name' && (one.name === name || one.name === newText),
    );
    return still ? [] : [{ title: `Rename it to ‘${newText}’`, edits }];
  },
});
