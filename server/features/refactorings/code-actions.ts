import {
  type CodeAction,
  type CodeActionContext,
  CodeActionKind,
  type WorkspaceEdit,
} from 'vscode-languageserver-protocol';
import { format } from '../../../grammar/print.ts';
import { applyEdits } from '../../analysis.ts';
import type { Diagnostic, Fix, Span } from '../../diagnostic.ts';
import { builtKernels } from '../../estimate/lower/pieces.ts';
import { isOpen } from '../../tune/options.ts';
import type { Pass } from '../guard.ts';
import { lineEdits } from '../line-edits.ts';
import type { Refusal } from '../names/rename.ts';
import { type Snapshot, toRange } from '../snapshot.ts';
import { refactored, refactoringsAt } from './refactorings.ts';

/** What an action whose edit is fetched later is found again by. */
interface ActionData {
  readonly uri: string;
  readonly start: number;
  readonly end: number;
  /** Of *fix all*: the kind of the diagnostics; of a refactoring: its title says which it is. */
  readonly code?: string;
}

const FIX_ALL = `${CodeActionKind.SourceFixAll}.weft`;
const FORMAT = 'source.format';

/**
 * Quick fixes of the diagnostics in a range, each tried out on the estimator before it is offered; *fix all* where there are
 * several of a kind; refactorings of what is selected. Edits of the latter two are made when they are asked for.
 */
export async function codeActions(
  snapshot: Snapshot,
  range: { start: number; end: number },
  { diagnostics: shown, only }: CodeActionContext,
  { breathe }: Pass,
): Promise<CodeAction[]> {
  const { analysis } = snapshot;
  // Editors that ask for `refactor` mean `refactor.extract`, too; source actions come only when they are asked for.
  const wanted = (kind: CodeActionKind): boolean =>
    only ? only.some((one) => kind === one || kind.startsWith(`${one}.`)) : !kind.startsWith('source');
  const data = { uri: analysis.file, ...range };
  const actions: CodeAction[] = [];
  if (wanted(CodeActionKind.QuickFix)) {
    const here = analysis.diagnostics.filter(
      ({ span }) => span.file === analysis.file && span.start <= range.end && range.start <= span.end,
    );
    const fixable = new Set<string>();
    for (const diagnostic of here) {
      await breathe();
      for (const fix of snapshot.fixes(diagnostic)) {
        actions.push(quickFix(snapshot, diagnostic, fix, shown));
        if (fix.preferred) fixable.add(diagnostic.code);
      }
    }
    for (const code of fixable) {
      const all = fixableOf(snapshot, code).length;
      if (all > 1)
        actions.push({ title: `Fix all ${all} ‘${code}’`, kind: CodeActionKind.QuickFix, data: { ...data, code } });
    }
  }
  for (const { title, kind } of refactoringsAt(snapshot, range)) {
    if (wanted(kind)) actions.push({ title, kind, data });
  }
  const open = wanted(CodeActionKind.RefactorRewrite) ? openAt(snapshot, range) : undefined;
  if (open !== undefined) {
    const title = `Tune ${open}`;
    const command = { title, command: 'weft.tune', arguments: [analysis.file, open] };
    actions.push({ title, kind: CodeActionKind.RefactorRewrite, command });
  }
  if (wanted(FIX_ALL) && analysis.diagnostics.length > 0) actions.push({ title: 'Fix all', kind: FIX_ALL, data });
  if (wanted(FORMAT) && format(analysis.text) !== analysis.text) {
    actions.push({ title: 'Format', kind: FORMAT, edit: whole(snapshot, format(analysis.text)) });
  }
  return actions;
}

/** The accelerator whose head, or a kernel of whose that the tuner may choose, is in the range. */
function openAt({ analysis }: Snapshot, { start, end }: { start: number; end: number }): string | undefined {
  const touches = (span: Span): boolean => span.file === analysis.file && span.start <= end && start <= span.end;
  const found = analysis.estimate.accelerators.find(({ accelerator }) => {
    const open = builtKernels(accelerator).filter(isOpen);
    return (
      open.length > 0 && (touches(accelerator.nameSpan) || open.some((kernel) => !kernel.auto && touches(kernel.span)))
    );
  });
  return found?.accelerator.name;
}

/** The edit of an action, or why there is none any more. */
export async function resolveCodeAction(
  snapshot: Snapshot,
  action: CodeAction,
  pass: Pass,
): Promise<CodeAction | Refusal> {
  if (action.edit || action.data === undefined) return action;
  const { start, end, code }: ActionData = action.data;
  if (code !== undefined || action.kind === FIX_ALL) {
    const text = await fixedAll(snapshot, code, pass);
    return { ...action, edit: whole(snapshot, text) };
  }
  const refactoring = refactoringsAt(snapshot, { start, end }).find(({ title }) => title === action.title);
  if (!refactoring) return { refused: `‘${action.title}’ is not possible here any more.` };
  const text = refactored(snapshot, refactoring);
  return typeof text === 'string' ? { ...action, edit: whole(snapshot, text) } : text;
}

function quickFix(
  snapshot: Snapshot,
  { code }: Diagnostic,
  { title, preferred, edits }: Fix,
  shown: CodeActionContext['diagnostics'],
): CodeAction {
  const files = [...new Set(edits.map(({ span }) => span.file))];
  const changes = Object.fromEntries(
    files.flatMap((file) => {
      const document = snapshot.other(file);
      const own = edits.filter(({ span }) => span.file === file);
      return document ? [[file, own.map(({ span, newText }) => ({ range: toRange(document, span), newText }))]] : [];
    }),
  );
  return {
    title,
    kind: CodeActionKind.QuickFix,
    diagnostics: shown.filter((one) => one.code === code),
    ...(preferred && { isPreferred: true }),
    edit: { changes },
  };
}

function whole({ analysis }: Snapshot, text: string): WorkspaceEdit {
  return { changes: { [analysis.file]: lineEdits(analysis.text, text) } };
}

/** Diagnostics of this file that may have a fix of the kind that one takes without thinking. */
function fixableOf({ analysis }: Snapshot, code: string | undefined): Diagnostic[] {
  return analysis.diagnostics.filter(
    (one) => one.span.file === analysis.file && (code === undefined || one.code === code),
  );
}

/** A fix may end other diagnostics, or begin some: bounded, because two could undo each other for ever. */
const MAX_FIXES = 200;

/**
 * The text with the preferred fix of one diagnostic after the other, each found on what the fixes before it left; so no two
 * of them take the same channel, and none is made that another has made needless. A fix that leaves more errors than there
 * were is not taken.
 */
async function fixedAll(snapshot: Snapshot, code: string | undefined, { breathe }: Pass): Promise<string> {
  let at = snapshot;
  const given = new Set<string>();
  for (let round = 0; round < MAX_FIXES; round++) {
    const { file, text } = at.analysis;
    let next: Snapshot | undefined;
    for (const diagnostic of fixableOf(at, code)) {
      await breathe();
      const fix = at.fixes(diagnostic).find(({ preferred }) => preferred);
      if (!fix?.edits.every(({ span }) => span.file === file)) continue;
      const fixed = applyEdits(text, fix.edits, file);
      if (given.has(fixed)) continue;
      given.add(fixed);
      const after = at.after(fixed);
      if (after.analysis.diagnostics.length > at.analysis.diagnostics.length) continue;
      next = after;
      break;
    }
    if (!next) break;
    at = next;
  }
  return at.analysis.text;
}
