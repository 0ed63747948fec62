/** What a fix does besides ending its diagnostic: said in its title, before anybody takes it. */
import type { Fix } from '../diagnostic.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { hindrances } from '../estimate/not-exported.ts';
import { time } from '../format.ts';
import { estimateOf } from './after.ts';
import type { FixContext } from './rule.ts';

/** A change of the latency by less than this is not worth a word. */
const NOTABLE = 0.01;

/** The fix with what it costs or gains: ‘Use `array 8 x 8` (latency 104 ms → 390 ms)’. */
export function withEffect(fix: Fix, accelerator: string | undefined, { facts, evaluate }: FixContext): Fix {
  const before = estimateOf(facts, accelerator);
  const after = before && estimateOf(evaluate(fix.edits), accelerator);
  if (!before || !after || after === before) return fix;
  const effects = [...latency(before, after), ...exported(before, after)];
  return effects.length === 0 ? fix : { ...fix, title: `${fix.title} (${effects.join(', ')})` };
}

/** Of a design that waits for ever there is no latency. */
function latency(before: AcceleratorEstimate, after: AcceleratorEstimate): string[] {
  if (before.deadlock || after.deadlock) return [];
  const [was, is] = [before.timing.model, after.timing.model];
  return Math.abs(is - was) > NOTABLE * was ? [`latency ${time(was)} → ${time(is)}`] : [];
}

function exported(before: AcceleratorEstimate, after: AcceleratorEstimate): string[] {
  return hindrances(before).length === 0 && hindrances(after).length > 0 ? ['no HLS export then'] : [];
}
