/** What a person does, as context keys: a step of the walkthrough is done when its key is set. */
import { commands, type Disposable } from 'vscode';
import type { Statuses } from './status.ts';

type Step = 'priced' | 'repriced' | 'mended' | 'exported';

/** Milliseconds in which a step is told once: it may be reached with every keystroke. */
const PAUSE = 500;

const told = new Set<Step>();

/**
 * Tells VS Code, as a pulse. It ticks a step when its key becomes true, once it knows of the step: seconds after it first
 * looked at the walkthroughs. A step whose key is true in that very moment it takes for done before, and never ticks it: so a
 * key is true for no longer than it takes to say so, and is told again with the next time.
 */
export function reached(step: Step): void {
  if (told.has(step)) return;
  told.add(step);
  setTimeout(() => told.delete(step), PAUSE);
  void pulse(`weft.${step}`);
}

async function pulse(key: string): Promise<void> {
  for (const value of [true, false]) await commands.executeCommand('setContext', key, value);
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
