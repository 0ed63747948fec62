/** The rule speaks of one line of the kernel library: as long as that is there. */
import { expect, test } from 'vitest';
import source from '../../server/kernels/scores/scores.h';
import { moduloAddressing } from '../../server/rules/modulo-addressing.ts';
import { codesOf } from '../kit/analyses.ts';

test('a tile of scores is picked out of a word of K by a modulo', () => {
  expect(source).toContain('(part * wide + c) % KEY_TOKENS');
});

test.each([
  [12, 4, true],
  [12, 12, false],
  [12, 24, false],
  [16, 4, false],
])('%i rows and %i columns', (rows, columns, isModulo) => {
  const text = moduloAddressing.page.failing
    .replaceAll('array 12', `array ${rows}`)
    .replace(`array ${rows} x 4`, `array ${rows} x ${columns}`)
    .replace('lanes 12', `lanes ${rows}`);
  expect(codesOf(text).includes('modulo-addressing')).toBe(isModulo);
});
