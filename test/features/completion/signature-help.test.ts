import { expect, test } from 'vitest';
import { SignatureHelpRequest } from 'vscode-languageserver-protocol';
import { accelerator, opened, URI } from '../opened.ts';

const cards = 'file:///workspace/cards.weft';

/** The signature with the marked parameter in brackets. */
async function help(source: string): Promise<string | undefined> {
  const files = { [cards]: 'model far(deep = 3) { input x [tokens, 8]\n y = gelu(x) }' };
  const { client, offset } = await opened(source, { files });
  const position = client.document(URI).positionAt(offset);
  const answer = await client.connection.sendRequest(SignatureHelpRequest.type, {
    textDocument: { uri: URI },
    position,
  });
  const [signature] = answer?.signatures ?? [];
  const marked = signature?.parameters?.[answer?.activeParameter ?? 0]?.label as [number, number] | undefined;
  if (!signature || !marked) return signature?.label;
  const [start, end] = marked;
  return `${signature.label.slice(0, start)}[${signature.label.slice(start, end)}]${signature.label.slice(end)}`;
}

const inModel = (line: string) => `model m(wide = 8, deep: 2) {\n  input x [tokens, wide]\n  y = ${line}\n}\n`;
const phase = (text: string) => accelerator('copies 1').replace('forward(tokens: 512)', text);
const using = (text: string) => accelerator('copies 1', `device u280\n  model ${text}`);
const requiring = (text: string) => accelerator(`require ${text}`);

test.each([
  ['the first argument of a phase', phase('forward(^^'), 'forward([tokens:], batch:)'],
  ['the second one', phase('generate(128, ^^'), 'generate(prompt:, [output:], batch:)'],
  ['a labelled one, out of turn', phase('decode(batch: ^^8)'), 'decode(past:, [batch:])'],
  ['a label that there is not', phase('decode(tokens: ^^8)'), 'decode(past:, batch:)'],
  ['one too many', phase('decode(1, 2, ^^)'), 'decode(past:, batch:)'],
  ['a model of an import', `import "cards.weft"\n${using('far(^^')}`, 'far([deep: 3])'],
  ['an operator', inModel('linear(x, ^^'), 'linear(input, [columns], bias)'],
  ['an operator of any number of inputs', inModel('concat(x, x, ^^'), 'concat([input …])'],
  ['a function', inModel('linear(x, mod(4, ^^'), 'mod(value, [divisor])'],
  ['a function of any number of values', 'let a = max(1, 2, 3, ^^', 'max(value, […])'],
  ['a metric', requiring('use(^^'), 'use([resource])'],
])('%s', async (_, source, expected) => {
  expect(await help(source)).toBe(expected);
});

test('an instance has the parameters of its model, with its own values', async () => {
  const own = 'model m(wide = 8, deep = 2) {\n  input x [tokens, wide]\n  y = gelu(x)\n}\nmodel n = m(deep: 6)\n';
  expect(await help(`${own}${using('n(wide: ^^')}`)).toBe('n([wide: 8], deep: 6)');
  expect(await help(using('bert_base(layers: ^^'))).toMatch(/^bert_base\(.*\[layers: 12\]/);
});

test.each([
  ['the parameters that a model declares', 'model m(^^'],
  ['a layer', 'model m { layer softmax(^^'],
  ['a name that is no function', 'let a = nothing(^^'],
  ['a call that is closed', 'let a = max(1, 2) ^^'],
  ['channels in brackets', accelerator('kernel up weights hbm[^^')],
  ['a comment', accelerator('// max(^^')],
])('%s: no help', async (_, source) => {
  expect(await help(source)).toBeUndefined();
});
