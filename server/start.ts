/**
 * Starts a bundle with the code that V8 made of it the last time: half of what a short command takes is compiling.
 *
 * Node's own cache (`module.enableCompileCache`) keeps only what is compiled when a file is loaded, a seventh of what a command
 * runs, because V8 compiles functions when they are first called. So this keeps the code as it is when the command ends, of each
 * command its own, in the folder of Node's cache and under its switches (NODE_COMPILE_CACHE, NODE_DISABLE_COMPILE_CACHE).
 * What cannot be read or written is compiled anew: nothing depends on it but time.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire, enableCompileCache, getCompileCacheDir } from 'node:module';
import { dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

/** What esbuild.mjs puts here: the bundle to start, without its ending, and a hash of its text. */
declare const BUNDLE: string;
declare const HASH: string;

/** A server has shown by then what it does for an editor, and its functions are not yet forgotten as unused, milliseconds. */
const SETTLED = 10_000;

/** An estimate makes many small objects that die together: young memory grows to its limit (16 MB) at once, not in steps. */
setFlagsFromString('--semi-space-growth-factor=16');

const file = join(__dirname, `${BUNDLE}.cjs`);

/** Where the code of this command is kept; undefined where nothing is to be kept. The hash: V8 itself compares lengths only. */
function place(): string | undefined {
  enableCompileCache?.(); // not in Node before 22.1
  const folder = getCompileCacheDir?.();
  const command = isMainThread ? (process.argv[2] ?? '').replace(/[^a-z]/g, '') : 'thread';
  return folder === undefined ? undefined : join(folder, `weft-${BUNDLE}-${HASH}-${command.slice(0, 16)}`);
}

function codeAt(path: string | undefined): Buffer | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

function keep(script: Script, path: string): void {
  const written = `${path}.${process.pid}`;
  try {
    writeFileSync(written, script.createCachedData(), { mode: 0o600 });
    renameSync(written, path); // whole or not at all: another process may be reading
  } catch {
    rmSync(written, { force: true }); // a full or read-only disk: the next start compiles as this one did
  }
}

const path = place();
const cachedData = codeAt(path);
const text = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'latin1')}\n})`; // esbuild writes ASCII
const script = new Script(text, { filename: file, ...(cachedData && { cachedData }) });
if (path !== undefined && (!cachedData || script.cachedDataRejected)) {
  let kept = false;
  const once = () => {
    if (!kept) keep(script, path);
    kept = true;
  };
  setTimeout(once, SETTLED).unref();
  process.once('exit', once);
}
const bundle = { exports: {} };
script.runInThisContext()(bundle.exports, createRequire(file), bundle, file, dirname(file));
