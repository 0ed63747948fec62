/** What the words of data sheets mean: keys, families, DSP slices, and the phases of measured points. */
import type * as tree from '../../../grammar/tree.ts';
import type { AnyNode } from '../../../grammar/walk.ts';
import { isIntel, SLICES } from '../../design/sheets/device.ts';
import { bitsOf, isElementType, isFloat } from '../../design/sheets/precision.ts';
import { isPhase } from '../../design/terms/phase.ts';
import type { ElementType } from '../../design/workload.ts';
import { greatestPack, multiplierOf } from '../../kernels/common/array.ts';
import { argumentDetails } from '../vocabulary.ts';
import { words } from '../words.ts';

/** @param item the innermost entry of the sheet around the word */
export function sheetMeaningOf(word: string, item: AnyNode & tree.SheetItem): string | undefined {
  const own = (table: Readonly<Record<string, string>>): string | undefined =>
    Object.hasOwn(table, word) ? table[word] : undefined;
  const key = item.key.text;
  if (key === 'family' && word !== key) return familyText(word);
  if (key === 'slice' && word !== key) return sliceText(word);
  // A measured point: `generate(prompt: 64, output: 64): 800 ms`
  if (item.arguments)
    return isPhase(word) ? own(words) : own(argumentDetails) && `\`${word}:\` ${own(argumentDetails)}.`;
  return own(keys) ?? (isElementType(word) ? typeText(word) : undefined);
}

/** A family is a name: what it decides is the DSP slice, and whether there is an export. */
function familyText(family: string): string {
  const slice = Object.hasOwn(SLICES, family) ? SLICES[family] : undefined;
  const slices = slice
    ? `its DSP slice is ${slice} unless the sheet says \`slice:\` (UG579, AM004)`
    : 'it says nothing of its DSP slices, the sheet’s `slice:` does';
  return `\`${family}\`: a family of parts; ${slices}.${isIntel(family) ? ' There is no export: that is for AMD’s tools.' : ''}`;
}

/** What it multiplies and packs, as the arrays are priced. */
function sliceText(slice: string): string {
  const { bits, source, assumed } = multiplierOf(slice);
  const pack = (packed: ElementType, shared: ElementType) =>
    `${greatestPack(packed, shared, slice)} of ${packed} × ${shared}`;
  const products = [pack('int8', 'int8'), pack('int4', 'int8'), pack('int4', 'int4')].join(', ');
  const priced = assumed ? 'priced as a DSP48E2: assumed' : source;
  return `\`${slice}\`: a DSP slice that multiplies ${bits[0]} × ${bits[1]} bits, signed (${priced}). Products a cycle that share an operand: up to ${products}.`;
}

export const typeText = (type: ElementType): string =>
  `\`${type}\`: ${bitsOf(type)} bits, ${isFloat(type) ? 'floating point' : 'an integer'}.`;

export const resources: Readonly<Record<string, string>> = {
  dsp: 'DSP slices: multipliers.',
  bram: 'Block RAM, counted in RAMB36 of 36 Kb.',
  uram: 'UltraRAM, blocks of 4096 × 72 bits.',
  lut: 'Look-up tables with six inputs.',
  ff: 'Flip-flops.',
  sll: 'Wires between dies.',
};

/** Keys of data sheets. */
const keys: Readonly<Record<string, string>> = {
  ...resources,
  byte: 'A byte that a memory of the card moves.',
  part: 'The vendor’s name of the part.',
  family: 'The family of the part.',
  slice: 'Kind of its DSP slices: decides what they pack.',
  clock: 'The clock where an accelerator says none.',
  ceiling: 'The fastest clock of the data sheet.',
  energy: 'Joules of a busy primitive and cycle, and of a byte of memory traffic.',
  idle: 'Power of the idle card, from … to.',
  die: 'A die (SLR) with what there is to build on.',
  plan: 'The vendor’s planning figures: beyond them, closure gets unlikely.',
  crossing: 'Wires between two dies.',
  wires: 'Wires that there are.',
  memory: 'A memory with its channels.',
  channels: 'Numbers of the channels, from..to.',
  capacity: 'Of a channel.',
  bandwidth: 'Of a channel of a memory, of a port of a link; decimal.',
  port: 'The widest port.',
  on: 'Dies that its ports are next to.',
  link: 'Network between cards.',
  ports: 'Numbers of the ports.',
  efficiency: 'Share of the bandwidth that arrives.',
  latency: 'From card to card.',
  shell: 'What the platform takes before any kernel.',
  engines: 'Multiply-accumulate units beside the DSP slices: a rate for kernels `on engines`.',
  count: 'How many there are.',
  macs: 'Multiply-accumulates of each a cycle.',
  source: 'Where figures come from.',
  assumed: 'A figure without a source.',
  unverified: 'What was not checked against a data sheet.',
  power: 'Board power.',
  launch: 'Time to start one operator: no operator takes less, however few tokens.',
  measured: 'A measured time of a model’s phase.',
  weights: 'Type of trained values.',
  activations: 'Type of what flows between matrix products.',
  cache: 'Type of keys and values.',
  accumulator: 'Type of sums of products.',
  nonlinear: 'Type of softmax, norms and activations.',
  group: 'Weights that share a scale; 0: one scale an output channel.',
};
