/** The HLS kernel library: its modules, and the text of its headers by file name. */
import attendHeader from './attend/attend.h';
import attentionHeader from './attention/attention.h';
import cacheHeader from './cache/cache.h';
import combineHeader from './combine/combine.h';
import dataflowHeader from './common/dataflow.h';
import epilogueHeader from './common/epilogue.h';
import expHeader from './common/exp.h';
import geluHeader from './common/gelu.h';
import interpolateHeader from './common/interpolate.h';
import multiplyHeader from './common/multiply.h';
import reciprocalHeader from './common/reciprocal.h';
import reduceHeader from './common/reduce.h';
import reluHeader from './common/relu.h';
import requantiseHeader from './common/requantise.h';
import rsqrtHeader from './common/rsqrt.h';
import siluHeader from './common/silu.h';
import stagesHeader from './common/stages.h';
import storageHeader from './common/storage.h';
import streamedArrayHeader from './common/streamed_array.h';
import treeHeader from './common/tree.h';
import windowHeader from './common/window.h';
import wordHeader from './common/word.h';
import contextHeader from './context/context.h';
import conv2dHeader from './conv2d/conv2d.h';
import convertHeader from './convert/convert.h';
import elementwiseHeader from './elementwise/elementwise.h';
import forkHeader from './fork/fork.h';
import contextHeadsHeader from './heads/context_heads.h';
import headsHeader from './heads/heads.h';
import scoresHeadsHeader from './heads/scores_heads.h';
import softmaxHeadsHeader from './heads/softmax_heads.h';
import joinHeader from './join/join.h';
import layernormHeader from './layernorm/layernorm.h';
import groupedLinearHeader from './linear/grouped_linear.h';
import linearHeader from './linear/linear.h';
import tiledLinearHeader from './linear/tiled_linear.h';
import loadHeader from './load/load.h';
import overlayHeader from './overlay/overlay.h';
import poolHeader from './pool/pool.h';
import rmsnormHeader from './rmsnorm/rmsnorm.h';
import ropeHeader from './rope/rope.h';
import scoresHeader from './scores/scores.h';
import softmaxHeader from './softmax/softmax.h';
import spillHeader from './spill/spill.h';
import storeHeader from './store/store.h';
import weightsHeader from './weights/weights.h';
import weightsAheadHeader from './weights/weights_ahead.h';

export { attend } from './attend/index.ts';
export { attention } from './attention/index.ts';
export { cache } from './cache/index.ts';
export { add, mul } from './combine/index.ts';
export { context } from './context/index.ts';
export { conv2d } from './conv2d/index.ts';
export { convert } from './convert/index.ts';
export { gelu, relu, silu } from './elementwise/index.ts';
export { fork } from './fork/index.ts';
export { heads } from './heads/index.ts';
export { join, takeTurns } from './join/index.ts';
export { layernorm } from './layernorm/index.ts';
export { linear } from './linear/index.ts';
export { load, parameters } from './load/index.ts';
export { overlay } from './overlay/index.ts';
export { pool } from './pool/index.ts';
export { rmsnorm } from './rmsnorm/index.ts';
export { rope } from './rope/index.ts';
export { scores } from './scores/index.ts';
export { softmax } from './softmax/index.ts';
export { spill } from './spill/index.ts';
export { store } from './store/index.ts';
export { weights } from './weights/index.ts';

/** Text of every header that an instance may name. */
export const headers: Readonly<Record<string, string>> = {
  'attend.h': attendHeader,
  'attention.h': attentionHeader,
  'cache.h': cacheHeader,
  'combine.h': combineHeader,
  'context_heads.h': contextHeadsHeader,
  'dataflow.h': dataflowHeader,
  'epilogue.h': epilogueHeader,
  'exp.h': expHeader,
  'gelu.h': geluHeader,
  'heads.h': headsHeader,
  'interpolate.h': interpolateHeader,
  'multiply.h': multiplyHeader,
  'reciprocal.h': reciprocalHeader,
  'reduce.h': reduceHeader,
  'scores_heads.h': scoresHeadsHeader,
  'softmax_heads.h': softmaxHeadsHeader,
  'tree.h': treeHeader,
  'relu.h': reluHeader,
  'requantise.h': requantiseHeader,
  'rsqrt.h': rsqrtHeader,
  'silu.h': siluHeader,
  'stages.h': stagesHeader,
  'storage.h': storageHeader,
  'streamed_array.h': streamedArrayHeader,
  'window.h': windowHeader,
  'word.h': wordHeader,
  'context.h': contextHeader,
  'conv2d.h': conv2dHeader,
  'convert.h': convertHeader,
  'elementwise.h': elementwiseHeader,
  'fork.h': forkHeader,
  'join.h': joinHeader,
  'layernorm.h': layernormHeader,
  'grouped_linear.h': groupedLinearHeader,
  'linear.h': linearHeader,
  'tiled_linear.h': tiledLinearHeader,
  'load.h': loadHeader,
  'rmsnorm.h': rmsnormHeader,
  'rope.h': ropeHeader,
  'overlay.h': overlayHeader,
  'pool.h': poolHeader,
  'scores.h': scoresHeader,
  'softmax.h': softmaxHeader,
  'spill.h': spillHeader,
  'store.h': storeHeader,
  'weights.h': weightsHeader,
  'weights_ahead.h': weightsAheadHeader,
};
