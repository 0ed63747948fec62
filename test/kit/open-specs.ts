/** Small accelerators that leave all of their hardware open. */
import { analysisOf } from './analyses.ts';

/** Attention head by head, heads that share keys, several row blocks, normed and rotated streams on the way. */
export const OPEN_SPECS: readonly string[] = [
  'gpt2(layers: 1, hidden: 256, heads: 8, ffn: 512)  phase decode(past: 100)',
  'llama(layers: 1, hidden: 256, heads: 8, kv_heads: 2, ffn: 512)  phase decode(past: 60)',
  'bert(layers: 1, hidden: 128, heads: 4, ffn: 256)  phase forward(tokens: 32)',
  'gpt2(layers: 1, hidden: 128, heads: 2, ffn: 256)  phase prefill(tokens: 16)',
].map((rest) => `accelerator a { device u280  model ${rest} }`);

/** The first accelerator of a spec. */
export function estimated(text: string) {
  return analysisOf(text).estimate.accelerators[0]!;
}
