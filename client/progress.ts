/** What a person has already done, as context keys: the steps of the walkthrough are done when these are set. */
import { commands, type Disposable } from 'vscode';
import type { Statuses } from './status.ts';

type Step = 'priced' | 'repriced' | 'mended' | 'exported';

const done = new Set<Step>();

export function reached(step: Step): void {
  if (done.has(step)) return;
  done.add(step);
  void commands.executeCommand('setContext', `weft.${step}`, true);
}

/** Watches the estimates: that there is one, that an edit changed it, that what was wrong is mended. */
export function registerProgress(statuses: Statuses): Disposable {
  const last = new Map<string, { text: string; severity: string }>();
  return statuses.onDidChange(({ uri, text, severity }) => {
    if (text === '' || text.startsWith('was ')) return;
    const before = last.get(uri);
    last.set(uri, { text, severity });
    reached('priced');
    if (before && before.text !== text) reached('repriced');
    if (before?.severity === 'error' && severity !== 'error') reached('mended');
  });
}
