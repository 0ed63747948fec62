import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openSafetensors } from '../../server/weights/safetensors.ts';
import { valuesOf } from '../../server/weights/values.ts';
import { bytesOn, safetensors, type Tensor, withHeader } from './safetensors-file.ts';

function read(content: Uint8Array, name: string): number[] {
  const file = openSafetensors(bytesOn(content));
  if ('problem' in file) throw new Error(file.problem);
  const entry = file.tensors.get(name)!;
  return [...valuesOf(entry, file.bytes.read(entry.offset, entry.bytes))];
}

test.each(['F64', 'F32', 'F16', 'BF16'] as const)('values of %s', (type) => {
  const values = [0, 1, -1, 0.5, -2.75, 96, 2 ** -14, -(2 ** 15)];
  expect(
    read(safetensors({ before: { shape: [3], values: [7, 8, 9] }, a: { shape: [2, 4], values, type } }), 'a'),
  ).toEqual(values);
});

test('values of int8, and the corners of binary16', () => {
  expect(read(safetensors({ a: { shape: [4], values: [-128, -1, 0, 127], type: 'I8' } }), 'a')).toEqual([
    -128, -1, 0, 127,
  ]);
  const corners = [0x0001, 0x03ff, 0x0400, 0x7bff, 0x7c00, 0xfc00, 0x8000];
  const data = new Uint8Array(Uint16Array.from(corners).buffer);
  const header = JSON.stringify({ a: { dtype: 'F16', shape: [7], data_offsets: [0, 14] } });
  const [smallest, denormal, normal, greatest, up, down, zero] = read(withHeader(header, [data]), 'a');
  expect([smallest, denormal, normal, greatest]).toEqual([2 ** -24, 1023 * 2 ** -24, 2 ** -14, 65504]);
  expect([up, down, Object.is(zero, -0)]).toEqual([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true]);
});

test('only the header is read when a file is opened', () => {
  const bytes = bytesOn(safetensors({ a: { shape: [1000], values: new Float32Array(1000) } }));
  openSafetensors(bytes);
  expect(bytes.reads.reduce((sum, [, length]) => sum + length, 0)).toBeLessThan(bytes.size - 4000 + 1);
});

const entry = (more: object) => JSON.stringify({ w: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...more } });

describe('a file that is none is refused with the reason', () => {
  test.each([
    ['no length', new Uint8Array(5), /it has 5 bytes; the length of its header alone takes 8/],
    ['a header cut off', withHeader('{}'.padEnd(50)).slice(0, 20), /cut off: 50 bytes are announced, 12 are there/],
    [
      'not a safetensors file',
      new TextEncoder().encode('PK\u0003\u0004 a zip file, of course'),
      /100000000 are the most/,
    ],
    ['no JSON', withHeader('{"w": '), /not a JSON object/],
    ['a list', withHeader('[]'), /not a JSON object/],
    ['no object for a tensor', withHeader('{"w": 3}'), /entry for tensor ‘w’ is not an object/],
    ['an unknown type', withHeader(entry({ dtype: 'F4' })), /‘w’ is of type "F4"; known are/],
    ['a negative extent', withHeader(entry({ shape: [-2] })), /has the shape \[-2\]; expected whole numbers/],
    ['offsets backwards', withHeader(entry({ data_offsets: [8, 0] })), /has the offsets \[8,0\]/],
    [
      'a size that is not the shape’s',
      withHeader(entry({ data_offsets: [0, 4] }), [new Uint8Array(8)]),
      /takes 8 bytes; its offsets give it 4/,
    ],
    ['values behind the end', withHeader(entry({})), /‘w’ ends at byte \d+ of a file of \d+/],
    [
      'tensors that overlap',
      withHeader(
        JSON.stringify({
          a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
          b: { dtype: 'F32', shape: [2], data_offsets: [4, 12] },
        }),
        [new Uint8Array(12)],
      ),
      /tensors ‘a’ and ‘b’ overlap at byte \d+/,
    ],
  ])('%s', (_, content, reason) => {
    const opened = openSafetensors(bytesOn(content));
    expect('problem' in opened && opened.problem).toMatch(reason);
  });

  test('whatever the bytes, opening gives an answer and reads nothing outside', () => {
    const whole = safetensors({
      a: { shape: [2, 2], values: [1, 2, 3, 4] },
      b: { shape: [2], values: [5, 6], type: 'F16' },
    });
    const broken = fc.record({ at: fc.nat(whole.length - 1), to: fc.nat(255), length: fc.nat(whole.length) });
    fc.assert(
      fc.property(broken, ({ at, to, length }) => {
        const content = whole.slice();
        content[at] = to;
        const bytes = bytesOn(content.slice(0, length));
        const opened = openSafetensors(bytes);
        if ('problem' in opened) return opened.problem.length > 0;
        return [...opened.tensors.values()].every(
          ({ offset, bytes: size }) => bytes.read(offset, size).length === size,
        );
      }),
      { numRuns: 2000 },
    );
  });

  test('what is written is read again', () => {
    const tensor = fc
      .array(fc.float({ noNaN: true }), { maxLength: 20 })
      .map((values): Tensor => ({ shape: [values.length], values }));
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ minLength: 1, maxLength: 8 }).filter((name) => !name.startsWith('__')),
          tensor,
        ),
        (tensors) => {
          const content = safetensors(tensors);
          return Object.entries(tensors).every(([name, { values }]) =>
            read(content, name).every((value, index) => Object.is(value, Math.fround(values[index]!))),
          );
        },
      ),
    );
  });
});
