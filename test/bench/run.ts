// `npm run bench`: the speed that a user feels, measured on the built and packaged programs, beside a calibration loop
// timed in the same run, so that runs on different machines can be compared. `--json` prints data instead of a table.
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { calibrate, type Figure, measurements } from './figures.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });

execFileSync('npm', ['run', '--silent', 'package'], { stdio: ['ignore', 'ignore', 'inherit'] });
const calibrationMs = calibrate();
const figures: Figure[] = [];
const failures: { name: string; message: string }[] = [];
for (const [name, measure] of Object.entries(measurements)) {
  try {
    figures.push(...(await measure()));
  } catch (error) {
    failures.push({ name, message: error instanceof Error ? error.message : String(error) });
  }
}

if (values.json) {
  console.log(JSON.stringify({ calibrationMs, figures, failures }, null, 2));
} else {
  console.log(`calibration loop: ${calibrationMs.toFixed(1)} ms\n`);
  for (const { name, value, unit, limit } of figures) {
    const loops = unit === 'ms' ? `${(value / calibrationMs).toFixed(2)} loops` : '';
    const verdict = value <= limit ? '' : '  OVER';
    console.log(
      `${name.padEnd(42)} ${value.toFixed(1).padStart(9)} ${unit}  ${loops.padStart(12)}   limit ${limit} ${unit}${verdict}`,
    );
  }
  for (const { name, message } of failures) console.error(`${name}: not measured: ${message}`);
}
process.exit(failures.length === 0 ? 0 : 1); // a server that was not measured may still be running
