import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

export interface Workbench {
  readonly page: Page;
  readonly context: BrowserContext;
}

export interface WorkbenchOptions {
  readonly port: number;
  /** A folder or a .code-workspace file to open. */
  readonly open: string | undefined;
  /** A folder for the browser's profile. */
  readonly scratch: string;
  /** What desktop VS Code takes as arguments, as the workbench in a browser takes it: names and values. */
  readonly payload: readonly (readonly [name: string, value: string])[];
  /** Runs before the page loads. */
  readonly prepare: (page: Page) => Promise<void>;
}

/** The URI under which the workbench of that server sees a file of this machine. */
export function remoteUri(port: number, path: string): string {
  return `vscode-remote://127.0.0.1:${port}${pathToFileURL(resolve(path)).pathname}`;
}

function browser(): string {
  const candidates = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const found = candidates.find((path) => path !== undefined && existsSync(path));
  if (found === undefined)
    throw new Error('Chromium was not found: install it (apt-get install chromium), or set CHROMIUM to its path');
  return found;
}

/** A headless Chromium that reaches nothing but this machine, with one page that `prepare` has seen before it loads. */
export async function openBrowser(scratch: string, prepare: (page: Page) => Promise<void>): Promise<Workbench> {
  const context = await chromium.launchPersistentContext(join(scratch, 'chromium'), {
    executablePath: browser(),
    headless: true,
    viewport: { width: 1400, height: 900 },
    locale: 'en-US',
    // The launcher ends browser and server itself; playwright's own handlers would exit before that.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  await context.route(
    (url) => url.hostname !== '127.0.0.1' && /^https?:$/.test(url.protocol),
    (route) => route.abort(),
  );
  const page = context.pages()[0] ?? (await context.newPage());
  await prepare(page);
  return { page, context };
}

/** Opens VS Code's window, as the server on this machine serves it. */
export async function openWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const { port, open, scratch, payload, prepare } = options;
  const workbench = await openBrowser(scratch, prepare);
  const query = new URLSearchParams();
  if (open === undefined) query.set('ew', 'true');
  else query.set(open.endsWith('.code-workspace') ? 'workspace' : 'folder', resolve(open));
  query.set('payload', JSON.stringify([['skipWelcome', 'true'], ['skipReleaseNotes', 'true'], ...payload]));
  await workbench.page.goto(`http://127.0.0.1:${port}/?${query}`);
  return workbench;
}
