/** What is wrong with a spec, and which names stand for what. */
import type * as tree from '../../grammar/tree.ts';
import type { Related, Span } from '../diagnostic.ts';

/** What is wrong with a spec, as facts; server/rules finds the words and the fixes. */
export type DesignProblem =
  | { readonly code: 'syntax'; readonly span: Span; readonly problem: tree.SyntaxProblem }
  | {
      readonly code: 'unknown-name';
      readonly span: Span;
      readonly name: string;
      /** What was looked for: 'device', 'operator', 'memory', 'die', 'precision' … */
      readonly sort: string;
      /** All names that would have been right here. */
      readonly candidates: string[];
    }
  | {
      readonly code: 'unit-mismatch';
      readonly span: Span;
      /** 'a clock', 'a depth', 'the left side' … */
      readonly subject: string;
      readonly expected: string;
      readonly found: string;
    }
  | {
      readonly code: 'shape-mismatch';
      readonly span: Span;
      readonly operator: string;
      /** Both sides in words with their shapes. */
      readonly left: string;
      readonly right: string;
      readonly related: Related[];
    }
  | {
      readonly code: 'invalid-value';
      readonly span: Span;
      /** 'array', 'pack', 'repeat' … */
      readonly subject: string;
      readonly found: string;
      readonly expected: string;
    }
  | {
      /** A part without which there is nothing to estimate: a device, a model, a name, a dimension. */
      readonly code: 'missing-part';
      readonly span: Span;
      readonly owner: string;
      readonly part: string;
    }
  | {
      readonly code: 'duplicate-name';
      readonly span: Span;
      readonly name: string;
      readonly sort: string;
      readonly first: Span;
    }
  | {
      readonly code: 'operator-mapped-twice';
      readonly span: Span;
      readonly operator: string;
      readonly kernels: string[];
      readonly first: Span;
    }
  | {
      readonly code: 'import-failed';
      readonly span: Span;
      readonly path: string;
      readonly reason: 'not-found' | 'cycle' | 'outside-workspace' | 'unreadable' | 'not-a-spec';
      readonly chain?: string[];
    }
  | {
      /** Trained weights that the export would take. */
      readonly code: 'parameters-missing';
      readonly span: Span;
      readonly path: string;
      /** 'there is no such file' */
      readonly reason: string;
    }
  | {
      /** Parsed and understood, and not (yet) given meaning: said plainly, never ignored silently. */
      readonly code: 'not-modelled';
      readonly span: Span;
      readonly subject: string;
      readonly consequence: string;
    };

export type DefinitionSort =
  | 'let'
  | 'model'
  | 'parameter'
  | 'layer'
  | 'operator'
  | 'input'
  | 'device'
  | 'die'
  | 'memory'
  | 'link'
  | 'baseline'
  | 'precision'
  | 'accelerator'
  | 'region'
  | 'kernel'
  | 'choice';

export interface Definition {
  readonly sort: DefinitionSort;
  readonly name: string;
  /** The name itself, and the whole declaration. */
  readonly span: Span;
  readonly full: Span;
  readonly doc?: string;
  /** One line for a hover: 'linear [512, 768] → [512, 3072]', '= 8', '9,024 DSP · 32 HBM channels' … */
  readonly detail?: string;
  /** Where the figures of a sheet come from and which have no source, a line of a hover each. */
  readonly notes?: readonly string[];
}

export interface Binding {
  readonly span: Span;
  readonly target: Definition;
}

/** Names in a text: what is declared, and which name stands for which. */
export interface Names {
  readonly definitions: readonly Definition[];
  /** In order of position. */
  readonly bindings: readonly Binding[];
}
