import type { CodeLens } from 'vscode-languageserver-protocol';
import type { ResourceName } from '../design/hardware.ts';
import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { builtKernels } from '../estimate/lower/pieces.ts';
import { partsInTheWay } from '../exporting.ts';
import { middle, resourceLabels, share, shortened, significant, time } from '../format.ts';
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
      ...exportLens(partsInTheWay(analysis, estimate), lens),
      lens('Show Estimate', 'weft.showEstimate'),
      ...(builtKernels(estimate.accelerator).some(isOpen) ? [lens('Tune', 'weft.tune')] : []),
    ];
  });
}

/** Parts that are named in the title of a lens: it is one line for all lenses. */
const NAMED_PARTS = 2;

/** Where there is no export, what stands in its way: the estimate that it opens has the reasons. */
function exportLens(parts: readonly string[], lens: (title: string, command: string) => CodeLens): CodeLens[] {
  if (parts.length === 0) return [lens('Export HLS', 'weft.exportHls')];
  const more = parts.length > NAMED_PARTS ? ` and ${parts.length - NAMED_PARTS} more` : '';
  return [lens(`No export: ${parts.slice(0, NAMED_PARTS).join(', ')}${more}`, 'weft.showEstimate')];
}

export function latencyTitle({ timing, parts, bottleneck, deadlock, generation }: AcceleratorEstimate): string {
  if (deadlock) return 'deadlock: no latency';
  const slowest = bottleneck ? ` · bottleneck ${shortened(bottleneck.kernel)}` : '';
  if (generation) {
    const tokens = generation.perToken > 0 ? ` · ${time(generation.perToken)} per token` : '';
    return `first token ${time(generation.firstToken)}${tokens} · ${significant(generation.tokensPerSecond)} tok/s${slowest}`;
  }
  const each = [
    ...new Set((parts ?? [{ estimate: { timing } }]).map(({ estimate }) => time(estimate.timing.perLayer))),
  ];
  const perLayer = `${each.slice(0, NAMED_PARTS).join(', ')}${each.length > NAMED_PARTS ? ' …' : ''}`;
  return `${perLayer} per layer · ${time(timing.model)} per model${slowest}`;
}

export function resourcesTitle({ resources, available }: AcceleratorEstimate): string {
  return shown
    .filter((name) => available[name] > 0)
    .map(
      (name) => `${middle(resources[name])} ${resourceLabels[name]} ${share(resources[name].used / available[name])}`,
    )
    .join(' · ');
}
