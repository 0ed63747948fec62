// What an editor shows of a document, asked for by the commands that VS Code has for that.
import {
  type CodeAction,
  type CodeLens,
  type CompletionItem,
  type CompletionList,
  commands,
  type Diagnostic,
  type Hover,
  type InlayHint,
  type LocationLink,
  languages,
  type MarkdownString,
  type Position,
  Range,
  type TextDocument,
  type TextEditor,
  WorkspaceEdit,
  workspace,
} from 'vscode';
import { until } from './until.ts';

/** The place behind the first occurrence of a text. */
export function behind(document: TextDocument, text: string): Position {
  const start = document.getText().indexOf(text);
  if (start < 0) throw new Error(`‘${text}’ is not in ${document.uri}`);
  return document.positionAt(start + text.length);
}

/** Types: the first occurrence of a text becomes another. */
export async function replace({ document }: TextEditor, before: string, after: string): Promise<void> {
  const end = behind(document, before);
  const edit = new WorkspaceEdit();
  edit.replace(document.uri, new Range(document.positionAt(document.offsetAt(end) - before.length), end), after);
  if (!(await workspace.applyEdit(edit))) throw new Error('the edit was refused');
}

/** Text of each hint by its line, from 1. */
export async function hints({ uri, lineCount }: TextDocument): Promise<Map<number, string>> {
  const range = new Range(0, 0, lineCount, 0);
  const found = (await commands.executeCommand<InlayHint[]>('vscode.executeInlayHintProvider', uri, range)) ?? [];
  const text = ({ label }: InlayHint) => (typeof label === 'string' ? label : label.map((part) => part.value).join(''));
  return new Map(found.map((hint) => [hint.position.line + 1, text(hint)]));
}

/** Waits until the document's hints are such. */
export function hintsWhen(document: TextDocument, what: string, are: (hints: Map<number, string>) => boolean) {
  return until(what, async () => {
    const found = await hints(document);
    return are(found) && found;
  });
}

/** Lines of the kernels, from 1. */
export function kernelLines(document: TextDocument): number[] {
  return document
    .getText()
    .split('\n')
    .flatMap((line, index) => (/^\s*kernel /.test(line) ? [index + 1] : []));
}

export async function lenses({ uri }: TextDocument): Promise<string[]> {
  const found = await commands.executeCommand<CodeLens[]>('vscode.executeCodeLensProvider', uri, 100);
  return (found ?? []).map(({ command }) => command?.title ?? '');
}

export async function hover({ uri }: TextDocument, at: Position): Promise<string> {
  const found = await commands.executeCommand<Hover[]>('vscode.executeHoverProvider', uri, at);
  return found.flatMap(({ contents }) => contents.map((one) => (one as MarkdownString).value ?? one)).join('\n');
}

export async function completion({ uri }: TextDocument, at: Position): Promise<string[]> {
  const list = await commands.executeCommand<CompletionList>('vscode.executeCompletionItemProvider', uri, at);
  const text = ({ label }: CompletionItem) => (typeof label === 'string' ? label : label.label);
  return list.items.map(text);
}

export async function definition({ uri }: TextDocument, at: Position): Promise<LocationLink | undefined> {
  const found = await commands.executeCommand<LocationLink[]>('vscode.executeDefinitionProvider', uri, at);
  return found[0];
}

/** Waits for a diagnostic with that code. */
export function diagnostic({ uri }: TextDocument, code: string): Promise<Diagnostic> {
  return until(`a diagnostic ${code}`, () => diagnostics(uri).find((one) => codeOf(one) === code));
}

export function diagnostics(uri: TextDocument['uri']): Diagnostic[] {
  return languages.getDiagnostics(uri).filter(({ source }) => source === 'weft');
}

export function codeOf({ code }: Diagnostic): string {
  return String(typeof code === 'object' ? code.value : code);
}

export async function fixes({ uri }: TextDocument, { range }: Diagnostic): Promise<CodeAction[]> {
  return commands.executeCommand<CodeAction[]>('vscode.executeCodeActionProvider', uri, range, 'quickfix');
}

/**
 * Takes the action in a range whose title matches, as the light bulb would; what it does is fetched first.
 * @param kind of the actions that are asked for
 */
export async function act({ uri }: TextDocument, range: Range, kind: string, title: RegExp): Promise<void> {
  const found = await until(`the action ${title}`, async () => {
    const command = 'vscode.executeCodeActionProvider';
    const all = await commands.executeCommand<CodeAction[]>(command, uri, range, kind, 20);
    return all.find((one) => title.test(one.title));
  });
  if (!found.edit) throw new Error(`‘${found.title}’ has no edit: ${found.disabled?.reason ?? 'no reason'}`);
  if (!(await workspace.applyEdit(found.edit))) throw new Error('the edit was refused');
}

/** From the start of the first occurrence of a text to the end of that of another; that of one text. */
export function between(document: TextDocument, first: string, last = first): Range {
  const end = behind(document, first);
  return new Range(end.translate(0, -first.length), behind(document, last));
}
