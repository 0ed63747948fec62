/** Metrics, scopes and resources as completion offers them, each with its value now. */
import { CompletionItemKind } from 'vscode-languageserver-protocol';
import type { Metric } from '../../design/design.ts';
import type { AcceleratorEstimate } from '../../estimate/estimate.ts';
import { ofOneCard } from '../../estimate/lower/machine.ts';
import { measure } from '../../estimate/metrics.ts';
import { figure } from '../../rules/requirement-failed.ts';
import {
  metrics as allMetrics,
  resources as allResources,
  metricMembers,
  type Proposal,
  proposal,
} from '../vocabulary.ts';

function withNow(one: Proposal, estimate: AcceleratorEstimate | undefined, metric: Metric): Proposal {
  if (!estimate || measure(metric, estimate) === undefined) return one;
  return { ...one, detail: [`${figure(metric, estimate)} now`, ...(one.detail ? [one.detail] : [])].join(' · ') };
}

/** Metrics of the whole, those with a figure first. */
export function metrics(estimate: AcceleratorEstimate | undefined): Proposal[] {
  return allMetrics.map((one) =>
    // These two ask of what.
    one.label === 'use' || one.label === 'bandwidth'
      ? one
      : withNow(one, estimate, { name: one.label as Metric['name'] }),
  );
}

type Scope = NonNullable<Metric['scope']>;

function scopesOf({ accelerator }: AcceleratorEstimate): { scope: Scope; kind: CompletionItemKind }[] {
  return [
    { scope: { sort: 'layer', name: accelerator.model.layer.name }, kind: CompletionItemKind.Module },
    ...accelerator.regions.map(({ name }) => ({
      scope: { sort: 'region' as const, name },
      kind: CompletionItemKind.Module,
    })),
    ...accelerator.kernels.map(({ name }) => ({
      scope: { sort: 'kernel' as const, name },
      kind: CompletionItemKind.Method,
    })),
  ];
}

/** What may stand in front of a metric: `block.latency`, `attend.latency`. */
export function scopes(estimate: AcceleratorEstimate): Proposal[] {
  return scopesOf(estimate).map(({ scope, kind }) =>
    withNow(proposal(scope.name, kind, { detail: scope.sort }), estimate, { name: 'latency', scope }),
  );
}

/** Behind a scope and a dot. */
export function members(estimate: AcceleratorEstimate | undefined, owner: string): Proposal[] {
  const scope = estimate && scopesOf(estimate).find((one) => one.scope.name === owner)?.scope;
  return metricMembers.map((one) =>
    scope ? withNow(one, estimate, { name: one.label as Metric['name'], scope }) : one,
  );
}

/** Of the card, or of one die. */
export function resources(estimate: AcceleratorEstimate | undefined, die?: string): Proposal[] {
  return allResources.map((one) => {
    const resource = (one.label === 'bram' ? 'bram36' : one.label) as NonNullable<Metric['resource']>;
    return withNow(one, estimate, { name: 'use', resource, ...(die !== undefined && { die }) });
  });
}

export function memories(estimate: AcceleratorEstimate): Proposal[] {
  return ofOneCard(estimate.accelerator.device.memories).map(({ name }) =>
    withNow(proposal(name, CompletionItemKind.EnumMember), estimate, { name: 'bandwidth', memory: name }),
  );
}
