import { describe, expect, it } from 'vitest';
import { check } from './compiler.ts';

/** Each line compiles with some version of the vendor's headers, and means something else than it says, or does not
 *  compile with any. `instead` is what to write, and must compile. */
const traps: readonly { readonly trap: string; readonly instead: string; readonly because?: RegExp }[] = [
  {
    trap: 'bool r = u32 < i32;',
    instead: 'bool r = ap_int<33>(u32) < i32;',
    because: /signed and an unsigned operand/,
  },
  {
    trap: 'bool r = u32 == i32;',
    instead: 'bool r = u32 == ap_uint<32>(i32);',
    because: /C's conversions would apply/,
  },
  { trap: 'bool r = u32 > -1;', instead: 'bool r = u32 > 1u;', because: /unsigned literal/ },
  { trap: 'bool r = i8 < 3u;', instead: 'bool r = i8 < 3;' },
  { trap: 'bool r = ap_uint<90>(u32) < i90;', instead: 'bool r = ap_int<91>(u32) < i90;' },
  { trap: 'auto r = u32 % i32;', instead: 'auto r = ap_int<33>(u32) % i32;', because: /remainder/ },
  { trap: 'auto r = i90 / u8;', instead: 'auto r = i90 / ap_int<9>(u8);', because: /division/ },
  { trap: 'auto r = fx * 0.5;', instead: 'auto r = fx * ap_fixed<8, 4>(0.5);', because: /deleted/ },
  { trap: 'auto r = 2.0f * fx;', instead: 'auto r = 2 * fx;', because: /deleted/ },
  { trap: 'auto r = fx / fx;', instead: 'auto r = fx * fx;', because: /deleted/ },
  { trap: 'i8 += 1.5;', instead: 'i8 += 1;' },
  { trap: 'auto r = i8 * 1.5f;', instead: 'auto r = float(i8) * 1.5f;', because: /deleted/ },
  { trap: 'auto r = c ? i8 : 0;', instead: 'auto r = c ? i8 : ap_int<8>(0);' },
  { trap: 'auto r = c ? i8 : i32;', instead: 'auto r = c ? ap_int<32>(i8) : i32;' },
  { trap: 'auto r = std::max(i8, 0);', instead: 'auto r = std::max(i8, ap_int<8>(0));' },
  { trap: 'constexpr ap_int<8> r = 3;', instead: 'const ap_int<8> r = 3;' },
  { trap: '(u8, u8) = u32;', instead: 'ap_uint<16> r = (u8, u8);' },
  { trap: 'auto r = (u8.range(3, 0), u8);', instead: 'auto r = (ap_uint<4>(u8.range(3, 0)), u8);', because: /deleted/ },
  { trap: 'auto r = (u8, 3);', instead: 'auto r = (u8, ap_uint<2>(3));', because: /deleted/ },
  { trap: 'ap_uint<0> r;', instead: 'ap_uint<1> r = 0;', because: /at least 1 bit/ },
  { trap: 'ap_uint<1025> r;', instead: 'ap_uint<1024> r = 0;', because: /AP_INT_MAX_W/ },
  { trap: 'volatile ap_int<8> r = 0; ap_int<9> s = r + 1;', instead: 'ap_int<8> r = 0; ap_int<9> s = r + 1;' },
  { trap: 'union { ap_int<8> a; char b; } r;', instead: 'struct { ap_int<8> a; char b; } r;' },
  { trap: 'auto r = i8.xor_reduce();', instead: 'auto r = ap_uint<8>(i8).xor_reduce();', because: /xor_reduce/ },
  { trap: 'int r = i90;', instead: 'int r = i90.to_int();' },
  { trap: 'ap_fixed<8, 0> f = 0.25; int r = int(f);', instead: 'ap_fixed<8, 1> f = 0.25; int r = int(f);' },
  { trap: 'ap_fixed<8, 4, AP_TRN, AP_WRAP_SM> r;', instead: 'ap_fixed<8, 4, AP_TRN, AP_SAT> r;' },
  { trap: 'hls::stream<int> a, b(a);', instead: 'hls::stream<int> a; hls::stream<int>& b = a; (void)b;' },
];

/** A translation unit with each line in a function and, by #line, in a "file" of its own: `line0`, `line1`, … */
const program = (lines: readonly string[]) => `
#include <ap_fixed.h>
#include <ap_int.h>
#include <hls_stream.h>
#include <algorithm>
${lines
  .map(
    (line, i) => `
#line 1 "declarations"
void use${i}(bool c, ap_int<8> i8, ap_uint<8> u8, ap_int<32> i32, ap_uint<32> u32, ap_int<90> i90, ap_fixed<8, 4> fx) {
  (void)c, (void)&i8, (void)&u8, (void)&i32, (void)&u32, (void)&i90, (void)&fx;
#line 1 "line${i}"
  ${line}
}`,
  )
  .join('')}`;

/** What the compiler says about each line: from where it first names the line to where it names another one. */
function complaints(stderr: string): Map<number, string> {
  const byLine = new Map<number, string>();
  let current = -1;
  for (const text of stderr.split('\n')) {
    current = Number(/\bline(\d+):1:/.exec(text)?.[1] ?? current);
    byLine.set(current, `${byLine.get(current) ?? ''}${text}\n`);
  }
  return byLine;
}

const unusedIsFine = { flags: ['-w', '-fmax-errors=0'] };
const trapped = check(program(traps.map((t) => t.trap)), unusedIsFine);

describe('traps of the vendor’s interface do not compile', () => {
  it.each(traps.map((t, i) => ({ ...t, i })))('$trap', async ({ i, because }) => {
    const complaint = complaints((await trapped).stderr).get(i) ?? '';
    expect(complaint).toMatch(/error/);
    expect(complaint).toMatch(because ?? /error/);
  });

  it('but what stands in for them does', async () => {
    expect(await check(program(traps.map((t) => t.instead)), unusedIsFine)).toMatchObject({ code: 0, stderr: '' });
  });
});
