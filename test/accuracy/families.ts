import { streamDesign } from './families/graph.ts';
import { microFifo, microMemory } from './families/micro.ts';
import { kv260Modules, llamaModules } from './families/modules.ts';
import { streamNodes } from './families/nodes.ts';
import { publishedModules } from './families/published.ts';
import type { Family } from './score.ts';

export const families: readonly Family[] = [
  ...publishedModules,
  ...streamNodes,
  streamDesign,
  microMemory,
  ...microFifo,
  kv260Modules,
  llamaModules,
];
