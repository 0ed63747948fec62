/**
 * Hugging Face `config.json` → a model of the standard library with its parameters. A configuration says sizes; what is
 * computed with them is what the architecture of that name computes, and that is written in the library.
 */
import { formatNumber } from '../terms/units.ts';

/** What a configuration means. */
export interface Configuration {
  /** Name in the standard library. */
  readonly model: string;
  readonly arguments: ReadonlyMap<string, number>;
  /** Tokens that attention looks back on, where the configuration bounds them. */
  readonly window?: number;
  /** Parts of the architecture that the model leaves out. */
  readonly leftOut: readonly { readonly subject: string; readonly consequence: string }[];
}

/** Why a configuration means nothing, as the parts of a problem. */
export type ConfigurationProblem =
  | { readonly code: 'missing-part'; readonly part: string }
  | { readonly code: 'invalid-value'; readonly subject: string; readonly found: string; readonly expected: string };

type Json = Readonly<Record<string, unknown>>;

/** A parameter of the model: the field that says it, what counts where that is absent or null, and the most it may be. */
interface Field {
  readonly name: string;
  readonly otherwise?: (read: ReadonlyMap<string, number>) => number;
  readonly most?: number;
}

interface Architecture {
  readonly model: string;
  /** Parameters of the model, in an order in which defaults may use what stands in front of them. */
  readonly fields: Readonly<Record<string, Field>>;
  /** The field of the feed-forward's function and what it may be, the usual one first; it is that where it is absent. */
  readonly activation: { readonly field: string; readonly among: readonly string[] };
  /** Fields with one value that the model knows, which is also what they are where they are absent. */
  readonly fixed?: Readonly<Record<string, unknown>>;
  /** What follows from other fields. */
  rest?(json: Json, read: Map<string, number>): Partial<Pick<Configuration, 'window' | 'leftOut'>>;
}

/** As many as a spec may repeat, and as wide as a tensor may be; what is multiplied by another size stays far below. */
const MOST_LAYERS = 10_000;
const MOST = 1 << 24;
const MOST_FACTOR = 4000;

/** The approximation of gelu by a tanh. */
const TANH = ['gelu_new', 'gelu_fast', 'gelu_pytorch_tanh'];
const GELU = ['gelu', ...TANH];
const SILU = ['silu', 'swish'];

const SIZES = {
  layers: { name: 'num_hidden_layers', most: MOST_LAYERS },
  hidden: { name: 'hidden_size' },
  heads: { name: 'num_attention_heads', most: MOST_FACTOR },
  ffn: { name: 'intermediate_size' },
} as const;
const VOCABULARY = { vocab: { name: 'vocab_size' } } as const;
const headOf: Field['otherwise'] = (read) => (read.get('hidden') ?? 0) / (read.get('heads') ?? 1);

const bert: Architecture = { model: 'bert', fields: SIZES, activation: { field: 'hidden_act', among: GELU } };

const llama: Architecture = {
  model: 'llama',
  fields: {
    ...SIZES,
    kv_heads: { name: 'num_key_value_heads', otherwise: (read) => read.get('heads') ?? 0 },
    ...VOCABULARY,
    head: { name: 'head_dim', otherwise: headOf, most: MOST_FACTOR },
  },
  activation: { field: 'hidden_act', among: SILU },
  fixed: { mlp_bias: false },
  rest(json, read) {
    if (json.attention_bias !== true) return windowOf(json);
    read.set('qkv_bias', 1);
    const consequence = 'its values are not counted; q, k and v have theirs';
    return { ...windowOf(json), leftOut: [{ subject: 'the bias behind the attention', consequence }] };
  },
};

/** In alphabetical order: the list of a diagnostic. */
const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  bert,
  distilbert: {
    model: 'bert',
    fields: {
      layers: { name: 'n_layers', most: MOST_LAYERS },
      hidden: { name: 'dim' },
      heads: { name: 'n_heads', most: MOST_FACTOR },
      ffn: { name: 'hidden_dim' },
    },
    activation: { field: 'activation', among: GELU },
  },
  gemma2: {
    model: 'gemma2',
    fields: {
      ...SIZES,
      kv_heads: { name: 'num_key_value_heads' },
      ...VOCABULARY,
      head: { name: 'head_dim', most: MOST_FACTOR },
    },
    activation: { field: 'hidden_activation', among: ['gelu_pytorch_tanh', ...GELU] },
    fixed: { attention_bias: false },
    rest: (json) => ({ ...windowOf(json), leftOut: cappings(json) }),
  },
  gpt2: {
    model: 'gpt2',
    fields: {
      layers: { name: 'n_layer', most: MOST_LAYERS },
      hidden: { name: 'n_embd' },
      heads: { name: 'n_head', most: MOST_FACTOR },
      ffn: { name: 'n_inner', otherwise: (read) => 4 * (read.get('hidden') ?? 0) },
      ...VOCABULARY,
      positions: { name: 'n_positions' },
    },
    activation: { field: 'activation_function', among: ['gelu_new', ...GELU] },
  },
  llama,
  mistral: llama,
  opt: {
    model: 'opt',
    fields: {
      ...SIZES,
      ffn: { name: 'ffn_dim' },
      ...VOCABULARY,
      positions: { name: 'max_position_embeddings' },
    },
    activation: { field: 'activation_function', among: ['relu'] },
    // OPT 350M alone norms behind its blocks, and its embedding is narrower than its layers.
    fixed: { do_layer_norm_before: true },
  },
  phi3: llama,
  qwen2: {
    ...llama,
    rest(json, read) {
      read.set('qkv_bias', 1);
      return json.use_sliding_window === true ? windowOf(json) : {};
    },
  },
  qwen3: {
    ...llama,
    model: 'qwen3',
    fields: { ...llama.fields, head: { name: 'head_dim', otherwise: () => 128, most: MOST_FACTOR } },
    fixed: { attention_bias: false },
    rest: (json) => (json.use_sliding_window === true ? windowOf(json) : {}),
  },
  roberta: bert,
  vit: {
    model: 'vit',
    fields: {
      ...SIZES,
      image: { name: 'image_size', otherwise: () => 224, most: MOST_FACTOR },
      patch: { name: 'patch_size', otherwise: () => 16 },
    },
    activation: { field: 'hidden_act', among: GELU },
    fixed: { qkv_bias: true },
  },
};

