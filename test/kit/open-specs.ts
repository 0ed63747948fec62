/** Small accelerators that leave all of their hardware open. */
import { analysisOf } from './analyses.ts';

/** Attention head by head, heads that share keys, several row blocks, normed and rotated streams on the way. */
export const OPEN_SPECS: readonly string[] = [
  'gpt2(layers: 1, hidden: 256, heads: 8, ffn: 512)  phase decode(past: 100)',
  'llama(layers: 1, hidden: 256, heads: 8, kv_heads: 2, ffn: 512)  phase decode(past: 60)',
  'bert(layers: 1, hidden: 128, heads: 4, ffn: 256)  phase forward(tokens: 32)',
  'gpt2(layers: 1, hidden: 128, heads: 2, ffn: 256)  phase prefill(tokens: 16)',
].map((rest) => `accelerator a { device u280  model ${rest} }`);

/** All products of the layer in turn on one array, everything else open. */
export const IN_TURN = `accelerator a {
  device u280  model llama(layers: 1, hidden: 256, heads: 8, kv_heads: 2, ffn: 512)  phase decode(past: 60)
  kernel gemm : q, k, v, proj, gate + act, up, down
  kernel qr  kernel kr  kernel scores  kernel softmax  kernel context
  kernel norm1  kernel add1  kernel norm2  kernel gated  kernel add2
}`;

/** The first accelerator of a spec. */
export function estimated(text: string) {
  return analysisOf(text).estimate.accelerators[0]!;
}
