/**
 * What checkpoints call the trained values of a layer: the names of Hugging Face's transformers, by architecture, and Weft's
 * own. An operator of the model is found by the name that the library's models give it.
 */

/** How a matrix lies in its tensor: [columns, reduction] as PyTorch's Linear has it, or transposed as in GPT-2's Conv1D. */
export type Orientation = 'linear' | 'conv1d';

export interface Source {
  /** Names without `.weight` and `.bias`, in the order of preference; `{n}` is the layer, from 0. */
  readonly tensor: string;
  readonly orientation?: Orientation;
  /** One of several operators that share a tensor, one behind the other: which, and of which operators. */
  readonly part?: { readonly of: readonly string[] };
  /** A batch norm behind it, which is folded into the matrix; a file whose convolutions have biases may have done so. */
  readonly norm?: string;
  /** Added to the gain: gemma keeps it as a difference from 1. */
  readonly gainOffset?: number;
}

export interface Architecture {
  /** For messages: 'bert', … */
  readonly name: string;
  /** Where the layer normalises: its input, or what it adds. A checkpoint of the other kind would compute something else. */
  readonly norms?: 'before' | 'behind';
  /** What may stand in front of all names. */
  readonly prefixes: readonly string[];
  readonly operators: Readonly<Record<string, Source>>;
}

const linear = (tensors: Readonly<Record<string, string>>, inside: string): Record<string, Source> =>
  Object.fromEntries(Object.entries(tensors).map(([operator, tensor]) => [operator, { tensor: `${inside}${tensor}` }]));

const qkv = ['q', 'k', 'v'];
const llamaCommon = { proj: 'self_attn.o_proj', gate: 'mlp.gate_proj', up: 'mlp.up_proj', down: 'mlp.down_proj' };
const llamaAttention = { q: 'self_attn.q_proj', k: 'self_attn.k_proj', v: 'self_attn.v_proj' };
const llamaNorms = { norm1: 'input_layernorm', norm2: 'post_attention_layernorm' };
const decoderPrefixes = ['model.', '', 'language_model.model.'];

export const architectures: readonly Architecture[] = [
  {
    name: 'bert',
    norms: 'behind',
    prefixes: ['', 'bert.', 'roberta.', '0.auto_model.'],
    operators: linear(
      {
        q: 'attention.self.query',
        k: 'attention.self.key',
        v: 'attention.self.value',
        proj: 'attention.output.dense',
        norm1: 'attention.output.LayerNorm',
        up: 'intermediate.dense',
        down: 'output.dense',
        norm2: 'output.LayerNorm',
      },
      'encoder.layer.{n}.',
    ),
  },
  {
    name: 'distilbert',
    norms: 'behind',
    prefixes: ['', 'distilbert.'],
    operators: linear(
      {
        q: 'attention.q_lin',
        k: 'attention.k_lin',
        v: 'attention.v_lin',
        proj: 'attention.out_lin',
        norm1: 'sa_layer_norm',
        up: 'ffn.lin1',
        down: 'ffn.lin2',
        norm2: 'output_layer_norm',
      },
      'transformer.layer.{n}.',
    ),
  },
  {
    name: 'gpt2',
    norms: 'before',
    prefixes: ['', 'transformer.'],
    operators: {
      ...linear({ norm1: 'ln_1', norm2: 'ln_2' }, 'h.{n}.'),
      ...Object.fromEntries(
        qkv.map((name): [string, Source] => [
          name,
          { tensor: 'h.{n}.attn.c_attn', orientation: 'conv1d', part: { of: qkv } },
        ]),
      ),
      proj: { tensor: 'h.{n}.attn.c_proj', orientation: 'conv1d' },
      up: { tensor: 'h.{n}.mlp.c_fc', orientation: 'conv1d' },
      down: { tensor: 'h.{n}.mlp.c_proj', orientation: 'conv1d' },
    },
  },
  {
    name: 'opt',
    norms: 'before',
    prefixes: ['model.decoder.', 'decoder.', ''],
    operators: linear(
      {
        ...llamaAttention,
        proj: 'self_attn.out_proj',
        norm1: 'self_attn_layer_norm',
        up: 'fc1',
        down: 'fc2',
        norm2: 'final_layer_norm',
      },
      'layers.{n}.',
    ),
  },
  {
    name: 'vit',
    norms: 'before',
    prefixes: ['', 'vit.', 'deit.'],
    operators: linear(
      {
        norm1: 'layernorm_before',
        q: 'attention.attention.query',
        k: 'attention.attention.key',
        v: 'attention.attention.value',
        proj: 'attention.output.dense',
        norm2: 'layernorm_after',
        up: 'intermediate.dense',
        down: 'output.dense',
      },
      'encoder.layer.{n}.',
    ),
  },
  {
    name: 'llama, qwen2, mistral',
    norms: 'before',
    prefixes: decoderPrefixes,
    operators: linear({ ...llamaAttention, ...llamaCommon, ...llamaNorms }, 'layers.{n}.'),
  },
  {
    name: 'qwen3',
    norms: 'before',
    prefixes: decoderPrefixes,
    operators: linear(
      {
        ...llamaAttention,
        ...llamaCommon,
        ...llamaNorms,
        q_norm: 'self_attn.q_norm',
        k_norm: 'self_attn.k_norm',
      },
      'layers.{n}.',
    ),
  },
  {
    name: 'gemma2',
    norms: 'before',
    prefixes: decoderPrefixes,
    operators: {
      ...linear({ ...llamaAttention, ...llamaCommon }, 'layers.{n}.'),
      norm1: { tensor: 'layers.{n}.input_layernorm', gainOffset: 1 },
      norm2: { tensor: 'layers.{n}.post_attention_layernorm', gainOffset: 1 },
      norm3: { tensor: 'layers.{n}.pre_feedforward_layernorm', gainOffset: 1 },
      norm4: { tensor: 'layers.{n}.post_feedforward_layernorm', gainOffset: 1 },
    },
  },
  {
    name: 'phi3',
    norms: 'before',
    prefixes: decoderPrefixes,
    operators: {
      ...linear({ proj: 'self_attn.o_proj', down: 'mlp.down_proj', ...llamaNorms }, 'layers.{n}.'),
      ...Object.fromEntries(
        qkv.map((name): [string, Source] => [name, { tensor: 'layers.{n}.self_attn.qkv_proj', part: { of: qkv } }]),
      ),
      gate: { tensor: 'layers.{n}.mlp.gate_up_proj', part: { of: ['gate', 'up'] } },
      up: { tensor: 'layers.{n}.mlp.gate_up_proj', part: { of: ['gate', 'up'] } },
    },
  },
];

/** Weft's own: `block.3.q.weight`, for models that no architecture knows. */
export function ownArchitecture(layer: string, operators: readonly string[]): Architecture {
  return {
    name: 'Weft’s own',
    prefixes: [''],
    operators: Object.fromEntries(
      operators.map((name) => [name, { tensor: `${layer}.{n}.${name}`, norm: `${layer}.{n}.${name}_norm` }]),
    ),
  };
}

/** The name of a layer's tensor, without `.weight` or `.bias`. */
export function tensorName(source: Source, prefix: string, layer: number): string {
  return prefix + source.tensor.replace('{n}', String(layer));
}
