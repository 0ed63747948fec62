import { expect, test } from 'vitest';
import { createAnalyst } from '../../server/analysis.ts';
import { projectOf } from '../../server/exporting.ts';
import { virtualText } from '../../server/features/virtual-text.ts';
import { MAIN, sourceSet } from '../kit/sources.ts';

const spec =
  'accelerator a { device u280  model bert(layers: 2, hidden: 8, heads: 2, ffn: 12)  phase forward(tokens: 4) }';
const analysis = createAnalyst().analyse(MAIN, sourceSet({ [MAIN]: spec }))!;
const project = projectOf(analysis, undefined, '0.0.0-test');
const texts = {
  analysis: () => analysis,
  proposal: () => undefined,
  project: (uri: string, name: string | undefined) =>
    uri === MAIN && (name === undefined || name === 'a') && 'files' in project ? project : undefined,
};

test('a file as the export would write it can be shown beside what is there', () => {
  const at = (path: string, name = '') => virtualText(`weft-export:${path}?${encodeURIComponent(MAIN)}${name}`, texts);
  const makefile = at('/Makefile');
  expect(makefile).toContain('csim-fibers:');
  expect(at('/Makefile', '#a')).toBe(makefile);
  expect(at('/Makefile', '#b')).toBeUndefined();
  expect(at('/no/such/file')).toBeUndefined();
});
