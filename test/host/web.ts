// VS Code for the Web over the same build of VS Code: no Node, extensions and their language servers in Web Workers.
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { attendTests, say } from './window.ts';
import { openBrowser } from './workbench.ts';

const vscode = join(import.meta.dirname, 'node_modules/code-server/lib/vscode');
const workbenchScript = 'out/vs/code/browser/workbench/workbench.js';

/** code-server's workbench is always that of a server, and keeps its settings there; without both it is VS Code for the Web. */
const edits: readonly [find: string | RegExp, put: string][] = [
  [
    ',remoteAuthority:location.host}',
    ',userDataPath:"/",isEnabledFileDownloads:true,isEnabledFileUploads:true,isEnabledCoderGettingStarted:false}',
  ],
  [
    /(get userRoamingDataHome\(\)\{return \w+\(\w+\.file\(this\.userDataPath\)\.with\(\{scheme:\w+\.)vscodeRemote/,
    '$1vscodeUserData',
  ],
];

function webWorkbench(): string {
  return edits.reduce(
    (text, [find, put]) => {
      const edited = text.replace(find, put);
      if (edited === text) throw new Error(`code-server has changed: ${find} is not in ${workbenchScript}`);
      return edited;
    },
    readFileSync(join(vscode, workbenchScript), 'utf8'),
  );
}

/** What the page tells the workbench: VS Code's IWorkbenchConstructionOptions. */
function pageOf(configuration: object): string {
  const attribute = JSON.stringify(configuration).replaceAll('"', '&quot;');
  return `<!DOCTYPE html>
<html>
  <head>
    <meta charset="utf-8" />
    <meta id="vscode-workbench-web-configuration" data-settings="${attribute}">
    <meta id="vscode-workbench-web-base-url" data-settings="/vscode">
    <link rel="stylesheet" href="/vscode/out/vs/code/browser/workbench/workbench.css">
  </head>
  <body aria-label=""></body>
  <script>globalThis._VSCODE_FILE_ROOT = location.origin + '/vscode/out/';</script>
  <script type="module" src="/vscode/out/nls.messages.js"></script>
  <script type="module" src="/vscode/${workbenchScript}"></script>
</html>`;
}

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.cjs': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.html': 'text/html',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
};

export interface WebTests {
  /** Folder of the extension under test, as it would be installed. */
  readonly extension: string;
  /** Folder of an extension that belongs to the tests: whatever their workspace needs. */
  readonly probe: string;
  /** The file below `probe` whose `run()` VS Code calls. */
  readonly tests: string;
  /** The folder to open, of a file system that the probe provides: VS Code's URI in its parts. */
  readonly folder: { readonly scheme: string; readonly path: string };
}

/**
 * Runs tests in VS Code for the Web.
 * @returns the exit code, and what the tests printed
 */
export async function runWebTests(
  { extension, probe, tests, folder }: WebTests,
  timeLimit = 180_000,
): Promise<{ code: number; log: string }> {
  const scratch = mkdtempSync(join(tmpdir(), 'vscode-web-'));
  const roots: Readonly<Record<string, string>> = { vscode, extension, probe };
  let page = '';
  const script = webWorkbench();

  function serve({ url = '/' }: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(url, 'http://127.0.0.1');
    const made: Readonly<Record<string, string>> = { '/': page, [`/vscode/${workbenchScript}`]: script };
    const text = made[pathname];
    if (text !== undefined) {
      response.writeHead(200, { 'Content-Type': pathname === '/' ? 'text/html' : 'text/javascript' }).end(text);
      return;
    }
    const [, root = '', rest = ''] = /^\/(\w+)\/(.+)$/.exec(decodeURIComponent(pathname)) ?? [];
    const file = join(roots[root] ?? '/nowhere', rest);
    if (!existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  }

  const server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const at = (path: string) => ({ scheme: 'http', authority: `127.0.0.1:${port}`, path });
  page = pageOf({
    folderUri: folder,
    additionalBuiltinExtensions: [at('/extension')],
    developmentOptions: { extensions: [at('/probe')], extensionTestsPath: at(`/probe/${tests}`) },
    productConfiguration: { enableTelemetry: false },
  });
  let log = '';
  let close = async () => {};
  try {
    const code = await new Promise<number>((resolve, reject) => {
      setTimeout(() => {
        say(`the web tests did not end within ${timeLimit / 1000} s`);
        resolve(124);
      }, timeLimit).unref();
      openBrowser(scratch, (tab) => attendTests(tab, resolve, (line) => (log += `${line}\n`)))
        .then(async ({ context, page: tab }) => {
          close = () => context.close();
          await tab.goto(`http://127.0.0.1:${port}/`);
        })
        .catch(reject);
    });
    return { code, log };
  } finally {
    await close();
    server.closeAllConnections();
    server.close();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
