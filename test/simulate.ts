import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Counts } from './outcome.ts';

function succeeds(command: string, ...args: string[]): boolean {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (error) console.error(error.message);
  return status === 0;
}

/** Exports each of the examples with the built command line, and runs the C simulation of what was exported. */
export function simulateExamples(): Counts {
  const outcomes = globSync('examples/*.weft').map((spec) => {
    const project = mkdtempSync(join(tmpdir(), 'weft-simulate-'));
    const ok =
      succeeds(process.execPath, 'dist/cli.cjs', 'export', spec, '--out', project) &&
      succeeds('make', '-C', project, 'csim');
    console.log(
      `${ok ? 'ok  ' : 'FAIL'} ${spec}: export and simulation${ok ? '' : `; the project is left in ${project}`}`,
    );
    if (ok) rmSync(project, { recursive: true });
    return ok;
  });
  return { passed: outcomes.filter((ok) => ok).length, failed: outcomes.filter((ok) => !ok).length };
}
