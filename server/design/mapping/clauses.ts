/** Clauses of a kernel or region, read and checked one by one; what is wrong counts as `auto`. */
import type * as tree from '../../../grammar/tree.ts';
import type { Span } from '../../diagnostic.ts';
import type { ArrayShape, Dealt, Passes, Store, TileShape } from '../design.ts';
import type { ResolvedDevice } from '../sheets/device.ts';
import {
  channelsOf,
  devicePart,
  diesOf,
  isOnChip,
  type KnownLayer,
  memoryNames,
  memoryPart,
  ON_CHIP,
  servedBy,
} from '../sheets/places.ts';
import { ELEMENT_TYPES, isElementType } from '../sheets/precision.ts';
import { type Environment, read, type Wanted } from '../terms/expression.ts';
import { spanOf, textOf } from '../terms/report.ts';
import { formatNumber } from '../terms/units.ts';
import type { ElementType, Phase } from '../workload.ts';

/** What a clause asks for; no value: `auto`, or wrong and reported. */
export interface Given<T> {
  readonly value: T | undefined;
  readonly origin: 'written' | 'region';
  readonly span: Span;
}

/** A dimension of an array that is undefined is `auto`. */
export type AskedArray = { readonly [K in keyof ArrayShape]: number | undefined };

export interface Asked {
  array?: Given<AskedArray>;
  pack?: Given<number>;
  lanes?: Given<number>;
  ii?: Given<number>;
  replicate?: Given<number>;
  over?: Given<Dealt>;
  tile?: Given<TileShape>;
  weights?: Given<Store>;
  cache?: Given<Store>;
  dies?: Given<readonly string[]>;
  cards?: Given<readonly number[]>;
  host?: Given<boolean>;
  /** Its products run on the engines of the card. */
  engines?: Given<boolean>;
  as?: Given<ElementType>;
  clock?: Given<number>;
  phases?: Given<readonly Phase['name'][]>;
  passes?: Given<readonly Passes[]>;
}

export const DEALT: readonly Dealt[] = ['heads', 'tokens', 'outputs'];

/** What clauses may speak of besides numbers. */
export interface Surroundings {
  readonly device: ResolvedDevice | undefined;
  readonly cards: number;
  readonly layers: readonly KnownLayer[];
}

/** What stands behind the place of a store. */
type Modes = Pick<Extract<Store, { kind: 'channels' }>, 'double' | 'via' | 'portBits' | 'burst'>;

/** Bounds beyond which no device goes: an array of this size is a slip of the pen. */
const MAX_SIDE = 4096;
const MAX_MULTIPLIERS = 1 << 20;
const MAX_LANES = 4096;
const MAX_INSTANCES = 1024;
const MAX_TILE = 1 << 24;
/** m_axi: longest burst in beats (AXI4) and widest port in bits. */
const MAX_BURST = 256;
const MAX_PORT = 1024;

/** A clock as a kernel or a device statement may ask for it. */
export const CLOCK: Wanted = { subject: 'a clock', dimension: 'frequency', least: 1e6, most: 2e9 };

export class ClauseReader {
  private readonly env: Environment;
  private readonly around: Surroundings;

  constructor(env: Environment, around: Surroundings) {
    this.env = env;
    this.around = around;
  }

  read(clauses: readonly tree.Clause[], origin: 'written' | 'region'): Asked {
    const asked: Asked = {};
    const first = new Map<string, tree.Clause>();
    for (const clause of clauses) {
      const earlier = first.get(clause.word);
      if (earlier) {
        this.env.report.duplicate(this.env.file, clause, 'clause', spanOf(this.env.file, earlier));
        continue;
      }
      first.set(clause.word, clause);
      this.clause(clause, asked, <T>(value: T | undefined) => ({ value, origin, span: spanOf(this.env.file, clause) }));
    }
    return asked;
  }

