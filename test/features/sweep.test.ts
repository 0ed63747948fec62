/** Every token of the example and of the library through every feature that asks about a place; golden summaries. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  DocumentHighlightRequest,
  DocumentLinkRequest,
  PrepareRenameRequest,
  ReferencesRequest,
  SelectionRangeRequest,
  SignatureHelpRequest,
} from 'vscode-languageserver-protocol';
import { lexer } from '../../grammar/tokens.ts';
import { library } from '../../server/library/index.ts';
import { startServer } from '../kit/server.ts';

const read = (path: string, golden: boolean) => {
  return { uri: `file:///workspace/${path}`, text: readFileSync(path, 'utf8'), golden };
};
/** What is answered is golden for one example and the library; of the rest, that everything is answered and nothing logged. */
const files = [
  read('examples/bert_u280.weft', true),
  ...library.map(({ uri, text }) => ({ uri, text, golden: true })),
  ...globSync(['examples/*.weft', 'test/fixtures/specs/*.weft'])
    .filter((path) => path !== join('examples', 'bert_u280.weft'))
    .sort()
    .map((path) => read(path, false)),
];

/** 'weft-library:/models/bert.weft:12' → 'bert.weft:12'; figures change, so that the summary holds kinds of answers. */
function short(uri: string, line: number): string {
  return `${uri.replace(/^.*\//, '')}:${line + 1}`;
}

test.each(files)('$uri', async ({ uri, text, golden }) => {
  const client = await startServer();
  await client.open(uri, text);
  const lines: string[] = [];
  for (const token of lexer.tokenize(text).tokens) {
    const middle = token.startOffset + Math.floor(token.image.length / 2);
    const hover = await client.hover(uri, middle);
    const [link] = await client.definition(uri, middle);
    const items = await client.completion(uri, token.startOffset);
    const at = { textDocument: { uri }, position: client.document(uri).positionAt(middle) };
    const context = { includeDeclaration: false };
    const uses = (await client.connection.sendRequest(ReferencesRequest.type, { ...at, context })) ?? [];
    const marked = (await client.connection.sendRequest(DocumentHighlightRequest.type, at)) ?? [];
    const said = hover ? JSON.stringify(hover.contents) : '';
    const kinds = [
      ...(said.includes('```weft') ? ['definition'] : []),
      ...(said.includes('cycles =') ? ['estimate'] : []),
      ...(said !== '' && !said.includes('```weft') && !said.includes('cycles =') ? ['word'] : []),
    ];
    const leads = link ? ` → ${short(link.targetUri, link.targetSelectionRange.start.line)}` : '';
    const offers =
      items.length > 0
        ? ` | ${items
            .slice(0, 3)
            .map(({ label }) => label)
            .join(' ')} (${items.length})`
        : '';
    const selected = await client.connection.sendRequest(SelectionRangeRequest.type, {
      ...at,
      positions: [at.position],
    });
    const renamed = await client.connection.sendRequest(PrepareRenameRequest.type, at).then(
      () => ', renamable',
      () => '',
    );
    const places = marked.length > 0 ? ` × ${marked.length}, ${uses.length} uses${renamed}` : '';
    const help = await client.connection.sendRequest(SignatureHelpRequest.type, at);
    const [signature] = help?.signatures ?? [];
    const arguing = signature ? ` (${signature.label} ${help?.activeParameter})` : '';
    let steps = 0;
    for (let range = selected?.[0]; range; range = range.parent) steps++;
    const { line, character } = client.document(uri).positionAt(token.startOffset);
    lines.push(
      `${line + 1}:${character + 1} ${token.image}  ${kinds.join('+')}${leads}${places}${arguing}${offers} ⊃ ${steps}`,
    );
  }
  await client.connection.sendRequest(DocumentLinkRequest.type, { textDocument: { uri } });
  expect(client.log).toEqual([]);
  expect(lines).toHaveLength(lexer.tokenize(text).tokens.length);
  if (!golden) return;
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`../golden/features/${uri.replace(/^.*\//, '')}.txt`);
});
