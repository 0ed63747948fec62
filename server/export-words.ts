/** An export in words, for who reads it in a terminal. */
import { createTwoFilesPatch } from 'diff';
import type { Project } from './emit/project.ts';
import { enumeration } from './format.ts';

/** Lines of a file's patch that are shown: who wants all has the two texts and a tool. */
const patchLines = 80;

/**
 * What a person changed, as patches from what the export would write to what is there.
 * @param own the text of a file as it is there
 */
export function editsOf(project: Project, paths: readonly string[], own: (path: string) => string): string {
  const patches = paths.map((path) => {
    const wanted = project.files.find((file) => file.path === path)?.content;
    if (typeof wanted !== 'string') return `${path}: no text, so no difference is shown\n`;
    const patch = createTwoFilesPatch(`${path} (as exported)`, `${path} (as changed)`, wanted, own(path));
    const lines = patch.split('\n').slice(1);
    const more = lines.length > patchLines ? `… ${lines.length - patchLines} more lines\n` : '';
    return `${lines.slice(0, patchLines).join('\n')}\n${more}`;
  });
  return patches.join('\n');
}

/** That a folder is somebody else's, and what to do about it. */
export function foreignText(folder: string, holds: readonly string[]): string {
  return `Nothing was written: ${folder} is not empty, and no export of Weft’s is in it.\nIt holds ${enumeration(holds)}. Name a new or an empty folder, or use --add to put the project between these files.\n`;
}

/** What quantising a checkpoint's weights lost: a line a layer. */
export function lossText({ losses = [] }: Project): string {
  const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;
  return losses
    .map(({ layer, relative, operators }) => {
      const worst = operators.reduce((a, b) => (b.relative > a.relative ? b : a));
      return `layer ${layer}: weights quantised, relative error ${percent(relative)}, at most ${percent(worst.relative)} (${worst.name})\n`;
    })
    .join('');
}