function windowOf({ sliding_window: window }: Json): Pick<Configuration, 'window'> {
  return isSize(window) ? { window } : {};
}

function cappings(json: Json): Configuration['leftOut'] {
  const capped = (field: string, what: string) =>
    typeof json[field] === 'number'
      ? [{ subject: `the tanh that caps ${what} (${field})`, consequence: 'it takes no time and no hardware' }]
      : [];
  return [...capped('attn_logit_softcapping', 'scores'), ...capped('final_logit_softcapping', 'logits')];
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0;
}

export function isProblem(result: Configuration | ConfigurationProblem): result is ConfigurationProblem {
  return 'code' in result;
}

/** What the text of a `config.json` means, or the one thing that is wrong with it first. */
export function readConfiguration(text: string): Configuration | ConfigurationProblem {
  const json = parsed(text);
  if (typeof json === 'string') return invalid('the configuration', json, 'the ‘config.json’ of a Hugging Face model');
  const kind = own(json, 'model_type');
  if (kind === undefined) return { code: 'missing-part', part: '‘model_type’, the name of an architecture' };
  const known = typeof kind === 'string' && Object.hasOwn(ARCHITECTURES, kind) ? ARCHITECTURES[kind] : undefined;
  if (!known) return invalid('model_type', shown(kind), `one of ${Object.keys(ARCHITECTURES).join(', ')}`);
  return configuration(json, known);
}

function configuration(json: Json, known: Architecture): Configuration | ConfigurationProblem {
  const read = new Map<string, number>();
  const missing: string[] = [];
  for (const [parameter, { name, otherwise, most = MOST }] of Object.entries(known.fields)) {
    const value = own(json, name) ?? otherwise?.(read);
    if (value === undefined) missing.push(`‘${name}’`);
    else if (isSize(value) && value <= most) read.set(parameter, value);
    // A default that is no size follows from a field that is missing, or from two that do not go together.
    else if (own(json, name) !== undefined)
      return invalid(name, shown(value), `a whole number from 1 to ${formatNumber(most)}`);
  }
  if (missing.length > 0) return { code: 'missing-part', part: missing.join(', ') };
  return misfit(known, read) ?? unusual(json, known) ?? complete(json, known, read);
}

/** Heads that do not share evenly what there is. */
function misfit({ fields }: Architecture, read: ReadonlyMap<string, number>): ConfigurationProblem | undefined {
  const { hidden = 0, heads = 1, head, kv_heads: shared = heads } = Object.fromEntries(read);
  const all = `${formatNumber(heads)} heads`;
  if (head === undefined && hidden % heads !== 0) {
    return invalid(fields.heads!.name, all, `a number that divides ‘${fields.hidden!.name}’, ${formatNumber(hidden)}`);
  }
  if (heads % shared === 0) return undefined;
  return invalid(fields.kv_heads!.name, formatNumber(shared), `a number that divides ${all}`);
}

/** A variant of the architecture that computes something else. */
function unusual(json: Json, { activation, fixed = {} }: Architecture): ConfigurationProblem | undefined {
  const { field, among } = activation;
  const given = own(json, field);
  if (given !== undefined && !(typeof given === 'string' && among.includes(given))) {
    return invalid(field, shown(given), [...new Set(among)].join(' or '));
  }
  for (const [name, expected] of Object.entries(fixed)) {
    const value = own(json, name);
    if (value !== undefined && value !== expected) return invalid(name, shown(value), shown(expected));
  }
  return undefined;
}

function complete(json: Json, known: Architecture, read: Map<string, number>): Configuration {
  const { field, among } = known.activation;
  if (among.includes('gelu')) read.set('tanh', TANH.includes(String(own(json, field) ?? among[0])) ? 1 : 0);
  const rest = known.rest?.(json, read);
  return { model: known.model, arguments: read, leftOut: [], ...rest };
}

/** The object, or what is found in its place. */
function parsed(text: string): Json | string {
  try {
    const json: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Json) : shown(json);
  } catch (error) {
    // Every engine words it differently; most say where it is.
    const [, line, column] = /line (\d+) column (\d+)/.exec(String(error)) ?? [];
    return `text that is not JSON${line === undefined ? '' : ` (line ${line}, column ${column})`}`;
  }
}

/** A field; null is as good as none. */
function own(json: Json, name: string): unknown {
  return Object.hasOwn(json, name) ? (json[name] ?? undefined) : undefined;
}

/** A value of a configuration for a message, cut where it is long. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return String(value);
  const line = value.replace(/\s+/g, ' ');
  return `‘${line.length > 40 ? `${line.slice(0, 39)}…` : line}’`;
}

function invalid(subject: string, found: string, expected: string): ConfigurationProblem {
  return { code: 'invalid-value', subject, found, expected };
}
