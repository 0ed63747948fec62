/**
 * The project of `generate`: the pass over the prompt and the token pass, each a project of its own in a folder, and what calls
 * both. The library's kernels have the rows of a pass built in, so that each pass is a build; K and V of the two lie alike.
 */
import type { AcceleratorEstimate, Generation } from '../estimate/estimate.ts';
import { count, time } from '../format.ts';
import { acceleratorJson } from '../report/json.ts';
import { manifestOf, manifestPath, printManifest } from './manifest.ts';
import { identifier } from './names.ts';
import type { EmitOptions, Refusal } from './options.ts';
import type { Project, ProjectFile } from './project.ts';

type Emit = (estimate: AcceleratorEstimate, options: EmitOptions) => Project | Refusal;

interface Pass {
  /** Its folder. */
  readonly name: 'prompt' | 'token';
  readonly estimate: AcceleratorEstimate;
}

/** @param emit gives the project of one pass */
export function emitPasses(
  whole: AcceleratorEstimate,
  generation: Generation,
  options: EmitOptions,
  emit: Emit,
): Project | Refusal {
  const passes = passesOf(generation);
  const files: ProjectFile[] = [
    { path: 'README.md', content: readme(whole, generation, passes, options) },
    { path: 'Makefile', content: makefile(passes) },
    {
      path: 'estimate.json',
      content: `${JSON.stringify({ weft: options.version, estimate: acceleratorJson(whole), assumptions: whole.caveats }, null, 2)}\n`,
    },
  ];
  let losses: Project['losses'];
  for (const { name, estimate } of passes) {
    const project = emit(estimate, options);
    if ('refused' in project) return project;
    losses ??= project.losses;
    for (const file of project.files)
      if (file.path !== manifestPath) files.push({ ...file, path: `${name}/${file.path}` });
  }
  const project = [...files, printManifest(manifestOf(files))];
  return {
    name: identifier(whole.accelerator.name),
    files: project.sort((a, b) => (a.path < b.path ? -1 : 1)),
    ...(losses ? { losses } : {}),
  };
}

function passesOf({ prompt, last }: Generation): Pass[] {
  // To its own project the pass over the prompt is one that leaves K and V behind.
  const { accelerator } = prompt;
  const prefill = { ...accelerator, phase: { ...accelerator.phase, name: 'prefill' as const } };
  return [
    { name: 'prompt', estimate: { ...prompt, accelerator: prefill } },
    ...(last ? [{ name: 'token' as const, estimate: last }] : []),
  ];
}

const targets = 'csim csim-fibers csim-model golden csynth xo link host clean';

function makefile(passes: readonly Pass[]): string {
  return `# make csim, and every other target of the folders, for all passes; TOKENS, SEED, PLATFORM … are handed on.
PASSES := ${passes.map(({ name }) => name).join(' ')}

.PHONY: ${targets}
${targets}:
	@for pass in $(PASSES); do $(MAKE) -C $$pass $@ || exit 1; done
`;
}

function readme(
  { accelerator }: AcceleratorEstimate,
  { firstToken, perToken, tokensPerSecond }: Generation,
  passes: readonly Pass[],
  { version }: EmitOptions,
): string {
  const { prompt = 1, output = 1 } = accelerator.phase;
  const longest = passes.find(({ name }) => name === 'token')?.estimate.accelerator.phase.past;
  const decoding =
    longest === undefined
      ? ''
      : `| \`token/\` | one token behind up to ${count(longest)} rows; \`past\` is an argument of its tops, so that one build serves every step | ${time(perToken)} a token, on average |\n`;
  return `# ${accelerator.name}

${accelerator.model.name}, ${count(output)} tokens behind a prompt of ${count(prompt)}, on one ${accelerator.device.name}. Written by Weft ${version}.

| folder | is | takes |
| --- | --- | --- |
| \`prompt/\` | the pass over the prompt; it leaves K and V of its rows in memory, with room for the tokens behind them | ${time(firstToken)} |
${decoding}
${tokensPerSecond.toPrecision(3)} tokens a second in all (\`estimate.json\`). \`make csim\` simulates the passes one after the other; each folder has a README of its own.

**Two builds.** The kernels of the library have the rows of a pass built in: each folder is a project with tops and an xclbin of its own. What the
estimate prices is hardware that serves both, every kernel once, as large as the larger of its two; neither build is larger. That a card
changes its xclbin between the prompt and the first token is not in the times.

**K and V.** Both builds have them in the same order, behind as many ports of the same width (\`host/layout.h\`, struct cache): what the pass over
the prompt leaves there is what a step reads and adds a row to, \`past\` rows being there.

**Left to the host**: the embedding, the head and the choice of the next token.
`;
}
