import { denseLayers } from './families/dense.ts';
import { streamDesign } from './families/graph.ts';
import { microFifo, microMemory } from './families/micro.ts';
import { kv260Modules, llamaModules } from './families/modules.ts';
import { streamNodes } from './families/nodes.ts';
import { closedForm } from './families/paper.ts';
import { publishedModules } from './families/published.ts';
import { routedLogic } from './families/routed.ts';
import type { Family } from './score.ts';

export const families: readonly Family[] = [
  closedForm,
  ...publishedModules,
  ...streamNodes,
  streamDesign,
  microMemory,
  ...microFifo,
  kv260Modules,
  llamaModules,
  denseLayers,
  ...routedLogic,
];
