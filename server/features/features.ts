/** What the language server can do, by name; a test may put a broken one in its place. */
import { incomingCalls, outgoingCalls, prepareCallHierarchy } from './call-hierarchy.ts';
import { codeActions, resolveCodeAction } from './code-actions.ts';
import { codeLenses } from './code-lens.ts';
import { completion, resolveCompletion } from './completion.ts';
import { definition } from './definition.ts';
import { diagnostics } from './diagnostics.ts';
import { documentLinks } from './document-links.ts';
import { documentSymbols } from './document-symbols.ts';
import { foldingRanges } from './folding.ts';
import { formatting, onTypeFormatting, rangeFormatting } from './formatting.ts';
import { highlights } from './highlight.ts';
import { hover } from './hover.ts';
import { inlayHints, resolveInlayHint } from './inlay-hints.ts';
import { references } from './references.ts';
import { prepareRename, rename } from './rename.ts';
import { selectionRange } from './selection-ranges.ts';
import { semanticTokens } from './semantic-tokens.ts';
import { signatureHelp } from './signature-help.ts';
import { status } from './status.ts';
import { workspaceSymbols } from './workspace-symbols.ts';

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
