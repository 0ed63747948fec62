/** What a person does, as context keys: a step of the walkthrough is done when its key changes. */
import { commands, type Disposable } from 'vscode';
import type { Statuses } from './status.ts';

type Step = 'priced' | 'repriced' | 'mended' | 'exported';

/** Milliseconds in which a step is told once: it may be reached with every keystroke. */
const PAUSE = 500;

const told = new Map<Step, { value: 'tick' | 'tock'; at: number }>();

/**
 * Tells VS Code that a step was reached. VS Code comes to know of the steps at some moment within seconds after its start, and
 * takes what is true in that very moment for done before: it never ticks the step for it. So a key has two values in turn,
 * and a step waits for either: whichever stood at that moment, the next time the step is reached is the other one.
 */
export function reached(step: Step): void {
  const before = told.get(step);
  const at = Date.now();
  if (before && at - before.at < PAUSE) return;
  const value = before?.value === 'tick' ? 'tock' : 'tick';
  told.set(step, { value, at });
  void commands.executeCommand('setContext', `weft.${step}`, value);
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
