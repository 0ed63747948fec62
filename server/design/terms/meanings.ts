/** Declarations with what they were found to mean, for as long as their trees live. */
import type * as tree from '../../../grammar/tree.ts';
import type { Accelerator } from '../design.ts';
import type { Constant } from './expression.ts';
import { Lookups } from './lookups.ts';
import { Report } from './report.ts';
import type { Files } from './scope.ts';

/** What a declaration is, where it is an accelerator or a constant. */
export interface Found {
  readonly accelerator?: Accelerator;
  readonly constant?: Constant;
}

export interface Meaning extends Found {
  /** Problems, names and definitions that resolving the declaration has found, some of them in other declarations. */
  readonly report: Report;
}

interface Known extends Meaning {
  /** The file that is resolved. */
  readonly file: string;
  readonly lookups: Lookups;
}

/** A tree that an edit has not touched is the same object as before, so that its meaning is found by it. */
export class Meanings {
  private readonly known = new WeakMap<tree.Declaration, Known>();

  of(node: tree.Declaration, file: string, files: Files, make: (report: Report, lookups: Lookups) => Found): Meaning {
    const known = this.still(node, file, files);
    if (known) return known;
    const report = new Report(file);
    const lookups = new Lookups();
    const meaning = { file, lookups, report, ...make(report, lookups) };
    this.known.set(node, meaning);
    return meaning;
  }

  /** What a constant is known to stand for; whoever uses it depends on what it depends on. */
  constant(node: tree.Let, file: string, files: Files, user: Lookups): Constant | undefined {
    const known = this.still(node, file, files);
    if (known) user.add(known.lookups);
    return known?.constant;
  }

  private still(node: tree.Declaration, file: string, files: Files): Known | undefined {
    const known = this.known.get(node);
    return known?.file === file && known.lookups.hold(files) ? known : undefined;
  }
}
