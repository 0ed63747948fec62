import { portRate } from '../estimate/cost/interfaces.ts';
import type { Unit } from '../estimate/netlist.ts';
import { bandwidth, count } from '../format.ts';
import { oneProduct } from './one-product-spec.ts';
import { kernelNamed } from './places.ts';
import { estimateRule } from './rule.ts';
import { quoted } from './words.ts';

/** Most beats of a burst: AXI4. */
const MAX_BURST = 256;

/** A shortfall that no figure of three digits shows. */
const UNSEEN = 1.005;

export const burstTooShort = estimateRule({
  code: 'burst-too-short',
  severity: 'warning',
  page: {
    summary: 'Short bursts bring less than a kernel asks for.',
    why: 'A port has 16 bursts under way. If all of them together are shorter than the latency of memory, the port idles between them: beats a cycle = 16 · beats ÷ (latency + beats). The latency counts that; the channel may be half empty all the same.',
    failing: oneProduct(' burst 1'),
    mended: oneProduct(''),
    remedies: [
      'Make the bursts longer (the quick fix takes the least that is enough), or leave `burst` out: 16 beats.',
      'A burst that is longer than enough only costs block memory: a port buffers all bursts under way.',
    ],
  },
  *find({ accelerator, netlist }) {
    const said = new Set<string>();
    for (const unit of netlist.units) {
      const kernel = kernelNamed(accelerator, unit.kernel);
      const span = (unit.role === 'cache' ? kernel?.cache : kernel?.weights)?.span;
      const short = span && shortfall(unit);
      // Several ports of a kernel are alike.
      if (!short || said.has(`${unit.kernel} ${unit.role}`)) continue;
      said.add(`${unit.kernel} ${unit.role}`);
      yield {
        span,
        message: `Bursts of ${count(unit.burst!)} ${unit.burst === 1 ? 'beat' : 'beats'} bring ${quoted(unit.kernel)} at most ${bandwidth(short.rate)} of the ${bandwidth(short.demand)} that it asks for through a port. ${count(short.enough)} would be enough.`,
        subject: { enough: String(short.enough) },
      };
    }
  },
  fix({ span, subject }, { text }) {
    const newText = text(span).replace(/\bburst\s+\d[\d_]*/, `burst ${subject.enough}`);
    return newText === text(span)
      ? []
      : [{ title: `Use bursts of ${subject.enough}`, edits: [{ span, newText }], preferred: true }];
  },
});

/** What a unit asks for through its port, bytes a second, and what its written bursts bring, where that is less. */
function shortfall(unit: Unit): { rate: number; demand: number; enough: number } | undefined {
  const { burst, clock, instance } = unit;
  if (burst === undefined) return undefined;
  for (const { port, bytes, cycles } of instance.law.traffic) {
    const bits = instance.memories.find(({ name }) => name === port)?.bits ?? 0;
    const demand = cycles > 0 ? (bytes / cycles) * clock : 0;
    const rate = (beats: number): number => portRate({ bits, burst: beats, clock }) * UNSEEN;
    if (rate(burst) >= demand) continue;
    let enough = burst;
    while (enough < MAX_BURST && rate(enough) < demand) enough++;
    if (rate(enough) < demand) continue;
    return { rate: portRate({ bits, burst, clock }), demand, enough };
  }
  return undefined;
}
