import type { CodeLens } from 'vscode-languageserver-protocol';
import type { ResourceName } from '../design/design.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { middle, resourceLabels, share, time } from '../format.ts';
import { type Snapshot, toRange } from './snapshot.ts';

const shown: readonly ResourceName[] = ['dsp', 'bram36', 'uram', 'lut'];

/** Above an accelerator: its latency, its totals, and what can be done with it. */
export function codeLenses({ analysis, document }: Snapshot): CodeLens[] {
  return analysis.estimate.accelerators
    .filter(({ accelerator }) => accelerator.nameSpan.file === analysis.file)
    .flatMap((estimate) => {
      const range = toRange(document, estimate.accelerator.nameSpan);
      const target = [analysis.file, estimate.accelerator.name];
      const lens = (title: string, command: string): CodeLens => ({
        range,
        command: { title, command, arguments: target },
      });
      return [
        lens(latencyTitle(estimate), 'weft.showEstimate'),
        lens(resourcesTitle(estimate), 'weft.showEstimate'),
        lens('Export HLS', 'weft.exportHls'),
        lens('Show Estimate', 'weft.showEstimate'),
      ];
    });
}

export function latencyTitle({ timing, bottleneck, deadlock }: AcceleratorEstimate): string {
  if (deadlock) return 'deadlock: no latency';
  const slowest = bottleneck ? ` · bottleneck ${bottleneck.kernel}` : '';
  return `${time(timing.perLayer)} per layer · ${time(timing.model)} per model${slowest}`;
}

export function resourcesTitle({ resources, available }: AcceleratorEstimate): string {
  return shown
    .filter((name) => available[name] > 0)
    .map(
      (name) => `${middle(resources[name])} ${resourceLabels[name]} ${share(resources[name].used / available[name])}`,
    )
    .join(' · ');
}
