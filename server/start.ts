/**
 * Starts a bundle with the code that V8 made of it the last time: half of what a short command takes is compiling.
 *
 * Node's own cache (`module.enableCompileCache`) keeps only what is compiled when a file is loaded, a seventh of what a command
 * runs, because V8 compiles functions when they are first called. So this keeps the code as it is when the command ends, of each
 * command its own, in the folder of Node's cache and under its switches (NODE_COMPILE_CACHE, NODE_DISABLE_COMPILE_CACHE).
 * What cannot be read or written is compiled anew: nothing depends on it but time. V8 runs what it is given without looking,
 * and dies of a damaged file at every start; so each ends with the sum of its bytes, and is this user's own.
 */
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire, enableCompileCache, getCompileCacheDir } from 'node:module';
import { dirname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { isMainThread } from 'node:worker_threads';
import { crc32 } from 'node:zlib';

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
  if (!crc32) return undefined; // as enableCompileCache, not in the first versions of Node 20 and 22
  enableCompileCache?.();
  const folder = getCompileCacheDir?.();
  const command = isMainThread ? (process.argv[2] ?? '').replace(/[^a-z]/g, '') : 'thread';
  return folder === undefined ? undefined : join(folder, `weft-${BUNDLE}-${HASH}-${command.slice(0, 16)}`);
}

/** Bytes of the sum at the end of a file. */
const SUM = 4;

function codeAt(path: string | undefined): Buffer | undefined {
  if (path === undefined) return undefined;
  try {
    const user = process.getuid?.();
    if (user !== undefined && statSync(path).uid !== user) return undefined;
    const kept = readFileSync(path);
    const code = kept.subarray(0, -SUM);
    return kept.readUInt32LE(code.length) === crc32(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

/** Total: a full or read-only disk means that the next start compiles as this one did. */
function keep(script: Script, path: string): void {
  const written = `${path}.${process.pid}`;
  try {
    const code = script.createCachedData();
    const sum = Buffer.alloc(SUM);
    sum.writeUInt32LE(crc32(code));
    writeFileSync(written, Buffer.concat([code, sum]), { mode: 0o600 });
    renameSync(written, path); // whole or not at all: another process may be reading
    removeOthers(dirname(path));
  } catch {
    try {
      rmSync(written, { force: true });
    } catch {}
  }
}

/** What other versions of this bundle have kept, and what they left behind half-written: a megabyte or two for each command. */
function removeOthers(folder: string): void {
  const own = `weft-${BUNDLE}-${HASH}-`;
  const ours = new RegExp(`^weft-${BUNDLE}-[0-9a-f]{${HASH.length}}-`);
  for (const name of readdirSync(folder)) if (ours.test(name) && !name.startsWith(own)) rmSync(join(folder, name));
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
