/** Everything that an editor asks of a document, and whether two servers say the same of the same text. */
import type { Client } from './client.ts';

const asked = [
  'textDocument/documentSymbol',
  'textDocument/foldingRange',
  'textDocument/semanticTokens/full',
  'textDocument/documentLink',
] as const;

const askedOfPlaces = ['textDocument/definition', 'textDocument/documentHighlight'] as const;
/** Where there is no estimate, these speak of the last one that there was. */
const askedOfEstimates = ['textDocument/hover', 'textDocument/completion'] as const;

/**
 * What the server makes of the document as it is: whatever depends on nothing but its text.
 * @param places offsets about which it is asked what an editor asks about places
 */
export async function stateOf(client: Client, uri: string, places: readonly number[] = []): Promise<unknown> {
  const textDocument = { uri };
  const send = (method: string, more: object = {}): Promise<unknown> =>
    client.connection.sendRequest(method, { textDocument, ...more });
  const position = (offset: number) => client.document(uri).positionAt(offset);
  const lenses = await client.lenses(uri);
  const estimated = lenses.every(({ command }) => !isOld(command?.title ?? ''));
  const methods = [...askedOfPlaces, ...(estimated ? askedOfEstimates : [])];
  return {
    diagnostics: client.published(uri),
    answers: await all(asked, async (method) => withoutNumbers(await send(method))),
    hints: (await client.hints(uri)).filter(({ label }) => !isOld(String(label))),
    lenses: lenses.filter(({ command }) => !isOld(command?.title ?? '')),
    places: await all(places, (offset) => all(methods, (method) => send(method, { position: position(offset) }))),
  };
}

function all<Of, Made>(items: readonly Of[], make: (of: Of) => Promise<Made>): Promise<Made[]> {
  return Promise.all(items.map(make));
}

/** Of an accelerator that has no estimate now, a server that knew an earlier text shows that one's. */
function isOld(shown: string): boolean {
  return /^\s*(was |No estimate yet)/.test(shown);
}

/** Semantic tokens carry a number that only means something to one session. */
function withoutNumbers(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null || !('resultId' in answer)) return answer;
  const { resultId: _, ...rest } = answer;
  return rest;
}

/** Asks at a place what an editor would ask there, and throws where an answer is an error other than a refusal. */
export async function askEverything(client: Client, uri: string, offset: number, refusal: number): Promise<void> {
  const textDocument = { uri };
  const position = client.document(uri).positionAt(offset);
  await client.hints(uri);
  await client.lenses(uri);
  await client.hover(uri, offset);
  await client.completion(uri, offset);
  const ask = (method: string, more: object = {}) =>
    client.connection.sendRequest(method, { textDocument, position, ...more });
  await ask('textDocument/references', { context: { includeDeclaration: true } });
  await ask('textDocument/documentHighlight');
  await ask('textDocument/definition');
  await ask('textDocument/selectionRange', { positions: [position] });
  await ask('textDocument/signatureHelp');
  await ask('textDocument/codeAction', { range: { start: position, end: position }, context: { diagnostics: [] } });
  await ask('textDocument/rename', { newName: 'renamed' }).catch((error: { code: number }) => {
    if (error.code !== refusal) throw error;
  });
}
