/** docs/library.md is made of the standard library: `vitest run test/docs -u` writes it anew. */
import { expect, test } from 'vitest';
import { resolve } from '../../server/design/resolve.ts';
import { library } from '../../server/library/index.ts';
import { sourceSet } from '../kit/sources.ts';

const definitions = library.flatMap(({ uri }) => resolve(uri, sourceSet({})).definitions);

/** Without what follows it in the same paragraph; 'et al.' ends none. */
function firstSentence(doc: string): string {
  return /^.*?[^l]\.(?=\s|$)/.exec(doc.replaceAll('\n', ' '))?.[0] ?? doc;
}

function tableOf(sort: 'device' | 'model' | 'baseline'): string {
  const rows = definitions
    .filter((definition) => definition.sort === sort)
    .map(
      ({ name, doc, detail }) =>
        `| \`${name}\` | ${(detail ?? '').replaceAll('|', '\\|')} | ${firstSentence(doc ?? '')} |`,
    );
  return ['| name | in short | says |', '| --- | --- | --- |', ...rows].join('\n');
}

test('every card, model and baseline of the library is listed', async () => {
  const text = [
    '# The standard library',
    'Weft files whose names are known everywhere without an import. In the editor, jump from a name to its definition to read the file with the sources of its figures; copy a declaration into a file of your own to change it.',
    '## Devices',
    tableOf('device'),
    '## Models',
    tableOf('model'),
    '## Baselines',
    tableOf('baseline'),
  ].join('\n\n');
  await expect(`${text}\n`).toMatchFileSnapshot('../../docs/library.md');
});
