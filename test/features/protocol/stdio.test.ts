/** `weft lsp --stdio` as any editor would start it, bundled as it is shipped. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { type ExportResult, methods } from '../../../server/requests.ts';
import { spawnServer } from '../../kit/client.ts';
import { example, URI } from '../opened.ts';

/** Built by `npm test` before its unit tests. */
const cli = 'dist/cli.cjs';

test('a plain language client gets diagnostics, hints, hovers and the library, and an exported project', async () => {
  const client = await spawnServer(process.execPath, [cli, 'lsp', '--stdio']);
  expect(await client.open(URI, example)).toEqual([]);
  expect((await client.hints(URI)).length).toBeGreaterThanOrEqual(14);
  expect(JSON.stringify(await client.hover(URI, example.indexOf('up      array')))).toContain('cycles =');
  const [link] = await client.definition(URI, example.indexOf('u280 at'));
  expect(await client.connection.sendRequest(methods.text, { uri: link?.targetUri })).toContain('device u280');
  const out = mkdtempSync(join(tmpdir(), 'weft-stdio-'));
  const request = { uri: URI, accelerator: 'bert_u280', folder: pathToFileURL(out).href };
  const result = await client.connection.sendRequest<ExportResult>(methods.exportHls, request);
  expect(result.kind).toBe('written');
  expect(readFileSync(join(out, 'Makefile'), 'utf8')).toContain('csim');
  rmSync(out, { recursive: true });
  await client.stop(); // resolves when the process ends
});

test('--stdio is asked for where it is missing', () => {
  expect(() => execFileSync(process.execPath, [cli, 'lsp'], { stdio: 'pipe' })).toThrow(/weft lsp --stdio/);
});
