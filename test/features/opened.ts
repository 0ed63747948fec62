import { readFileSync } from 'node:fs';
import { annotated } from '../kit/annotated.ts';
import type { Client } from '../kit/client.ts';
import { type ServerOptions, startServer } from '../kit/server.ts';

export const URI = 'file:///workspace/main.weft';

/** The example that the README shows. */
export const example = readFileSync('examples/bert_u280.weft', 'utf8');

/** A server with one annotated document open. */
export async function opened(source: string, options: ServerOptions = {}) {
  const client = await startServer(options);
  const { text, ranges } = annotated(source);
  const diagnostics = await client.open(URI, text);
  const [first] = ranges;
  return { client, text, ranges, diagnostics, offset: first?.start ?? 0 };
}

/** An accelerator with these statements, by default for the example's model and card. */
export function accelerator(statements: string, head = 'device u280 at 245 MHz\n  model bert_base'): string {
  return `accelerator a {\n  ${head}\n  phase forward(tokens: 512)\n  precision W4A8\n  ${statements}\n}\n`;
}

/** Hints as text: '3: 168 DSP …', lines counted from 1. */
export async function hintLines(client: Client): Promise<string[]> {
  return (await client.hints(URI)).map(({ position, label }) => `${position.line + 1}: ${String(label).trim()}`);
}
