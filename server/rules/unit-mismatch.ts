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
    const newText = unit === '%' ? `${percentOf(number)}%` : `${number} ${unit}`;
    const edits = [{ span, newText }];
    const { problems } = evaluate(edits).design;
    const isHere = ({ span: at }: { span: Span }) => at.file === span.file && at.start === span.start;
    return problems.some(isHere) ? [] : [{ title: `Use ${newText}`, edits }];
  },
});

/** A share without its sign is a fraction up to 1: 0.8 is meant as 80%. Of the digits none is made up. */
function percentOf(number: string): string {
  const value = Number(number.replaceAll('_', ''));
  return value <= 1 ? String(Number((100 * value).toPrecision(12))) : number;
}
