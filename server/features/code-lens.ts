import type { CodeLens } from 'vscode-languageserver-protocol';
import type { ResourceName } from '../design/hardware.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { builtKernels } from '../estimate/pieces.ts';
import { middle, resourceLabels, share, significant, time } from '../format.ts';
import { isOpen } from '../tune/options.ts';
import { pricedAccelerators, type Snapshot, toRange } from './snapshot.ts';

const shown: readonly ResourceName[] = ['dsp', 'bram36', 'uram', 'lut'];

/**
 * Above an accelerator: its latency, its totals, and what can be done with it. The line of lenses stays while a half-typed
 * line leaves the accelerator without an estimate, so that the text below does not jump.
 */
export function codeLenses(snapshot: Snapshot): CodeLens[] {
  const { analysis, document } = snapshot;
  return pricedAccelerators(snapshot).flatMap(({ declaration, estimate, old }) => {
    const range = toRange(document, (declaration.name ?? declaration).range);
    const lens = (title: string, command: string): CodeLens => ({
      range,
      command: { title, command, arguments: [analysis.file, declaration.name?.text] },
    });
    if (!estimate || old)
      return [lens(estimate ? `was ${latencyTitle(estimate)}` : 'No estimate yet', 'weft.showEstimate')];
    return [
      lens(latencyTitle(estimate), 'weft.showEstimate'),
      lens(resourcesTitle(estimate), 'weft.showEstimate'),
      lens('Export HLS', 'weft.exportHls'),
      lens('Show Estimate', 'weft.showEstimate'),
      ...(builtKernels(estimate.accelerator).some(isOpen) ? [lens('Tune', 'weft.tune')] : []),
    ];
  });
}

export function latencyTitle({ timing, bottleneck, deadlock, generation }: AcceleratorEstimate): string {
  if (deadlock) return 'deadlock: no latency';
  const slowest = bottleneck ? ` · bottleneck ${bottleneck.kernel}` : '';
  if (generation) {
    const tokens = generation.perToken > 0 ? ` · ${time(generation.perToken)} per token` : '';
    return `first token ${time(generation.firstToken)}${tokens} · ${significant(generation.tokensPerSecond)} tok/s${slowest}`;
  }
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
