// `npm run bench`: the speed that a user feels, measured on the built and packaged programs, beside a calibration loop
// timed in the same run, so that runs on different machines can be compared. `--json` prints a line of data for each figure.
// `npm run bench -- keystroke typing` measures only these.
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { calibrate, type Figure, measurements } from './figures.ts';

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true, // the names of some measurements
});

execFileSync('npm', ['run', '--silent', 'package'], { stdio: ['ignore', 'ignore', 'inherit'] });
const calibrationMs = calibrate();
const figures: Figure[] = [];
const failures: { name: string; message: string }[] = [];
for (const [name, measure] of Object.entries(measurements)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  try {
    figures.push(...(await measure()));
  } catch (error) {
    failures.push({ name, message: error instanceof Error ? error.message : String(error) });
  }
}

if (values.json) {
  for (const figure of figures)
    console.log(JSON.stringify({ ...figure, calibrationMs, over: figure.value > figure.limit }));
  for (const failure of failures) console.log(JSON.stringify({ ...failure, calibrationMs, failed: true }));
} else {
  console.log(`calibration loop: ${calibrationMs.toFixed(1)} ms\n`);
  for (const { name, value, unit, limit } of figures) {
    const loops = unit === 'ms' ? `${(value / calibrationMs).toFixed(2)} loops` : '';
    const verdict = value <= limit ? '' : '  OVER';
    console.log(
      `${name.padEnd(84)} ${value.toFixed(1).padStart(9)} ${unit}  ${loops.padStart(12)}   limit ${limit} ${unit}${verdict}`,
    );
  }
  for (const { name, message } of failures) console.error(`${name}: not measured: ${message}`);
}
process.exit(failures.length === 0 ? 0 : 1); // a server that was not measured may still be running
