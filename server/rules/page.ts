import type { Rule } from './rule.ts';

/**
 * The documentation page of a rule, as Markdown: what the editor opens when the code of a diagnostic is clicked.
 *
 * @param said what the failing spec makes it say, where somebody has asked
 */
export function pageText(
  { code, severity, page }: Pick<Rule, 'code' | 'severity' | 'page'>,
  said: readonly string[] = [],
): string {
  return [
    `# ${code}`,
    `*${severity}* · ${page.summary}`,
    page.why,
    '## Fails',
    spec(page.failing),
    ...said.map((message) => `> ${message}`),
    '## Mended',
    spec(page.mended),
    '## What to do',
    page.remedies.map((remedy) => `- ${remedy}`).join('\n'),
  ]
    .join('\n\n')
    .concat('\n');
}

const spec = (text: string) => `\`\`\`weft\n${text.trimEnd()}\n\`\`\``;
