import type { DesignProblem } from '../design/problem.ts';
import type { Finding, Rule } from './rule.ts';

type ProblemOf<Code extends DesignProblem['code']> = Extract<DesignProblem, { code: Code }>;

/** A rule whose test the resolver has made already: it only adds the words, the fix and the page. */
export function problemRule<Code extends DesignProblem['code']>(
  of: Code,
  parts: Omit<Rule, 'find' | 'code' | 'ofText'> & {
    code?: string;
    words(problem: ProblemOf<Code>): Omit<Finding, 'span'>;
  },
): Rule {
  return {
    ...parts,
    code: parts.code ?? of,
    ofText: true,
    *find({ design }) {
      for (const problem of design.problems) {
        if (problem.code === of) yield { span: problem.span, ...parts.words(problem as ProblemOf<Code>) };
      }
    },
  };
}
