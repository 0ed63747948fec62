import type { DesignProblem } from '../design/design.ts';
import type { Finding, RuleParts } from './rule.ts';
import { rule } from './rule.ts';

type ProblemOf<Code extends DesignProblem['code']> = Extract<DesignProblem, { code: Code }>;

/** A rule whose test the resolver has made already: it only adds the words, the fix and the page. */
export function problemRule<Code extends DesignProblem['code']>(
  of: Code,
  parts: Omit<RuleParts, 'find' | 'code'> & { code?: string; words(problem: ProblemOf<Code>): Omit<Finding, 'span'> },
) {
  return rule({
    ...parts,
    code: parts.code ?? of,
    *find({ design }) {
      for (const problem of design.problems) {
        if (problem.code === of) yield { span: problem.span, ...parts.words(problem as ProblemOf<Code>) };
      }
    },
  });
}
