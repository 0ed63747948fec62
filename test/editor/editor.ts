// What the tests in suite/ share: opening specs, waiting, and asking the window what it shows.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commands, type Extension, extensions, type TextEditor, Uri, window, workspace } from 'vscode';
import { until } from './until.ts';

export { until };

/** The installed extension under test. */
export function weft(): Extension<unknown> {
  const extension = extensions.getExtension('weft.weft');
  if (!extension) throw new Error('The extension is not installed');
  return extension;
}

/** The URI of a file of the workspace, which is a copy of examples/. */
export function file(name: string): Uri {
  const folder = workspace.workspaceFolders?.[0];
  if (!folder) throw new Error('No folder is open');
  return Uri.joinPath(folder.uri, name);
}

/** Shows a file of the workspace in an editor. */
export async function open(name: string): Promise<TextEditor> {
  return window.showTextDocument(await workspace.openTextDocument(file(name)));
}

/** Writes a file of the workspace and shows it in an editor. */
export async function write(name: string, content: string): Promise<TextEditor> {
  await workspace.fs.writeFile(file(name), Buffer.from(content));
  return open(name);
}

/** Shows text that is in no file, as a Weft document. */
export async function openText(content: string): Promise<TextEditor> {
  return window.showTextDocument(await workspace.openTextDocument({ language: 'weft', content }));
}

/** Whether the window answers questions: the stand-in host does, desktop VS Code does not. */
export const windowAnswers = process.env.WEFT_TEST_WINDOW === 'answers';

async function askWindow(request: 'screenshot' | 'elements' | 'point', path: string, argument = ''): Promise<void> {
  rmSync(path, { force: true });
  console.log(`@@${request} ${path} ${argument}`.trimEnd()); // test/host/code.ts reads the log
  await until(`an answer of the window to "${request} ${argument}"`, () => existsSync(path));
}

/** Takes a picture of the window as shots/NAME.png; does nothing in desktop VS Code. */
export async function screenshot(name: string): Promise<void> {
  const folder = process.env.WEFT_TEST_SHOTS;
  if (windowAnswers && folder) await askWindow('screenshot', join(folder, `${name}.png`));
}

/** An element that the window shows: its text, and its colour as CSS says it (`rgb(0, 0, 255)`). */
export interface Shown {
  readonly text: string;
  readonly color: string;
}

/**
 * Waits until the window shows an element that a CSS selector finds (`.codelens-decoration`, `.view-line span span` …) and
 * whose text matches, and returns it. In desktop VS Code, whose window does not answer, it returns undefined at once.
 */
export async function shown(selector: string, expected: RegExp, timeout?: number): Promise<Shown | undefined> {
  if (!windowAnswers) return undefined;
  const path = join(tmpdir(), `weft-window-${process.pid}.json`);
  let last: Shown[] = [];
  return until(
    `"${selector}" with a text that matches ${expected}`,
    async () => {
      await askWindow('elements', path, selector);
      last = JSON.parse(readFileSync(path, 'utf8'));
      rmSync(path);
      return last.find((element) => expected.test(element.text));
    },
    timeout,
  ).catch((error: Error) => {
    throw new Error(`${error.message}; it shows ${JSON.stringify(last.map((element) => element.text))}`);
  });
}

/** Puts the mouse on the first element that a CSS selector finds and whose text has these words; does nothing in desktop VS Code. */
export async function point(selector: string, words: string): Promise<void> {
  if (!windowAnswers) return;
  const path = join(tmpdir(), `weft-point-${process.pid}.json`);
  await askWindow('point', path, JSON.stringify({ selector, words }));
  rmSync(path);
}

/**
 * Waits until the window has a notification whose text matches. The list of notifications closes with its last one, and one that
 * comes then may stay out of sight: so it is opened until there is what is looked for.
 */
export async function notified(expected: RegExp, selector = '.notification-list-item-message'): Promise<void> {
  await until(`a notification that matches ${expected}`, async () => {
    await commands.executeCommand('notifications.showList');
    return shown(selector, expected, 300).then(
      () => true,
      () => false,
    );
  });
}
