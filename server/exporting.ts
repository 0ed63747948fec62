/** From an analysis to the HLS project of one accelerator: what both the editor and the command line export. */
import type { Analysis } from './analysis.ts';
import type { Diagnostic, Span } from './diagnostic.ts';
import { emit, type Refusal } from './emit/emit.ts';
import type { Project } from './emit/project.ts';
import type { AcceleratorEstimate } from './estimate/estimate.ts';
import { hindrances } from './estimate/not-exported.ts';
import type { OpenFile } from './weights/checkpoint.ts';

/** Files of trained values, as the doors open them. */
export interface ParameterFiles {
  readonly open: OpenFile;
  /** Instead of what the accelerator names. */
  readonly path?: string;
}

/**
 * @param name which accelerator; may be left out where the file has one.
 * @param files absent where there is no disk: an accelerator that names a checkpoint is refused then.
 * @returns the project, or the reasons why there is none: errors of the spec, a choice to be made, what has no kernel.
 */
export function projectOf(
  analysis: Analysis,
  name: string | undefined,
  version: string,
  files?: ParameterFiles,
): Project | Refusal {
  const { accelerators } = analysis.estimate;
  const wanted = accelerators.filter(({ accelerator }) => name === undefined || accelerator.name === name);
  const [estimate] = wanted;
  if (!estimate) {
    const known = accelerators.map(({ accelerator }) => accelerator.name).join(', ');
    return {
      refused: [
        name === undefined
          ? 'There is no accelerator in the file.'
          : `There is no accelerator ‘${name}’; there is ${known}.`,
      ],
    };
  }
  if (wanted.length > 1) {
    return {
      refused: [
        `The file has ${wanted.length} accelerators: say which (${wanted.map(({ accelerator }) => accelerator.name).join(', ')}).`,
      ],
    };
  }
  const broken = errorsInTheWay(analysis);
  if (broken.length > 0) {
    const locate = locator(analysis);
    const place = (span: Span) => (span.file === analysis.file ? `line ${locate(span).line}: ` : '');
    return { refused: broken.map(({ code, message, span }) => `${place(span)}${message} [${code}]`) };
  }
  const path = files?.path ?? estimate.accelerator.parametersFile;
  if (path !== undefined && !files)
    return { refused: [`parameters “${path}”: there is no disk to read them from; export from a folder on disk.`] };
  const checkpoint = path !== undefined && files ? { checkpoint: { path, open: files.open } } : {};
  return emit(estimate, { version, locate: locator(analysis), ...checkpoint });
}

const lookedAt: ReadonlySet<string> = new Set(['requirement-failed', 'hbm-capacity', 'cache-capacity', 'memory-ports']);

/** An over-full die or a missed requirement can be exported and looked at; a spec with holes cannot. */
export function blocks(code: string): boolean {
  return !code.endsWith('-oversubscribed') && !lookedAt.has(code);
}

/** What has to be mended before any accelerator of the file is exported. */
function errorsInTheWay({ diagnostics }: Analysis): Diagnostic[] {
  return diagnostics.filter(({ severity, code }) => severity === 'error' && blocks(code));
}

/** Parts of the spec that stand in the way of an export, in a few words each; none where there is one. */
export function partsInTheWay(analysis: Analysis, estimate: AcceleratorEstimate): string[] {
  const errors = errorsInTheWay(analysis).length;
  if (errors > 0) return [errors === 1 ? 'an error' : `${errors} errors`];
  return [...new Set(hindrances(estimate).map(({ part }) => part))];
}

/** Lines of the spec for the comments of the project; files by their last path segment, so that no machine's path gets in. */
function locator({ text, file }: Analysis) {
  const starts = [0, ...[...text.matchAll(/\n/g)].map((match) => match.index + 1)];
  return (span: Span) => ({
    file: decodeURIComponent(span.file.slice(span.file.lastIndexOf('/') + 1)),
    line: span.file === file ? starts.filter((start) => start <= span.start).length : 1,
  });
}
