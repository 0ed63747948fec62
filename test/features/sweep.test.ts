/**
 * The examples, the six specs and the library through every feature: each token through those that ask about a place, the
 * whole file through the others; golden summaries.
 * Figures change, so that a summary holds kinds of answers; of a long file it holds each kind once, with how often it came.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  CallHierarchyIncomingCallsRequest,
  CallHierarchyOutgoingCallsRequest,
  CallHierarchyPrepareRequest,
  DocumentFormattingRequest,
  DocumentHighlightRequest,
  DocumentLinkRequest,
  type DocumentSymbol,
  DocumentSymbolRequest,
  FoldingRangeRequest,
  InlayHintResolveRequest,
  PrepareRenameRequest,
  ReferencesRequest,
  SelectionRangeRequest,
  SemanticTokensDeltaRequest,
  SemanticTokensRequest,
  SignatureHelpRequest,
  WorkspaceSymbolRequest,
} from 'vscode-languageserver-protocol';
import { lexer, Name, Numeral, Quantity, Word } from '../../grammar/tokens.ts';
import { library } from '../../server/library/index.ts';
import type { Client } from '../kit/client.ts';
import { startServer } from '../kit/server.ts';

const folder = (path: string, uri: string) =>
  readdirSync(path)
    .filter((name) => name.endsWith('.weft'))
    .map((name) => ({ uri: `${uri}/${name}`, text: readFileSync(`${path}/${name}`, 'utf8') }));

const files = [
  ...folder('examples', 'file:///workspace'),
  ...folder('test/fixtures/specs', 'file:///specs'),
  ...library.map(({ uri, text }) => ({ uri, text })),
];

/** More tokens than this are summed up. */
const LONG = 250;

/** 'weft-library:/models/bert.weft:12' → 'bert.weft:12' */
function short(uri: string, line: number): string {
  return `${uri.replace(/^.*\//, '')}:${line + 1}`;
}

function kindOf(said: string): string {
  const kinds = [
    ...(said.includes('```weft') ? ['definition'] : []),
    ...(said.includes('cycles =') ? ['estimate'] : []),
    ...(said.includes('| FIFO |') ? ['fifos'] : []),
  ];
  return kinds.length > 0 ? kinds.join('+') : said === '' ? '' : 'meaning';
}

async function flowsAt(client: Client, at: ReturnType<Client['at']>): Promise<string> {
  const [item] = (await client.connection.sendRequest(CallHierarchyPrepareRequest.type, at)) ?? [];
  if (!item) return '';
  const from = (await client.connection.sendRequest(CallHierarchyIncomingCallsRequest.type, { item })) ?? [];
  const to = (await client.connection.sendRequest(CallHierarchyOutgoingCallsRequest.type, { item })) ?? [];
  return ` ⇢ ${from.length} ${item.name} ${to.length}`;
}

async function answersAt(client: Client, uri: string, start: number, middle: number): Promise<string> {
  const said = JSON.stringify((await client.hover(uri, middle))?.contents ?? '').replace(/^""$/, '');
  const [link] = await client.definition(uri, middle);
  const items = await client.completion(uri, start);
  const at = client.at(uri, middle);
  const context = { includeDeclaration: false };
  const uses = (await client.connection.sendRequest(ReferencesRequest.type, { ...at, context })) ?? [];
  const marked = (await client.connection.sendRequest(DocumentHighlightRequest.type, at)) ?? [];
  const renamed = await client.connection.sendRequest(PrepareRenameRequest.type, at).then(
    () => ', renamable',
    () => '',
  );
  const selection = { ...at, positions: [at.position] };
  const selected = await client.connection.sendRequest(SelectionRangeRequest.type, selection);
  let steps = 0;
  for (let range = selected?.[0]; range; range = range.parent) steps++;
  const help = await client.connection.sendRequest(SignatureHelpRequest.type, at);
  const [signature] = help?.signatures ?? [];
  const offers = items.slice(0, 3).map(({ label }) => label);
  return [
    kindOf(said),
    link ? ` → ${short(link.targetUri, link.targetSelectionRange.start.line)}` : '',
    marked.length > 0 ? ` × ${marked.length}, ${uses.length} uses${renamed}` : '',
    await flowsAt(client, at),
    signature ? ` (${signature.label} ${help?.activeParameter})` : '',
    items.length > 0 ? ` | ${offers.join(' ')} (${items.length})` : '',
    ` ⊃ ${steps}`,
  ].join('');
}

