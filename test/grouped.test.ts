import fc from 'fast-check';
import { expect, test } from 'vitest';
import { grouped } from '../server/grouped.ts';

test('a group is what a search through all of the items finds, in their order', () => {
  const key = fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined });
  fc.assert(
    fc.property(fc.array(fc.record({ key, value: fc.integer() })), (items) => {
      const groups = grouped(items, (item) => item.key);
      for (const wanted of [0, 1, 2, 3, 4, 5])
        expect(groups.of(wanted)).toEqual(items.filter((item) => item.key === wanted));
    }),
  );
});
