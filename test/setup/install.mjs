// What the demonstration and the tests need of the machine, installed where it is missing. Runs on Node 20, before
// anything of node_modules exists: plain JavaScript, and nothing imported but Node's own modules.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/**
 * Debian's packages, each with a command or a file that shows that it is there, and what it is needed for.
 * @type {{ name: string, provides: string, for: ('demo' | 'test')[] }[]}
 */
const debianPackages = [
  { name: 'g++', provides: 'g++', for: ['demo', 'test'] }, // compiles exported projects for their simulation
  { name: 'make', provides: 'make', for: ['demo', 'test'] },
  { name: 'python3', provides: 'python3', for: ['test'] }, // reads the exported host script; node-gyp needs it, too
  { name: 'libsystemc-dev', provides: '/usr/include/systemc.h', for: ['test'] }, // oracle of the simulation headers
  { name: 'libxrt-dev', provides: '/usr/include/xrt/xrt/xrt_bo.h', for: ['test'] }, // compiles the exported host program
  { name: 'slurmctld', provides: '/usr/sbin/slurmctld', for: ['test'] }, // a cluster of one node for sweeps
  { name: 'slurmd', provides: '/usr/sbin/slurmd', for: ['test'] },
  { name: 'slurm-client', provides: '/usr/bin/sbatch', for: ['test'] },
  { name: 'munge', provides: '/usr/sbin/munged', for: ['test'] }, // by which Slurm's parts know each other
  { name: 'chromium', provides: 'chromium', for: ['test'] }, // shows VS Code's window in the editor tests
  { name: 'fonts-dejavu-core', provides: '/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf', for: ['test'] }, // its text
];

/** @param {string} provides a command, or an absolute file name */
function isThere(provides) {
  if (provides.startsWith('/')) return existsSync(provides);
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, provides)));
}

/**
 * Runs a command with its output shown; a failure ends this program, as nothing that follows could work.
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnSyncOptions} [options]
 */
function run(command, args, options) {
  console.log(`$ ${command} ${args.join(' ')}`);
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
  if (status === 0) return;
  console.error(
    `weft: "${command} ${args.join(' ')}" failed${error ? `: ${error.message}` : ` with exit code ${status}`}`,
  );
  process.exit(1);
}

/**
 * Installs Debian's packages that are missing when running as root; otherwise says what to run, and stops.
 * @param {'demo' | 'test'} purpose
 */
export function installDebianPackages(purpose) {
  const missing = debianPackages.filter((item) => item.for.includes(purpose) && !isThere(item.provides));
  if (missing.length === 0) return;
  const names = missing.map((item) => item.name);
  const install = ['install', '-y', '--no-install-recommends', ...names];
  if (process.getuid?.() !== 0 || !isThere('apt-get')) {
    console.error(
      `weft: missing on this machine: ${missing.map((item) => item.provides).join(', ')}. Install it, then run again:`,
    );
    console.error(`  sudo apt-get update && sudo apt-get ${install.join(' ')}`);
    process.exit(1);
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-q'], { env });
  run('apt-get', ['-q', ...install], { env });
}

/**
 * Whether every package of a folder's lock file is installed there, in the version of the lock file.
 * @param {string} folder
 */
function isInstalled(folder) {
  const installed = join(folder, 'node_modules/.package-lock.json'); // npm writes what it installed
  if (!existsSync(installed)) return false;
  /** @param {string} file @returns {Record<string, { version?: string, optional?: boolean }>} */
  const packages = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const have = packages(installed);
  return Object.entries(packages(join(folder, 'package-lock.json'))).every(
    ([path, wanted]) => path === '' || wanted.optional || have[path]?.version === wanted.version,
  );
}

/**
 * Installs a folder's npm packages as its lock file says, unless they are there.
 * @param {string} folder
 * @param {string[]} [flags] of `npm ci`
 */
export function installNodePackages(folder, flags = []) {
  if (isInstalled(folder)) return;
  // npm tells the scripts it runs which project they belong to; an npm started by such a script would believe it.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle|config_local_prefix)/.test(name)),
  );
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error', ...flags], { cwd: folder, env });
}

/**
 * Runs a program of this project with the Node version that its package.json pins.
 * @param {string[]} args
 * @returns {number} its exit code
 */
export function runNode(...args) {
  const bin = join(root, 'node_modules/.bin');
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  const { status, error } = spawnSync(join(bin, 'node'), args, {
    cwd: root,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error) console.error(`weft: ${error.message}`);
  return status ?? 1;
}
