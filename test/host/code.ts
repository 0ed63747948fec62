#!/usr/bin/env node
// Takes the place of desktop VS Code's `code` where it cannot be downloaded: understands the arguments that
// @vscode/test-electron gives it, runs the tests in VS Code's server with its window in headless Chromium, and exits
// with their exit code. CODE_VERBOSE=1 prints the window's and the server's own log lines too; CODE_TRUST=ask trusts no folder.
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { type Folders, runServerCommand, type Server, startServer } from './server.ts';
import { attendTests, say } from './window.ts';
import { openWorkbench, remoteUri, type Workbench } from './workbench.ts';

const verbose = process.env.CODE_VERBOSE === '1';
const timeLimit = 1000 * Number(process.env.CODE_TIMEOUT || 600);

const text = { type: 'string' } as const;
const { values, positionals } = parseArgs({
  strict: false, // test-electron also passes switches that mean nothing here (--no-sandbox, --disable-gpu-sandbox …)
  allowPositionals: true,
  options: {
    'user-data-dir': text,
    'extensions-dir': text,
    'folder-uri': text,
    'install-extension': text,
    'list-extensions': { type: 'boolean' },
    version: { type: 'boolean' },
    'disable-extensions': { type: 'boolean' },
    extensionDevelopmentPath: text,
    extensionTestsPath: text,
  },
});
const value = (name: string): string | undefined => (typeof values[name] === 'string' ? values[name] : undefined);

const scratch = mkdtempSync(join(tmpdir(), 'vscode-'));
const folders: Folders = {
  userData: resolve(value('user-data-dir') ?? join(scratch, 'user-data')),
  extensions: resolve(value('extensions-dir') ?? join(scratch, 'extensions')),
  scratch,
};
let server: Server | undefined;
let workbench: Workbench | undefined;
let ending = false;

async function end(code: number): Promise<void> {
  if (ending) return;
  ending = true;
  await Promise.race([workbench?.context.close().catch(() => {}), sleep(5000)]);
  server?.kill();
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  process.exit(code);
}

function prepare(page: Page): Promise<void> {
  return attendTests(page, async (code) => {
    for (let i = 0; i < 30 && !server?.hostExit(); i++) await sleep(100); // the server notices a little later
    const exit = server?.hostExit();
    if (exit && (exit.code !== '0' || exit.signal !== 'null')) {
      say(`the extension host died (exit code ${exit.code}, signal ${exit.signal})`);
      await end(code || 1);
    }
    await end(code);
  });
}

async function runTests(): Promise<void> {
  server = await startServer(folders, (output) => verbose && process.stderr.write(output));
  const { port } = server;
  server.exited.then((code) => {
    if (!ending) say(`VS Code's server stopped with exit code ${code}`);
    void end(1);
  });
  const payload: [string, string][] = [];
  const development = value('extensionDevelopmentPath');
  const tests = value('extensionTestsPath');
  if (development !== undefined) payload.push(['extensionDevelopmentPath', remoteUri(port, development)]);
  if (tests !== undefined) payload.push(['extensionTestsPath', remoteUri(port, tests)]);
  if (values['disable-extensions']) payload.push(['disableExtensions', 'true']);
  const folder = value('folder-uri');
  const opened = positionals.filter((path) => existsSync(path));
  const isWorkspace = (path: string) => statSync(path).isDirectory() || path.endsWith('.code-workspace');
  for (const file of opened.filter((path) => !isWorkspace(path))) payload.push(['openFile', remoteUri(port, file)]);
  const open = folder === undefined ? opened.find(isWorkspace) : fileURLToPath(folder);
  workbench = await openWorkbench({ port, open, scratch, payload, prepare });
}

if (value('install-extension') !== undefined || values['list-extensions'] || values.version) {
  const args = process.argv.slice(2).filter((arg) => !/^--(no-sandbox|user-data-dir=|extensions-dir=)/.test(arg));
  await end(await runServerCommand(folders, args));
} else {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(130));
  setTimeout(() => {
    say(`the tests did not end within ${timeLimit / 1000} s`);
    void end(124);
  }, timeLimit).unref();
  try {
    await runTests();
  } catch (error) {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    await end(1);
  }
}
