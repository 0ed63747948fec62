// attend: bert_u280 on slr1 of u280 at 245 MHz.
// Written by Weft 0.0.0-test. The figures are its estimate of one pass of one layer, 512 rows; memories and
// FIFOs of a kernel are counted with it. No vendor tool was run.
//
// module   operators  array             cycles  DSP  BRAM36  URAM  spec
// ───────  ─────────  ─────────────  ─────────  ───  ──────  ────  ────────────
// scores   scores     8 x 8          3,588,114   88       0    36  main.weft:16
// softmax  softmax    lanes 8          394,319   77      15     0  main.weft:17
// context  context    8 x 8          3,250,196   88       1    33  main.weft:18
// proj     proj       8 x 16 pack 2  1,190,449  168     9.5     0  main.weft:19
// add1     add1       lanes 8           49,168   40     7.5     0  main.weft:20
// norm1    norm1      lanes 8           50,807  138    24.5     0  main.weft:21
#include "attend.h"

// Depths of the streams, in words.
constexpr int weights_to_proj_depth = 2;
constexpr int scales_to_proj_depth = 2;
constexpr int out_to_norm1_depth = 2;
constexpr int scores_to_softmax_depth = 2;
constexpr int softmax_to_context_depth = 512;
constexpr int context_to_proj_depth = 2;
constexpr int x_to_add1_depth = 2;
constexpr int x_to_add1_words_depth = 2;
constexpr int proj_to_add1_depth = 2;
constexpr int add1_to_norm1_depth = 2;
constexpr int q_to_scores_fifo_depth = 49138;
constexpr int k_to_scores_fifo_depth = 6;
constexpr int v_to_context_fifo_depth = 6;

static void q_to_scores_relay(hls::stream<weft::word<weft::int8, 8>> &in, hls::stream<weft::word<weft::int8, 8>> &out) {
#pragma HLS INLINE off
  weft::fork<weft::ceil_div(tokens, 8) * 768, 8, weft::int8>(in, out);
}

static void k_to_scores_relay(hls::stream<weft::word<weft::int8, 8>> &in, hls::stream<weft::word<weft::int8, 8>> &out) {
#pragma HLS INLINE off
  weft::fork<weft::ceil_div(tokens, 8) * 768, 8, weft::int8>(in, out);
}

static void v_to_context_relay(hls::stream<weft::word<weft::int8, 8>> &in, hls::stream<weft::word<weft::int8, 8>> &out) {
#pragma HLS INLINE off
  weft::fork<weft::ceil_div(tokens, 8) * 768, 8, weft::int8>(in, out);
}

static void proj_weights(
    const weft::word<weft::int8, 64> *memory,
    hls::stream<weft::word<weft::int4, 32>> &weights,
    hls::stream<weft::word<weft::fp32, 2>> &scales,
    int layer) {
#pragma HLS INLINE off
  weft::weights<
      weft::ceil_div(tokens, 8) /* BLOCKS */,
      16 /* A */,
      1 /* D */,
      2 /* PACK */,
      weft::int4 /* WEIGHT */,
      64 /* PORT_BYTES */,
      weft::streamed /* STORAGE */,
      weft::matrix<768, 768> /* MATRIX */>(
      memory + static_cast<long>(layer) * 4704, weights, scales);
}

static void norm1_parameters(
    const weft::word<weft::fp32, 16> *memory,
    hls::stream<weft::word<weft::fp32, 2>> &out,
    int layer) {
#pragma HLS INLINE off
  weft::load<
      768 /* WORDS */,
      2 /* N */,
      16 /* BEAT */,
      weft::fp32 /* ELEMENT */>(
      memory, layer * 96, out);
}

static void scores(
    hls::stream<weft::word<weft::int8, 8>> &q,
    hls::stream<weft::word<weft::int8, 8>> &k,
    hls::stream<weft::word<weft::fp32, 8>> &out,
    float scale) {
#pragma HLS INLINE off
  weft::scores<
      tokens /* ROWS */,
      tokens /* KEYS */,
      12 /* HEADS */,
      12 /* KV_HEADS */,
      64 /* HEAD_DIM */,
      8 /* R */,
      8 /* A */,
      1 /* D */,
      1 /* PACK */,
      8 /* KEY_TOKENS */,
      weft::int8 /* IN */,
      weft::fp32 /* OUT */,
      weft::ping_pong<weft::uram> /* CACHE */>(
      q, k, out, scale);
}

