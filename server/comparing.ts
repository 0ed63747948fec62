/** The paper's question of a file: its accelerators, cards and GPUs over the length of the sequence. */
import type { Accelerator as Node } from '../grammar/tree.ts';
import { type Analyst, applyEdits } from './analysis.ts';
import type { Accelerator } from './design/design.ts';
import { resolve } from './design/resolve.ts';
import type { Chosen } from './design/terms/choices.ts';
import type { SourceSet } from './design/terms/scope.ts';
import type { Phase } from './design/workload.ts';
import type { TextEdit } from './diagnostic.ts';
import { results, standingsOf } from './estimate/compare.ts';
import { bestCase } from './estimate/time/best-case.ts';
import { count } from './format.ts';
import { phaseText } from './report/phase.ts';
import type { Curve, Point, Question } from './report/question.ts';
import { readSource } from './sources.ts';

export interface Asked {
  readonly devices: readonly string[];
  readonly gpus: readonly string[];
  /** Lengths: tokens of a pass, past of a decode, prompt of a generate. */
  readonly tokens: readonly number[];
}

/** The question answered, or why it cannot be: a card or GPU that nobody knows, a file without an accelerator. */
export function questionOf(
  file: string,
  sources: SourceSet,
  analyst: Analyst,
  asked: Asked,
): Question | { readonly refused: string } {
  const source = sources.get(file);
  const nodes = (source?.parsed.tree.declarations ?? []).filter((one) => one.kind === 'accelerator');
  const [first] = nodes;
  const estimates = analyst.analyse(file, sources)?.estimate.accelerators ?? [];
  const own = estimates[0]?.accelerator;
  if (!source || !first || !own)
    return { refused: 'there is no accelerator in the file whose model and phase could be compared' };
  const { devices, gpus } = asked;
  // A model of images, or of a batch, says its rows itself: at every length it would be the same pass.
  const fixed = estimates.every(({ accelerator: { phase } }) => phase.results !== undefined);
  const tokens = fixed ? [own.phase.tokens] : asked.tokens;
  const series = fixed ? [sources] : tokens.map((length) => at(file, sources, lengthEdits(file, nodes, length)));
  const plain = plainly(file, first, analyst.chosen);
  const curves = [...accelerators(file, series, analyst, tokens), ...cards(series, devices, tokens, plain)];
  const wrong = curves.find((curve) => 'unknown' in curve);
  if (wrong && 'unknown' in wrong) return { refused: wrong.unknown };
  const device = first.statements.find((one) => one.kind === 'device')?.name?.text ?? '';
  const against = gpuCurves(series, gpus, tokens, plain, device);
  if ('unknown' in against) return { refused: against.unknown };
  return {
    model: own.model.name,
    precision: own.precision.name,
    phase: fixed ? phaseText(own.phase) : phaseText(own.phase).replace(/\d+/, '…'),
    tokens,
    fixed,
    designs: curves.filter((curve): curve is Curve => !('unknown' in curve)),
    gpus: against.curves,
  };
}

interface Unknown {
  readonly unknown: string;
}

/** Which argument of a phase is the length of the sequence. */
const lengths: Readonly<Record<Phase['name'], string>> = {
  forward: 'tokens',
  prefill: 'tokens',
  decode: 'past',
  generate: 'prompt',
};

function lengthEdits(file: string, nodes: readonly Node[], length: number): TextEdit[] {
  return nodes.flatMap((node) => {
    const phase = node.statements.find((one) => one.kind === 'phase');
    const name = phase?.name?.text as Phase['name'] | undefined;
    const wanted = name && lengths[name];
    const given = phase?.arguments ?? [];
    const argument = given.find(({ label }) => label?.text === wanted) ?? given.find(({ label }) => !label);
    const value = argument?.value;
    if (!value) return [];
    return [{ span: { file, start: value.range.start, end: value.range.end }, newText: `${length}` }];
  });
}

function at(file: string, sources: SourceSet, edits: readonly TextEdit[]): SourceSet {
  const text = readSource(applyEdits(sources.get(file)?.text ?? '', edits, file));
  return { ...sources, get: (uri) => (uri === file ? text : sources.get(uri)) };
}

