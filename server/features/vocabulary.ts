/** What completion offers that is the same in every spec. */
import { CompletionItemKind } from 'vscode-languageserver-protocol';
import type { Accelerator } from '../design/design.ts';
import { count } from '../format.ts';

export interface Proposal {
  readonly label: string;
  readonly kind: CompletionItemKind;
  readonly detail?: string | undefined;
  readonly doc?: string | undefined;
  readonly snippet?: string | undefined;
}

export function proposal(
  label: string,
  kind: CompletionItemKind,
  more: Omit<Proposal, 'label' | 'kind'> = {},
): Proposal {
  return { label, kind, ...more };
}

export const unitsAfter: Readonly<Record<string, readonly string[]>> = {
  at: ['MHz', 'GHz'],
  port: ['bit'],
  reserve: ['%'],
  // Dimensions have no unit.
  ...Object.fromEntries(
    ['array', 'tile', 'lanes', 'pack', 'ii', 'replicate', 'depth', 'copies', 'burst', 'phase', 'weights', 'cache'].map(
      (word) => [word, []],
    ),
  ),
};

export const phaseLabels: Readonly<Record<string, readonly string[]>> = {
  forward: ['tokens', 'batch'],
  prefill: ['tokens', 'batch'],
  decode: ['past', 'batch'],
  generate: ['prompt', 'output', 'batch'],
};

/** What the arguments of phases say. */
export const argumentDetails: Readonly<Record<string, string>> = {
  tokens: 'rows of this pass',
  past: 'tokens whose keys and values are in the cache already',
  batch: 'sequences, whose passes follow each other',
  prompt: 'tokens of the prompt, one pass',
  output: 'tokens that are generated, a pass each',
};

/** Functions of numbers, with what they take. */
export const functionSignatures: Readonly<Record<string, readonly string[]>> = {
  min: ['value', '…'],
  max: ['value', '…'],
  ceil: ['value'],
  floor: ['value'],
  log2: ['value'],
  mod: ['value', 'divisor'],
};

export const metricSignatures: Readonly<Record<string, readonly string[]>> = {
  use: ['resource'],
  bandwidth: ['memory'],
};

export const phases = [
  proposal('forward', CompletionItemKind.Function, {
    snippet: 'forward(tokens: $1)',
    detail: 'all tokens at once',
  }),
  proposal('prefill', CompletionItemKind.Function, {
    snippet: 'prefill(tokens: $1)',
    detail: 'the prompt of a decoder',
  }),
  proposal('decode', CompletionItemKind.Function, { snippet: 'decode(past: $1)', detail: 'one token more' }),
  proposal('generate', CompletionItemKind.Function, {
    snippet: 'generate(prompt: $1, output: $2)',
    detail: 'a prompt and all its tokens',
  }),
];

export const commonPrecisions = ['W4A8', 'W8A8', 'W4A8KV8', 'fp16'].map((name) =>
  proposal(name, CompletionItemKind.TypeParameter),
);
export const elementTypes = ['fp32', 'fp16', 'bf16', 'int8', 'int16'].map((name) =>
  proposal(name, CompletionItemKind.TypeParameter),
);
export const resources = ['dsp', 'bram', 'uram', 'lut', 'ff'].map((name) =>
  proposal(name, CompletionItemKind.EnumMember),
);

export const operatorKinds = [
  ...['linear', 'matmul', 'scores', 'context', 'softmax', 'causal', 'layernorm', 'rmsnorm', 'gelu', 'silu', 'relu'],
  ...['add', 'mul', 'rope', 'embed', 'conv2d', 'maxpool', 'avgpool', 'flatten', 'concat'],
].map((name) => proposal(name, CompletionItemKind.Function, { snippet: `${name}($1)` }));

/** Where parameters, K and V are kept on the chip. */
export const storages = [
  proposal('uram', CompletionItemKind.EnumMember, { detail: 'on chip, 4096 × 72 a block' }),
  proposal('bram', CompletionItemKind.EnumMember, { detail: 'on chip, 36 Kb a block' }),
  proposal('lutram', CompletionItemKind.EnumMember, { detail: 'on chip, 64 bits a LUT' }),
];

/** Widths that a memory port may have. */
export const portWidths = [32, 64, 128, 256, 512, 1024].map((bits) =>
  proposal(`${bits} bit`, CompletionItemKind.Value, { detail: `${bits / 8} bytes a beat` }),
);

export const fifoStorages = [
  proposal('srl', CompletionItemKind.EnumMember, { detail: 'shift registers, up to 32 words' }),
  proposal('lutram', CompletionItemKind.EnumMember, { detail: 'up to some hundred words' }),
  proposal('bram', CompletionItemKind.EnumMember, { detail: 'deep and wide' }),
  proposal('uram', CompletionItemKind.EnumMember, { detail: '4096 × 72 a block' }),
];

export const metrics = [
  proposal('latency', CompletionItemKind.Property, { detail: 'of the whole model' }),
  proposal('interval', CompletionItemKind.Property, { detail: 'from one result to the next' }),
  proposal('throughput', CompletionItemKind.Property, { detail: 'tokens a second' }),
  proposal('use', CompletionItemKind.Function, {
    snippet: 'use($1)',
    detail: 'share of a resource, shell included',
  }),
  proposal('bandwidth', CompletionItemKind.Function, {
    snippet: 'bandwidth($1)',
    detail: 'load of the busiest channel',
  }),
];

/** Behind a layer, region, kernel or phase and a dot. */
export const metricMembers = [
  proposal('latency', CompletionItemKind.Property, { detail: 'first input to last output' }),
  proposal('interval', CompletionItemKind.Property, { detail: 'from one result to the next' }),
  proposal('throughput', CompletionItemKind.Property, { detail: 'tokens a second' }),
];

/** Behind `on`, of a card that has some. */
export function enginesOf({ device: { engines } }: Accelerator): Proposal[] {
  if (!engines) return [];
  const detail = `${count(engines.count)} engines of ${count(engines.macsPerCycle)} multiply-accumulates a cycle: a rate`;
  return [proposal('engines', CompletionItemKind.EnumMember, { detail })];
}
