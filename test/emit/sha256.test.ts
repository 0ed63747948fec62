import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256 } from '../../server/emit/sha256.ts';

test('gives the digests of the standard’s examples', () => {
  expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('agrees with another implementation on any bytes and any text, block borders included', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.integer({ min: 50, max: 70 }).map((n) => new Uint8Array(n)),
  );
  fc.assert(fc.property(bytes, (data) => sha256(data) === createHash('sha256').update(data).digest('hex')));
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (s) => sha256(s) === createHash('sha256').update(s).digest('hex')),
  );
});
