/** `weft check|estimate|explain|compare|export|format|lsp`: reads files, prints, and answers with an exit code. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parse } from '../grammar/parser.ts';
import { format } from '../grammar/print.ts';
import { type Analysis, createAnalyst } from './analysis.ts';
import { questionOf } from './comparing.ts';
import { MAX_TOKENS } from './design/terms/phase.ts';
import type { Diagnostic } from './diagnostic.ts';
import { disk } from './disk.ts';
import { ExportError, writeProject } from './export-files.ts';
import { editsOf, foreignText, lossText } from './export-words.ts';
import { projectOf } from './exporting.ts';
import { parameterFiles } from './parameter-files.ts';
import { explanationsFor } from './report/explain.ts';
import { explanationText } from './report/explanation.ts';
import { diagnosticsJson, estimateJson } from './report/json.ts';
import { questionText, verdictsOf } from './report/question.ts';
import { estimateText } from './report/text.ts';
import { noAcceleratorIn } from './rules/no-accelerator.ts';
import { analyse, read, STDIN, write } from './spec-files.ts';
import { analyseWith } from './sweep/chosen.ts';
import { axesOf } from './tune/front.ts';
import { isTunable } from './tuning.ts';
import { CLEAN, countOf, ERRORS, guess, NoFile, oneFile, options, print, USAGE, Usage } from './usage.ts';
import { version } from './version.ts';

const usage = `weft ${version}: price and export FPGA accelerators for neural networks

  weft check FILE… [--json]                     diagnostics
       [--choose NAME=VALUE]…
  weft estimate FILE [--json]                   resources, bandwidth and latency
       [--choose NAME=VALUE]…                   with a knob of the spec at another of its values
  weft tune FILE [--write] [--json]             the best hardware for what is open, with a bound
       [--choose NAME=VALUE]…
       [--accelerator NAME] [--pareto latency,dsp] [--write-point N] [--jobs N]
  weft sweep FILE [--set NAME=VALUE,VALUE]…     every combination of the values of its knobs, in one table
       [--engine local|slurm] [--jobs N] [--retries N] [--sbatch ARGUMENT]… [--out DIR]
       [--export DIR] [--csim] [--synthesis] [--accelerator NAME] [--json]
  weft explain FILE [FIGURE] [--json]           why a figure is what it is: ‘q’, ‘q.lut’, ‘latency’, ‘hbm[4]’
       [--choose NAME=VALUE]…
  weft compare FILE [--devices u280,vhk158]     where an FPGA wins over the length of a sequence, and what limits it
       [--choose NAME=VALUE]…
       [--gpus a100,rtx2080ti] [--tokens 32..4096] [--json]
  weft export FILE --out DIR                    a Vitis HLS project
       [--choose NAME=VALUE]…
       [--accelerator NAME] [--parameters FILE] [--overwrite] [--keep] [--add]
  weft format FILE… [--check]                   rewrite files in the one layout
  weft lsp --stdio                              the language server, for any editor

FILE is ‘-’ for standard input. Exit codes: 0 clean (warnings too), 1 errors in the spec, 2 wrong usage.
`;

type Command = (args: readonly string[]) => Promise<number> | number;
const commands: Readonly<Record<string, Command>> = {
  check,
  estimate,
  tune,
  sweep: async (args) => (await import('./sweep/shell.ts')).sweep(args),
  'sweep-point': async (args) => (await import('./sweep/shell.ts')).sweepPoint(args), // what the processes of a sweep run; nobody types it
  explain,
  compare,
  export: exportProject,
  format: formatFiles,
  lsp,
};

/** @returns the exit code; everything is printed by then. */
export async function run(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === '--version' || name === '-v' || name === '-V' || name === 'version') return print(`${version}\n`);
  if (name === 'help' && rest[0] !== undefined) return print(usageOf(rest[0]));
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    (name === undefined ? process.stderr : process.stdout).write(usage);
    return name === undefined ? USAGE : CLEAN;
  }
  if (Object.hasOwn(commands, name) && rest.some((word) => word === '--help' || word === '-h'))
    return print(usageOf(name));
  try {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command && name.endsWith('.weft')) throw new Usage(`What of ${name}? As in: weft estimate ${name}`);
    if (!command) throw new Usage(`There is no command ‘${name}’.${guess(name, Object.keys(commands))}`);
    return await command(rest);
  } catch (error) {
    if (!(error instanceof Usage)) throw error;
    process.stderr.write(`weft: ${error.message}\n${error instanceof NoFile ? '' : `\n${usageOf(name)}`}`);
    return USAGE;
  }
}

