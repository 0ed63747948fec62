/** One figure explained: its formula, the numbers put in, what it takes for granted, and where the formula comes from. */
import type { ResourceName } from '../design/hardware.ts';
import type { AcceleratorEstimate, Amount, Formula } from '../estimate/estimate.ts';
import { amount, resourceLabels, significant } from '../format.ts';

export interface Explanation {
  readonly figure: string;
  readonly value: number;
  /** Of a band, whose middle is the value. */
  readonly low?: number;
  readonly high?: number;
  readonly unit: string;
  readonly formula: string;
  /** The formula with its inputs. */
  readonly inputs: string;
  readonly assumptions: readonly string[];
  readonly source: string;
}

export const resources = Object.keys(resourceLabels) as ResourceName[];

export const untested = 'no vendor tool was run: loops reach the intervals that their pragmas ask for';
export const steady = 'a channel gives the bandwidth of its sheet: no refresh, row misses or arbitration';
export const bands = 'LUT and FF are bands: routed over printed LUT of published designs was 0.33 … 1.03';
export const timeline =
  'timeline of the netlist: cost laws beside each kernel’s source, run with their FIFOs (docs/estimator.md, Time)';

/** Parts that a sum names before it says how many more there are. */
const namedParts = 12;

type Why = Pick<Explanation, 'formula' | 'inputs' | 'source'> & { readonly assumptions?: readonly string[] };

export function figure(
  name: string,
  value: number | Amount,
  unit: string,
  { assumptions = [], ...why }: Why,
): Explanation {
  if (typeof value === 'number') return { figure: name, value, unit, ...why, assumptions };
  const { low, used, high } = value;
  return { figure: name, value: used, ...(low < high ? { low, high } : {}), unit, ...why, assumptions };
}

export function fromFormula(
  name: string,
  { symbolic, numeric, source }: Formula,
  value: number,
  unit: string,
  assumptions: readonly string[] = [],
): Explanation {
  return figure(name, value, unit, { formula: symbolic, inputs: numeric, source, assumptions });
}

export function sheetOf({ accelerator: { device } }: AcceleratorEstimate): string {
  return `sheet of ${device.name}: ${device.sources.join('; ') || 'it cites nothing'}`;
}

/** What a figure of this resource, or of time, takes for granted. */
export function assumptionsOf(
  name: ResourceName | 'time',
  { dies, kernels }: Pick<AcceleratorEstimate, 'dies' | 'kernels'>,
) {
  const lacking = name === 'dsp' ? 'uncounted' : 'partial';
  const unknown = kernels.filter((kernel) => kernel[lacking]).map((kernel) => kernel.name);
  const least = unknown.length > 0 && dies.some((die) => die[lacking]);
  return [
    ...(name === 'time' ? [untested, steady] : []),
    ...(name === 'lut' || name === 'ff' ? [bands] : []),
    ...(least && name !== 'time' ? [`not known of ${unknown.join(', ')}: what is shown is the least`] : []),
    ...(least && name === 'time' ? [`by arithmetic alone: ${unknown.join(', ')}`] : []),
  ];
}

export function shortened(parts: readonly string[]): string {
  if (parts.length === 0) return 'nothing';
  const more = parts.length - namedParts;
  return `${parts.slice(0, namedParts).join(' + ')}${more > 0 ? ` + ${more} more` : ''}`;
}

/** One explanation on a few lines. */
export function explanationText({
  figure: name,
  value,
  low,
  high,
  unit,
  formula,
  inputs,
  assumptions,
  source,
}: Explanation): string {
  return [
    `${name} = ${low === undefined || high === undefined ? significant(value, 6) : amount({ low, used: value, high })} ${unit}`,
    `  = ${formula}`,
    `  = ${inputs}`,
    ...assumptions.map((one) => `  assumed: ${one}`),
    `  from: ${source}`,
  ].join('\n');
}
