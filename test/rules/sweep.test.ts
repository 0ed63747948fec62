/** The example, half typed everywhere: nothing throws, one slip costs one error, and its fixes can be had. */
import { describe, expect, test } from 'vitest';
import bert from '../../examples/bert_u280.weft';
import { analysisOf, diagnosticsOf, fixed, fixesOf } from '../kit/analyses.ts';

const lines = bert.split('\n');
/** Without the line that opens the accelerator nothing is what it was. */
const head = lines.findIndex((line) => line.startsWith('accelerator'));
const written = lines.flatMap((line, index) => (line.trim() === '' ? [] : [[line.trim(), index] as const]));

/** The example with one line changed. */
const withLine = (index: number, line: string) => lines.map((other, at) => (at === index ? line : other)).join('\n');

/** A line cut behind each of its words but the last. */
function beginnings(line: string): string[] {
  const code = line.replace(/\/\/.*/, '').trimEnd();
  return [...code.matchAll(/\S+(?=\s)/g)].map((match) => code.slice(0, match.index + match[0].length));
}

function errorsOf(text: string): string[] {
  return diagnosticsOf(text).flatMap((one) => (one.severity === 'error' ? [one.message] : []));
}

describe.each(written)('%s', (line, index) => {
  test('without the line: at most one error', () => {
    const most = index === head ? Number.POSITIVE_INFINITY : 1;
    expect(errorsOf(withLine(index, '')).slice(most)).toEqual([]);
  });

  test('cut behind each word: at most one error, and every fix can be had', () => {
    // In the head of a region the brace is missing as well: one more.
    const most = line.startsWith('region') ? 2 : 1;
    for (const beginning of beginnings(lines[index]!)) {
      const text = withLine(index, beginning);
      expect(errorsOf(text).slice(most), beginning).toEqual([]);
      for (const diagnostic of diagnosticsOf(text)) {
        for (const fix of fixesOf(diagnostic, text)) {
          expect(analysisOf(fixed(text, fix)).diagnostics, fix.title).not.toContainEqual(diagnostic);
        }
      }
    }
  });
});
