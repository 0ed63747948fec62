import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Counts } from './outcome.ts';

function succeeds(command: string, ...args: string[]): boolean {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) console.error(error.message);
  return status === 0;
}

/**
 * Hash of the results of each example that can be exported, recorded once with g++ 12 and the same with clang 16 and with bounded FIFOs: it changes
 * only when the arithmetic does, and then on purpose.
 */
const recorded: Readonly<Record<string, string>> = {
  'examples/bert_u280.weft': '0x10c09350207ac426',
  'examples/vgg_blocks_u280.weft': '0x8bf2afa0b29fdfb6',
};

/** Half a minute of a processor each: `npm run nightly` runs these, and test/emit/simulate-decoders.test.ts small ones of their kind. */
export const decoders: Readonly<Record<string, string>> = {
  'examples/gpt2_step_u280.weft': '0x817e3078992710c4',
  'examples/gpt2_prefill_u280.weft': '0x5b3308ee3d6778a1',
  'examples/tinyllama_decode_u280.weft': '0x9b2859bbec910d90',
  'examples/tinyllama_prefill_u280.weft': '0xfcb7ad73f442f76a',
};

/** Builds and runs the simulation with its output shown; whether it passed, without a warning and with the recorded hash. */
function simulates(project: string, hash: string): boolean {
  const { status, stdout, stderr } = spawnSync('make', ['-j2', '-C', project, 'csim'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  const same = stdout.includes(`hash of the result ${hash}:`);
  if (!same) console.error(`The results have another hash than the recorded one, ${hash}`);
  const silent = !stderr.includes('warning:');
  if (!silent) console.error('It does not build without a warning');
  return status === 0 && same && silent;
}

/** Exports each of these examples with the built command line, and runs the C simulation of what was exported. */
export function simulateExamples(): Counts {
  const outcomes = Object.entries(recorded).map(([spec, hash]) => {
    const project = mkdtempSync(join(tmpdir(), 'weft-simulate-'));
    const ok = succeeds(process.execPath, 'dist/cli.cjs', 'export', spec, '--out', project) && simulates(project, hash);
    console.log(
      `${ok ? 'ok  ' : 'FAIL'} ${spec}: export and simulation${ok ? '' : `; the project is left in ${project}`}`,
    );
    if (ok) rmSync(project, { recursive: true });
    return ok;
  });
  return { passed: outcomes.filter((ok) => ok).length, failed: outcomes.filter((ok) => !ok).length };
}
