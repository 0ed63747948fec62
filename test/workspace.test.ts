import { expect, test } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { createWorkspace } from '../server/workspace.ts';

const spec = 'file:///workspace/main.weft';
const config = 'file:///workspace/config.json';

/** A workspace whose one open document takes its model from a configuration on the disk. */
function opened(disk: Map<string, string>) {
  let reads = 0;
  const workspace = createWorkspace({
    read(uri) {
      reads++;
      return disk.get(uri);
    },
  });
  const text = 'model m = import "config.json"\naccelerator a { device u280 model m phase forward(tokens: 8) }';
  workspace.open(TextDocument.create(spec, 'weft', 1, text));
  const layers = () => workspace.analysis(spec)?.design.accelerators[0]?.model.layer.repeat;
  return { workspace, layers, reads: () => reads };
}

const bert = (layers: number) =>
  JSON.stringify({
    model_type: 'bert',
    num_hidden_layers: layers,
    hidden_size: 64,
    num_attention_heads: 4,
    intermediate_size: 128,
  });

test('a configuration that changes on the disk changes the specs that import it', () => {
  const disk = new Map([[config, bert(3)]]);
  const { workspace, layers } = opened(disk);
  expect(layers()).toBe(3);
  disk.set(config, bert(5));
  expect(layers()).toBe(3);
  expect(workspace.dependents(config)).toEqual([spec]);
  workspace.touched(config);
  expect(layers()).toBe(5);
});

test('a configuration that appears, or vanishes, is noticed', () => {
  const disk = new Map<string, string>();
  const { workspace, layers } = opened(disk);
  expect(layers()).toBeUndefined();
  expect(workspace.analysis(spec)?.diagnostics.map(({ code }) => code)).toContain('import-failed');
  expect(workspace.dependents(config)).toEqual([spec]);
  disk.set(config, bert(2));
  workspace.touched(config);
  expect(layers()).toBe(2);
  disk.delete(config);
  workspace.touched(config);
  expect(layers()).toBeUndefined();
});

test('a keystroke reads no configuration again', () => {
  const { workspace, layers, reads } = opened(new Map([[config, bert(3)]]));
  expect(layers()).toBe(3);
  const before = reads();
  workspace.open(TextDocument.create(spec, 'weft', 2, `${workspace.document(spec)?.getText()}\n`));
  expect(layers()).toBe(3);
  expect(reads()).toBe(before);
});
