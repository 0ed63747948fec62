/**
 * Why each figure is what it is: its formula, the numbers put in, what it takes for granted, and where the formula comes from.
 * Figures are named by their path in the JSON, with names for places in a list: 'kernels.q.cycles', 'dies.slr0.resources.lut'.
 */
import type { AcceleratorEstimate, ChannelEstimate, DieEstimate } from '../estimate/estimate.ts';
import { amount, bandwidth, count, resourceLabels, significant, time } from '../format.ts';
import { fifoOf, kernelOf } from './explain-kernels.ts';
import { cardsOf, generationOf, timingOf } from './explain-times.ts';
import {
  assumptionsOf,
  type Explanation,
  figure,
  fromFormula,
  resources,
  sheetOf,
  shortened,
  steady,
  timeline,
  untested,
} from './explanation.ts';

/** Every figure of the JSON of one accelerator, in its order. */
export function explanationsOf(estimate: AcceleratorEstimate): Explanation[] {
  return [
    ...timingOf(estimate),
    ...generationOf(estimate),
    ...cardsOf(estimate),
    ...resources.map((name) =>
      figure(`resources.${name}`, estimate.resources[name], resourceLabels[name], {
        formula: 'Σ of its dies',
        inputs: estimate.dies.map((die) => `${die.name} ${amount(die.resources[name])}`).join(' + '),
        assumptions: assumptionsOf(name, estimate),
        source: 'the dies below; what is available: device sheet',
      }),
    ),
    ...estimate.dies.flatMap((die) => dieOf(die, estimate)),
    ...estimate.channels.flatMap((channel) => channelOf(channel, estimate)),
    ...estimate.crossings.flatMap(({ between, used, wires, plan, fifos }) =>
      (['used', 'wires', 'plan'] as const).map((name) =>
        figure(`crossings.${between.join('–')}.${name}`, { used, wires, plan }[name], 'wires', {
          formula:
            name === 'used' ? 'Σ bits of the streams that pass the boundary + 2 of handshake each' : 'device sheet',
          inputs: name === 'used' ? fifos.join(' + ') || 'no stream' : `${count(name === 'wires' ? wires : plan)}`,
          source: name === 'used' ? 'words of the netlist’s FIFOs' : sheetOf(estimate),
        }),
      ),
    ),
    ...estimate.closure.flatMap(({ kind, subject, resource, value, limit, source }) =>
      Object.entries({ value, limit }).map(([name, number]) =>
        figure(
          `closure.${[kind, subject, ...(resource ? [resource] : [])].join(' ')}.${name}`,
          number,
          resource ?? kind,
          {
            formula:
              name === 'limit'
                ? 'beyond it, timing closure is unlikely'
                : `the ${resource ?? kind} that the design has`,
            inputs: count(number),
            source,
          },
        ),
      ),
    ),
    ...enginesOf(estimate),
    ...powerOf(estimate),
    ...estimate.comparisons.flatMap(({ name, kind, seconds, faster, perResult, formula }) => {
      const path = `comparisons.${name} ${kind}`;
      return [
        fromFormula(`${path}.latencyMs`, formula, seconds * 1e3, 'ms'),
        figure(`${path}.faster`, faster, 'times', {
          formula: 'its latency ÷ latency of this accelerator',
          inputs: `${time(seconds)} ÷ ${time(estimate.timing.model)}`,
          source: formula.source,
        }),
        ...(perResult === undefined
          ? []
          : [
              figure(`${path}.millijoulesPerResult`, perResult * 1e3, 'mJ', {
                formula: 'power · latency ÷ results',
                inputs: `power of its sheet · ${time(seconds)} ÷ results of a pass`,
                assumptions: ['it draws the power of its sheet all the time'],
                source: formula.source,
              }),
            ]),
      ];
    }),
    ...estimate.kernels.flatMap((kernel) => kernelOf(kernel, estimate)),
    ...estimate.fifos.flatMap(fifoOf),
  ];
}

function dieOf(die: DieEstimate, estimate: AcceleratorEstimate): Explanation[] {
  const { name, shell, latency } = die;
  return [
    ...resources.map((resource) => {
      const users = estimate.kernels
        .filter((kernel) => kernel.die === name && kernel.resources[resource].used > 0)
        .map((kernel) => `${kernel.name} ${amount(kernel.resources[resource])}`);
      const all = shell[resource].used > 0 ? [...users, `shell ${amount(shell[resource])}`] : users;
      return figure(`dies.${name}.resources.${resource}`, die.resources[resource], resourceLabels[resource], {
        formula: 'copies · Σ of what stands on it + shell + ports of a network',
        inputs: shortened(all),
        assumptions: assumptionsOf(resource, estimate),
        source: 'cost laws and memories of its units; shell and what is available: device sheet',
      });
    }),
    figure(`dies.${name}.latencyMs`, latency * 1e3, 'ms', {
      formula: 'its units alone, inputs always ready, outputs always taken: first input to last output',
      inputs: shortened([...die.kernels]),
      assumptions: [untested, steady],
      source: timeline,
    }),
  ];
}

