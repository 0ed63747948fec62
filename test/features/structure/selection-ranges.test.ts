import { expect, test } from 'vitest';
import { type SelectionRange, SelectionRangeRequest } from 'vscode-languageserver-protocol';
import type { Client } from '../../kit/client.ts';
import { accelerator, example, opened, URI } from '../opened.ts';

/** The texts that grow around an offset. */
async function selections(client: Client, offset: number): Promise<string[]> {
  const document = client.document(URI);
  const params = { textDocument: { uri: URI }, positions: [document.positionAt(offset)] };
  const [innermost] = (await client.connection.sendRequest(SelectionRangeRequest.type, params)) ?? [];
  const texts: string[] = [];
  for (let range: SelectionRange | undefined = innermost; range; range = range.parent) {
    texts.push(document.getText(range.range));
  }
  return texts;
}

test('a selection grows from a number to its clause, kernel, region, accelerator and file', async () => {
  const { client, text, offset } = await opened(
    accelerator('region r on slr0 {\n    kernel up array ^^8 x 16 weights hbm[4]\n  }'),
  );
  const found = await selections(client, offset);
  expect(found.slice(0, 3)).toEqual(['8', 'array 8 x 16', 'kernel up array 8 x 16 weights hbm[4]']);
  expect(found[3]).toMatch(/^region r [\s\S]*}$/);
  expect(found[4]).toMatch(/^accelerator a [\s\S]*}$/);
  expect(found.at(-1)).toBe(text);
});

test('each step holds the one before and is wider, wherever it starts', async () => {
  const { client, text } = await opened(`${example}\nmodel m = import "x`);
  for (let offset = 0; offset <= text.length; offset += 17) {
    const found = await selections(client, offset);
    for (const [index, inner] of found.slice(0, -1).entries()) {
      expect(found[index + 1]).toContain(inner);
      expect(found[index + 1]!.length).toBeGreaterThan(inner.length);
    }
    expect(found.at(-1)).toBe(text);
  }
});
