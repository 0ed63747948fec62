/**
 * The names that exported sources may use: the documented interface of the vendor's tools and nothing else, so that what is
 * simulated with csim/ compiles unchanged with the vendor's headers. A C++ compiler ignores a pragma with a typo, hence the
 * second list.
 *
 * Source: AMD, Vitis High-Level Synthesis User Guide (UG1399), chapters "HLS Pragmas", "C/C++ Libraries" (arbitrary precision
 * types, hls::stream, hls::vector) and "Defining Interfaces".
 */

/** Headers that synthesised sources may include with angle brackets. */
export const sourceHeaders: ReadonlySet<string> = new Set([
  'ap_int.h',
  'ap_fixed.h',
  'hls_stream.h',
  'hls_vector.h',
  'cstdint',
  'cstddef',
]);

/** Members of namespace hls. */
export const hlsNames: ReadonlySet<string> = new Set(['stream', 'vector']);

/** Identifiers that begin with ap_ or AP_. */
export const apNames: ReadonlySet<string> = new Set([
  'ap_int',
  'ap_uint',
  'ap_fixed',
  'ap_ufixed',
  'AP_RND',
  'AP_RND_CONV',
  'AP_TRN',
  'AP_WRAP',
  'AP_SAT',
  'AP_SAT_SYM',
]);

/** Member functions of ap_int, ap_fixed, hls::stream and hls::vector that sources may call. */
export const memberNames: ReadonlySet<string> = new Set([
  'read',
  'write',
  'empty',
  'full',
  'read_nb',
  'write_nb',
  'range',
  'length',
  'to_int',
  'to_uint',
  'to_int64',
  'to_uint64',
  'to_float',
  'to_double',
  'to_bool',
  'reduce_add',
  'reduce_mult',
  'size',
]);

/** What may stand behind an option: any constant expression or name, or one of a list. */
type OptionValue = 'any' | 'flag' | readonly string[];

interface PragmaForm {
  /** Words that may stand alone right behind the name: the mode of INTERFACE. */
  readonly modes?: readonly string[];
  readonly options: Readonly<Record<string, OptionValue>>;
  readonly required?: readonly string[];
}

const memoryImplementations = ['auto', 'autosrl', 'bram', 'bram_ecc', 'lutram', 'memory', 'srl', 'uram', 'uram_ecc'];
const partition: PragmaForm = {
  options: { variable: 'any', type: ['block', 'complete', 'cyclic'], factor: 'any', dim: 'any' },
  required: ['variable'],
};

export const pragmaForms: Readonly<Record<string, PragmaForm>> = {
  AGGREGATE: { options: { variable: 'any', compact: ['none', 'byte', 'bit', 'auto'] }, required: ['variable'] },
  ALLOCATION: {
    options: { instances: 'any', limit: 'any', function: 'flag', operation: 'flag' },
    required: ['instances', 'limit'],
  },
  ARRAY_PARTITION: partition,
  ARRAY_RESHAPE: partition,
  BIND_OP: {
    options: {
      variable: 'any',
      op: ['mul', 'add', 'sub', 'fadd', 'fsub', 'fmul', 'fdiv', 'fexp', 'flog', 'frsqrt', 'frecip', 'fsqrt'],
      impl: ['dsp', 'fabric', 'meddsp', 'fulldsp', 'maxdsp', 'primitivedsp', 'auto', 'none'],
      latency: 'any',
    },
    required: ['variable', 'op'],
  },
  BIND_STORAGE: {
    options: {
      variable: 'any',
      type: ['fifo', 'ram_1p', 'ram_1wnr', 'ram_2p', 'ram_s2p', 'ram_t2p', 'rom_1p', 'rom_2p', 'rom_np'],
      impl: memoryImplementations,
      latency: 'any',
    },
    required: ['variable', 'type'],
  },
  DATAFLOW: { options: { disable_start_propagation: 'flag' } },
  DEPENDENCE: {
    options: {
      variable: 'any',
      class: ['array', 'pointer'],
      type: ['inter', 'intra'],
      direction: ['RAW', 'WAR', 'WAW'],
      distance: 'any',
      dependent: ['true', 'false'],
      false: 'flag',
      true: 'flag',
      inter: 'flag',
      intra: 'flag',
    },
  },
  EXPRESSION_BALANCE: { options: { off: 'flag' } },
  FUNCTION_INSTANTIATE: { options: { variable: 'any' }, required: ['variable'] },
  INLINE: { options: { off: 'flag', recursive: 'flag' } },
  INTERFACE: {
    modes: [
      'm_axi',
      'axis',
      's_axilite',
      'ap_ctrl_chain',
      'ap_ctrl_hs',
      'ap_ctrl_none',
      'ap_none',
      'ap_fifo',
      'ap_memory',
      'bram',
    ],
    options: {
      port: 'any',
      bundle: 'any',
      offset: ['direct', 'off', 'slave'],
      depth: 'any',
      latency: 'any',
      name: 'any',
      max_read_burst_length: 'any',
      max_write_burst_length: 'any',
      num_read_outstanding: 'any',
      num_write_outstanding: 'any',
      max_widen_bitwidth: 'any',
      register: 'flag',
      register_mode: ['both', 'forward', 'off', 'reverse'],
      storage_impl: ['auto', 'bram', 'uram'],
    },
    required: ['port'],
  },
  LATENCY: { options: { min: 'any', max: 'any' } },
  LOOP_FLATTEN: { options: { off: 'flag' } },
  LOOP_MERGE: { options: { force: 'flag' } },
  LOOP_TRIPCOUNT: { options: { min: 'any', max: 'any', avg: 'any' } },
  PIPELINE: { options: { II: 'any', off: 'flag', rewind: 'flag', style: ['flp', 'frp', 'stp'] } },
  RESET: { options: { variable: 'any', off: 'flag' }, required: ['variable'] },
  STABLE: { options: { variable: 'any' }, required: ['variable'] },
  STREAM: {
    options: { variable: 'any', depth: 'any', type: ['fifo', 'pipo', 'shared', 'unsync'] },
    required: ['variable'],
  },
  UNROLL: { options: { factor: 'any', skip_exit_check: 'flag' } },
};
