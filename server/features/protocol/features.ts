/** What the language server can do, by name; a test may put a broken one in its place. */

import { codeLenses } from '../code-lens.ts';
import { completion, resolveCompletion } from '../completion/completion.ts';
import { signatureHelp } from '../completion/signature-help.ts';
import { hover } from '../hover/hover.ts';
import { inlayHints, resolveInlayHint } from '../hover/inlay-hints.ts';
import { definition } from '../names/definition.ts';
import { highlights } from '../names/highlight.ts';
import { references } from '../names/references.ts';
import { prepareRename, rename } from '../names/rename.ts';
import { codeActions, resolveCodeAction } from '../refactorings/code-actions.ts';
import { incomingCalls, outgoingCalls, prepareCallHierarchy } from '../structure/call-hierarchy.ts';
import { documentLinks } from '../structure/document-links.ts';
import { documentSymbols } from '../structure/document-symbols.ts';
import { foldingRanges } from '../structure/folding.ts';
import { formatting, onTypeFormatting, rangeFormatting } from '../structure/formatting.ts';
import { selectionRange } from '../structure/selection-ranges.ts';
import { semanticTokens } from '../structure/semantic-tokens.ts';
import { workspaceSymbols } from '../structure/workspace-symbols.ts';
import { diagnostics } from './diagnostics.ts';
import { status } from './status.ts';

export const features = {
  codeActions,
  codeLenses,
  completion,
  definition,
  diagnostics,
  documentLinks,
  documentSymbols,
  foldingRanges,
  formatting,
  highlights,
  hover,
  incomingCalls,
  inlayHints,
  onTypeFormatting,
  outgoingCalls,
  prepareCallHierarchy,
  prepareRename,
  rangeFormatting,
  references,
  rename,
  resolveCodeAction,
  resolveCompletion,
  resolveInlayHint,
  selectionRange,
  semanticTokens,
  signatureHelp,
  status,
  workspaceSymbols,
};

export type Features = typeof features;
