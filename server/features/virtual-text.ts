/** Texts of the read-only documents: library, pages of diagnostics, the report of a spec, files that an export would write. */
import { URI } from 'vscode-uri';
import type { Analysis } from '../analysis.ts';
import type { Project } from '../emit/project.ts';
import { libraryFile } from '../library/index.ts';
import { estimateText } from '../report/text.ts';
import { schemes } from '../requests.ts';
import { rules } from '../rules/index.ts';
import { pageText } from '../rules/page.ts';

export interface Texts {
  analysis(uri: string): Analysis | undefined;
  /** What the tuner proposed under this URI. */
  proposal(uri: string): string | undefined;
  /** Of the spec's accelerator of this name, or of its only one. */
  project(spec: string, accelerator: string | undefined): Project | undefined;
}

/** @returns undefined where there is no such document. */
export function virtualText(uri: string, texts: Texts): string | undefined {
  const { scheme, path, query, fragment } = URI.parse(uri);
  switch (scheme) {
    case schemes.library:
      return libraryFile(uri)?.text;
    case schemes.docs: {
      const rule = rules.find(({ code }) => path === `/${code}.md`);
      return rule && pageText(rule);
    }
    case schemes.estimate: {
      const analysis = texts.analysis(query);
      return analysis && estimateReport(analysis, fragment);
    }
    case schemes.exported: {
      const project = texts.project(query, fragment === '' ? undefined : fragment);
      const content = project?.files.find((file) => `/${file.path}` === path)?.content;
      return typeof content === 'string' ? content : undefined;
    }
    case schemes.tuned:
      return texts.proposal(uri);
    default:
      return undefined;
  }
}

function estimateReport({ estimate }: Analysis, name: string): string {
  const wanted = estimate.accelerators.filter(({ accelerator }) => name === '' || accelerator.name === name);
  return wanted.length > 0
    ? wanted.map(estimateText).join('\n')
    : `There is no estimate ${name === '' ? 'of this file' : `of ‘${name}’`}: it needs an accelerator with a device, a model and a phase.\n`;
}

/** Where the page of a diagnostic is: VS Code opens it when its code is clicked. */
export function pageUri(code: string): string {
  return URI.from({ scheme: schemes.docs, path: `/${code}.md` }).toString();
}
