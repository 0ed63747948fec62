/**
 * A rule is one file: the test, the words, the quick fix and the documentation page together.
 *
 * `find` runs at every keystroke and only reads. `fix` runs when a person asks for it: it may try edits out through
 * `evaluate`, so that a fix is offered only after the estimator has shown that it helps.
 */
import type { Accelerator, Design } from '../design/design.ts';
import type { Diagnostic, Fix, Severity, Span, TextEdit } from '../diagnostic.ts';
import type { AcceleratorEstimate, Estimate } from '../estimate/estimate.ts';
import { remembered } from '../remembered.ts';

/** All that is known of a spec. */
export interface Facts {
  readonly design: Design;
  readonly estimate: Estimate;
}

export interface FixContext {
  readonly facts: Facts;
  /** Text of a span as it stands. */
  text(span: Span): string;
  /** What the spec would be after these edits. */
  evaluate(edits: readonly TextEdit[]): Facts;
}

/** Documentation of a rule; docs/diagnostics/CODE.md is made from it, and both specs are compiled by a test. */
export interface Page {
  /** One sentence: what the diagnostic says. */
  readonly summary: string;
  readonly why: string;
  readonly failing: string;
  readonly mended: string;
  /** What to do, most useful first. */
  readonly remedies: readonly string[];
}

/** What a rule finds; code and severity are the rule's. */
export interface Finding {
  readonly span: Span;
  readonly message: string;
  readonly related?: Diagnostic['related'];
  readonly subject?: Diagnostic['subject'];
}

export interface Rule {
  readonly code: string;
  readonly severity: Severity;
  readonly tags?: Diagnostic['tags'];
  readonly page: Page;
  /** It says what the resolver has found wrong with the text, not what follows from it: never an echo. */
  readonly ofText?: boolean;
  find(facts: Facts): Iterable<Finding>;
  fix?(diagnostic: Diagnostic, context: FixContext): Fix[];
}

type Parts<Subject> = Omit<Rule, 'find'> & { find(subject: Subject): Iterable<Finding> };

/** A rule that looks at one accelerator's estimate at a time. */
export function estimateRule(parts: Omit<Parts<AcceleratorEstimate>, 'ofText'>): Rule {
  return each(
    parts,
    ({ estimate }) => estimate.accelerators,
    ({ accelerator }) => accelerator,
  );
}

/** A rule that looks at one accelerator's meaning at a time. */
export function acceleratorRule(parts: Parts<Accelerator>): Rule {
  return each(
    parts,
    ({ design }) => design.accelerators,
    (accelerator) => accelerator,
  );
}

/** What a rule finds of one that has not changed is what it found. */
function each<Subject extends object>(
  parts: Parts<Subject>,
  subjects: (facts: Facts) => readonly Subject[],
  acceleratorOf: (subject: Subject) => Accelerator,
): Rule {
  const found = remembered((subject: Subject): Finding[] =>
    [...parts.find(subject)].map((finding) => ({
      ...finding,
      subject: { accelerator: acceleratorOf(subject).name, ...finding.subject },
    })),
  );
  return { ...parts, find: (facts) => subjects(facts).flatMap((subject) => found(subject)) };
}
