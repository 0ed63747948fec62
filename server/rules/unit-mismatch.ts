import type { Span } from '../diagnostic.ts';
import { problemRule } from './problem.ts';
import { subjectOf } from './words.ts';

export const unitMismatch = problemRule('unit-mismatch', {
  severity: 'error',
  page: {
    summary: 'A quantity has the wrong unit, or none.',
    why: 'A clock in GB/s is a slip that no figure should survive. The value is set aside and the default takes its place, so that the rest of the file keeps its estimates.',
    failing: `accelerator a {
  device u280 at 245 GB/s
  model  bert_base
  phase  forward(tokens: 512)
}`,
    mended: `accelerator a {
  device u280 at 245 MHz
  model  bert_base
  phase  forward(tokens: 512)
}`,
    remedies: ['Give the quantity the unit that the message names. GB/s is decimal, KiB is binary.'],
  },
  words: ({ subject, expected, found }) => ({
    message: `${subjectOf(subject)}: expected ${expected}, found ${found}.`,
    subject: { expected },
  }),
  fix({ span, subject: { expected = '' } }, { text, evaluate }) {
    // 'a frequency (MHz)': the number may well be meant, the unit is not.
    const unit = /\(([^() ]+)\)$/.exec(expected)?.[1];
    const number = /^\d[\d_.]*/.exec(text(span))?.[0];
    if (unit === undefined || number === undefined) return [];
    const newText = `${number} ${unit}`;
    const edits = [{ span, newText }];
    const { problems } = evaluate(edits).design;
    const isHere = ({ span: at }: { span: Span }) => at.file === span.file && at.start === span.start;
    return problems.some(isHere) ? [] : [{ title: `Use ${newText}`, edits }];
  },
});