/** The lines of one command, or everything where nobody knows which was meant. */
function usageOf(command: string): string {
  if (!Object.hasOwn(commands, command)) return usage;
  const [, entry] = new RegExp(`^(  weft ${command} .*\\n(?: {3,}.*\\n)*)`, 'm').exec(usage) ?? [];
  return entry === undefined ? usage : `${entry}\nAll commands: weft --help\n`;
}

/** What the commands that read one design take, besides their own: values of its knobs. */
const knobs = { choose: { type: 'string', multiple: true } } as const;

function check(args: readonly string[]): number {
  const { values, positionals } = options(args, { ...knobs, json: { type: 'boolean' } });
  if (positionals.length === 0) throw new Usage('check needs a file.');
  const analyst = createAnalyst();
  const all = positionals.flatMap((path) => {
    const { analysis, locate } = analyseWith(path, values.choose, analyst);
    return diagnosticsOf(analysis).map((diagnostic) => ({ diagnostic, locate }));
  });
  if (values.json) {
    print(
      `${JSON.stringify({ diagnostics: all.flatMap(({ diagnostic, locate }) => diagnosticsJson([diagnostic], locate)) }, null, 2)}\n`,
    );
  } else {
    for (const { diagnostic, locate } of all) print(diagnosticLine(diagnostic, locate));
    print(summary(all.map(({ diagnostic }) => diagnostic)));
  }
  return exitCode(all.map(({ diagnostic }) => diagnostic));
}

function estimate(args: readonly string[]): number {
  const { values, positionals } = options(args, { ...knobs, json: { type: 'boolean' } });
  const [path] = oneFile(positionals, 'estimate');
  const { analysis, locate } = analyseWith(path, values.choose);
  const diagnostics = diagnosticsOf(analysis, true);
  if (values.json) {
    print(`${JSON.stringify(estimateJson(analysis.estimate, diagnostics, locate), null, 2)}\n`);
  } else {
    print(analysis.estimate.accelerators.map(estimateText).join('\n'));
    for (const diagnostic of diagnostics) process.stderr.write(diagnosticLine(diagnostic, locate));
  }
  return exitCode(diagnostics);
}

async function tune(args: readonly string[]): Promise<number> {
  const { values, positionals } = options(args, {
    ...knobs,
    write: { type: 'boolean' },
    json: { type: 'boolean' },
    accelerator: { type: 'string' },
    pareto: { type: 'string' },
    jobs: { type: 'string' },
    'write-point': { type: 'string' },
  });
  const [path] = oneFile(positionals, 'tune');
  const axes = values.pareto === undefined ? [] : axesOf(values.pareto.split(','));
  if ('wrong' in axes) throw new Usage(axes.wrong);
  const point = values['write-point'] === undefined ? undefined : Number(values['write-point']);
  if (point !== undefined && (axes.length === 0 || !Number.isInteger(point) || point < 1))
    throw new Usage('--write-point takes the number of a point of the front that --pareto asks for.');
  const { analysis, sources, locate, analyst } = analyseWith(path, values.choose);
  const errors = diagnosticsOf(analysis, true).filter((one) => one.severity === 'error');
  if (errors.some(({ code }) => !isTunable(code))) {
    for (const diagnostic of errors) process.stderr.write(diagnosticLine(diagnostic, locate));
    return ERRORS;
  }
  const { tuneFile } = await import('./tune-command.ts');
  const { json = false, accelerator } = values;
  const jobs = values.jobs === undefined ? availableParallelism() : countOf('--jobs', values.jobs, 1);
  const request = { path, accelerator, json, axes, choose: values.choose ?? [], jobs, point };
  const { found, text, tuned, wrong } = await tuneFile(request, { analysis, sources, analyst });
  if (wrong !== undefined) throw new Usage(wrong);
  if (!found) throw new Usage(`There is no accelerator ‘${accelerator}’ in ${path}.`);
  print(text);
  // Behind the report: what took so long is there even where the file cannot be written.
  if (tuned !== undefined && (values.write === true || point !== undefined)) write(path, tuned);
  return CLEAN;
}

