import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Accelerator, Edge, End } from '../../../server/design/design.ts';
import { acceleratorOf, designOf } from '../../kit/sources.ts';

const example = readFileSync('examples/bert_u280.weft', 'utf8');
const bert = (statements: string): string =>
  `accelerator a { device u280 model bert_base phase forward(tokens: 512) precision W4A8 ${statements} }`;
const end = (at: End): string =>
  at.kind === 'operator'
    ? at.operator
    : at.kind === 'memory'
      ? `${at.memory}[${at.channel}]`
      : at.kind === 'link'
        ? at.link
        : 'host';
const shown = (edge: Edge): string => `${end(edge.from)} -> ${end(edge.to)}`;

function edgeOf(accelerator: Accelerator, name: string): Edge {
  const edge = accelerator.edges.find((candidate) => shown(candidate) === name);
  if (!edge) throw new Error(`no edge ${name} among ${accelerator.edges.map(shown).join(', ')}`);
  return edge;
}

test('the streams of an encoder layer follow from its data flow', () => {
  expect(acceleratorOf(bert('')).edges.map(shown)).toEqual([
    ...['hbm[0] -> q', 'hbm[0] -> k', 'hbm[0] -> v', 'q -> scores', 'k -> scores', 'scores -> softmax'],
    ...['softmax -> context', 'v -> context', 'context -> proj', 'hbm[0] -> add1', 'proj -> add1', 'add1 -> norm1'],
    ...['norm1 -> up', 'up -> act', 'act -> down', 'norm1 -> add2', 'down -> add2', 'add2 -> norm2', 'norm2 -> hbm[0]'],
  ]);
});

test('a product reads activations, everything else what it computes in, memory carries activations', () => {
  const accelerator = acceleratorOf(example);
  const type = (name: string) => edgeOf(accelerator, name).element.value;
  expect(type('norm1 -> up')).toBe('int8');
  expect(type('norm1 -> add2')).toBe('fp32');
  expect(type('up -> act')).toBe('fp32');
  expect(type('softmax -> context')).toBe('int8');
  expect(type('hbm[0] -> add1')).toBe('int8');
  expect(type('norm2 -> hbm[0]')).toBe('int8');
});

test('tensors with all their columns: of every head between scores and context', () => {
  const accelerator = acceleratorOf(example);
  expect(edgeOf(accelerator, 'scores -> softmax')).toMatchObject({ rows: 512, columns: 12 * 512 });
  expect(edgeOf(accelerator, 'context -> proj')).toMatchObject({ rows: 512, columns: 768 });
  expect(edgeOf(accelerator, 'up -> act')).toMatchObject({ rows: 512, columns: 3072 });
  expect(edgeOf(accelerator, 'hbm[0] -> q')).toMatchObject({ rows: 512, columns: 768, tensor: 'x' });
});

test('a stream is as wide as the narrower of its ends, a port as wide as its memory', () => {
  const accelerator = acceleratorOf(
    bert('kernel q array 8 x 16 kernel scores array 8 x 8 x 4 kernel up array 4 x 8 kernel act lanes 16'),
  );
  expect(edgeOf(accelerator, 'q -> scores').width).toEqual({ value: 8, origin: 'auto' });
  expect(edgeOf(accelerator, 'up -> act').width.value).toBe(4);
  expect(edgeOf(accelerator, 'hbm[0] -> q').width.value).toBe(64);
});

test('a stream statement changes what it says and nothing else', () => {
  const accelerator = acceleratorOf(example);
  expect(edgeOf(accelerator, 'act -> down')).toMatchObject({
    width: { value: 8, origin: 'written' },
    element: { value: 'int8', origin: 'written' },
    depth: { value: 3072, origin: 'written' },
    storage: { value: 'uram', origin: 'written' },
  });
  expect(edgeOf(accelerator, 'norm1 -> add2').depth).toMatchObject({ value: 'auto', origin: 'auto' });
  expect(edgeOf(accelerator, 'up -> act')).not.toHaveProperty('span');
});

test('what a statement says has its place, so that a fix can change it', () => {
  const { depth, storage, width, element } = edgeOf(acceleratorOf(example), 'act -> down');
  const written = [width, element, depth, storage].map(({ span }) => example.slice(span?.start, span?.end));
  expect(written).toEqual(['8', 'int8', 'depth 3072', 'in uram']);
});

test('readers of one statement share its loader; whoever reads the same tensor besides reads the same channel', () => {
  const accelerator = acceleratorOf(bert('stream hbm[7] -> q, k, v'));
  const spans = ['q', 'k', 'v'].map((name) => edgeOf(accelerator, `hbm[7] -> ${name}`).span);
  expect(new Set(spans.map((span) => span?.start)).size).toBe(1);
  expect(edgeOf(accelerator, 'hbm[7] -> add1')).not.toHaveProperty('span');
  expect(edgeOf(accelerator, 'norm2 -> hbm[0]')).toBeDefined();
});

test('an end is an operator or a kernel: its last operator as a source, its first as a sink', () => {
  const accelerator = acceleratorOf(
    bert('kernel ffn1 : up + act stream ffn1 -> down depth 9 stream norm1 -> ffn1 depth 5'),
  );
  expect(edgeOf(accelerator, 'act -> down').depth.value).toBe(9);
  expect(edgeOf(accelerator, 'norm1 -> up').depth.value).toBe(5);
  expect(accelerator.edges.map(shown)).not.toContain('up -> act');
});

test('rows may come from the host and go to it', () => {
  const accelerator = acceleratorOf(bert('stream host -> q stream norm2 -> host'));
  expect(accelerator.edges.map(shown)).toEqual(expect.arrayContaining(['host -> q', 'norm2 -> host']));
});

test('streams between the chip and operators on the host', () => {
  const accelerator = acceleratorOf(bert('kernel softmax on host'));
  expect(accelerator.edges.map(shown)).toEqual(expect.arrayContaining(['scores -> host', 'host -> context']));
});

test('a last layer norm on the chip reads the layer’s result from memory', () => {
  const accelerator = acceleratorOf(
    'accelerator a { device u280 model gpt2_small phase decode(past: 8) kernel last kernel head : lm_head }',
  );
  expect(accelerator.edges.map(shown)).toEqual(
    expect.arrayContaining(['add2 -> hbm[0]', 'hbm[0] -> last', 'last -> lm_head', 'lm_head -> hbm[0]']),
  );
});

test('a statement with a mistake leaves the stream as it would be without it', () => {
  const { accelerators, problems } = designOf(bert('stream act -> down 0 x int9 depth 1.5 in fog'));
  expect(problems.map(({ code }) => code)).toEqual(['invalid-value', 'unknown-name', 'invalid-value', 'unknown-name']);
  expect(edgeOf(accelerators[0]!, 'act -> down')).toMatchObject({
    width: { origin: 'auto' },
    element: { value: 'int8', origin: 'auto' },
    depth: { value: 'auto' },
    storage: { value: 'auto' },
  });
});