  private clause(clause: tree.Clause, asked: Asked, given: <T>(value: T | undefined) => Given<T>): void {
    switch (clause.kind) {
      case 'dimensions':
        if (clause.word === 'array') asked.array = given(this.array(clause));
        else asked.tile = given(this.tile(clause));
        return;
      case 'scalar':
        this.scalar(clause, asked, given);
        return;
      case 'replicate':
        asked.replicate = given(
          this.number(clause.count, { subject: 'replicate', whole: true, least: 1, most: MAX_INSTANCES }),
        );
        asked.over = given(clause.over && this.dealt(clause.over));
        return;
      case 'storage':
        asked[clause.word] = given(this.store(clause));
        return;
      case 'places':
        if (clause.word === 'on') {
          const { dies, cards, host, engines } = diesOf(clause.places, this.env, this.around.device, this.around.cards);
          asked.dies = given(dies);
          asked.cards = given(cards);
          asked.host = given(host && !dies && !engines);
          asked.engines = given(engines);
        } else {
          const { phases, passes } = servedBy(clause, this.env, this.around.layers);
          asked.phases = given(phases);
          asked.passes = given(passes);
        }
    }
  }

  private dealt(name: tree.Name): Dealt | undefined {
    const found = DEALT.find((dealt) => dealt === name.text);
    if (!found) this.env.report.unknown(this.env.file, name, 'dimension to replicate over', DEALT);
    return found;
  }

  private scalar(clause: tree.ScalarClause, asked: Asked, given: <T>(value: T | undefined) => Given<T>): void {
    switch (clause.word) {
      case 'lanes':
        asked.lanes = given(this.number(clause.value, { subject: 'lanes', whole: true, least: 1, most: MAX_LANES }));
        return;
      case 'pack':
        asked.pack = given(this.number(clause.value, { subject: 'pack', among: [1, 2, 4] }));
        return;
      case 'ii':
        asked.ii = given(this.number(clause.value, { subject: 'ii', dimension: ['none', 'cycles'], among: [1, 2, 4] }));
        return;
      case 'at':
        asked.clock = given(this.number(clause.value, CLOCK));
        return;
      case 'as':
        asked.as = given(this.element(clause.value));
    }
  }

  private number(dim: tree.Dim | undefined, wanted: Wanted): number | undefined {
    return dim?.kind === 'auto' ? undefined : read(dim, this.env, wanted);
  }

  private array(clause: tree.DimensionClause): AskedArray | undefined {
    const { dims } = clause;
    const wanted = { subject: 'array', whole: true, least: 1, most: MAX_SIDE };
    if (dims.length === 1 && dims[0]!.kind === 'auto') return undefined;
    if (dims.length < 2 || dims.length > 3) {
      const expected = 'tokens x outputs, or tokens x outputs x dot-product width';
      this.invalid(clause, 'array', textOf(this.env.file, clause), expected);
      return undefined;
    }
    const sides: (number | undefined)[] = [];
    for (const dim of dims) {
      const side = this.number(dim, wanted);
      if (side === undefined && dim.kind !== 'auto') return undefined;
      sides.push(side);
    }
    const multipliers = sides.reduce<number>((all, side) => all * (side ?? 1), 1);
    if (multipliers > MAX_MULTIPLIERS) {
      this.invalid(
        clause,
        'array',
        textOf(this.env.file, clause),
        `at most ${formatNumber(MAX_MULTIPLIERS)} multipliers`,
      );
      return undefined;
    }
    return { tokens: sides[0], outputs: sides[1], dot: dims.length === 3 ? sides[2] : 1 };
  }

  private tile(clause: tree.DimensionClause): TileShape | undefined {
    const { dims } = clause;
    if (dims.length > 3) {
      const expected = 'tokens, tokens x outputs, or tokens x outputs x reduction';
      this.invalid(clause, 'tile', textOf(this.env.file, clause), expected);
      return undefined;
    }
    const wanted = { subject: 'tile', whole: true, least: 1, most: MAX_TILE };
    const [tokens, outputs, reduction] = dims.map((dim) => this.number(dim, wanted));
    const anything = tokens !== undefined || outputs !== undefined || reduction !== undefined;
    return anything ? { tokens, outputs, reduction } : undefined;
  }

