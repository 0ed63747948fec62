/** The specs that lie in the folders of the workspace, open or not: where names are looked for, and what is checked as a whole. */
import type { Files } from './workspace.ts';

export interface Folders {
  /** Folders of the workspace as URIs; several where an editor has several roots. */
  set(roots: readonly string[]): void;
  add(roots: readonly string[]): void;
  remove(roots: readonly string[]): void;
  /** A file may have come or gone. */
  touched(uri: string): void;
  /** URIs of all `.weft` files below the folders. */
  specs(): readonly string[];
}

export function createFolders(files: Files): Folders {
  let roots: readonly string[] = [];
  let listed: readonly string[] | undefined;
  const become = (now: readonly string[]) => {
    roots = [...new Set(now)];
    listed = undefined;
  };
  return {
    set: become,
    add: (more) => become([...roots, ...more]),
    remove: (gone) => become(roots.filter((root) => !gone.includes(root))),
    touched(uri) {
      if (uri.endsWith('.weft')) listed = undefined;
    },
    specs() {
      // One root may lie inside of another.
      listed ??= [...new Set(roots.flatMap((root) => files.list?.(root) ?? []))];
      return listed;
    },
  };
}
