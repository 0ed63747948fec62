/** What a person does, as context keys: a step of the walkthrough is done when its key is set. */
import { commands, type Disposable } from 'vscode';
import type { Statuses } from './status.ts';

type Step = 'priced' | 'repriced' | 'mended' | 'exported';

/** Milliseconds for which a key is set: long enough to be seen by the window, and a step is told once in that time. */
const PULSE = 500;

const told = new Set<Step>();

/**
 * Tells VS Code, as a pulse. It ticks a step when its key becomes true, but not one whose key is true already when the
 * walkthroughs are first looked at: a key that stayed set would keep a step open for good.
 */
export function reached(step: Step): void {
  if (told.has(step)) return;
  told.add(step);
  void tell(step, true);
  setTimeout(() => {
    told.delete(step);
    void tell(step, false);
  }, PULSE);
}

async function tell(step: Step, value: boolean): Promise<void> {
  await commands.executeCommand('setContext', `weft.${step}`, value);
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
