/** Why a kernel and a FIFO cost what they do. */
import type { ResourceName } from '../design/hardware.ts';
import type { AcceleratorEstimate, FifoEstimate, KernelEstimate, Resources } from '../estimate/estimate.ts';
import { amount, count, resourceLabels, share, time } from '../format.ts';
import { wordBits } from '../kernels/word.ts';
import {
  bands,
  type Explanation,
  figure,
  fromFormula,
  resources,
  shortened,
  steady,
  timeline,
  untested,
} from './explanation.ts';

/** Cycles, time and share of a kernel in the pass of an estimate. */
export function timesOf(kernel: KernelEstimate, estimate: AcceleratorEstimate, list = 'kernels'): Explanation[] {
  const path = `${list}.${kernel.name}`;
  const assumptions = kernel.partial ? [`the library has no kernel for it: arithmetic alone`] : [untested];
  const { formula, cycles, clock, seconds, busy } = kernel;
  // Of `generate`, what no prompt goes through has the figures of the last token.
  const last = estimate.generation?.last;
  const token = last?.kernels.includes(kernel) ?? false;
  const part = estimate.parts?.find((one) => one.estimate.kernels.some(({ name }) => name === kernel.name));
  const pass = token && last ? last : (part?.estimate ?? estimate);
  return [
    fromFormula(`${path}.cycles`, formula, cycles, 'cycles', assumptions),
    figure(`${path}.ms`, seconds * 1e3, 'ms', {
      formula: 'cycles ÷ clock',
      inputs: `${count(cycles)} ÷ ${clock / 1e6} MHz`,
      assumptions,
      source: formula.source,
    }),
    figure(`${path}.busy`, busy, 'share', {
      formula: 'cycles in which its busiest process issues (of an array in turn, all its turns) ÷ the layer’s time',
      inputs: `${share(busy)} of ${time(pass.timing.perLayer)}${estimate.generation ? `, in the pass over ${token ? 'the last token' : 'the prompt'}` : ''}`,
      assumptions,
      source: timeline,
    }),
  ];
}

export function kernelOf(kernel: KernelEstimate, estimate: AcceleratorEstimate): Explanation[] {
  const path = `kernels.${kernel.name}`;
  const known = resources.filter(
    (name) => !(name === 'dsp' ? kernel.uncounted : kernel.partial) || kernel.resources[name].used > 0,
  );
  return [
    figure(`${path}.ops`, kernel.operations, 'operations', {
      formula: '2 · Σ multiply-accumulates of its operators in one pass',
      inputs: kernel.operators.join(' + '),
      source: `shapes of model ${estimate.accelerator.model.name}`,
    }),
    ...timesOf(kernel, estimate),
    ...(kernel.load
      ? [fromFormula(`${path}.loadCycles`, kernel.load.formula, kernel.load.cycles, 'cycles', [steady])]
      : []),
    ...known.map((name) => {
      const taken = kernel.parts.filter((part) => part.resources[name].used > 0);
      const why = kernel.explanations.filter(({ unit }) => unit.toLowerCase().includes(labelOf(name)));
      return figure(`${path}.${name}`, kernel.resources[name], resourceLabels[name], {
        formula: [
          'Σ of its units, their memories and ports, and the FIFOs in front',
          ...why.map(({ symbolic }) => symbolic),
        ].join('; '),
        inputs: shortened(taken.map((part) => `${part.name} (${part.kind}) ${amount(part.resources[name])}`)),
        assumptions: [
          ...(name === 'lut' || name === 'ff' ? [bands] : []),
          ...(kernel.partial ? ['the library has no kernel for a part of it: what is shown is the least'] : []),
        ],
        source: [sourceOf(name), ...new Set(why.map(({ source }) => source))].join('; '),
      });
    }),
    ...waitsOf(kernel).map(({ list, on, kind, share: part }) =>
      figure(`${path}.${list}.${on} ${kind}.share`, part, 'share', {
        formula: 'cycles that the busiest process (of a chain, of the kernel that waits) lost ÷ the layer’s time',
        inputs: `${kind} ${on}`,
        assumptions: [untested, steady],
        source: timeline,
      }),
    ),
  ];
}

/** What it waits for, and what that waits for in turn. */
function waitsOf({ waits, chain }: KernelEstimate) {
  return [
    ...waits.map((wait) => ({ list: 'waits', ...wait })),
    ...chain.map(({ kernel, on, ...wait }) => ({ list: 'waitChain', ...wait, on: `${kernel} ${on}` })),
  ];
}

function labelOf(name: ResourceName): string {
  return name === 'bram36' ? 'bram' : name;
}

function sourceOf(name: keyof Resources): string {
  switch (name) {
    case 'dsp':
      return 'operators of each kernel’s source by their cores (docs/estimator.md, Resources)';
    case 'bram36':
      return 'shapes of memories in RAMB18 (UG573; 82 published report rows)';
    case 'uram':
      return 'shapes of memories in URAM288 (UG573; 82 published report rows)';
    default:
      return 'logic laws beside each kernel’s source, ports and FIFOs of published reports';
  }
}

export function fifoOf({ fifo, depth, peak, storage }: FifoEstimate): Explanation[] {
  const path = `fifos.${fifo.id}`;
  const asked = fifo.asked === 'auto';
  return [
    figure(`${path}.depth`, depth, 'words', {
      formula: asked
        ? 'as shallow as nobody waits in a circle, deeper where the pass gets faster by it'
        : 'as the spec says',
      inputs: asked ? `most words at once ${count(peak)}` : `${fifo.asked}`,
      source: asked ? timeline : 'the spec',
    }),
    figure(`${path}.peak`, peak, 'words', {
      formula: 'most words in it at once in one pass',
      inputs: `${count(fifo.words)} words a pass through ${fifo.id}`,
      source: timeline,
    }),
    figure(`${path}.bits`, wordBits(fifo.word), 'bits', {
      formula: 'tokens · columns · bits of the type',
      inputs: `${fifo.word.tokens} · ${fifo.word.columns} · ${fifo.word.element}, in ${storage}`,
      source: 'the word of the ports that it joins',
    }),
  ];
}