/** Figures of every accelerator of the file; wrong usage where no figure has that name. */
function explain(args: readonly string[]): number {
  const { values, positionals } = options(args, { ...knobs, json: { type: 'boolean' } });
  const [path, asked, ...more] = positionals;
  if (path === undefined || more.length > 0) throw new Usage('explain needs one file, and at most one figure.');
  const { analysis, locate } = analyseWith(path, values.choose);
  const diagnostics = diagnosticsOf(analysis, true);
  const found = analysis.estimate.accelerators.map((one) => ({
    accelerator: one.accelerator.name,
    explanations: explanationsFor(one, asked),
  }));
  if (asked !== undefined && found.length > 0 && found.every(({ explanations }) => explanations.length === 0)) {
    const kernels = analysis.estimate.accelerators.flatMap((one) => one.kernels.map(({ name }) => name));
    throw new NoFile(
      `No figure is called ‘${asked}’. There are those of ${kernels.join(', ')}, and latency, interval, resources, power …`,
    );
  }
  if (values.json) print(`${JSON.stringify({ accelerators: found }, null, 2)}\n`);
  else
    for (const { accelerator, explanations } of found) {
      if (explanations.length > 0) print(`${[accelerator, ...explanations.map(explanationText)].join('\n\n')}\n`);
    }
  for (const diagnostic of diagnostics.filter(({ severity }) => severity === 'error'))
    process.stderr.write(diagnosticLine(diagnostic, locate));
  return exitCode(diagnostics);
}

/** Lengths from '32..4096' (doubling) or '64,100,512'; wrong usage where they are none. */
function lengthsOf(text: string): number[] {
  const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(text) ?? [];
  const values: number[] = [];
  if (from !== undefined && to !== undefined)
    for (let length = Number(from); length > 0 && length <= Number(to); length *= 2) values.push(length);
  else values.push(...text.split(',').map(Number));
  const fine =
    values.length > 0 && values.every((length) => Number.isInteger(length) && length >= 1 && length <= MAX_TOKENS);
  if (!fine)
    throw new Usage(`--tokens needs whole numbers from 1 to ${MAX_TOKENS}, as in 32..4096 or 64,512; found ‘${text}’.`);
  return values;
}

function compare(args: readonly string[]): number {
  const { values, positionals } = options(args, {
    ...knobs,
    devices: { type: 'string' },
    gpus: { type: 'string' },
    tokens: { type: 'string' },
    json: { type: 'boolean' },
  });
  const [path] = oneFile(positionals, 'compare');
  const list = (text: string | undefined): string[] =>
    (text ?? '')
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean);
  const { analysis, sources, locate, analyst } = analyseWith(path, values.choose);
  const question = questionOf(analysis.file, sources, analyst, {
    devices: list(values.devices),
    gpus: list(values.gpus ?? 'a100'),
    tokens: lengthsOf(values.tokens ?? '32..4096'),
  });
  const errors = diagnosticsOf(analysis, true).filter(({ severity }) => severity === 'error');
  for (const diagnostic of errors) process.stderr.write(diagnosticLine(diagnostic, locate));
  if ('refused' in question) return answer(values.json, question, `Not compared: ${question.refused}.\n`);
  print(
    values.json
      ? `${JSON.stringify({ ...question, verdicts: verdictsOf(question) }, null, 2)}\n`
      : questionText(question),
  );
  return CLEAN;
}

