import type { ResourceName } from '../../design/hardware.ts';
import type { AcceleratorEstimate } from '../../estimate/estimate.ts';
import { resourceLabels, share, time } from '../../format.ts';
import type { Status } from '../../requests.ts';
import { latencyTitle, resourcesTitle } from '../code-lens.ts';
import { pricedAccelerators, type Snapshot } from '../snapshot.ts';

/** Latency of the first accelerator, and the resource that is nearest to its limit. */
export function status(snapshot: Snapshot): Status {
  const { file, diagnostics } = snapshot.analysis;
  const priced = pricedAccelerators(snapshot);
  const accelerators = priced.flatMap(({ estimate, old }) => (estimate && !old ? [estimate.accelerator.name] : []));
  const [first] = priced.filter(({ estimate }) => estimate);
  if (!first?.estimate) return { uri: file, text: '', tooltip: '', severity: 'ok', accelerators };
  const { estimate, old } = first;
  const { name } = estimate.accelerator;
  // What is wrong with the hardware; a half-typed word is no reason to turn the bar red.
  const severities = new Set(
    diagnostics.filter(({ subject }) => subject.accelerator === name).map(({ severity }) => severity),
  );
  const latency = estimate.deadlock ? 'deadlock' : `${time(estimate.timing.perLayer)}/layer`;
  const worst = worstResource(estimate);
  return {
    uri: file,
    text: `${old ? 'was ' : ''}${[latency, ...(worst ? [worst] : [])].join(' · ')}`,
    tooltip: [
      `**${name}**`,
      latencyTitle(estimate),
      resourcesTitle(estimate),
      ...(old ? ['The estimate before the last edits: the accelerator has errors now.'] : []),
    ].join('\n\n'),
    severity: severities.has('error') ? 'error' : severities.has('warning') ? 'warning' : 'ok',
    accelerators,
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
