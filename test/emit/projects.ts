/** Specs to projects, as the doors do it; projects to folders in which make runs. */
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { createAnalyst } from '../../server/analysis.ts';
import type { Span } from '../../server/diagnostic.ts';
import { emit, type Refusal } from '../../server/emit/emit.ts';
import type { Project } from '../../server/emit/project.ts';
import type { AcceleratorEstimate } from '../../server/estimate/estimate.ts';
import { MAIN, sourceSet } from '../kit/sources.ts';

export const exampleText = await readFile(
  fileURLToPath(new URL('../../examples/bert_u280.weft', import.meta.url)),
  'utf8',
);

/** A prompt and the tokens behind it, of a model that is small enough to be simulated. */
export const generatingText = `accelerator small {
  device u280
  model  gpt2(layers: 2, hidden: 32, heads: 2, ffn: 48)
  phase  generate(prompt: 9, output: 4)
  precision W8A8
}`;

/** The example for fewer rows, which is as good a test and quicker. */
export function exampleOf(tokens: number): string {
  return exampleText.replace('tokens: 512', `tokens: ${tokens}`);
}

export function estimateOf(text: string): AcceleratorEstimate {
  const analysis = createAnalyst().analyse(MAIN, sourceSet({ [MAIN]: text }));
  const [estimate] = analysis?.estimate.accelerators ?? [];
  if (!estimate) throw new Error('the spec has no accelerator that can be estimated');
  return estimate;
}

export function emitted(text: string): Project | Refusal {
  const locate = (span: Span) => ({ file: 'main.weft', line: text.slice(0, span.start).split('\n').length });
  return emit(estimateOf(text), { version: '0.0.0-test', locate });
}

/** The project of a spec; the test fails where it is refused. */
export function projectOf(text: string): Project {
  const project = emitted(text);
  if ('refused' in project) throw new Error(`no project: ${project.refused.join('; ')}`);
  return project;
}

export function fileOf(project: Project, path: string): string {
  const content = project.files.find((file) => file.path === path)?.content;
  if (typeof content !== 'string') throw new Error(`the project has no text ${path}`);
  return content;
}

export interface Outcome {
  readonly code: number;
  /** stdout and stderr in the order in which they came. */
  readonly output: string;
}

/** One file of several sources: what they share is most of what a compiler has to do. */
export function unity(sources: readonly string[]): string {
  return sources.map((path) => `#include "${path}"\n`).join('');
}

/** A copy of a project on disk. */
export class Folder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  make(...args: string[]): Promise<Outcome> {
    return this.run('make', ['-j2', ...args]);
  }

  /** The same without optimising, which takes longer than it saves where a design is small. */
  makeQuickly(...args: string[]): Promise<Outcome> {
    return this.make(...args, 'CXXFLAGS=-O0');
  }

  run(command: string, args: readonly string[]): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      // One pipe for both: what comes out of two has no order.
      const child = spawn('sh', ['-c', 'exec "$0" "$@" 2>&1', command, ...args], { cwd: this.path });
      let output = '';
      child.stdout.on('data', (part) => (output += part));
      child.on('error', (problem) => reject(new Error(`${command} does not start: ${problem.message}`)));
      child.on('close', (code) => resolve({ code: code ?? -1, output }));
    });
  }

  /** What clang says of sources and test bench under the flags of the Makefile; empty where it says nothing. */
  async clang(compiler: string): Promise<string> {
    const sources = [...(await this.cppIn('src')), ...(await this.cppIn('tb'))];
    await writeFile(join(this.path, 'clang.cpp'), unity(sources));
    const makefile = await readFile(join(this.path, 'Makefile'), 'utf8');
    const [, rows] = /^TOKENS\s+\?= (\d+)/m.exec(makefile)!;
    const [, warnings] = /^WARNINGS := (.*)$/m.exec(makefile)!;
    const flags = ['-std=c++17', '-Isrc', '-Icsim', '-DWEFT_CSIM', '-DWEFT_FIBERS', `-DWEFT_TOKENS=${rows}`];
    const args = [...warnings!.split(' '), ...flags, '-fsyntax-only', 'clang.cpp'];
    const { code, output } = await this.run(compiler, args);
    return code === 0 ? output : `${compiler} ends with ${code}: ${output}`;
  }

  private async cppIn(folder: string): Promise<string[]> {
    const names = await readdir(join(this.path, folder));
    return names.filter((name) => name.endsWith('.cpp')).map((name) => `${folder}/${name}`);
  }

  /** Changes a text of the project; the test fails where there is nothing to change. */
  async edit(path: string, change: (text: string) => string): Promise<void> {
    const file = join(this.path, path);
    const before = await readFile(file, 'utf8');
    const after = change(before);
    if (after === before) throw new Error(`${path} is not as the test expects it: nothing was changed`);
    await writeFile(file, after);
  }
}

/** Folders for projects, removed after the tests of the file that asks for them. */
export function folders() {
  const root = mkdtemp(join(tmpdir(), 'weft-project-'));
  let written = 0;
  afterAll(async () => rm(await root, { recursive: true, force: true }));
  return {
    async write(project: Project): Promise<Folder> {
      const path = join(await root, String(written++));
      for (const file of project.files) {
        await mkdir(dirname(join(path, file.path)), { recursive: true });
        await writeFile(join(path, file.path), file.content);
      }
      return new Folder(path);
    },

    /** With what has been built, so that make builds only what is changed afterwards. */
    async copy(folder: Folder): Promise<Folder> {
      const path = join(await root, String(written++));
      await cp(folder.path, path, { recursive: true, preserveTimestamps: true });
      return new Folder(path);
    },
  };
}
