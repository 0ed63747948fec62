/** What a person does, as context keys: a step of the walkthrough is done when its key changes. */
import { commands, type Disposable } from 'vscode';
import type { Statuses } from './status.ts';

type Step = 'priced' | 'repriced' | 'mended' | 'exported';

/** Milliseconds in which a step is told once: it may be reached with every keystroke. */
const PAUSE = 1000;

const told = new Map<Step, { count: number; at: number }>();

/**
 * Tells VS Code. It notices a change alone, and only from when the walkthrough was first looked at: so each time has a new
 * value, and whoever had done a step before that has done it with the next time.
 */
export function reached(step: Step): void {
  const last = told.get(step) ?? { count: 0, at: 0 };
  if (Date.now() - last.at < PAUSE) return;
  told.set(step, { count: last.count + 1, at: Date.now() });
  void commands.executeCommand('setContext', `weft.${step}`, last.count + 1);
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
