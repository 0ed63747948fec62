import { problemRule } from './problem.ts';

export const parametersMissing = problemRule('parameters-missing', {
  severity: 'warning',
  page: {
    summary: 'The file of trained weights that the spec names cannot be read.',
    why: 'No figure depends on it. The export packs the weights out of it, and is refused as long as it is not there.',
    failing: `accelerator a {
  device     u280
  model      bert_base
  phase      forward(tokens: 512)
  parameters "no_such_model.safetensors"
}`,
    mended: `accelerator a {
  device u280
  model  bert_base
  phase  forward(tokens: 512)
}`,
    remedies: [
      'Correct the path: it is relative to the folder of the spec.',
      'Put the checkpoint there; the weights of several files are named by their ‘….safetensors.index.json’.',
      'Leave the statement out: the export fills the memory with random weights then, or takes those of ‘weft export … --parameters FILE’.',
    ],
  },
  words: ({ path, reason }) => ({
    message: `There are no trained weights in ‘${path}’: ${reason}. The figures do not need them, the export does.`,
  }),
});