static void softmax(
    hls::stream<weft::word<weft::fp32, 8>> &in,
    hls::stream<weft::word<weft::int8, 8>> &out) {
#pragma HLS INLINE off
  weft::softmax<
      tokens /* ROWS */,
      12 /* HEADS */,
      tokens /* KEYS */,
      8 /* T */,
      1 /* C */,
      1 /* II */,
      0 /* CAUSAL */,
      weft::int8 /* OUT */>(
      in, out, 0);
}

static void context(
    hls::stream<weft::word<weft::int8, 8>> &in,
    hls::stream<weft::word<weft::int8, 8>> &v,
    hls::stream<weft::word<weft::int8, 8>> &out,
    float scale) {
#pragma HLS INLINE off
  weft::context<
      tokens /* ROWS */,
      tokens /* KEYS */,
      12 /* HEADS */,
      12 /* KV_HEADS */,
      64 /* HEAD_DIM */,
      8 /* R */,
      8 /* A */,
      1 /* D */,
      1 /* PACK */,
      8 /* VALUE_TOKENS */,
      weft::int8 /* IN */,
      weft::int8 /* OUT */,
      weft::ping_pong<weft::uram> /* CACHE */>(
      in, v, out, scale);
}

static void proj(
    hls::stream<weft::word<weft::int8, 8>> &in,
    hls::stream<weft::word<weft::int4, 32>> &weights,
    hls::stream<weft::word<weft::fp32, 2>> &scales,
    hls::stream<weft::word<weft::fp32, 8>> &out) {
#pragma HLS INLINE off
  weft::linear<
      tokens /* ROWS */,
      768 /* REDUCTION */,
      768 /* COLUMNS */,
      8 /* R */,
      16 /* A */,
      1 /* D */,
      2 /* PACK */,
      weft::int8 /* IN */,
      weft::int4 /* WEIGHT */,
      weft::fp32 /* OUT */,
      weft::identity /* FUNCTION */>(
      in, weights, scales, out, 1.0f);
}

static void x_load_add1(
    const weft::word<weft::int8, 64> *memory,
    int offset,
    hls::stream<weft::word<weft::int8, 64>> &out) {
#pragma HLS INLINE off
  weft::load<
      weft::ceil_div(tokens, 8) * 96 /* WORDS */,
      64 /* N */,
      64 /* BEAT */,
      weft::int8 /* ELEMENT */>(
      memory, offset, out);
}

static void x_to_add1_convert(
    hls::stream<weft::word<weft::int8, 64>> &in,
    hls::stream<weft::word<weft::int8, 8>> &out) {
#pragma HLS INLINE off
  weft::convert<
      tokens /* ROWS */,
      1 /* HEADS */,
      768 /* COLUMNS */,
      8 /* T1 */,
      8 /* C1 */,
      8 /* T2 */,
      1 /* C2 */,
      weft::int8 /* ELEMENT */>(
      in, out);
}

static void add1(
    hls::stream<weft::word<weft::int8, 8>> &a,
    hls::stream<weft::word<weft::fp32, 8>> &b,
    hls::stream<weft::word<weft::fp32, 8>> &out,
    float a_scale) {
#pragma HLS INLINE off
  weft::combine<
      weft::ceil_div(tokens, 8) * 768 /* WORDS */,
      8 /* LANES */,
      weft::sum /* OPERATION */,
      weft::int8 /* A */,
      weft::fp32 /* B */,
      weft::fp32 /* OUT */>(
      a, b, out, a_scale, 1.0f, 1.0f);
}

static void norm1(
    hls::stream<weft::word<weft::fp32, 8>> &in,
    hls::stream<weft::word<weft::fp32, 2>> &parameters,
    hls::stream<weft::word<weft::int8, 8>> &out,
    hls::stream<weft::word<weft::fp32, 8>> &out2,
    float epsilon,
    float out_inverse_scale) {
#pragma HLS INLINE off
  weft::layernorm<
      tokens /* ROWS */,
      768 /* COLUMNS */,
      8 /* T */,
      1 /* C */,
      1 /* II */,
      weft::fp32 /* IN */,
      weft::int8 /* OUT */,
      weft::fp32 /* OUT2 */>(
      in, parameters, out, out2, epsilon, 1.0f, out_inverse_scale, 1.0f);
}

