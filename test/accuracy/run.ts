// `npm run accuracy`: how far the estimator is from designs that were really synthesised and simulated. `--data FILE` takes
// other designs of the same form (several times: rows and graphs may be in files of their own); `--json` prints data;
// `--misses` names the rows outside the band; `--page` writes docs/accuracy.md.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DataError, readRows } from './data.ts';
import { families } from './families.ts';
import { pageOf } from './page.ts';
import { evaluate } from './score.ts';
import { missesOf, tableOf } from './table.ts';

const publicData = ['ground-truth.json', 'stream-hls-graphs.json', 'paper.json'].map((file) => `test/facts/${file}`);

function main(): void {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', multiple: true },
      json: { type: 'boolean', default: false },
      misses: { type: 'boolean', default: false },
      page: { type: 'boolean', default: false },
    },
  });
  const rows = readRows(values.data ?? publicData);
  const reports = families.map((family) => ({ family, report: evaluate(family, rows) }));
  const present = reports.filter(({ report }) => report.score.rows > 0);
  if (values.page) writeFileSync('docs/accuracy.md', pageOf(present));
  if (values.json) console.log(JSON.stringify({ families: present.map(({ report }) => report.score) }, null, 2));
  else console.log(tableOf(present, rows));
  if (values.misses && !values.json) console.log(missesOf(present));
}

try {
  main();
} catch (error) {
  if (!(error instanceof DataError) && !(error instanceof TypeError && 'code' in error)) throw error;
  console.error(`accuracy: ${error.message}\nusage: npm run accuracy -- [--json] [--misses] [--page] [--data FILE]…`);
  process.exitCode = 2;
}
