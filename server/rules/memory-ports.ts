import { portLimit } from '../design/defaults/channels.ts';
import { portsTo } from '../estimate/time/channels.ts';
import { copiesOf } from '../estimate/time/copies.ts';
import { count, enumeration, ranges } from '../format.ts';
import { estimateOf, fitsAsBefore } from './after.ts';
import { kernelNamed, placeOf } from './places.ts';
import { estimateRule } from './rule.ts';
import { quoted } from './words.ts';

const spec = (up: string, down: string) => `device small_hbm {
  part: "xcvu37p-fsvh2892-2L-e", family: ultrascale_plus, slice: DSP48E2, clock: 250 MHz
  die slr0 { lut: 434_560, ff: 869_120, dsp: 3_008, bram: 672, uram: 320 }
  memory hbm { channels: 0..3, capacity: 256 MiB, bandwidth: 14.375 GB/s, port: 512 bit, on: slr0 }
}
model chain {
  input x : [tokens, 64]
  up   = linear(x, 64)
  down = linear(up, 64)
  output down
}
accelerator a {
  device small_hbm
  model  chain
  phase  forward(tokens: 64)
  kernel up    array 8 x 8  pack 2  weights ${up}
  kernel down  array 8 x 8  pack 2  weights ${down}
}`;

const NAMED_USERS = 4;

export const memoryPorts = estimateRule({
  code: 'memory-ports',
  severity: 'error',
  page: {
    summary: 'More ports are tied to a memory than it has.',
    why: 'Each loader, store and weight stream is an m_axi port of its own. The switch in front of HBM has one port a pseudo-channel (UG1393): more of them do not link, whatever bandwidth is left. DDR stands behind an interconnect of the platform and is not counted here.',
    failing: spec('hbm[0..1]', 'hbm[2..3]'),
    mended: spec('hbm[0]', 'hbm[1]'),
    remedies: [
      'Give a kernel fewer channels (the quick fix): each is a port. What is kept on the chip has one as well, which fills it.',
      'Let one array take the products in turn: it has one port a channel for all of them.',
    ],
  },
  *find(estimate) {
    for (const memory of estimate.accelerator.device.memories) {
      const ports = portsTo(estimate.netlist.units, memory);
      const there = portLimit(memory);
      const { accelerator } = estimate;
      // Each layer on the chip has ports of its own.
      const all = ports.length * copiesOf(accelerator);
      if (there === undefined || all <= there) continue;
      const kernels = [...new Set(ports.map(({ kernel }) => kernel))];
      const users = kernels
        .map((name) => ({ name, taken: ports.filter(({ kernel }) => kernel === name).length }))
        .sort((a, b) => b.taken - a.taken);
      yield {
        span: placeOf(accelerator, kernelNamed(accelerator, kernels.at(-1)), ['weights', 'cache']),
        message: `${count(all)} ports are tied to ${memory.name}, which has ${count(there)}: ${enumeration(
          users.map(({ name, taken }) => `${count(taken)} of ${quoted(name)}`),
          NAMED_USERS,
        )}.`,
        subject: { memory: memory.name },
      };
    }
  },
  fix({ subject }, { facts, text, evaluate }) {
    const before = estimateOf(facts, subject.accelerator);
    const memory = before?.accelerator.device.memories.find(({ name }) => name === subject.memory);
    if (!before || !memory) return [];
    const wide = before.accelerator.kernels.flatMap(({ weights }) =>
      weights?.span && weights.value.kind === 'channels' && weights.value.memory === memory.name
        ? [{ span: weights.span, all: weights.value.channels.length, kept: weights.value.channels }]
        : [],
    );
    // The most channels first: half of them, until there are as many ports as the memory has.
    for (;;) {
      const [most] = [...wide].sort((a, b) => b.kept.length - a.kept.length);
      if (!most || most.kept.length < 2) return [];
      most.kept = most.kept.slice(0, Math.ceil(most.kept.length / 2));
      const changed = wide.filter(({ all, kept }) => kept.length < all);
      const edits = changed.map(({ span, kept }) => ({
        span,
        newText: text(span).replace(/\[[^\]]*\]/, `[${ranges(kept)}]`),
      }));
      const after = estimateOf(evaluate(edits), subject.accelerator);
      if (!after || portsTo(after.netlist.units, memory).length * copiesOf(after.accelerator) > portLimit(memory)!)
        continue;
      return fitsAsBefore(before, after) ? [{ title: 'Use fewer channels', edits }] : [];
    }
  },
});