extern "C" void attend(
    const weft::word<weft::int8, 64> *proj_weights_mem,
    const weft::word<weft::fp32, 16> *norm1_parameters_mem,
    const weft::word<weft::int8, 64> *x_load_add1_mem,
    hls::stream<weft::word<weft::int8, 8>> &q_to_scores,
    hls::stream<weft::word<weft::int8, 8>> &k_to_scores,
    hls::stream<weft::word<weft::int8, 8>> &v_to_context,
    hls::stream<weft::word<weft::int8, 8>> &norm1_to_up,
    hls::stream<weft::word<weft::fp32, 8>> &norm1_to_add2,
    float scores_scale,
    float context_scale,
    int x_load_add1_offset,
    float add1_a_scale,
    float norm1_epsilon,
    float norm1_out_inverse_scale,
    int layer) {
#pragma HLS INTERFACE m_axi port=proj_weights_mem bundle=proj_weights_mem offset=slave depth=9408 max_widen_bitwidth=512 max_read_burst_length=16 num_read_outstanding=16
#pragma HLS INTERFACE s_axilite port=proj_weights_mem bundle=control
#pragma HLS INTERFACE m_axi port=norm1_parameters_mem bundle=norm1_parameters_mem offset=slave depth=192 max_widen_bitwidth=512 max_read_burst_length=16 num_read_outstanding=16
#pragma HLS INTERFACE s_axilite port=norm1_parameters_mem bundle=control
#pragma HLS INTERFACE m_axi port=x_load_add1_mem bundle=x_load_add1_mem offset=slave depth=6144 max_widen_bitwidth=512 max_read_burst_length=16 num_read_outstanding=16
#pragma HLS INTERFACE s_axilite port=x_load_add1_mem bundle=control
#pragma HLS INTERFACE axis port=q_to_scores
#pragma HLS INTERFACE axis port=k_to_scores
#pragma HLS INTERFACE axis port=v_to_context
#pragma HLS INTERFACE axis port=norm1_to_up
#pragma HLS INTERFACE axis port=norm1_to_add2
#pragma HLS INTERFACE s_axilite port=scores_scale bundle=control
#pragma HLS INTERFACE s_axilite port=context_scale bundle=control
#pragma HLS INTERFACE s_axilite port=x_load_add1_offset bundle=control
#pragma HLS INTERFACE s_axilite port=add1_a_scale bundle=control
#pragma HLS INTERFACE s_axilite port=norm1_epsilon bundle=control
#pragma HLS INTERFACE s_axilite port=norm1_out_inverse_scale bundle=control
#pragma HLS INTERFACE s_axilite port=layer bundle=control
#pragma HLS INTERFACE s_axilite port=return bundle=control
#pragma HLS INTERFACE ap_ctrl_chain port=return
#pragma HLS DATAFLOW

  hls::stream<weft::word<weft::int4, 32>, weights_to_proj_depth> weights_to_proj("weights_to_proj");
#pragma HLS STREAM variable=weights_to_proj depth=weights_to_proj_depth type=fifo
#pragma HLS BIND_STORAGE variable=weights_to_proj type=fifo impl=srl

  hls::stream<weft::word<weft::fp32, 2>, scales_to_proj_depth> scales_to_proj("scales_to_proj");
#pragma HLS STREAM variable=scales_to_proj depth=scales_to_proj_depth type=fifo
#pragma HLS BIND_STORAGE variable=scales_to_proj type=fifo impl=srl

  hls::stream<weft::word<weft::fp32, 2>, out_to_norm1_depth> out_to_norm1("out_to_norm1");
#pragma HLS STREAM variable=out_to_norm1 depth=out_to_norm1_depth type=fifo
#pragma HLS BIND_STORAGE variable=out_to_norm1 type=fifo impl=srl

  hls::stream<weft::word<weft::fp32, 8>, scores_to_softmax_depth> scores_to_softmax("scores_to_softmax");
#pragma HLS STREAM variable=scores_to_softmax depth=scores_to_softmax_depth type=fifo
#pragma HLS BIND_STORAGE variable=scores_to_softmax type=fifo impl=srl

  hls::stream<weft::word<weft::int8, 8>, softmax_to_context_depth> softmax_to_context("softmax_to_context");
#pragma HLS STREAM variable=softmax_to_context depth=softmax_to_context_depth type=fifo
#pragma HLS BIND_STORAGE variable=softmax_to_context type=fifo impl=uram

  hls::stream<weft::word<weft::int8, 8>, context_to_proj_depth> context_to_proj("context_to_proj");
#pragma HLS STREAM variable=context_to_proj depth=context_to_proj_depth type=fifo
#pragma HLS BIND_STORAGE variable=context_to_proj type=fifo impl=srl

  hls::stream<weft::word<weft::int8, 64>, x_to_add1_depth> x_to_add1("x_to_add1");
#pragma HLS STREAM variable=x_to_add1 depth=x_to_add1_depth type=fifo
#pragma HLS BIND_STORAGE variable=x_to_add1 type=fifo impl=srl

  hls::stream<weft::word<weft::int8, 8>, x_to_add1_words_depth> x_to_add1_words("x_to_add1_words");
#pragma HLS STREAM variable=x_to_add1_words depth=x_to_add1_words_depth type=fifo
#pragma HLS BIND_STORAGE variable=x_to_add1_words type=fifo impl=srl

  hls::stream<weft::word<weft::fp32, 8>, proj_to_add1_depth> proj_to_add1("proj_to_add1");
#pragma HLS STREAM variable=proj_to_add1 depth=proj_to_add1_depth type=fifo
#pragma HLS BIND_STORAGE variable=proj_to_add1 type=fifo impl=srl

  hls::stream<weft::word<weft::fp32, 8>, add1_to_norm1_depth> add1_to_norm1("add1_to_norm1");
#pragma HLS STREAM variable=add1_to_norm1 depth=add1_to_norm1_depth type=fifo
#pragma HLS BIND_STORAGE variable=add1_to_norm1 type=fifo impl=srl

  hls::stream<weft::word<weft::int8, 8>, q_to_scores_fifo_depth> q_to_scores_fifo("q_to_scores_fifo");
#pragma HLS STREAM variable=q_to_scores_fifo depth=q_to_scores_fifo_depth type=fifo
#pragma HLS BIND_STORAGE variable=q_to_scores_fifo type=fifo impl=uram

  hls::stream<weft::word<weft::int8, 8>, k_to_scores_fifo_depth> k_to_scores_fifo("k_to_scores_fifo");
#pragma HLS STREAM variable=k_to_scores_fifo depth=k_to_scores_fifo_depth type=fifo
#pragma HLS BIND_STORAGE variable=k_to_scores_fifo type=fifo impl=srl

  hls::stream<weft::word<weft::int8, 8>, v_to_context_fifo_depth> v_to_context_fifo("v_to_context_fifo");
#pragma HLS STREAM variable=v_to_context_fifo depth=v_to_context_fifo_depth type=fifo
#pragma HLS BIND_STORAGE variable=v_to_context_fifo type=fifo impl=srl

  DF_BEGIN
  DF_CALL(q_to_scores_relay, q_to_scores, q_to_scores_fifo)
  DF_CALL(k_to_scores_relay, k_to_scores, k_to_scores_fifo)
  DF_CALL(v_to_context_relay, v_to_context, v_to_context_fifo)
  DF_CALL(proj_weights, proj_weights_mem, weights_to_proj, scales_to_proj, layer)
  DF_CALL(norm1_parameters, norm1_parameters_mem, out_to_norm1, layer)
  DF_CALL(scores, q_to_scores_fifo, k_to_scores_fifo, scores_to_softmax, scores_scale)
  DF_CALL(softmax, scores_to_softmax, softmax_to_context)
  DF_CALL(context, softmax_to_context, v_to_context_fifo, context_to_proj, context_scale)
  DF_CALL(proj, context_to_proj, weights_to_proj, scales_to_proj, proj_to_add1)
  DF_CALL(x_load_add1, x_load_add1_mem, x_load_add1_offset, x_to_add1)
  DF_CALL(x_to_add1_convert, x_to_add1, x_to_add1_words)
  DF_CALL(add1, x_to_add1_words, proj_to_add1, add1_to_norm1, add1_a_scale)
  DF_CALL(norm1, add1_to_norm1, out_to_norm1, norm1_to_up, norm1_to_add2, norm1_epsilon, norm1_out_inverse_scale)
  DF_END
}
