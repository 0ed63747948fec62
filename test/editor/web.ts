// Runs web/*.test.ts in VS Code for the Web, with the packaged extension and its server in a Web Worker.
//   node test/editor/web.ts
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { installHost } from '../host/setup.ts';
import { runWebTests } from '../host/web.ts';
import { type Counts, printCounts } from '../outcome.ts';

const root = join(import.meta.dirname, '../..');
const scratch = join(root, '.vscode-test/weft-web');
const web = join(import.meta.dirname, 'web');
const shots = join(root, 'shots');

/** The tests and their file system, as the extension host in a Web Worker loads them. */
async function bundleProbe(folder: string): Promise<void> {
  await build({
    entryPoints: { inside: join(web, 'inside.ts'), probe: join(web, 'probe.ts') },
    outdir: folder,
    bundle: true,
    platform: 'browser',
    format: 'cjs',
    target: 'es2022',
    external: ['vscode'],
    loader: { '.weft': 'text' },
    // Mocha's browser build is a script that exports where it finds a `module`: that would be ours.
    define: { global: 'globalThis', module: 'undefined', SHOTS: JSON.stringify(shots) },
    logLevel: 'warning',
  });
  cpSync(join(web, 'package.json'), join(folder, 'package.json'));
}

/** Tests the extension in VS Code for the Web, out of the package. */
export async function testWeb(): Promise<Counts> {
  installHost();
  rmSync(scratch, { recursive: true, force: true });
  for (const folder of [scratch, shots]) mkdirSync(folder, { recursive: true });
  const { status } = spawnSync('python3', ['-m', 'zipfile', '-e', join(root, 'weft.vsix'), join(scratch, 'vsix')]);
  if (status !== 0) throw new Error('weft.vsix cannot be unpacked: npm run package');
  const probe = join(scratch, 'probe');
  await bundleProbe(probe);
  const { code, log } = await runWebTests({
    extension: join(scratch, 'vsix/extension'),
    probe,
    tests: 'inside.js',
    folder: { scheme: 'weft-memory', path: '/' },
  });
  // Printed by the tests as their last act: a host that dies half-way may still report success.
  const counted = /^@@counts (\d+) (\d+)$/m.exec(log);
  if (!counted) {
    console.error('The web tests did not run to their end');
    return { passed: 0, failed: 1 };
  }
  const [passed, failed] = [Number(counted[1]), Number(counted[2])];
  return code !== 0 && failed === 0 ? { passed, failed: 1 } : { passed, failed };
}

if (import.meta.main) printCounts(await testWeb());
