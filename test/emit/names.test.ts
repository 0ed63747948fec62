import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commentText, identifier, topIdentifier } from '../../server/emit/names.ts';

test('a name of the spec stays as it is where C++ allows it', () => {
  expect(['q', 'norm1', 'feed_forward', 'softmax'].map(identifier)).toEqual(['q', 'norm1', 'feed_forward', 'softmax']);
  expect(['default', 'register', 'std'].map(identifier)).toEqual(['default_', 'register_', 'std_']);
});

test('a top never takes the name of a module or of the C library', () => {
  expect(topIdentifier('attend', new Set(['q']))).toBe('attend');
  expect(topIdentifier('attend', new Set(['attend']))).toBe('attend_top');
  expect(topIdentifier('write', new Set())).toBe('write_top');
});

test('any name becomes an identifier, any text a comment of one line', () => {
  fc.assert(fc.property(fc.string({ minLength: 1 }), (name) => /^[A-Za-z_]\w*$/.test(identifier(name))));
  fc.assert(fc.property(fc.string(), (text) => !/[\n\r]|\\$/.test(commentText(text))));
});
