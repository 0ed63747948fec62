/**
 * From an estimated design to an HLS project: sources, test bench, simulation, tool and link configuration, host programs.
 *
 * Pure and reproducible: the same estimate and options give the same bytes. What is printed is what was priced: one call of
 * the kernel library a unit of the netlist, one stream a FIFO with the depth and storage that the estimate settled on.
 */

import type { AcceleratorEstimate } from '../estimate/estimate.ts';
import { hindrances, inWords } from '../estimate/not-exported.ts';
import { csimFiles } from '../kernels/csim/index.ts';
import { headers } from '../kernels/index.ts';
import { acceleratorJson } from '../report/json.ts';
import { Checkpoint, CheckpointError } from '../weights/checkpoint.ts';
import { testBench } from './bench.ts';
import { hlsFiles, linkFile } from './hls.ts';
import { hostFiles } from './host.ts';
import { withIncluded } from './kernel-headers.ts';
import { layerFile } from './layer.ts';
import { lintSources } from './lint.ts';
import { makefile } from './makefile.ts';
import { manifestOf, printManifest } from './manifest.ts';
import { identifier } from './names.ts';
import type { EmitOptions, Refusal } from './options.ts';
import { emitPasses } from './passes.ts';
import type { Project, ProjectFile } from './project.ts';
import { readme } from './readme.ts';
import layoutHeader from './templates/host/layout.h';
import layoutScript from './templates/host/layout.py';
import quantiseHeader from './templates/host/quantise.h';
import checkHeader from './templates/tb/check.h';
import dumpHeader from './templates/tb/dump.h';
import goldenHeader from './templates/tb/golden.h';
import goldenListHeader from './templates/tb/golden_list.h';
import noiseHeader from './templates/tb/noise.h';
import prngHeader from './templates/tb/prng.h';
import attentionReference from './templates/tb/reference/attention.h';
import matrixReference from './templates/tb/reference/matrix.h';
import productsReference from './templates/tb/reference/products.h';
import rowsReference from './templates/tb/reference/rows.h';
import typesReference from './templates/tb/reference/types.h';
import windowsReference from './templates/tb/reference/windows.h';
import referenceHeader from './templates/tb/reference.h';
import tapeHeader from './templates/tb/tape.h';
import { designHeader } from './tokens.ts';
import { relayHeaders, topFiles } from './top.ts';
import { type Top, topsOf } from './tops.ts';
import { type Trained, trainedFiles, trainedJson } from './trained.ts';

export type { EmitOptions, Refusal } from './options.ts';

/** The references of the operators, by family. */
const references = {
  attention: attentionReference,
  matrix: matrixReference,
  products: productsReference,
  rows: rowsReference,
  types: typesReference,
  windows: windowsReference,
};

/** The project of one accelerator, or why there is none. */
export function emit(estimate: AcceleratorEstimate, options: EmitOptions): Project | Refusal {
  const refused = hindrances(estimate).map(inWords);
  if (refused.length > 0) return { refused };
  return estimate.generation
    ? emitPasses(estimate, estimate.generation, options, emitPass)
    : emitPass(estimate, options);
}

function emitPass(estimate: AcceleratorEstimate, options: EmitOptions): Project | Refusal {
  const tops = topsOf(estimate);
  const files: ProjectFile[] = [
    designHeader(estimate),
    ...tops.flatMap((top) => topFiles(estimate, top, options)),
    ...kernelHeaders(tops),
  ];
  // The library's headers are the same in every project; a test looks at them.
  const written = files.filter(({ path }) => !path.startsWith('src/weft/'));
  const findings = lintSources(written.map(({ path, content }) => ({ path, text: String(content) })));
  if (findings.length > 0)
    return {
      refused: findings.map(
        ({ path, line, message }) => `${path}, line ${line}, is not as Weft should write it: ${message}`,
      ),
    };

  const trained = trainedValues(estimate, tops, options);
  if (trained && 'refused' in trained) return trained;
  const data = trained?.files ?? [];
  files.push(
    ...data,
    testBench(estimate, tops, data.length > 0),
    { path: 'tb/check.h', content: checkHeader },
    { path: 'tb/dump.h', content: dumpHeader },
    { path: 'tb/golden.h', content: goldenHeader },
    { path: 'tb/golden_list.h', content: goldenListHeader },
    { path: 'tb/noise.h', content: noiseHeader },
    { path: 'tb/prng.h', content: prngHeader },
    { path: 'tb/reference.h', content: referenceHeader },
    ...Object.entries(references).map(([name, content]) => ({ path: `tb/reference/${name}.h`, content })),
    { path: 'tb/tape.h', content: tapeHeader },
    ...Object.entries(csimFiles).map(([path, content]) => ({ path: `csim/${path}`, content })),
    ...hlsFiles(
      estimate,
      tops,
      data.map((file) => file.path),
    ),
    linkFile(estimate, tops),
    layerFile(estimate, tops),
    { path: 'host/layout.h', content: layoutHeader },
    { path: 'host/layout.py', content: layoutScript },
    { path: 'host/quantise.h', content: quantiseHeader },
    ...hostFiles(estimate, tops, data.length > 0),
    { path: 'Makefile', content: makefile(estimate, tops) },
    { path: 'estimate.json', content: estimateFile(estimate, trained, options) },
    { path: 'README.md', content: readme(estimate, tops, trained, options) },
  );
  const project = [...files, printManifest(manifestOf(files))];
  return {
    name: identifier(estimate.accelerator.name),
    files: project.sort((a, b) => (a.path < b.path ? -1 : 1)),
    ...(trained ? { losses: trained.losses } : {}),
  };
}

/** The files of a checkpoint's values, where one is named; what is wrong with it refuses the export. */
function trainedValues(
  estimate: AcceleratorEstimate,
  tops: readonly Top[],
  { checkpoint }: EmitOptions,
): Trained | Refusal | undefined {
  if (!checkpoint) return undefined;
  try {
    const { path, open } = checkpoint;
    return trainedFiles(estimate, tops, new Checkpoint(path, open, estimate.accelerator.model));
  } catch (error) {
    if (error instanceof CheckpointError) return { refused: [error.message] };
    throw error;
  }
}

/** The headers of the library that the project's kernels need. */
function kernelHeaders(tops: readonly Top[]): ProjectFile[] {
  const named = tops.flatMap((top) => top.units.flatMap((unit) => unit.instance.headers));
  return withIncluded([...relayHeaders, ...named]).map((name) => ({
    path: `src/weft/${name}`,
    content: headers[name]!,
  }));
}

function estimateFile(estimate: AcceleratorEstimate, trained: Trained | undefined, options: EmitOptions): string {
  const content = {
    weft: options.version,
    estimate: acceleratorJson(estimate),
    ...(trained ? { weights: trainedJson(trained) } : {}),
    assumptions: estimate.caveats,
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}
