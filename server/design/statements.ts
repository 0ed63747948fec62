/** Statements of an accelerator that stand alone: clock, phase, precision, copies, reserve, compare. */
import type * as tree from '../../grammar/tree.ts';
import type { Accelerator, Reserve, Setting } from './design.ts';
import type { Device } from './hardware.ts';
import { CLOCK } from './mapping/clauses.ts';
import type { Context } from './model/context.ts';
import type { Definition } from './problem.ts';
import type { ResolvedDevice } from './sheets/device.ts';
import { resourceOf } from './sheets/metric.ts';
import { builtInPrecision, DEFAULT_PRECISION } from './sheets/precision.ts';
import { type Environment, read } from './terms/expression.ts';
import { type ResolvedPhase, resolvePhase } from './terms/phase.ts';
import { definition, spanOf, textOf } from './terms/report.ts';
import type { FileScope } from './terms/scope.ts';
import type { LayerGraph, Phase, Precision } from './workload.ts';

/** More layers than this are no copies any more. */
const MAX_COPIES = 1024;

/** Statements by kind; of those that may stand once, the first, the others being reported. */
export class Statements {
  private readonly all: readonly tree.Statement[];

  constructor(node: tree.Accelerator, env: Environment) {
    this.all = node.statements;
    const first = new Map<string, tree.Statement>();
    for (const statement of node.statements) {
      if (!ONCE.has(statement.kind)) continue;
      const earlier = first.get(statement.kind);
      if (!earlier) first.set(statement.kind, statement);
      else env.report.duplicate(env.file, statement, 'statement', spanOf(env.file, earlier));
    }
  }

  of<K extends tree.Statement['kind']>(kind: K): Extract<tree.Statement, { kind: K }>[] {
    return this.all.filter((statement): statement is Extract<tree.Statement, { kind: K }> => statement.kind === kind);
  }

  one<K extends tree.Statement['kind']>(kind: K): Extract<tree.Statement, { kind: K }> | undefined {
    return this.of(kind)[0];
  }
}

const ONCE: ReadonlySet<tree.Statement['kind']> = new Set([
  'device',
  'use-model',
  'phase',
  'use-precision',
  'parameters',
]);

/** The clock of the accelerator: what is written, or the device's. */
export function clockOf(statement: tree.DeviceStatement, device: Device, env: Environment): Setting<number> {
  const { clock } = statement;
  if (!clock) return { value: device.clock, origin: 'auto' };
  const span = spanOf(env.file, clock);
  const value = clock.kind === 'auto' ? undefined : read(clock, env, CLOCK);
  return value === undefined ? { value: device.clock, origin: 'auto', span } : { value, origin: 'written', span };
}

/** The phase, or one token forward where nothing usable is said. */
export function phaseOf(statement: tree.PhaseStatement | undefined, env: Environment): ResolvedPhase {
  const resolved = statement?.name && resolvePhase(statement.name, statement.arguments, env);
  if (!resolved) return { phase: ONE_TOKEN, given: new Set(statement ? ['tokens'] : []) };
  return resolved;
}

const ONE_TOKEN: Phase = { name: 'forward', tokens: 1, past: 0, batch: 1 };

/** The precision of the accelerator; without a usable statement W8A8. */
export function precisionOf(
  statement: tree.PrecisionStatement | undefined,
  file: FileScope,
  env: Environment,
  context: Context,
): Precision {
  const standard = builtInPrecision(DEFAULT_PRECISION)!;
  const value = statement?.value;
  if (!value || value.kind === 'auto') return standard;
  const name = value.kind === 'reference' && value.path.length === 1 ? value.path[0] : undefined;
  if (name) return context.precision(name, file) ?? standard;
  env.report.invalid(env.file, value, 'precision', textOf(env.file, value), 'the name of a precision, such as W4A8');
  return standard;
}

/** `copies 3 of tail` */
export function copiesOf(
  statements: readonly tree.CopiesStatement[],
  layers: readonly LayerGraph[],
  targets: ReadonlyMap<string, Definition> | undefined,
  env: Environment,
): Setting<number> {
  let copies: Setting<number> | undefined;
  for (const { count, of, ...node } of statements) {
    const layer = of ? layers.find(({ name }) => name === of.text) : layers[0];
    if (of && !layer && layers.length > 0) {
      const known = layers.map(({ name }) => name);
      env.report.unknown(env.file, of, 'layer', known);
      continue;
    }
    const target = of && targets?.get(of.text);
    if (of && target) env.report.bind(env.file, of, target);
    const most = layer?.repeat ?? MAX_COPIES;
    const value =
      count && count.kind !== 'auto' ? read(count, env, { subject: 'copies', whole: true, least: 1, most }) : undefined;
    const span = spanOf(env.file, node);
    copies ??= value === undefined ? { value: 1, origin: 'auto', span } : { value, origin: 'written', span };
  }
  return copies ?? { value: 1, origin: 'auto' };
}

/** `reserve dsp 20%, slr0.lut 15%` */
export function reservesOf(
  statements: readonly tree.ReserveStatement[],
  device: ResolvedDevice | undefined,
  env: Environment,
): Reserve[] {
  return statements.flatMap((statement) =>
    statement.shares.flatMap(({ place, amount }) => {
      const name = place?.parts.at(-1)?.name;
      const share = read(amount, env, { subject: 'reserve', dimension: 'share', least: 0, most: 1 });
      const resource = name && resourceOf(name, env, false);
      const die = place && place.parts.length > 1 ? place.parts[0]!.name : undefined;
      const target = die && device?.parts.get(die.text);
      if (die && target?.sort === 'die') env.report.bind(env.file, die, target);
      else if (die && device) {
        env.report.unknown(
          env.file,
          die,
          'die',
          device.device.dies.map((known) => known.name),
        );
        return [];
      }
      if (!place || share === undefined || !resource || resource === 'sll') return [];
      return [{ resource, ...(die ? { die: die.text } : {}), share, span: spanOf(env.file, place) }];
    }),
  );
}

/** `compare a100, rtx2080ti`: baselines, and other accelerators of the file. */
export function comparesOf(
  statements: readonly tree.Compare[],
  file: FileScope,
  context: Context,
  /** Name of the accelerator itself. */
  own?: string,
): Pick<Accelerator, 'compare' | 'rivals'> {
  const { report, files } = context;
  const compare: Accelerator['compare'][number][] = [];
  const rivals: Accelerator['rivals'][number][] = [];
  for (const { names } of statements) {
    for (const name of names) {
      const found = files.find('baseline', name.text, file);
      const other = files.own('accelerator', name.text, file);
      if (found) {
        const { value, target } = context.baselineOf(found);
        report.bind(file, name, target);
        if (!compare.includes(value)) compare.push(value);
      } else if (other?.name) {
        report.bind(file, name, definition('accelerator', file, other.name, other));
        const rival = { name: name.text, span: spanOf(file, name) };
        if (rivals.every((known) => known.name !== rival.name)) rivals.push(rival);
      } else {
        const known = [
          ...files.names('baseline', file),
          ...files.ownNames('accelerator', file).filter((other) => other !== own),
        ];
        report.unknown(file, name, 'baseline', known);
      }
    }
  }
  return { compare, rivals };
}
