/** All products of a token in turn on one array: a mapping that the tuner tries where nobody has mapped them. */

import highs from 'highs';
import { expect, test } from 'vitest';
import { applyEdits, createAnalyst } from '../../server/analysis.ts';
import { tunedText } from '../../server/report/tune.ts';
import { readSource, withLibrary } from '../../server/sources.ts';
import { variantsOf } from '../../server/tune/variants.ts';
import { diagnosticsOf } from '../kit/analyses.ts';
import { estimated } from '../kit/open-specs.ts';
import { MAIN } from '../kit/sources.ts';

const solver = await highs();

const spec = (model: string, phase: string, more = '') =>
  `accelerator a {\n  device u280\n  model ${model}\n  precision W4A8\n  phase ${phase}\n${more}}\n`;
const llama = 'llama(layers: 2, hidden: 1024, heads: 8, kv_heads: 2, ffn: 2048)';

function mappingsOf(text: string) {
  const now = estimated(text);
  const { variants } = variantsOf(
    now,
    () => false,
    (edits) => estimated(applyEdits(text, edits, MAIN)),
  );
  return variants.map(({ heads }) => heads?.get('gemm'));
}

test('it wins where memory sets the pace, and is written as a line for each kernel', () => {
  const text = spec(llama, 'decode(past: 32)');
  const analyst = createAnalyst();
  const source = readSource(text);
  const sources = withLibrary({ get: (uri) => (uri === MAIN ? source : undefined) });
  const analysis = analyst.analyse(MAIN, sources)!;
  const result = analyst.tune(analysis.estimate.accelerators[0]!, analysis, sources, solver);
  if (!('edits' in result)) throw new Error(result.reason);
  expect(result.otherMapping).toMatchObject({ inTurn: false });
  expect(result.otherMapping!.seconds).toBeGreaterThan(result.after);
  expect(result.bound).toBeLessThanOrEqual(result.after);
  expect(tunedText('a', result)).toContain(
    '  all products in turn on one array; a kernel for each would take no less than ',
  );
  const tuned = applyEdits(text, result.edits, MAIN);
  expect(tuned).toMatch(
    /^ {2}kernel gemm : q, k, v, proj, gate \+ act, up, down {2}array 1 x \d+ x \d+ {2}weights hbm/m,
  );
  expect(
    diagnosticsOf(tuned).filter(({ code, severity }) => severity === 'error' || code === 'unmapped-operator'),
  ).toEqual([]);
  expect(estimated(tuned).timing.perLayer).toBeCloseTo(result.after, 12);
});

test('the function on the way out is the array’s, where it is one; two of them no array has', () => {
  expect(mappingsOf(spec('gpt2(layers: 2, hidden: 128, heads: 2, ffn: 256)', 'decode(past: 16)'))).toEqual([
    undefined,
    'gemm : q, k, v, proj, up + act, down',
  ]);
  const text = `model two(n) {
  input x : [tokens, 64]
  layer block(x) repeat 2 {
    a = linear(x, 64)
    b = gelu(a)
    c = linear(b, 64)
    d = silu(c)
    output d
  }
  output block
}
${spec('two(n: 1)', 'decode(past: 1)')}`;
  expect(mappingsOf(text)).toEqual([undefined]);
});

test('not where a product is mapped, where many rows pass, or where no die has the room between two products of a prompt', () => {
  expect(mappingsOf(spec(llama, 'decode(past: 32)', '  kernel q\n'))).toEqual([undefined]);
  expect(mappingsOf(spec(llama, 'prefill(tokens: 32)'))).toEqual([undefined]);
  expect(mappingsOf(spec(llama, 'generate(prompt: 32, output: 4)'))).toHaveLength(2);
  expect(mappingsOf(spec('tinyllama(layers: 1)', 'generate(prompt: 512, output: 4)'))).toEqual([undefined]);
});
