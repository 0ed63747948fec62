import { existsSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { installNodePackages } from '../setup/install.mjs';

const here = import.meta.dirname;

/** Built-in extensions that would only call out to the network, or print that they could not. */
const unwanted = [
  'copilot',
  'github',
  'microsoft-authentication',
  'mermaid-markdown-features',
  'tunnel-forwarding',
  'ms-vscode.js-debug',
  'ms-vscode.js-debug-companion',
  'ms-vscode.vscode-js-profile-table',
];

/**
 * Installs the stand-in VS Code from the npm registry (about 350 MB, 30 s); does nothing when it is there.
 * No install script runs and nothing is compiled: package.json beside this file names the packages that VS Code's server
 * needs, with plain JavaScript in place of its native modules (stand-ins/).
 */
export function installHost(): void {
  installNodePackages(here, ['--ignore-scripts']);
  const vscode = join(here, 'node_modules/code-server/lib/vscode');
  // VS Code serves some packages to the browser from the node_modules beside it.
  if (!existsSync(join(vscode, 'node_modules'))) symlinkSync('../../..', join(vscode, 'node_modules'));
  for (const name of unwanted) rmSync(join(vscode, 'extensions', name), { recursive: true, force: true });
}
