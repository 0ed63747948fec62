/** Which request goes to which feature. */
import {
  CallHierarchyIncomingCallsRequest,
  type CallHierarchyItem,
  CallHierarchyOutgoingCallsRequest,
  CallHierarchyPrepareRequest,
  type CancellationToken,
  type CodeAction,
  CodeActionRequest,
  CodeActionResolveRequest,
  CodeLensRequest,
  CompletionRequest,
  CompletionResolveRequest,
  type Connection,
  DefinitionRequest,
  DocumentDiagnosticRequest,
  DocumentFormattingRequest,
  DocumentHighlightRequest,
  DocumentLinkRequest,
  DocumentOnTypeFormattingRequest,
  DocumentRangeFormattingRequest,
  DocumentSymbolRequest,
  ErrorCodes,
  FoldingRangeRequest,
  HoverRequest,
  InlayHintRequest,
  InlayHintResolveRequest,
  type Position,
  PrepareRenameRequest,
  type ProtocolRequestType,
  type Range,
  ReferencesRequest,
  RenameRequest,
  ResponseError,
  SelectionRangeRequest,
  SemanticTokensBuilder,
  SemanticTokensDeltaRequest,
  SemanticTokensRangeRequest,
  SemanticTokensRequest,
  SignatureHelpRequest,
  type TextDocumentIdentifier,
  type WorkDoneProgressParams,
  WorkspaceDiagnosticRequest,
  WorkspaceSymbolRequest,
} from 'vscode-languageserver';
import type { Guard, Pass } from '../guard.ts';
import type { HintLevel } from '../hover/inlay-hints.ts';
import type { Refusal } from '../names/rename.ts';
import type { Snapshot } from '../snapshot.ts';
import type { SymbolSource } from '../structure/workspace-symbols.ts';
import type { Features } from './features.ts';
import type { Pulled } from './pulled.ts';

/** What a person may set. */
export interface Settings {
  readonly inlayHints: HintLevel;
  readonly codeLens: boolean;
  /** How loud each rule is. */
  readonly rules: Readonly<Record<string, string>>;
}

/** What the answers are made from. */
export interface Ground {
  readonly guard: Guard;
  readonly pulled: Pulled;
  /** Undefined where there is no such file. */
  snapshot(uri: string): Snapshot | undefined;
  /** The version of an open document; undefined where it is not open. */
  version(uri: string): number | undefined;
  settings(uri: string): Settings;
  /** Whether the edit of a code action can be fetched later. */
  resolvesEdits(): boolean;
  /** Every spec that is open or in the workspace's folders. */
  specs(): readonly string[];
  /** Reads the files in the workspace's folders that hold one of these words, as far as they are not known yet. */
  readAhead(words: readonly string[], pass: Pass, progress: (done: number, all: number) => void): Promise<void>;
  symbols(): SymbolSource[];
}

type Of<P> = P & { readonly textDocument: TextDocumentIdentifier };
type At<P> = Of<P> & { readonly position: Position };

