import type { DesignProblem } from '../design/design.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { measure } from '../estimate/metrics.ts';
import { kernelNamed, placeOf } from './places.ts';
import { metricsOf, nameOf } from './requirement-failed.ts';
import type { Finding, Rule } from './rule.ts';
import { capital } from './words.ts';

export const notModelled: Rule = {
  code: 'not-modelled',
  severity: 'information',
  page: {
    summary: 'This is understood, and left out of the figures.',
    why: 'The language says more than the estimator models today. What is left out is said here rather than priced by a guess.',
    failing: `accelerator a {
  device u280 at 245 MHz
  model  bert_base
  phase  forward(tokens: 512)
  require power < 75 W
}`,
    mended: `accelerator a {
  device u280 at 245 MHz
  model  bert_base
  phase  forward(tokens: 512)
}`,
    remedies: [
      'The language reference lists what is not modelled.',
      'Take the figures as those of the spec without this part.',
    ],
  },
  *find({ design, estimate }) {
    for (const problem of design.problems) if (problem.code === 'not-modelled') yield ofProblem(problem);
    for (const one of estimate.accelerators) {
      yield* requirements(one);
      yield* refused(one);
    }
  },
};

function ofProblem({ span, subject, consequence }: Extract<DesignProblem, { code: 'not-modelled' }>): Finding {
  return { span, message: `${capital(subject)} is not modelled: ${consequence}.` };
}

/** Requirements that nobody can judge. */
function* requirements(estimate: AcceleratorEstimate): Iterable<Finding> {
  const { name, requirements } = estimate.accelerator;
  for (const { expression, span } of requirements) {
    const unknown = metricsOf(expression).find((metric) => measure(metric, estimate) === undefined);
    if (unknown) {
      const message = `There is no estimate of ${nameOf(unknown)}, so the requirement neither holds nor fails.`;
      yield { span, message, subject: { accelerator: name } };
    }
  }
}

/** Kernels that the library cannot build, so that arithmetic alone prices them. */
function* refused({ accelerator, netlist }: AcceleratorEstimate): Iterable<Finding> {
  for (const { kernel, reason } of netlist.refused) {
    const message = `‘${kernel}’ cannot be exported, and its figures are rough: ${reason}.`;
    const span = placeOf(accelerator, kernelNamed(accelerator, kernel), []);
    yield { span, message, subject: { accelerator: accelerator.name } };
  }
}