/** What is asked of a file as a whole: how much of it comes. */
async function answersOf(client: Client, uri: string): Promise<string[]> {
  const of = { textDocument: { uri } };
  const { connection } = client;
  const symbols = (await connection.sendRequest(DocumentSymbolRequest.type, of)) as DocumentSymbol[];
  const nested = (list: readonly DocumentSymbol[]): number =>
    list.reduce((sum, { children = [] }) => sum + 1 + nested(children), 0);
  const folds = (await connection.sendRequest(FoldingRangeRequest.type, of)) ?? [];
  const links = (await connection.sendRequest(DocumentLinkRequest.type, of)) ?? [];
  const lenses = await client.lenses(uri);
  const hints = await client.hints(uri);
  const explained = await Promise.all(hints.map((hint) => connection.sendRequest(InlayHintResolveRequest.type, hint)));
  const full = await connection.sendRequest(SemanticTokensRequest.type, of);
  // Nothing has changed since, so that no token has.
  const previousResultId = full?.resultId ?? '';
  const delta = await connection.sendRequest(SemanticTokensDeltaRequest.type, { ...of, previousResultId });
  const { legend } = client.server.semanticTokensProvider ?? { legend: { tokenTypes: [] } };
  const kinds = new Map<string, number>();
  for (let at = 3; at < (full?.data.length ?? 0); at += 5) {
    const kind = legend.tokenTypes[full!.data[at]!] ?? 'none';
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const options = { tabSize: 2, insertSpaces: true };
  const edits = (await connection.sendRequest(DocumentFormattingRequest.type, { ...of, options })) ?? [];
  const [first] = symbols;
  const named = first ? await connection.sendRequest(WorkspaceSymbolRequest.type, { query: first.name }) : [];
  expect(named?.map(({ name }) => name) ?? []).toEqual(first ? expect.arrayContaining([first.name]) : []);
  expect(delta).toMatchObject({ edits: [] });
  expect(explained.filter(({ tooltip }) => tooltip === undefined).map(({ label }) => label)).toEqual([]);
  return [
    `outline ${nested(symbols)}, folds ${folds.length}, links ${links.length}, lenses ${lenses.length}, hints ${hints.length}`,
    `colours ${[...kinds].map(([kind, count]) => `${kind} ${count}`).join(', ')}`,
    `format ${edits.length}`,
  ];
}

test.each(files)('$uri', async ({ uri, text }) => {
  const client = await startServer({
    capabilities: { textDocument: { codeAction: { resolveSupport: { properties: ['edit'] } } } },
  });
  await client.open(uri, text);
  const lines: string[] = [];
  const silent: string[] = [];
  const kinds = new Map<string, number>();
  const { tokens } = lexer.tokenize(text);
  let lineBefore = -1;
  for (const { startOffset, image, tokenType } of tokens) {
    const middle = startOffset + Math.floor(image.length / 2);
    const position = client.document(uri).positionAt(startOffset);
    let answers = await answersAt(client, uri, startOffset, middle);
    if (position.line !== lineBefore) {
      const range = { start: position, end: { line: position.line + 1, character: 0 } };
      const actions = await client.actions(uri, range, { diagnostics: [], only: ['refactor', 'source'] });
      answers += actions.map(({ title }) => ` ✎ ${title}`).join('');
    }
    lineBefore = position.line;
    const isWord = tokenType.CATEGORIES?.includes(Word) || tokenType === Numeral || tokenType === Quantity;
    if (isWord && /^[ |⊃(]/.test(answers)) silent.push(`${position.line + 1}: ${image}`);
    lines.push(`${position.line + 1}:${position.character + 1} ${image}  ${answers}`);
    const what = tokenType === Name || tokenType === Quantity || tokenType === Numeral ? tokenType.name : image;
    const kind = `${what}  ${answers}`.replace(/:\d+| × \d+, \d+ uses| ⊃ \d+/g, '').replace(/⇢ \d+ \w+ \d+/, '⇢');
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const whole = await answersOf(client, uri);
  expect(client.log).toEqual([]);
  expect(silent, 'words without a hover').toEqual([]);
  const summary = lines.length > LONG ? [...kinds].map(([kind, count]) => `${count} × ${kind}`) : lines;
  const name = uri.startsWith('file:///specs') ? `specs/${uri.replace(/^.*\//, '')}` : uri.replace(/^.*\//, '');
  await expect(`${[...whole, ...summary].join('\n')}\n`).toMatchFileSnapshot(`../golden/features/${name}.txt`);
});