function accelerators(
  file: string,
  series: readonly SourceSet[],
  analyst: Analyst,
  tokens: readonly number[],
): Curve[] {
  const estimates = series.map((sources) => analyst.analyse(file, sources)?.estimate.accelerators ?? []);
  const names = [...new Set(estimates.flat().map(({ accelerator }) => accelerator.name))];
  return names.map((name) => ({
    name,
    kind: 'timeline',
    points: estimates.flatMap((all, i): Point[] => {
      const estimate = all.find(({ accelerator }) => accelerator.name === name);
      if (!estimate || estimate.deadlock || !(estimate.timing.model > 0)) return [];
      const { bottleneck, timing } = estimate;
      return [
        {
          tokens: tokens[i]!,
          seconds: timing.model,
          limit: bottleneck?.kernel ?? 'not known',
          ...(bottleneck ? { detail: bottleneck.reason } : {}),
          ...(estimate.power ? { perJoule: 1 / estimate.power.perResult } : {}),
        },
      ];
    }),
  }));
}

/** The model of the first accelerator on another card, as its text would be with that card and nothing mapped. */
function cards(
  series: readonly SourceSet[],
  devices: readonly string[],
  tokens: readonly number[],
  plain: Plain,
): (Curve | Unknown)[] {
  return devices.map((name) => {
    const points = series.map((sources) => plain(sources, name, []));
    const [first] = points;
    if (!first) return { unknown: `no device is called ‘${name}’, or the model cannot be resolved on it` };
    const known = points.flatMap((accelerator, i): Point[] => {
      const best = accelerator && bestCase(accelerator);
      if (!accelerator || !best) return [];
      const watts = accelerator.device.boardPower;
      return [
        {
          tokens: tokens[i]!,
          seconds: best.seconds,
          limit: best.bound,
          detail: `${count(Math.floor(best.m))} multiply-accumulates a cycle in a projection`,
          ...(watts === undefined ? {} : { perJoule: results(accelerator) / (watts * best.seconds) }),
        },
      ];
    });
    if (known.length === 0)
      return {
        unknown: `the closed form has nothing to say of this model on ‘${name}’: it is of transformers, and asks for multipliers, block memory and a memory’s bandwidth`,
      };
    return { name, kind: 'closed form', points: known };
  });
}

function gpuCurves(
  series: readonly SourceSet[],
  gpus: readonly string[],
  tokens: readonly number[],
  plain: Plain,
  device: string,
): { readonly curves: Curve[] } | Unknown {
  const curves = new Map<string, Curve & { readonly points: Point[] }>();
  for (const [i, sources] of series.entries()) {
    const accelerator = plain(sources, device, gpus);
    const missing = gpus.find((name) => !accelerator?.compare.some((baseline) => baseline.name === name));
    if (!accelerator || missing !== undefined) return { unknown: `no baseline is called ‘${missing}’` };
    for (const baseline of accelerator.compare) {
      for (const { kind, seconds, bound, perResult } of standingsOf(baseline, accelerator)) {
        const name = `${baseline.name} ${kind}`;
        const curve = curves.get(name) ?? { name: baseline.name, kind: kind as Curve['kind'], points: [] };
        const limit = bound ?? 'measured';
        curve.points.push({ tokens: tokens[i]!, seconds, limit, ...(perResult ? { perJoule: 1 / perResult } : {}) });
        curves.set(name, curve);
      }
    }
  }
  return { curves: [...curves.values()] };
}

/** An accelerator of the file on another card, without kernels. */
type Plain = (sources: SourceSet, device: string, gpus: readonly string[]) => Accelerator | undefined;

const PLAIN = 'weft_plain';

/** Model, phase, precision and knobs of an accelerator, and nothing else; its knobs are what they are in the file. */
function plainly(file: string, { name }: Node, chosen: Chosen): Plain {
  const own = `${name?.text ?? ''}.`;
  const choose = Object.fromEntries(
    Object.entries(chosen).flatMap(([knob, value]) =>
      knob.startsWith(own) ? [[`${PLAIN}.${knob.slice(own.length)}`, value]] : [],
    ),
  );
  return (sources, device, gpus) => {
    const source = sources.get(file);
    const text = source?.text ?? '';
    const again = (source?.parsed.tree.declarations ?? []).find(
      (one) => one.kind === 'accelerator' && one.name?.text === name?.text,
    );
    if (again?.kind !== 'accelerator') return undefined;
    const kept = again.statements
      .filter(({ kind }) => ['use-model', 'phase', 'use-precision', 'let', 'choose'].includes(kind))
      .map(({ range }) => text.slice(range.start, range.end));
    const compare = gpus.length > 0 ? `compare ${gpus.join(', ')}` : '';
    const whole = readSource(`${text}\naccelerator ${PLAIN} { device ${device} ${kept.join(' ')} ${compare} }\n`);
    const design = resolve(file, { ...sources, get: (uri) => (uri === file ? whole : sources.get(uri)) }, { choose });
    return design.accelerators.find((one) => one.name === PLAIN);
  };
}
