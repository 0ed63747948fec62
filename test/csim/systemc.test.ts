import { access } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { run, workshop } from './compiler.ts';

const { build } = workshop();

/** SystemC's data types are an independent implementation of the same arithmetic, in Debian and open. */
async function againstSystemC(file: string) {
  await access('/usr/include/systemc.h').catch(() => {
    throw new Error(
      'SystemC is not installed: apt-get update && apt-get install -y --no-install-recommends libsystemc-dev',
    );
  });
  const executable = await build({ file }, { standard: 'c++17', flags: ['-O1', '-lsystemc', '-pthread'] });
  return run(executable, [], { env: { SYSTEMC_DISABLE_COPYRIGHT_MESSAGE: '1' } });
}

describe('differential fuzz against SystemC', () => {
  it.concurrent.each([
    ['ap_int and ap_uint', 'systemc_integers.cpp', '129144 results compared, 0 differ'],
    ['ap_fixed and ap_ufixed', 'systemc_fixed.cpp', '50200 results compared, 0 differ'],
  ])('%s agree', async (_, file, summary) => {
    expect(await againstSystemC(file)).toEqual({ code: 0, stdout: `${summary}\n`, stderr: '' });
  });
});
