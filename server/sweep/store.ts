/** A sweep on disk: what is asked, and what its points came to. Every process of a sweep reads and writes here, and nothing else. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PointResult } from '../report/sweep.ts';
import type { TextBundle } from '../sources.ts';
import type { Knob, Point } from './knobs.ts';

/** What can go wrong with a sweep as a whole, in words for the user. */
export class SweepError extends Error {}

/** What is asked of every point; the texts are those of the moment at which the sweep began, whatever is edited meanwhile. */
export interface Plan {
  readonly weft: string;
  /** Path of the spec, as it was given. */
  readonly spec: string;
  /** Folder from which an accelerator's `parameters` are read. */
  readonly folder: string;
  /** URI of the spec. */
  readonly file: string;
  readonly bundle: TextBundle;
  readonly accelerator?: string;
  readonly knobs: readonly Knob[];
  readonly points: readonly Point[];
  /** Folder for exported projects, one a point. */
  readonly exportTo?: string;
  readonly csim: boolean;
  readonly synthesis: boolean;
}

interface Tries {
  readonly count: number;
  /** What the last one threw. */
  readonly error?: string;
}

const PLAN = 'sweep.json';

export class Store {
  readonly folder: string;
  readonly plan: Plan;

  private constructor(folder: string, plan: Plan) {
    this.folder = folder;
    this.plan = plan;
  }

  /**
   * Begins a sweep in a folder, or goes on with it where the folder has the same one.
   * @throws SweepError where it has another
   */
  static begin(folder: string, plan: Plan): Store {
    const text = `${JSON.stringify(plan, null, 1)}\n`;
    const known = existsSync(join(folder, PLAN)) ? readFileSync(join(folder, PLAN), 'utf8') : undefined;
    if (known !== undefined && known !== text)
      throw new SweepError(
        `${folder} has another sweep (another spec, knobs or options): name another folder with --out, or remove it.`,
      );
    for (const part of ['results', 'tries', 'log']) mkdirSync(join(folder, part), { recursive: true });
    if (known === undefined) writeWhole(join(folder, PLAN), text);
    return new Store(folder, plan);
  }

  /** As a process of the sweep finds it. */
  static open(folder: string): Store {
    const path = join(folder, PLAN);
    if (!existsSync(path)) throw new SweepError(`${path} is not there: ${folder} is no folder of a sweep.`);
    return new Store(folder, JSON.parse(readFileSync(path, 'utf8')) as Plan);
  }

  result(index: number): PointResult | undefined {
    return this.read<PointResult>('results', index);
  }

  tries(index: number): Tries {
    return this.read<Tries>('tries', index) ?? { count: 0 };
  }

  /** Says that a point is begun: a process that is killed leaves no other trace. */
  began(index: number): void {
    this.write('tries', index, { count: this.tries(index).count + 1 } satisfies Tries);
  }

  threw(index: number, error: string): void {
    this.write('tries', index, { ...this.tries(index), error } satisfies Tries);
  }

  finished(result: PointResult): void {
    this.write('results', result.index, result);
  }

  /** Points without a result. */
  missing(): number[] {
    const there = new Set(readdirSync(join(this.folder, 'results')));
    return this.plan.points.flatMap((_, index) => (there.has(`${index}.json`) ? [] : [index]));
  }

  private read<T>(part: string, index: number): T | undefined {
    const path = join(this.folder, part, `${index}.json`);
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : undefined;
  }

  private write(part: string, index: number, value: object): void {
    writeWhole(join(this.folder, part, `${index}.json`), `${JSON.stringify(value)}\n`);
  }
}

/** All of it or nothing: a process may be killed at any moment. */
function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.${process.pid}`, text);
  renameSync(`${path}.${process.pid}`, path);
}
