/** The resources of a die: one mechanism, one rule a resource. */
import type { ResourceName } from '../design/hardware.ts';
import type { Span } from '../diagnostic.ts';
import type { AcceleratorEstimate, Amount, DieEstimate } from '../estimate/estimate.ts';
import { amount, count, middle, resourceLabels, share } from '../format.ts';
import { grouped } from '../grouped.ts';
import { budget } from './budget.ts';
import { feedForwardSpec } from './feed-forward-spec.ts';
import { kernelNamed, placeOf } from './places.ts';
import { estimateRule, type Page, type Rule } from './rule.ts';
import { fitDie } from './shrink.ts';

/** How many of the biggest users a message names. */
const NAMED_USERS = 3;

/** Whoever takes some of a resource: a kernel, or a FIFO that a line of its own makes as deep as it is. */
interface User {
  readonly title: string;
  readonly kernel: string;
  readonly span: Span;
  readonly taken: Amount;
}

function oversubscribed(resource: ResourceName, page: Page): Rule {
  const label = resourceLabels[resource];
  return estimateRule({
    code: `${resource.replace('36', '')}-oversubscribed`,
    severity: 'error',
    page,
    *find(estimate) {
      const { accelerator } = estimate;
      for (const die of estimate.dies) {
        const used = die.resources[resource];
        const limit = budget(accelerator, die, resource);
        if (used.used <= limit) continue;
        const users = biggestUsers(estimate, die, resource);
        const reserved = limit < die.available[resource];
        const of = reserved
          ? `${count(limit)} (${count(die.available[resource])} less what is reserved)`
          : count(limit);
        const excess = middle({ ...used, used: used.used - limit });
        const lacking =
          limit > 0
            ? `of ${of}: ${excess} too many (${share(used.used / limit)})`
            : die.available[resource] > 0
              ? `and has none left (${count(die.available[resource])} are reserved)`
              : `and has none by its sheet`;
        yield {
          span: users[0]?.span ?? accelerator.nameSpan,
          message: `${die.name} needs ${amount(used)} ${label} ${lacking}.${users.length === 0 ? ' All of it is the shell.' : ''}`,
          related: users.slice(0, NAMED_USERS).map(({ span, title, taken }) => ({
            span,
            message: `${title} takes ${amount(taken)} ${label}`,
          })),
          subject: { die: die.name, resource, users: users.map((user) => user.kernel).join(' ') },
        };
      }
    },
    fix: fitDie,
  });
}

function biggestUsers(estimate: AcceleratorEstimate, die: DieEstimate, resource: ResourceName): User[] {
  const { accelerator, netlist } = estimate;
  const units = new Map(netlist.units.map((unit) => [unit.id, unit]));
  const streams = estimate.fifos.flatMap(({ fifo, resources }) => {
    const span = fifo.edge?.depth.span;
    const unit = span && units.get(fifo.to.unit);
    if (!span || !unit || resources[resource].used === 0) return [];
    const title = `stream ‘${fifo.id.replace('_to_', ' -> ')}’`;
    return [{ title, kernel: unit.kernel, span, taken: resources[resource] }];
  });
  const streamsOf = grouped(streams, ({ kernel }) => kernel);
  const kernels = estimate.kernels
    .filter((kernel) => kernel.die === die.name)
    .map((kernel): User => {
      const inFront = streamsOf.of(kernel.name);
      const taken = inFront.reduce((left, stream) => less(left, stream.taken), kernel.resources[resource]);
      const clauses = memories.has(resource)
        ? (['weights', 'cache', 'array', 'lanes'] as const)
        : (['array', 'lanes'] as const);
      const span = placeOf(accelerator, kernelNamed(accelerator, kernel.name), clauses);
      return { title: `‘${kernel.name}’`, kernel: kernel.name, span, taken };
    });
  const here = new Set(kernels.map((user) => user.kernel));
  return [...kernels, ...streams.filter((stream) => here.has(stream.kernel))]
    .filter(({ taken }) => taken.used > 0)
    .sort((a, b) => b.taken.used - a.taken.used);
}

