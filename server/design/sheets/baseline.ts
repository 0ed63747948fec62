/** `baseline NAME { … }` → Baseline: peaks, bandwidth, power and measured points of something to compare with. */
import type * as tree from '../../../grammar/tree.ts';
import type { Baseline } from '../design.ts';
import { type Environment, read } from '../terms/expression.ts';
import { resolvePhase } from '../terms/phase.ts';
import { spanOf } from '../terms/report.ts';
import { formatQuantity } from '../terms/units.ts';
import { ELEMENT_TYPES } from './precision.ts';
import { Fields } from './sheet.ts';

/** @param timed is told the names of models that were timed */
export function resolveBaseline(
  sheet: tree.Sheet & { name: tree.Name },
  env: Environment,
  timed: (name: tree.Name) => void,
): Baseline {
  const fields = new Fields(sheet.items, env);
  const peaks = ELEMENT_TYPES.flatMap((type) => {
    const rate = fields.quantity(type, { dimension: 'operation-rate', least: 0 });
    return rate === undefined ? [] : [[type, rate] as const];
  });
  const bandwidth = fields.quantity('bandwidth', { dimension: 'bandwidth', least: 0 });
  const power = fields.quantity('power', { dimension: 'power', least: 0 });
  const launch = fields.quantity('launch', { dimension: 'time', least: 0, most: 1 });
  const baseline: Baseline = {
    name: sheet.name.text,
    span: spanOf(env.file, sheet.name),
    ...(sheet.doc === undefined ? {} : { doc: sheet.doc }),
    peaks: Object.fromEntries(peaks),
    ...(bandwidth === undefined ? {} : { bandwidth }),
    ...(power === undefined ? {} : { power }),
    ...(launch === undefined ? {} : { launch }),
    measured: fields.sections('measured').flatMap((section) => measured(section, env, timed)),
    sources: fields.notes('source'),
    unverified: fields.notes('unverified'),
  };
  fields.finish();
  return baseline;
}

/** `measured bert_base { forward(tokens: 512): 3.47 ms }` */
function measured(section: tree.SheetItem, env: Environment, timed: (name: tree.Name) => void): Baseline['measured'] {
  const fields = new Fields(section.items ?? [], env);
  fields.finish();
  const name = section.names?.[0];
  if (!name) {
    env.report.missing(env.file, section.key, 'measured', 'the model that was timed');
    return [];
  }
  timed(name);
  return fields.calls().flatMap((item) => {
    const phase = resolvePhase(item.key, item.arguments, env)?.phase;
    const time = item.value?.kind === 'span' ? item.value.from : undefined;
    const seconds = read(time, env, { subject: 'a measured time', dimension: 'time', least: 0 });
    return phase && seconds !== undefined ? [{ model: name.text, phase, seconds }] : [];
  });
}

/** '312 TFLOPS fp16 · 1,935 GB/s' */
export function baselineDetail(baseline: Baseline): string {
  const peaks = Object.entries(baseline.peaks).map(
    ([type, rate]) => `${formatQuantity(rate, 'operation-rate')} ${type}`,
  );
  const bandwidth = baseline.bandwidth === undefined ? [] : [formatQuantity(baseline.bandwidth, 'bandwidth')];
  return [...peaks, ...bandwidth].join(' · ');
}
