/** Everything that an editor asks of a document, and whether two servers say the same of the same text. */
import type { Client } from './client.ts';

const asked = [
  'textDocument/documentSymbol',
  'textDocument/foldingRange',
  'textDocument/semanticTokens/full',
  'textDocument/documentLink',
] as const;

/** What the server makes of the document as it is: whatever depends on nothing but its text. */
export async function stateOf(client: Client, uri: string): Promise<unknown> {
  const textDocument = { uri };
  const answers = await Promise.all(asked.map((method) => client.connection.sendRequest(method, { textDocument })));
  return {
    diagnostics: client.published(uri),
    answers: Object.fromEntries(asked.map((method, index) => [method, withoutNumbers(answers[index])])),
  };
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