export function registerAnswers(connection: Connection, features: Features, ground: Ground): Answers {
  const { guard, pulled } = ground;
  const builders = new Map<string, SemanticTokensBuilder>();

  function on<P, R, PR, E, RO>(
    type: ProtocolRequestType<P, R, PR, E, RO>,
    handler: (params: P, pass: Pass, token: CancellationToken) => R | Promise<R>,
    uriOf: (params: P) => string | undefined = () => undefined,
  ): void {
    connection.onRequest(type.method, (params: P, token: CancellationToken): unknown => {
      const uri = uriOf(params);
      const version = uri === undefined ? undefined : ground.version(uri);
      const isStale = () => uri !== undefined && ground.version(uri) !== version;
      return guard.answer(type.method, token, (pass) => handler(params, pass, token), isStale);
    });
  }

  /** A request about a document; `nothing` is answered for one that is not there. */
  function of<P, R, PR, E, RO>(
    type: ProtocolRequestType<Of<P>, R, PR, E, RO>,
    nothing: R,
    handler: (snapshot: Snapshot, params: Of<P>, pass: Pass) => R | Promise<R>,
  ): void {
    on(
      type,
      (params, pass) => {
        const snapshot = ground.snapshot(params.textDocument.uri);
        return snapshot ? handler(snapshot, params, pass) : nothing;
      },
      ({ textDocument }) => textDocument.uri,
    );
  }

  /** A request about a place in a document. */
  function at<P, R, PR, E, RO>(
    type: ProtocolRequestType<At<P>, R, PR, E, RO>,
    nothing: R,
    handler: (snapshot: Snapshot, offset: number, params: At<P>, pass: Pass) => R | Promise<R>,
  ): void {
    of(type, nothing, (snapshot, params, pass) =>
      handler(snapshot, snapshot.document.offsetAt(params.position), params as At<P>, pass),
    );
  }

  /** A request about something that an earlier answer carried, with the file that it came from. */
  function later<P extends { data?: { file?: string; uri?: string } }, R, PR, E, RO>(
    type: ProtocolRequestType<P, R, PR, E, RO>,
    nothing: (params: P) => R,
    handler: (snapshot: Snapshot, params: P, pass: Pass) => R | Promise<R>,
  ): void {
    const uriOf = ({ data }: P) => data?.uri ?? data?.file;
    on(
      type,
      (params, pass) => {
        const snapshot = ground.snapshot(uriOf(params) ?? '');
        return snapshot ? handler(snapshot, params, pass) : nothing(params);
      },
      uriOf,
    );
  }

  /** Before names are looked for across files: these are read a few at a time, so that the person can cancel. */
  async function readAhead(
    params: WorkDoneProgressParams,
    title: string,
    words: readonly string[],
    pass: Pass,
  ): Promise<void> {
    const progress = connection.window.attachWorkDoneProgress(params.workDoneToken);
    let begun = false;
    try {
      await ground.readAhead(words, pass, (done, all) => {
        if (!begun) progress.begin(title, 0, undefined, true);
        begun = true;
        progress.report((100 * done) / all, `${done} of ${all} files`);
      });
    } finally {
      if (begun) progress.done();
    }
  }

  const wordAt = ({ analysis }: Snapshot, offset: number): string => {
    const before = /\w*$/.exec(analysis.text.slice(0, offset))![0];
    return before + /^\w*/.exec(analysis.text.slice(offset))![0];
  };
  const offsets = ({ document }: Snapshot, { start, end }: Range) => ({
    start: document.offsetAt(start),
    end: document.offsetAt(end),
  });

  at(HoverRequest.type, null, features.hover);
  at(DefinitionRequest.type, [], features.definition);
  at(DocumentHighlightRequest.type, [], features.highlights);
  at(SignatureHelpRequest.type, null, features.signatureHelp);
  at(CompletionRequest.type, [], (snapshot, offset, { context }) =>
    features.completion(snapshot, offset, context?.triggerCharacter),
  );
  later(CompletionResolveRequest.type, (item) => item, features.resolveCompletion);
  at(ReferencesRequest.type, [], async (snapshot, offset, params, pass) => {
    await readAhead(params, 'Weft: looking for references', [wordAt(snapshot, offset)], pass);
    return features.references(snapshot, offset, params.context.includeDeclaration);
  });
  at(PrepareRenameRequest.type, null, (snapshot, offset) => orError(features.prepareRename(snapshot, offset)));
  at(RenameRequest.type, null, async (snapshot, offset, params, pass) => {
    await readAhead(params, 'Weft: renaming', [wordAt(snapshot, offset), params.newName], pass);
    return orError(features.rename(snapshot, offset, params.newName));
  });
  at(CallHierarchyPrepareRequest.type, null, features.prepareCallHierarchy);
  const ofItem = ({ item }: { item: CallHierarchyItem }) => ground.snapshot(item.data?.file ?? '');
  on(CallHierarchyIncomingCallsRequest.type, (params) => {
    const snapshot = ofItem(params);
    return snapshot ? features.incomingCalls(snapshot, params.item) : [];
  });
  on(CallHierarchyOutgoingCallsRequest.type, (params) => {
    const snapshot = ofItem(params);
    return snapshot ? features.outgoingCalls(snapshot, params.item) : [];
  });

  of(DocumentSymbolRequest.type, [], features.documentSymbols);
  of(DocumentLinkRequest.type, [], features.documentLinks);
  of(FoldingRangeRequest.type, [], features.foldingRanges);
  of(SelectionRangeRequest.type, [], (snapshot, { positions }) =>
    positions.map((position) => features.selectionRange(snapshot, snapshot.document.offsetAt(position))),
  );
  of(DocumentFormattingRequest.type, [], features.formatting);
  of(DocumentRangeFormattingRequest.type, [], (snapshot, { range: { start, end } }) =>
    // A selection of whole lines ends where the next line begins.
    features.rangeFormatting(
      snapshot,
      start.line,
      end.character === 0 && end.line > start.line ? end.line - 1 : end.line,
    ),
  );
  at(DocumentOnTypeFormattingRequest.type, [], (snapshot, _, { position, ch }) =>
    features.onTypeFormatting(snapshot, position, ch),
  );
  of(CodeLensRequest.type, [], (snapshot, { textDocument }) =>
    ground.settings(textDocument.uri).codeLens ? features.codeLenses(snapshot) : [],
  );
  of(InlayHintRequest.type, [], (snapshot, { textDocument, range }) =>
    features.inlayHints(snapshot, ground.settings(textDocument.uri).inlayHints, offsets(snapshot, range)),
  );
  later(InlayHintResolveRequest.type, (hint) => hint, features.resolveInlayHint);

  of(CodeActionRequest.type, [], async (snapshot, { range, context }, pass) => {
    const actions = await features.codeActions(snapshot, offsets(snapshot, range), context, pass);
    if (ground.resolvesEdits()) return actions;
    const whole: CodeAction[] = [];
    for (const action of actions) {
      const resolved = await features.resolveCodeAction(snapshot, action, pass);
      if (!('refused' in resolved)) whole.push(resolved);
    }
    return whole;
  });
  later(
    CodeActionResolveRequest.type,
    (action) => action,
    async (snapshot, action, pass) => orError(await features.resolveCodeAction(snapshot, action, pass)),
  );

  const builderOf = (uri: string): SemanticTokensBuilder => {
    const builder = builders.get(uri) ?? new SemanticTokensBuilder();
    builders.set(uri, builder);
    return builder;
  };
  of(SemanticTokensRequest.type, { data: [] }, (snapshot, { textDocument }) => {
    // A builder that is asked for a result that it never gave begins anew.
    const builder = builderOf(textDocument.uri);
    builder.previousResult('');
    features.semanticTokens(snapshot, builder);
    return builder.build();
  });
  of(SemanticTokensDeltaRequest.type, { data: [] }, (snapshot, { textDocument, previousResultId }) => {
    const builder = builderOf(textDocument.uri);
    builder.previousResult(previousResultId);
    features.semanticTokens(snapshot, builder);
    return builder.buildEdits();
  });
  of(SemanticTokensRangeRequest.type, { data: [] }, (snapshot, { range }) => {
    const builder = new SemanticTokensBuilder();
    features.semanticTokens(snapshot, builder, offsets(snapshot, range));
    return { data: builder.build().data };
  });

  of(DocumentDiagnosticRequest.type, { kind: 'full', items: [] }, (snapshot, { previousResultId }) =>
    pulled.ofDocument(snapshot, previousResultId),
  );
  on(WorkspaceDiagnosticRequest.type, async ({ previousResultIds, workDoneToken }, pass, token) => {
    const progress = connection.window.attachWorkDoneProgress(workDoneToken);
    progress.begin('Weft: checking the workspace', 0, undefined, true);
    try {
      return await pulled.ofWorkspace(ground.specs, previousResultIds, pass, token, (done, all) =>
        progress.report((100 * done) / all, `${done} of ${all} files`),
      );
    } finally {
      progress.done();
    }
  });
  on(WorkspaceSymbolRequest.type, ({ query }) => features.workspaceSymbols(ground.symbols(), query));

  return { forget: (uri) => void builders.delete(uri) };
}

export interface Answers {
  /** A document was closed. */
  forget(uri: string): void;
}

/** Editors show the message of an error; to them an answer without edits is a success. */
function orError<T extends object>(answered: T | Refusal): T {
  if ('refused' in answered) throw new ResponseError(ErrorCodes.InvalidRequest, answered.refused);
  return answered;
}
