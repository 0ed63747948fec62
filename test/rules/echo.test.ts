import { describe, expect, test } from 'vitest';
import { codesOf } from '../kit/analyses.ts';

const spec = (lines: { clock?: string; phase?: string; up: string; down?: string; more?: string }) => `model ffn {
  input x : [tokens, 768]
  up   = linear(x, 3072)
  act  = gelu(up)
  down = linear(act, 768)
  output down
}
accelerator a {
  device    u280 at ${lines.clock ?? '245 MHz'}
  model     ffn
  phase     ${lines.phase ?? 'forward(tokens: 512)'}
  precision W4A8
  kernel up    ${lines.up}
  kernel act   lanes 8
  kernel down  ${lines.down ?? 'array 8 x 16  weights hbm[5]'}
  ${lines.more ?? ''}
}`;
const tooLarge = 'array 64 x 64 weights hbm[4..5]';

describe('what follows from an error is left out', () => {
  test('a figure of a kernel whose own line has an error', () => {
    expect(codesOf(spec({ up: tooLarge }))).toContain('dsp-oversubscribed');
    expect(codesOf(spec({ up: `${tooLarge} at 3 GB/s` }))).toEqual(['unit-mismatch']);
  });

  test('every figure, where the card, the phase or a constant has one', () => {
    expect(codesOf(spec({ up: tooLarge, clock: '3 GB/s' }))).toEqual(['unit-mismatch']);
    expect(codesOf(spec({ up: tooLarge, phase: 'foward(tokens: 512)' }))).toEqual(['unknown-name']);
    expect(codesOf(spec({ up: tooLarge, more: 'let rows = 8 ms + 3' }))).toEqual(['unit-mismatch']);
  });

  test('every figure, where the sheet of the card has one', () => {
    const card = (lut: string, open = '{') => `device card {
      family: "UltraScale+"  part: "xc-1"  clock: 250 MHz
      die d0 ${open} dsp: 30, bram: 600, uram: 300, lut: ${lut}, ff: 800_000 }
      memory hbm { channels: 0..7, capacity: 1 GiB, bandwidth: 14 GB/s, port: 512 bit, on: d0 }
    }
    ${spec({ up: 'array 8 x 16' }).replace('u280', 'card')}`;
    expect(codesOf(card('400_000'))).toContain('dsp-oversubscribed');
    expect(codesOf(card('400k'))).toEqual(['syntax-error']);
    expect(codesOf(card('400_000', '['))).toEqual(['syntax-error']);
  });

  test('an operator without a kernel, where some line might have been that kernel', () => {
    expect(codesOf(spec({ up: 'array 8 x 16' }).replace('kernel act', 'kernel akt'))).toEqual(['unknown-name']);
    expect(codesOf(spec({ up: 'array 8 x 16' }).replace('kernel act', 'kernl akt ??'))).toEqual(['syntax-error']);
  });
});

describe('what has nothing to do with it stays', () => {
  test('a figure of another kernel', () => {
    const codes = codesOf(spec({ up: tooLarge, down: 'array 0 x 8' }));
    expect(codes).toContain('invalid-value');
    expect(codes).toContain('dsp-oversubscribed');
  });

  test('figures, where a requirement has the error', () => {
    const codes = codesOf(spec({ up: tooLarge, more: 'require latency < 3 GB/s' }));
    expect(codes).toContain('unit-mismatch');
    expect(codes).toContain('dsp-oversubscribed');
  });

  test('the other accelerator of the file', () => {
    const two = `${spec({ up: tooLarge, clock: '3 GB/s' })}\n${spec({ up: tooLarge }).replace(/^model[\s\S]*?\naccelerator a/, 'accelerator b')}`;
    const codes = codesOf(two);
    expect(codes.filter((code) => code === 'unit-mismatch')).toHaveLength(1);
    expect(codes.filter((code) => code === 'dsp-oversubscribed')).toHaveLength(1);
  });
});
