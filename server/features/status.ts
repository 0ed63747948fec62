import type { ResourceName } from '../design/design.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { resourceLabels, share, time } from '../format.ts';
import type { Status } from '../requests.ts';
import { latencyTitle, resourcesTitle } from './code-lens.ts';
import type { Snapshot } from './snapshot.ts';

/** Latency, and the resource that is nearest to its limit. */
export function status({ analysis }: Snapshot): Status {
  const severities = new Set(
    analysis.diagnostics.filter((one) => one.span.file === analysis.file).map((one) => one.severity),
  );
  const severity = severities.has('error') ? 'error' : severities.has('warning') ? 'warning' : 'ok';
  const accelerators = analysis.estimate.accelerators.filter(
    ({ accelerator }) => accelerator.nameSpan.file === analysis.file,
  );
  const names = accelerators.map(({ accelerator }) => accelerator.name);
  const [estimate] = accelerators;
  if (!estimate) return { uri: analysis.file, text: '', tooltip: '', severity, accelerators: names };
  const worst = worstResource(estimate);
  const latency = estimate.deadlock ? 'deadlock' : `${time(estimate.timing.perLayer)}/layer`;
  return {
    uri: analysis.file,
    text: [latency, ...(worst ? [worst] : [])].join(' · '),
    tooltip: [`**${estimate.accelerator.name}**`, latencyTitle(estimate), resourcesTitle(estimate)].join('\n\n'),
    severity,
    accelerators: names,
  };
}

/** 'slr0 LUT 61%': the fullest resource of any die. */
function worstResource({ dies }: AcceleratorEstimate): string | undefined {
  const loads = dies.flatMap((die) =>
    (Object.keys(resourceLabels) as ResourceName[])
      .filter((name) => die.available[name] > 0)
      .map((name) => ({
        label: `${die.name} ${resourceLabels[name]}`,
        load: die.resources[name].used / die.available[name],
      })),
  );
  const worst = loads.sort((a, b) => b.load - a.load)[0];
  return worst && `${worst.label} ${share(worst.load)}`;
}
