import { expect, test } from 'vitest';
import { table } from '../../server/report/table.ts';

test('columns are as wide as their widest cell, figures stand to the right, and no line ends in blanks', () => {
  const text = table(
    [{ head: 'kernel' }, { head: 'DSP', align: 'right' }, { head: 'waits for' }],
    [
      ['q', '1,234', ''],
      ['softmax', '77', 'scores 71%'],
    ],
  );
  expect(text.split('\n')).toEqual([
    'kernel     DSP  waits for',
    '───────  ─────  ──────────',
    'q        1,234',
    'softmax     77  scores 71%',
  ]);
});

test('a cell that is not there is empty', () => {
  expect(table([{ head: 'a' }, { head: 'b' }], [['1']])).toBe('a  b\n─  ─\n1');
});
