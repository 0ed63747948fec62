import { expect, test } from 'vitest';
import { PrepareRenameRequest, RenameRequest } from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { accelerator, opened, URI } from '../opened.ts';

const cards = 'file:///workspace/cards.weft';

/** The texts after a rename at the first mark, by URI. */
async function renamed(source: string, newName: string, files: Record<string, string> = {}) {
  const { client, offset, text } = await opened(source, { files });
  const position = client.document(URI).positionAt(offset);
  const params = { textDocument: { uri: URI }, position, newName };
  const edit = await client.connection.sendRequest(RenameRequest.type, params);
  return Object.fromEntries(
    Object.entries(edit?.changes ?? {}).map(([uri, edits]) => {
      const before = TextDocument.create(uri, 'weft', 0, uri === URI ? text : files[uri]!);
      return [uri, TextDocument.applyEdits(before, edits)];
    }),
  );
}

const tensors = 'model m {\n  input x [tokens, 8]\n  layer b(x) repeat 2 { up = gelu(x)\n output up }\n}\n';

test.each([
  ['a constant', 'let ^^rows = 8\nlet half = rows / 2', 'lines', 'let lines = 8\nlet half = lines / 2'],
  ['a constant at its use', 'let rows = 8\nlet half = ^^rows / 2', 'r', 'let r = 8\nlet half = r / 2'],
  [
    'a memory with the note that it is not verified',
    'device d { clock: 200 MHz die a { lut: 1 } memory ^^ddr { } unverified: [lut, ddr], unverified: "ddr" }',
    'dimm',
    'device d { clock: 200 MHz die a { lut: 1 } memory dimm { } unverified: [lut, dimm], unverified: "ddr" }',
  ],
  ['an operator in its model', tensors.replace('up =', '^^up ='), 'act', tensors.replaceAll('up', 'act')],
  [
    'an operator, with the kernel that bears its name',
    `${tensors.replace('up =', '^^up =')}${accelerator('kernel up lanes 4', 'device u280\n  model m')}`,
    'act',
    `${tensors.replaceAll('up', 'act')}${accelerator('kernel act lanes 4', 'device u280\n  model m')}`,
  ],
  [
    'a parameter with the label that sets it',
    `model m(^^wide = 8) {\n  input x [tokens, wide]\n  y = gelu(x)\n}\n${accelerator('copies 1', 'device u280\n  model m(wide: 16)')}`,
    'w',
    `model m(w = 8) {\n  input x [tokens, w]\n  y = gelu(x)\n}\n${accelerator('copies 1', 'device u280\n  model m(w: 16)')}`,
  ],
  [
    'a kernel with operators of its own',
    accelerator('kernel ^^qk : q, k array 8 x 16\n  stream qk -> scores depth 64'),
    'both',
    accelerator('kernel both : q, k array 8 x 16\n  stream both -> scores depth 64'),
  ],
])('%s is renamed in each place', async (_, source, newName, expected) => {
  expect(await renamed(source, newName)).toEqual({ [URI]: expected });
});

test('a name of an imported file is renamed there too', async () => {
  const files = { [cards]: 'let rows = 8\nlet twice = rows * 2' };
  expect(await renamed('import "cards.weft"\nlet half = ^^rows / 2', 'lines', files)).toEqual({
    [URI]: 'import "cards.weft"\nlet half = lines / 2',
    [cards]: 'let lines = 8\nlet twice = lines * 2',
  });
});

test('a parameter takes the labels of its instances along, and no others', async () => {
  const source = (name: string) =>
    `model m(${name} = 8) {\n  input x : [tokens, ${name.replace('^^', '')}]\n  y = gelu(x)\n}\nmodel other(wide = 8) {\n  input x : [tokens, wide]\n  y = gelu(x)\n}\nmodel n = m(${name.replace('^^', '')}: 16)\nmodel o = other(wide: 4)`;
  expect(await renamed(source('^^wide'), 'w')).toEqual({ [URI]: source('w') });
});

test.each([
  ['a word of the language', 'let ^^rows = 8', 'kernel', /‘kernel’ is a word of the language/],
  ['no name', 'let ^^rows = 8', '8 rows', /‘8 rows’ is no name/],
  ['nothing', 'let ^^rows = 8', '', /no name/],
  ['a name that is taken', 'let ^^rows = 8\nlet lines = 4', 'lines', /taken: let in line 2 of main\.weft/],
  ['a name that an import takes', 'import "cards.weft"\nlet ^^a = 8\nlet b = a + rows', 'rows', /taken.*cards\.weft/],
  [
    'a name that a nearer declaration takes',
    `let ^^rows = 8\n${accelerator('let near = 4\n  kernel up array near x rows')}`,
    'near',
    /taken: let in line/,
  ],
  [
    'a name of the library that is used',
    `device ^^mine { clock: 200 MHz }\n${accelerator('copies 1')}`,
    'u280',
    /taken: device in line \d+ of u280\.weft/,
  ],
  ['a name of the library', accelerator('copies 1').replace('u280', '^^u280'), 'mine', /standard library \(device\)/],
  ['a kernel that bears a library name', accelerator('kernel ^^up array 8 x 16'), 'a', /write ‘kernel NAME : up’/],
  ['a name that nothing declares', 'let a = ^^rows', 'lines', /no name here/],
])('%s is refused, with the reason', async (_, source, newName, reason) => {
  await expect(renamed(source, newName, { [cards]: 'let rows = 8' })).rejects.toThrow(reason);
});

test('an editor is told what can be renamed before it asks for a name', async () => {
  const { client, offset } = await opened(`let ro^^ws = 8\n${accelerator('kernel up array rows x 16')}`);
  const prepare = (at: number) =>
    client.connection.sendRequest(PrepareRenameRequest.type, {
      textDocument: { uri: URI },
      position: client.document(URI).positionAt(at),
    });
  expect(await prepare(offset)).toEqual({
    range: { start: { line: 0, character: 4 }, end: { line: 0, character: 8 } },
    placeholder: 'rows',
  });
  await expect(prepare(client.document(URI).getText().indexOf('u280'))).rejects.toThrow(/standard library/);
});

test('a layer is renamed where a clause names it, too', async () => {
  const model = (name: string) =>
    `model m {\n  input x : [tokens, 8]\n  layer ${name}(x) repeat 4 {\n    up = gelu(x)\n    output up\n  }\n  output ${name}\n}\n`;
  const spec = (name: string, caret = '') =>
    `${model(name).replace(`layer ${name}`, `layer ${caret}${name}`)}${accelerator(`kernel up lanes 4 for ${name}[0..1]`, 'device u280\n  model m')}`;
  expect(await renamed(spec('b', '^^'), 'block')).toEqual({ [URI]: spec('block') });
});
