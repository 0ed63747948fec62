import { spawnServer } from '../kit/client.ts';
import { installNodePackages } from '../setup/install.mjs';
import { percentile, serverCommand, typing } from './figures.ts';
import { longSpec } from './long-spec.ts';

const folder = 'test/bench/langium';
const uri = 'file:///workspace/long.weft';

export interface Comparison {
  readonly lines: number;
  /** Milliseconds a keystroke, p50: Weft to diagnostics, the estimate included; Langium to the errors of its parser. */
  readonly weft: number;
  readonly langium: number;
}

/**
 * The same documents typed through Weft's server and through Langium's of the same grammar, in turns, so that whatever else
 * the machine does falls on both.
 */
export async function compareWithLangium(): Promise<Comparison[]> {
  installNodePackages(folder, ['--ignore-scripts']);
  const servers: Readonly<Record<'weft' | 'langium', readonly [string, readonly string[]]>> = {
    weft: serverCommand,
    langium: [process.execPath, [`${folder}/server.mjs`]],
  };
  const comparisons: Comparison[] = [];
  for (const [lines, typed] of [
    [40, 20],
    [400, 10],
    [2000, 6],
  ] as const) {
    const times = { weft: [] as number[], langium: [] as number[] };
    for (let round = 0; round < 2; round++) {
      for (const name of ['weft', 'langium'] as const) {
        const server = await spawnServer(...servers[name]);
        const text = longSpec(lines);
        times[name].push(...(await typing(server, uri, text, typed, 'none')));
        // What is not read is no work: both must have found the whole text without an error.
        const wrong = server.published(uri).filter(({ severity }) => severity === 1);
        if (wrong.length > 0) throw new Error(`${name}: ${wrong[0]?.message}`);
        await server.stop();
      }
    }
    comparisons.push({ lines, weft: percentile(times.weft, 0.5), langium: percentile(times.langium, 0.5) });
  }
  return comparisons;
}

if (import.meta.main) {
  for (const { lines, weft, langium } of await compareWithLangium())
    console.log(
      `${String(lines).padStart(5)} lines: Weft ${weft.toFixed(1)} ms a keystroke with the estimate, Langium ${langium.toFixed(1)} ms without; ` +
        `Langium ÷ Weft = ${(langium / weft).toFixed(2)} (goal 3)`,
    );
}