  private element(dim: tree.Dim | undefined): ElementType | undefined {
    if (!dim || dim.kind === 'auto') return undefined;
    const name = dim.kind === 'reference' && dim.path.length === 1 ? dim.path[0]! : undefined;
    if (name && isElementType(name.text)) return name.text;
    if (name) this.env.report.unknown(this.env.file, name, 'element type', ELEMENT_TYPES);
    else this.invalid(dim, 'as', textOf(this.env.file, dim), 'an element type such as fp32');
    return undefined;
  }

  private store(clause: tree.StorageClause): Store | undefined {
    const part = clause.place && memoryPart(clause.place, this.env, this.around.device, this.around.cards);
    const modes = this.modes(clause.modes);
    if (clause.auto || !part) return undefined;
    const { name } = part;
    if (isOnChip(name.text)) {
      if (part.index) this.invalid(part, clause.word, textOf(this.env.file, part), `‘${name.text}’ without channels`);
      this.onChipModes(clause);
      const { via: _, ...rest } = modes;
      return { kind: 'on-chip', storage: name.text, ...rest };
    }
    const { device } = this.around;
    if (!device) return undefined;
    const memory = device.device.memories.find((candidate) => candidate.name === name.text);
    if (!memory || devicePart(name, this.env, device) !== 'memory') {
      const candidates = [...memoryNames(device), ...ON_CHIP];
      this.env.report.unknown(this.env.file, name, 'memory', candidates);
      return undefined;
    }
    const channels = channelsOf(part, memory, this.env);
    return channels && { kind: 'channels', memory: memory.name, channels, ...modes };
  }

  /** What is kept on the chip is filled through one port, once a pass; K and V come from the array and need none. */
  private onChipModes({ word, modes, place }: tree.StorageClause): void {
    const { report, file } = this.env;
    for (const mode of modes) {
      const filled = word === 'weights' && (mode.word === 'port' || mode.word === 'burst');
      if (['via', 'port', 'burst'].includes(mode.word) && !filled)
        report.invalid(
          file,
          mode,
          mode.word,
          textOf(file, mode),
          `no ‘${mode.word}’: ${textOf(file, place!)} is on the chip`,
        );
    }
  }

  private modes(modes: readonly tree.Mode[]): Modes {
    const result: { -readonly [K in keyof Modes]: Modes[K] } = { double: false };
    const said = new Map<string, tree.Mode>();
    for (const mode of modes) {
      // Both words answer the same question.
      const slot = mode.word === 'single' ? 'double' : mode.word;
      const earlier = said.get(slot);
      if (earlier) {
        this.env.report.duplicate(this.env.file, mode, 'mode', spanOf(this.env.file, earlier));
        continue;
      }
      said.set(slot, mode);
      if (mode.word === 'double') result.double = true;
      else if (mode.word === 'via' && mode.name) {
        if (isOnChip(mode.name.text)) result.via = mode.name.text;
        else this.env.report.unknown(this.env.file, mode.name, 'storage', ON_CHIP);
      } else if (mode.word === 'port') {
        const bits = this.number(mode.value, {
          subject: 'port',
          dimension: ['bits', 'none'],
          among: [32, 64, 128, 256, 512, MAX_PORT],
        });
        if (bits !== undefined) result.portBits = bits;
      } else if (mode.word === 'burst') {
        const beats = this.number(mode.value, { subject: 'burst', whole: true, least: 1, most: MAX_BURST });
        if (beats !== undefined) result.burst = beats;
      }
    }
    return result;
  }

  private invalid(node: tree.Node, subject: string, found: string, expected: string): void {
    this.env.report.invalid(this.env.file, node, subject, found, expected);
  }
}

/** A kernel's own clauses in front of those of its region; `on`, `for` and `replicate` count as a whole. */
export function inherit(own: Asked, region: Asked): Asked {
  return { ...region, ...own };
}
