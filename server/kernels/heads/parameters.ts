import type { ContextParameters } from '../context/parameters.ts';
import type { ScoresParameters } from '../scores/parameters.ts';
import type { SoftmaxParameters } from '../softmax/parameters.ts';

/** A kernel that has heads. */
export type Headed =
  | { readonly kernel: 'scores'; readonly of: ScoresParameters }
  | { readonly kernel: 'context'; readonly of: ContextParameters }
  | { readonly kernel: 'softmax'; readonly of: SoftmaxParameters };

/** Several of it side by side, each with as many heads of k, v or of a softmax; `of` has those of all. */
export type HeadsParameters = Headed & { readonly instances: number };
