import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The server that code-server's package holds is VS Code's own; code-server's front is not used. */
export const serverMain = join(import.meta.dirname, 'node_modules/code-server/lib/vscode/out/server-main.js');

/** Where one run keeps its state. `scratch` must be short: sockets are made in it, whose names end at 107 characters. */
export interface Folders {
  readonly userData: string;
  readonly extensions: string;
  readonly scratch: string;
}

export interface Server {
  readonly port: number;
  /** How the extension host ended, once it has: the workbench itself reports success even when it was killed. */
  readonly hostExit: () => { readonly code: string; readonly signal: string } | undefined;
  readonly exited: Promise<number | null>;
  readonly kill: () => void;
}

/** Every folder is trusted, unless `CODE_TRUST=ask`: then none is, and nobody is there to be asked. */
const trusting = process.env.CODE_TRUST !== 'ask';

/** Quiet, offline, and the same on every machine. */
const settings = {
  'chat.agentHost.enabled': false,
  'chat.disableAIFeatures': true,
  'editor.minimap.enabled': false, // room for what is at the ends of lines
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'security.workspace.trust.banner': 'never',
  'security.workspace.trust.startupPrompt': 'never',
  'git.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

function environment(folders: Folders): NodeJS.ProcessEnv {
  // No marketplace to ask, and the server's sockets in the run's own folder.
  return { ...process.env, EXTENSIONS_GALLERY: '{"serviceUrl":""}', XDG_RUNTIME_DIR: folders.scratch };
}

function folderArguments(folders: Folders): string[] {
  return [
    '--user-data-dir',
    folders.userData,
    '--extensions-dir',
    folders.extensions,
    '--server-data-dir',
    join(folders.scratch, 'server'),
  ];
}

/** Runs the server's command line (`--install-extension x.vsix`, `--list-extensions`, `--version`) and returns its exit code. */
export function runServerCommand(folders: Folders, args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [serverMain, ...args, ...folderArguments(folders)], {
    stdio: 'inherit',
    env: environment(folders),
  });
  return new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
}

/**
 * Starts the server on a free port of this machine. Rejects when it stops before it listens.
 * @param onOutput is given whatever the server prints
 */
export async function startServer(folders: Folders, onOutput: (text: string) => void): Promise<Server> {
  const settingsFile = join(folders.userData, 'User/settings.json');
  const own: unknown = existsSync(settingsFile) ? JSON.parse(readFileSync(settingsFile, 'utf8')) : {};
  mkdirSync(dirname(settingsFile), { recursive: true });
  writeFileSync(settingsFile, JSON.stringify({ ...settings, ...(own as object) }, null, 2));

  const child = spawn(
    process.execPath,
    [
      serverMain,
      ...['--host', '127.0.0.1', '--port', '0', '--without-connection-token', '--accept-server-license-terms'],
      ...['--telemetry-level', 'off', ...(trusting ? ['--disable-workspace-trust'] : [])],
      '--enable-smoke-test-driver', // without it a built workbench ignores ?payload=, and no test runs
      ...folderArguments(folders),
    ],
    { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: environment(folders) }, // a process group of its own, to be ended whole
  );
  const kill = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It is gone already.
    }
  };
  let hostExit: { code: string; signal: string } | undefined;
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const log = createWriteStream(join(folders.userData, 'server.log'));
  const port = await new Promise<number>((resolve, reject) => {
    let tail = '';
    const read = (data: Buffer) => {
      log.write(data);
      onOutput(data.toString());
      tail = (tail + data).slice(-4000);
      const listening = /Extension host agent listening on (\d+)/.exec(tail);
      if (listening) resolve(Number(listening[1]));
      const end = /Extension Host Process exited with code: (\S+), signal: (\S+?)\./.exec(tail);
      if (end) hostExit = { code: end[1] ?? '', signal: end[2] ?? '' };
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', (code) => reject(new Error(`VS Code's server stopped with exit code ${code}\n${tail}`)));
  });
  return { port, hostExit: () => hostExit, exited, kill };
}
