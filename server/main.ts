/** The server's door with a disk: VS Code's extension host, or any editor over stdio. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createConnection } from 'vscode-languageserver/node';
import { URI } from 'vscode-uri';
import { MAX_TEXT } from '../grammar/parser.ts';
import { ExportError, writeProject } from './export-files.ts';
import type { Door } from './features/door.ts';
import { serve } from './features/serve.ts';
import { version } from './version.ts';

/** Files on disk. What cannot be read as text of a sane size is not there, with the reason. */
const files: Door['files'] = {
  read(uri) {
    try {
      const path = pathOf(uri);
      return path !== undefined && statSync(path).size <= MAX_TEXT ? readFileSync(path, 'utf8') : undefined;
    } catch {
      return undefined;
    }
  },
  reason(uri) {
    const path = pathOf(uri);
    return path !== undefined && existsSync(path) ? 'unreadable' : 'not-found';
  },
};

function pathOf(uri: string): string | undefined {
  const parsed = URI.parse(uri);
  return parsed.scheme === 'file' ? parsed.fsPath : undefined;
}

const door: Door = {
  version,
  files,
  async write(project, { folder, overwrite = [], keep = false }) {
    try {
      const plan = await writeProject(URI.parse(folder).fsPath, project, new Set(overwrite), keep);
      const blocked = plan.keepBecauseEdited.filter((file) => file.blocks).map((file) => file.path);
      return plan.written
        ? { kind: 'written', folder, files: plan.write.length, kept: plan.keepBecauseEdited.map((file) => file.path) }
        : { kind: 'ask', edited: blocked };
    } catch (error) {
      if (error instanceof ExportError) return { kind: 'refused', reasons: [error.message] };
      throw error;
    }
  },
};

serve(createConnection(), door);
