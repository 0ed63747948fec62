import { problemRule } from './problem.ts';
import { capital } from './words.ts';

export const missingPart = problemRule('missing-part', {
  severity: 'error',
  page: {
    summary: 'Something is left out that has no default.',
    why: 'Nearly everything may be left out. What is computed, on which card and in which phase may not: without them there is nothing to estimate.',
    failing: `accelerator a {
  device u280
  phase  forward(tokens: 512)
}`,
    mended: `accelerator a {
  device u280
  model  bert_base
  phase  forward(tokens: 512)
}`,
    remedies: ['Add the part that the message names.'],
  },
  words: ({ owner, part }) => ({ message: `${capital(owner)} needs ${part}.`, subject: { owner, part } }),
  fix({ subject: { owner = '', part = '' } }, { facts, text, evaluate }) {
    const example = /, such as ‘([^’]+)’$/.exec(part)?.[1];
    const name = /^accelerator ‘([^’]+)’$/.exec(owner)?.[1];
    const whole = facts.design.definitions.find((one) => one.sort === 'accelerator' && one.name === name)?.full;
    if (!example || !whole || !text(whole).endsWith('}')) return [];
    const end = whole.end - 1;
    const onOneLine = !text(whole).includes('\n');
    const span = { file: whole.file, start: end, end };
    const edits = [{ span, newText: onOneLine ? ` ${example} ` : `  ${example}\n` }];
    const still = evaluate(edits).design.problems.some(
      (one) => one.code === 'missing-part' && one.owner === owner && one.part === part,
    );
    return still ? [] : [{ title: `Write \`${example}\``, edits }];
  },
});
