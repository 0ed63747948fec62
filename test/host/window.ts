import { renameSync, writeFileSync } from 'node:fs';
import { format } from 'node:util';
import type { Page } from 'playwright-core';

const verbose = process.env.CODE_VERBOSE === '1';

/** What the window says about itself in each run, left out of the tests' output. */
const noise =
  /^\[(?:AgentHost|ChatModelSelection|AccountPolicyGate|Service Worker|reconnection-grace-time|DefaultAccount|chat-)|^(?:Resolv(?:ing|ed) connection token|Creating a socket|Updating additional builtin|Ignoring fetching additional builtin|Creation of workbench contribution)|Timed out waiting for authentication provider|Settings Sync|ENOPRO|package\.nls\.json|^No search provider|builtin location extensions|chat-stt|^\s+at .*workbench\.js/;

export const say = (message: string) => console.error(`code: ${message}`);

/**
 * What a test asks of the window it runs in, by a line of its log: `@@screenshot FILE.png`, `@@elements FILE.json SELECTOR` for
 * the text and colour of the elements that a CSS selector finds, or `@@point FILE.json { selector, words }` for the same with the
 * mouse on the first that has these words. The test waits for the file, so it appears complete.
 */
async function answer(page: Page, line: string): Promise<boolean> {
  const [, request, file, selector] = /^@@(screenshot|elements|point) (\S+)(?: (.+))?$/.exec(line) ?? [];
  if (request === undefined || file === undefined) return false;
  const partial = `${file}.partial`;
  if (request === 'screenshot') await page.screenshot({ path: partial, type: 'png' });
  else if (request === 'point') writeFileSync(partial, JSON.stringify(await point(page, selector ?? '{}')));
  else writeFileSync(partial, JSON.stringify(await elements(page, selector ?? 'body')));
  renameSync(partial, file);
  return true;
}

/** Moves the mouse onto the first of the elements whose text has some words in it; gives all of them. */
async function point(page: Page, argument: string): Promise<{ text: string; color: string }[]> {
  const { selector, words } = JSON.parse(argument) as { selector: string; words: string };
  const place = await page.evaluate<{ x: number; y: number } | undefined>(`(() => {
    const all = [...document.querySelectorAll(${JSON.stringify(selector)})];
    const box = all.find((element) => element.textContent.includes(${JSON.stringify(words)}))?.getBoundingClientRect();
    return box && { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  })()`);
  if (place) {
    await page.mouse.move(place.x - 40, place.y + 80);
    // In steps, so that the window sees it come.
    await page.mouse.move(place.x, place.y, { steps: 4 });
  }
  return elements(page, selector);
}

function elements(page: Page, selector: string): Promise<{ text: string; color: string }[]> {
  // Text, as TypeScript would need the browser's types, which contradict the Web Worker's. The editor shows spaces as
  // no-break spaces.
  return page.evaluate(`[...document.querySelectorAll(${JSON.stringify(selector)})].map((element) => ({
    text: (element.textContent ?? '').replaceAll('\\u00a0', ' '),
    color: getComputedStyle(element).color,
  }))`);
}

/**
 * Connects a page, before it loads, with the tests that VS Code will run in it.
 * @param onLine is given each line of the tests' log
 * @param onEnd is given the exit code of the tests, once
 */
export async function attendTests(
  page: Page,
  onEnd: (code: number) => void | Promise<void>,
  onLine: (line: string) => void = () => undefined,
): Promise<void> {
  // VS Code's workbench calls these two of the page it runs in, when it runs tests.
  await page.exposeFunction('codeAutomationLog', async (type: string, args: unknown[]) => {
    const line = format(...args);
    if (await answer(page, line).catch((error) => say(`${line}: ${error}`))) return;
    onLine(line);
    if (verbose || !noise.test(line)) (type === 'error' || type === 'warn' ? console.error : console.log)(line);
  });
  await page.exposeFunction('codeAutomationExit', onEnd);
  page.on('crash', () => {
    say('the window crashed');
    void onEnd(1);
  });
  if (verbose) page.on('pageerror', (error) => say(`in the window: ${error}`));
}
