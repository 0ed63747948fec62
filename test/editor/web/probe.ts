import { type ExtensionContext, workspace } from 'vscode';
import example from '../../../examples/bert_u280.weft';
import { MemoryFiles } from './memory.ts';

/** The extension whose tests run: its workspace is in memory. */
export function activate(context: ExtensionContext): void {
  const files = new MemoryFiles({
    '/main.weft': example,
    '/cards.weft': 'import "rows.weft"\nlet columns = rows * 2\n',
    '/rows.weft': 'let rows = 8\n',
    '/imports.weft': 'import "cards.weft"\nlet half = columns / 2\n',
    '/missing.weft': 'import "nothing.weft"\n',
    '/configured.weft': 'model m = import "config.json"\n',
    '/config.json': '{ "model_type": "no-such-architecture" }',
  });
  context.subscriptions.push(workspace.registerFileSystemProvider('weft-memory', files));
}
