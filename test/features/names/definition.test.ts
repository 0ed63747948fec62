import { expect, test } from 'vitest';
import { methods } from '../../../server/requests.ts';
import { accelerator, opened, URI } from '../opened.ts';

test.each([
  ['a device', 'device u2^^80\n  model bert_base', 'weft-library:/devices/u280.weft', 'u280'],
  ['a model', 'device u280\n  model bert^^_base', 'weft-library:/models/bert.weft', 'bert_base'],
])('%s leads into the library, whose text the editor can ask for', async (_, head, uri, name) => {
  const { client, offset } = await opened(accelerator('copies 1', head));
  const [link] = await client.definition(URI, offset);
  expect(link?.targetUri).toBe(uri);
  const text = await client.connection.sendRequest<string>(methods.text, { uri });
  const line = text.split('\n')[link!.targetSelectionRange.start.line]!;
  expect(line.slice(link!.targetSelectionRange.start.character, link!.targetSelectionRange.end.character)).toBe(name);
});

test('an operator leads to its line of the model, a constant to its declaration', async () => {
  const { client, offset } = await opened(accelerator('kernel u^^p array 8 x 16'));
  const [link] = await client.definition(URI, offset);
  expect(link?.targetUri).toBe('weft-library:/models/bert.weft');
  const rows = `let rows = 8\n${accelerator('kernel up array rows x 16')}`;
  await client.change(URI, { text: rows });
  const [own] = await client.definition(URI, rows.lastIndexOf('rows'));
  expect(own).toMatchObject({ targetUri: URI, targetSelectionRange: { start: { line: 0, character: 4 } } });
});

test('a name of an imported file leads there', async () => {
  const cards = 'file:///workspace/cards.weft';
  const { client, offset } = await opened(
    `import "cards.weft"\n${accelerator('copies 1', 'device min^^e\n  model bert_base')}`,
    { files: { [cards]: 'device mine { clock: 200 MHz }' } },
  );
  expect((await client.definition(URI, offset))[0]?.targetUri).toBe(cards);
});

test('nothing leads from white space, a comment or an unknown name', async () => {
  for (const source of ['let a = 8\n^^', '// u2^^80', 'accelerator a { device u^^999 }']) {
    const { client, offset } = await opened(source);
    expect(await client.definition(URI, offset)).toEqual([]);
  }
});

test('there is no text behind a URI that the library does not have', async () => {
  const { client } = await opened('');
  for (const uri of [
    'weft-library:/devices/u999.weft',
    'weft-docs:/nothing.md',
    'weft-docs:/../x',
    'file:///etc/passwd',
  ])
    expect(await client.connection.sendRequest(methods.text, { uri })).toBeNull();
});