async function exportProject(args: readonly string[]): Promise<number> {
  const { values, positionals } = options(args, {
    ...knobs,
    out: { type: 'string' },
    accelerator: { type: 'string' },
    parameters: { type: 'string' },
    overwrite: { type: 'boolean' },
    keep: { type: 'boolean' },
    add: { type: 'boolean' },
    json: { type: 'boolean' },
  });
  const [path] = oneFile(positionals, 'export');
  if (values.out === undefined) throw new Usage('export needs --out DIR.');
  const { analysis } = analyseWith(path, values.choose);
  const files = parameterFiles(dirname(resolve(path)));
  const given = values.parameters === undefined ? {} : { path: resolve(values.parameters) };
  const project = projectOf(analysis, values.accelerator, version, { open: files.open, ...given });
  files.close();
  if ('refused' in project) {
    return answer(
      values.json,
      { refused: project.refused },
      `Not exported:\n${project.refused.map((reason) => `  ${reason}\n`).join('')}`,
    );
  }
  try {
    const overwrite = new Set(values.overwrite ? project.files.map((file) => file.path) : []);
    const { keep = false, add = false } = values;
    const result = await writeProject(disk, resolve(values.out), project, { overwrite, keep, add });
    if (result.foreign.length > 0)
      return answer(values.json, { foreign: result.foreign }, foreignText(values.out, result.foreign));
    const kept = result.keepBecauseEdited.map((file) => file.path);
    if (!result.written) {
      const list = kept.map((file) => `  ${file}\n`).join('');
      const own = (file: string) => readFileSync(join(resolve(values.out!), file), 'utf8');
      const changes = values.json ? '' : editsOf(project, kept, own);
      return answer(
        values.json,
        { edited: kept },
        `Nothing was written: these files were changed since the last export:\n${list}\n${changes}Use --overwrite to lose the changes, or --keep to keep those files.\n`,
      );
    }
    const note = kept.length > 0 ? `, ${kept.length} changed by hand and kept` : '';
    const report = `${values.out}: ${result.write.length} files written, ${result.unchanged} unchanged${note}. Try: make -C ${values.out} csim\n${lossText(project)}`;
    return print(
      values.json
        ? `${JSON.stringify({ folder: values.out, written: result.write.map((file) => file.path), kept, ...(project.losses ? { losses: project.losses } : {}) }, null, 2)}\n`
        : report,
    );
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    return answer(values.json, { refused: [error.message] }, `${error.message}\n`);
  }
}

/** Says why not: as JSON on the output, else in words on the error stream. */
function answer(json: boolean | undefined, data: object, words: string): number {
  if (json) print(`${JSON.stringify(data, null, 2)}\n`);
  else process.stderr.write(words);
  return ERRORS;
}

function formatFiles(args: readonly string[]): number {
  const { values, positionals } = options(args, { check: { type: 'boolean' } });
  if (positionals.length === 0) throw new Usage('format needs a file.');
  let differ = 0;
  let broken = 0;
  for (const path of positionals) {
    const before = read(path);
    if (parse(before).problems.length > 0) {
      broken++;
      process.stderr.write(notFormatted(path));
      continue;
    }
    const after = format(before);
    if (path === STDIN && !values.check) print(after);
    if (after === before) continue;
    differ++;
    if (values.check) print(`${path} is not in the one layout\n`);
    else if (path !== STDIN) write(path, after);
  }
  return broken > 0 || (values.check && differ > 0) ? ERRORS : CLEAN;
}

/** What keeps a file from being formatted: a layout follows the grammar, and a text that has none is left to the letter. */
function notFormatted(path: string): string {
  const { analysis, locate } = analyse(path);
  const errors = analysis.diagnostics.filter(({ code }) => code === 'syntax-error');
  return `${path} is left as it is: mend its syntax first\n${errors.map((one) => diagnosticLine(one, locate)).join('')}`;
}

/** The server takes over the process; it ends with the connection. */
async function lsp(args: readonly string[]): Promise<number> {
  const { values, positionals } = options(args, { stdio: { type: 'boolean' } });
  if (!values.stdio || positionals.length > 0)
    throw new Usage('lsp speaks over standard input and output: weft lsp --stdio');
  await import('./main.ts');
  return CLEAN;
}

/**
 * A file of models or cards is an ordinary file, in the editor and for `check`; one that is empty, or that is to be
 * estimated and has no accelerator, is most likely not the file that was meant.
 */
function diagnosticsOf({ diagnostics, parsed, file, estimate }: Analysis, toEstimate = false): readonly Diagnostic[] {
  const empty = parsed.tree.declarations.length === 0;
  const nothing = toEstimate ? estimate.accelerators.length === 0 : empty;
  if (!nothing || diagnostics.some((one) => one.severity === 'error')) return diagnostics;
  return [...diagnostics, noAcceleratorIn(file, empty)];
}

type Locate = ReturnType<typeof analyse>['locate'];

function diagnosticLine({ code, severity, message, span }: Diagnostic, locate: Locate): string {
  const { file, line, column } = locate(span);
  return `${file}:${line}:${column}: ${severity}: ${message} [${code}]\n`;
}

function summary(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((one) => one.severity === 'error').length;
  const warnings = diagnostics.filter((one) => one.severity === 'warning').length;
  const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;
  return `${plural(errors, 'error')}, ${plural(warnings, 'warning')}\n`;
}

function exitCode(diagnostics: readonly Diagnostic[]): number {
  return diagnostics.some((one) => one.severity === 'error') ? ERRORS : CLEAN;
}