function channelOf({ name, demand, limit, users }: ChannelEstimate, estimate: AcceleratorEstimate): Explanation[] {
  return [
    figure(`channels.${name}.demandGBps`, demand / 1e9, 'GB/s', {
      formula: 'Σ bytes moved ÷ time in which the kernel issues, over the users at work at the same time',
      inputs: shortened(users.map((user) => `${user.kernel}.${user.port} ${bandwidth(user.demand)}`)),
      assumptions: [steady],
      source: 'traffic of the cost laws, windows of the timeline',
    }),
    figure(`channels.${name}.limitGBps`, limit / 1e9, 'GB/s', {
      formula: 'device sheet',
      inputs: bandwidth(limit),
      source: sheetOf(estimate),
    }),
  ];
}

function enginesOf({ engines }: AcceleratorEstimate): Explanation[] {
  if (!engines) return [];
  const { users, used, available, formula } = engines;
  return [
    figure('engines.used', used, 'multiply-accumulates a cycle', {
      formula: 'copies · Σ array · pack · replicate · clock of the kernel ÷ the clock',
      inputs: users.map(({ kernel, macs }) => `${kernel} ${count(macs)}`).join(' + '),
      assumptions: ['a rate: how rows and weights get to the engines and back is left out'],
      source: formula.source,
    }),
    fromFormula('engines.available', formula, available, 'multiply-accumulates a cycle'),
  ];
}

function powerOf({ power, accelerator, timing }: AcceleratorEstimate): Explanation[] {
  if (!power) return [];
  const { formula, idle, logic, memory, watts, perResult } = power;
  const assumptions = ['indicative: not measured, and not calibrated on a design'];
  const of = (name: string, value: number, unit: string, text: string, inputs: string): Explanation =>
    figure(`power.${name}`, value, unit, { formula: text, inputs, assumptions, source: formula.source });
  return [
    fromFormula('power.watts', formula, watts, 'W', assumptions),
    of('idleWatts', idle, 'W', 'idle power of the sheet, of a range its middle', accelerator.device.name),
    of('logicWatts', logic, 'W', 'Σ busy · primitives · energy of a cycle · clock', 'kernels below'),
    of('memoryWatts', memory, 'W', 'bytes of a pass ÷ its time · energy of a byte', time(timing.perLayer)),
    of(
      'millijoulesPerResult',
      perResult * 1e3,
      'mJ',
      'power · interval ÷ results',
      `${significant(watts)} W · ${time(timing.interval)}`,
    ),
  ];
}

/**
 * The figures that a person asks for: a kernel, die or channel ('q', 'slr1', 'hbm[4]'), a figure of one ('q.lut'), or of the
 * accelerator ('latency'); with the accelerator's name in front where they like.
 */
export function explanationsFor(estimate: AcceleratorEstimate, asked: string | undefined): Explanation[] {
  const all = explanationsOf(estimate);
  if (asked === undefined) return all;
  const { name } = estimate.accelerator;
  if (asked === name) return all.filter(({ figure: one }) => !one.includes('.') || one.startsWith('power.'));
  const wanted = asked.startsWith(`${name}.`) ? asked.slice(name.length + 1) : asked;
  // 'latency' is the accelerator's before it is that of a die; 'slr1.dsp' is 'dies.slr1.resources.dsp'.
  const own = all.filter(({ figure: one }) => !one.includes('.') && one.startsWith(wanted));
  return own.length > 0 ? own : all.filter(({ figure: one }) => isAbout(one.split('.'), wanted.split('.')));
}

/** Whether the parts asked for are parts of the path, in this order; the last one may leave its unit out. */
function isAbout(path: readonly string[], asked: readonly string[]): boolean {
  let found = 0;
  for (const part of path) {
    const wanted = asked[found];
    if (wanted === undefined) break;
    const last = found === asked.length - 1 && found > 0;
    if (part === wanted || (last && part.startsWith(wanted))) found++;
  }
  return found === asked.length;
}
