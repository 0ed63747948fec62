// `npm run demo`: installs what is missing, builds, prints the estimate of the BERT example, exports it as a Vitis HLS
// project and runs that project's own simulation.
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installDebianPackages, installNodePackages, root, runNode } from './install.mjs';

const spec = 'examples/bert_u280.weft';
const project = mkdtempSync(join(tmpdir(), 'weft-demo-'));

/** @type {[title: string, step: () => number | null][]} */
const steps = [
  ['Build', () => runNode('esbuild.mjs')],
  [`Estimate of ${spec}`, () => runNode('dist/cli.cjs', 'estimate', spec)],
  [`Export to ${project}`, () => runNode('dist/cli.cjs', 'export', spec, '--out', project)],
  [
    'Simulation of the exported project',
    () => spawnSync('make', ['-C', project, 'csim'], { stdio: ['ignore', 'inherit', 'inherit'] }).status,
  ],
];

installDebianPackages('demo');
installNodePackages(root);
for (const [title, step] of steps) {
  console.log(`\n── ${title}`);
  const status = step();
  if (status !== 0) {
    console.error(`weft: the demonstration stopped: "${title}" ended with exit code ${status}`);
    process.exit(1);
  }
}
