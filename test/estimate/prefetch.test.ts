/** `weights … double`: what is kept on the chip is kept twice, and the next layer's weights come while this one is computed. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { projectOf } from '../../server/exporting.ts';
import { stages } from '../../server/kernels/rows.ts';
import { randomAccelerators } from '../emit/random-accelerator.ts';
import { analysisOf } from '../kit/analyses.ts';

const mlp = (mode: string, phase = 'decode(past: 32)'): string => `accelerator a {
  device u280 at 250 MHz
  model  gpt2(layers: 4, hidden: 64, heads: 4, ffn: 256)
  phase  ${phase}
  kernel q    array 1 x 8  weights bram ${mode}
  kernel k    array 1 x 8  weights uram ${mode}
  kernel v    array 1 x 8  weights uram ${mode}
  kernel up   array 1 x 8  weights uram ${mode}
  kernel down array 1 x 8  weights uram ${mode}
}`;

const estimateOf = (text: string) => analysisOf(text).estimate.accelerators[0]!;

describe('weights that are read a layer ahead', () => {
  const [once, twice] = [mlp('single'), mlp('double')].map(estimateOf);
  const kernel = (name: string, of = twice!) => of.kernels.find((one) => one.name === name)!;

  test('take twice the memory', () => {
    const kept = (of: typeof once) =>
      kernel('up', of).parts.find(({ name }) => name === 'up_weights')!.resources.uram.used;
    expect(kept(once)).toBeGreaterThan(0);
    expect(kept(twice)).toBe(2 * kept(once));
  });

  test('save the time of their load, no more', () => {
    const saved = once!.timing.perLayer - twice!.timing.perLayer;
    const loads = once!.kernels.reduce((sum, { load, clock }) => sum + (load?.cycles ?? 0) / clock, 0);
    expect(saved).toBeGreaterThan(0);
    expect(saved).toBeLessThanOrEqual(loads);
  });

  test('are as many bytes, asked for over the whole pass', () => {
    expect(twice!.memories).toEqual(once!.memories);
    const bytes = twice!.netlist.units.find(({ id }) => id === 'up_weights')!.instance.law.traffic[0]!.bytes;
    const user = twice!.channels.flatMap(({ users }) => users).find(({ unit }) => unit === 'up_weights')!;
    expect(user.demand).toBeCloseTo(bytes / twice!.timing.perLayer, -3);
  });

  test('say how long they take, and that the first ones of all are left out', () => {
    expect(kernel('up').load).toMatchObject({ ahead: true });
    expect(kernel('up', once).load).toMatchObject({ ahead: false });
    expect(kernel('up').explanations.map(({ unit }) => unit)).toContain(
      'cycles to load the next layer’s weights, while this one is computed',
    );
    expect(twice!.caveats.join()).toMatch(
      /weights of q, k, v, up and down are read while the layer before is computed/,
    );
    expect(once!.caveats.join()).not.toMatch(/layer before/);
  });

  test('a pass is never shorter than the load of the next layer', () => {
    // A wide array over few rows: done long before a channel has brought what it needs next.
    const wide = estimateOf(mlp('double').replaceAll('1 x 8', '1 x 64 x 4'));
    for (const { load, clock } of wide.kernels)
      expect(wide.timing.perLayer).toBeGreaterThanOrEqual((load?.cycles ?? 0) / clock);
  });

  test('are exported: the top is told which layer is next, and each loader keeps its own', () => {
    const project = projectOf(analysisOf(mlp('double', 'forward(tokens: 8)')), undefined, '0.0.0-test');
    if ('refused' in project) throw new Error(project.refused.join('\n'));
    const source = project.files
      .filter(({ path }) => /^src\/\w+\.cpp$/.test(path))
      .map(({ content }) => String(content))
      .join('\n');
    expect(source).toMatch(/int layer,\n {4}int next\)/);
    expect(source).toMatch(/DF_CALL\(up_weights, up_weights_mem, .*, next\)/);
    const owners = [...source.matchAll(/weft::ahead<weft::\w+, struct (\w+)>/g)].map(([, owner]) => owner);
    expect(new Set(owners).size).toBe(5);
  });
});

test('nothing is slower for being read ahead, but by a latency of memory a loader, and where a channel is asked for too much', () => {
  fc.assert(
    fc.property(randomAccelerators, (text) => {
      const ahead = text.replace(/weights (bram|uram|lutram)/g, 'weights $1 double');
      fc.pre(ahead !== text);
      const [once, twice] = [text, ahead].map(estimateOf);
      const full = [once, twice].some((of) => of!.channels.some(({ demand, limit }) => demand > limit));
      // What shares a full channel is slowed down by its busiest moment, and that may be another one. Elsewhere other depths of
      // FIFOs may be settled on: each of four rounds goes on for a gain of 0.2 %.
      const slack = full ? 1.05 : 1.002 ** 4;
      // Of few blocks the first sends of a loader wait for the first beat of the next layer (weights_ahead.h).
      const loaders = twice!.netlist.units.filter((unit) => unit.ahead);
      const latency = loaders.reduce((sum, { clock }) => sum + (stages.memoryRead + 1) / clock, 0);
      expect(twice!.timing.perLayer).toBeLessThanOrEqual(once!.timing.perLayer * slack + latency);
      expect(twice!.resources.uram.used + twice!.resources.bram36.used + twice!.resources.lut.used).toBeGreaterThan(
        once!.resources.uram.used + once!.resources.bram36.used + once!.resources.lut.used,
      );
    }),
    { numRuns: 20 },
  );
});