const memories: ReadonlySet<ResourceName> = new Set(['bram36', 'uram']);

function less(a: Amount, b: Amount): Amount {
  return { used: a.used - b.used, low: a.low - b.low, high: a.high - b.high };
}

const shrinkRemedies = [
  'Make the largest array smaller (the quick fix tries shapes on the estimator until the die fits).',
  'Move a kernel to another die with `on`.',
];

/** Two arrays of one shape. */
const spec = ({ array, ...lines }: { reserve?: string; array: string; lanes: number; stream?: string }) =>
  feedForwardSpec({ ...lines, up: array, down: array });

export const dspOversubscribed = oversubscribed('dsp', {
  summary: 'The kernels of a die multiply with more DSPs than it has.',
  why: 'DSPs do not move: past what the die has, the tools fall back to LUTs or fail. The figure counts each multiplier of an array and each floating-point core of the epilogues.',
  failing: spec({ array: 'array 64 x 32', lanes: 64 }),
  mended: spec({ array: 'array 8 x 32', lanes: 8 }),
  remedies: [...shrinkRemedies, 'Use `pack 2`: two products a DSP where the types allow it.'],
});

export const bramOversubscribed = oversubscribed('bram36', {
  summary: 'The kernels of a die need more block RAM than it has.',
  why: 'A memory is built from whole blocks of fixed shapes, so a wide and shallow buffer costs far more than its bits.',
  failing: spec({ array: 'array 8 x 16', lanes: 8, stream: '8 x int8  depth 500_000  in bram' }),
  mended: spec({ array: 'array 8 x 16', lanes: 8, stream: '8 x int8  depth auto  in bram' }),
  remedies: [
    'Make the FIFO as deep as the timeline needs: `depth auto`.',
    'Move deep FIFOs to URAM with `in uram`, large weights to HBM.',
    'Move a kernel to another die with `on`.',
  ],
});

export const uramOversubscribed = oversubscribed('uram', {
  summary: 'The kernels of a die need more UltraRAM than it has.',
  why: 'An URAM is 4096 words of 72 bits, whole: a short or narrow memory wastes most of it.',
  failing: spec({ array: 'array 8 x 16', lanes: 8, stream: '8 x int8  depth 3_000_000  in uram' }),
  mended: spec({ array: 'array 8 x 16', lanes: 8, stream: '8 x int8  depth auto  in uram' }),
  remedies: [
    'Make the FIFO as deep as the timeline needs: `depth auto`.',
    'Keep weights in HBM.',
    'Move a kernel to another die with `on`.',
  ],
});

export const lutOversubscribed = oversubscribed('lut', {
  summary: 'The kernels of a die need more LUTs than it has.',
  why: 'LUTs are a band: synthesis prints more than routing needs. The middle of the band is compared with the die less what `reserve` keeps for routing; the shell counts on its die.',
  failing: spec({ reserve: 'slr2.lut 80%', array: 'array 16 x 32', lanes: 16 }),
  mended: spec({ reserve: 'slr2.lut 20%', array: 'array 16 x 32', lanes: 16 }),
  remedies: [...shrinkRemedies, 'Reserve less, if the design still routes.'],
});

export const ffOversubscribed = oversubscribed('ff', {
  summary: 'The kernels of a die need more flip-flops than it has.',
  why: 'Flip-flops are a band, as LUTs are. Wide pipelines and FIFOs in registers take them; the shell counts on its die.',
  failing: spec({ reserve: 'slr2.ff 90%', array: 'array 16 x 32', lanes: 16 }),
  mended: spec({ reserve: 'slr2.ff 20%', array: 'array 16 x 32', lanes: 16 }),
  remedies: [...shrinkRemedies, 'Reserve less, if the design still routes.'],
});
