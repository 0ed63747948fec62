import type { DesignProblem } from '../design/problem.ts';
import type { Span } from '../diagnostic.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { measure } from '../estimate/metrics.ts';
import { enumeration } from '../format.ts';
import { kernelNamed, placeOf } from './places.ts';
import { metricsOf, nameOf } from './requirement-failed.ts';
import type { Finding, Rule } from './rule.ts';
import { capital, quoted } from './words.ts';

/** Of many reasons the first ones say enough. */
const NAMED_REASONS = 2;

export const notModelled: Rule = {
  code: 'not-modelled',
  severity: 'information',
  page: {
    summary: 'This is understood, and left out of the figures.',
    why: 'The language says more than the estimator models today. What is left out is said here rather than priced by a guess.',
    failing: `accelerator a {
  device vhk158 at 245 MHz
  model  bert_base
  phase  forward(tokens: 512)
  require power < 75 W
}`,
    mended: `accelerator a {
  device vhk158 at 245 MHz
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
      yield* requirements(one, design.problems);
      yield* refused(one);
    }
  },
};

function ofProblem({ span, subject, consequence }: Extract<DesignProblem, { code: 'not-modelled' }>): Finding {
  return { span, message: `Not modelled: ${subject}. ${capital(consequence)}.` };
}

/** Requirements that nobody can judge, unless the resolver has said already why. */
function* requirements(estimate: AcceleratorEstimate, problems: readonly DesignProblem[]): Iterable<Finding> {
  const { name, requirements } = estimate.accelerator;
  for (const { expression, span } of requirements) {
    const said = problems.some((problem) => problem.code === 'not-modelled' && isWithin(problem.span, span));
    const unknown = metricsOf(expression).find((metric) => measure(metric, estimate) === undefined);
    if (!unknown || said) continue;
    const message = `There is no estimate of ${nameOf(unknown)}, so the requirement neither holds nor fails.`;
    yield { span, message, subject: { accelerator: name } };
  }
}

function isWithin(inner: Span, outer: Span): boolean {
  return inner.file === outer.file && inner.start >= outer.start && inner.end <= outer.end;
}

/** Kernels that the library cannot build, so that arithmetic alone prices them; those that nobody wrote in one finding. */
function* refused({ accelerator, netlist }: AcceleratorEstimate): Iterable<Finding> {
  const places = new Map<number, { span: Span; reasons: Map<string, string[]> }>();
  for (const { kernel, reason } of netlist.refused) {
    const span = placeOf(accelerator, kernelNamed(accelerator, kernel), []);
    const place = places.get(span.start) ?? { span, reasons: new Map<string, string[]>() };
    places.set(span.start, place);
    place.reasons.set(kernel, [...(place.reasons.get(kernel) ?? []), reason]);
  }
  for (const { span, reasons } of places.values()) {
    const names = enumeration([...reasons.keys()].map(quoted));
    const why = [...reasons].flatMap(([kernel, of]) => (reasons.size > 1 ? of.map((one) => `${kernel}: ${one}`) : of));
    const message = `${names} cannot be exported; figures by arithmetic alone: ${why.slice(0, NAMED_REASONS).join('; ')}.`;
    yield { span, message, subject: { accelerator: accelerator.name } };
  }
}
