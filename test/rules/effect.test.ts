/** What the title of a fix says that it does is what taking it does. */
import { expect, test } from 'vitest';
import { time } from '../../server/format.ts';
import { withEffect } from '../../server/rules/effect.ts';
import { rules } from '../../server/rules/index.ts';
import { analysisOf, fixed, fixesOf } from '../kit/analyses.ts';
import { MAIN } from '../kit/sources.ts';

const latencyOf = (text: string): number => analysisOf(text).estimate.accelerators[0]!.timing.model;

const specs = rules.filter(({ ofText }) => !ofText).map(({ code, page }) => [code, page.failing] as const);

test('the latency in the title is the one that comes of it; where it says none, it is the same', () => {
  let said = 0;
  for (const [code, text] of specs) {
    const { diagnostics, estimate } = analysisOf(text);
    if (estimate.accelerators.some(({ deadlock }) => deadlock)) continue;
    for (const fix of diagnostics.filter((one) => one.code === code).flatMap((one) => fixesOf(one, text))) {
      const [before, after] = [text, fixed(text, fix)].map(latencyOf) as [number, number];
      const [, from, to] = /\(latency (.*?) → ([^,)]*)/.exec(fix.title) ?? [];
      if (from === undefined) expect(Math.abs(after / before - 1), `${code}: ${fix.title}`).toBeLessThanOrEqual(0.01);
      else expect([from, to], `${code}: ${fix.title}`).toEqual([time(before), time(after)]);
      if (from !== undefined) said++;
    }
  }
  expect(said).toBeGreaterThan(10);
});

test('a fix says where the export ends', () => {
  const text = 'accelerator a { device u280  model bert_tiny  phase forward(tokens: 8) copies 1 }';
  const facts = analysisOf(text);
  const start = text.indexOf('copies 1');
  const titled = (newText: string): string => {
    const fix = { title: 'Change it', edits: [{ span: { file: MAIN, start, end: start + 8 }, newText }] };
    return withEffect(fix, 'a', { facts, text: () => '', evaluate: () => analysisOf(fixed(text, fix)) }).title;
  };
  expect(titled('copies 2')).toMatch(/^Change it \((latency .*, )?no HLS export then\)$/);
  expect(titled('')).toBe('Change it');
});

test('an array that no memory word fits is no remedy for a remainder', () => {
  // 5 divides the 65 keys, and 16 x 5 bytes are no beat of a port.
  const text = `accelerator a {
    device u280  model tinyllama  phase decode(past: 64)  precision W8A8
    kernel context array 1 x 16 x 4 cache hbm[1]
  }`;
  const one = analysisOf(text).diagnostics.find(({ code }) => code === 'array-does-not-divide');
  expect(one?.message).toContain('4 factors at a time');
  expect(fixesOf(one!, text)).toEqual([]);
});
