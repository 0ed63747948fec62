/** `device NAME { … }` → Device. What a sheet leaves out is zero or absent, and said so. */
import type * as tree from '../../../grammar/tree.ts';
import type { Dimension } from '../design.ts';
import type { Device, Die, Memory, ResourceCount } from '../hardware.ts';
import type { Definition, DefinitionSort } from '../problem.ts';
import type { Environment, Wanted } from '../terms/expression.ts';
import { definition, spanOf } from '../terms/report.ts';
import { formatNumber, formatQuantity } from '../terms/units.ts';
import { Fields, provenance } from './sheet.ts';

export interface ResolvedDevice {
  readonly device: Device;
  readonly target: Definition;
  /** Dies, memories and links by name. */
  readonly parts: ReadonlyMap<string, Definition>;
}

/** DSP slice of a family, where the sheet does not name it (AMD UG579, AM004). */
export const SLICES: Readonly<Record<string, string>> = {
  ultrascale: 'DSP48E2',
  ultrascale_plus: 'DSP48E2',
  versal: 'DSP58',
};

/** Families whose resources are counted in AMD's terms, and that AMD's tools do not build for. */
export const isIntel = (family: string): boolean => /^(stratix|agilex)/.test(family);

/** No chip has more of anything. */
const MAX_COUNT = 1e9;
const MAX_CHANNEL = 1023;
/** Bytes, or bytes a second: more than any memory has. */
const UNLIMITED = 1e15;

const COUNT = { whole: true, least: 0, most: MAX_COUNT } as const;
const CLOCK = { dimension: 'frequency', least: 1e6, most: 1e10 } as const satisfies Omit<Wanted, 'subject'>;

function resources(fields: Fields): ResourceCount {
  const count = (key: string): number => fields.quantity(key, COUNT) ?? 0;
  return { dsp: count('dsp'), bram36: count('bram'), uram: count('uram'), lut: count('lut'), ff: count('ff') };
}

class DeviceReader {
  readonly parts = new Map<string, Definition>();
  readonly unverified: string[] = [];
  private readonly env: Environment;

  constructor(env: Environment) {
    this.env = env;
  }

  read(sheet: tree.Sheet & { name: tree.Name }): ResolvedDevice {
    const fields = new Fields(sheet.items, this.env);
    const dies = fields.sections('die').flatMap((item) => this.die(item));
    const dieNames = dies.map((die) => die.name);
    if (dies.length === 0) this.env.report.missing(this.env.file, sheet.name, `device ‘${sheet.name.text}’`, 'a die');
    const memories = fields.sections('memory').flatMap((item) => this.memory(item, dieNames));
    const links = fields.sections('link').flatMap((item) => this.link(item, dieNames));
    const crossings = fields.sections('crossing').flatMap((item) => this.crossing(item, dieNames));
    const shell = fields.sections('shell').map((item) => this.shell(item, dieNames))[0];
    const engines = fields.sections('engines').flatMap((item) => this.engines(item))[0];
    const family = fields.word('family')?.text ?? 'unknown';
    const slice = fields.word('slice')?.text ?? SLICES[family];
    if (slice === undefined)
      this.unverified.push('slice: taken for a DSP48E2, the sheet names neither it nor a known family');
    const clock = fields.quantity('clock', CLOCK);
    if (clock === undefined)
      this.env.report.missing(this.env.file, sheet.name, `device ‘${sheet.name.text}’`, 'a clock');
    const ceiling = fields.quantity('ceiling', CLOCK);
    const idle = fields.quantities('idle', { dimension: 'power', least: 0, most: 1e6 });
    const limit = fields.quantity('power', { dimension: 'power', least: 0, most: 1e6 });
    const energy = fields.sections('energy').map((item) => this.energy(item))[0] ?? {};
    this.unverified.push(...fields.notes('unverified', (name) => this.bind(name)));
    this.unverified.push(...fields.notes('assumed').map((note) => `assumed: ${note}`));
    const device: Device = {
      name: sheet.name.text,
      span: spanOf(this.env.file, sheet.name),
      sheet: spanOf(this.env.file, sheet),
      ...(sheet.doc === undefined ? {} : { doc: sheet.doc }),
      part: fields.word('part')?.text ?? 'unknown part',
      family,
      dspKind: slice ?? 'DSP48E2',
      clock: clock ?? ceiling ?? DEFAULT_CLOCK,
      ...(ceiling === undefined ? {} : { clockCeiling: ceiling }),
      dies,
      crossings,
      memories,
      links,
      ...(shell ? { shell } : {}),
      ...(engines ? { engines } : {}),
      // A measured range counts with its middle.
      ...(idle.length === 0 ? {} : { idlePower: idle.reduce((sum, watts) => sum + watts, 0) / idle.length }),
      ...(limit === undefined ? {} : { boardPower: limit }),
      energy,
      unverified: this.unverified,
      sources: fields.notes('source'),
    };
    fields.finish();
    const target = definition('device', this.env.file, sheet.name, sheet, detailOf(device));
    return { device, target: { ...target, notes: provenance(device) }, parts: this.parts };
  }

  private die(item: tree.SheetItem): Die[] {
    const name = this.named(item, 'die');
    const fields = new Fields(item.items ?? [], this.env);
    const own = resources(fields);
    const planned = fields.sections('plan').map((section) => {
      const plan = new Fields(section.items ?? [], this.env);
      const count = resources(plan);
      plan.finish();
      return count;
    })[0];
    fields.finish();
    if (!name) return [];
    this.part(
      'die',
      name,
      item,
      `${formatNumber(own.dsp)} DSP · ${formatNumber(own.bram36)} BRAM · ${formatNumber(own.uram)} URAM`,
    );
    return [
      { name: name.text, resources: own, ...(planned ? { plan: planned } : {}), span: spanOf(this.env.file, name) },
    ];
  }

  private memory(item: tree.SheetItem, dies: string[]): Memory[] {
    const name = this.named(item, 'memory');
    const fields = new Fields(item.items ?? [], this.env);
    const channels = fields.span('channels', MAX_CHANNEL) ?? { first: 0, last: 0 };
    const owner = name ? `memory ‘${name.text}’` : 'a memory';
    const capacity = this.needed(fields, item, owner, 'capacity', 'bytes');
    const bandwidth = this.needed(fields, item, owner, 'bandwidth', 'bandwidth');
    const portBits = fields.quantity('port', { dimension: 'bits', whole: true, least: 8, most: 4096 }) ?? DEFAULT_PORT;
    const on = this.dies(fields, dies);
    fields.finish();
    if (!name) return [];
    const count = channels.last - channels.first + 1;
    const each = `${formatQuantity(capacity, 'bytes')}, ${formatQuantity(bandwidth, 'bandwidth')}`;
    this.part('memory', name, item, `${count} channel${count > 1 ? 's' : ''} of ${each}`);
    const span = spanOf(this.env.file, name);
    return [
      { name: name.text, channels, capacity, bandwidth, portBits, dies: on.length > 0 ? on : dies.slice(0, 1), span },
    ];
  }

  /** What nothing can stand for; where it is wrong or left out, no design is held against it. */
  private needed(fields: Fields, item: tree.SheetItem, owner: string, key: string, dimension: Dimension): number {
    if (!fields.has(key)) this.env.report.missing(this.env.file, item.names?.[0] ?? item.key, owner, `‘${key}:’`);
    return fields.quantity(key, { dimension, least: 1, most: UNLIMITED }) ?? UNLIMITED;
  }

  private link(item: tree.SheetItem, dies: string[]): Device['links'] {
    const name = this.named(item, 'link');
    const fields = new Fields(item.items ?? [], this.env);
    const ports = fields.quantities('ports', { whole: true, least: 0, most: 1023 }).length;
    const bandwidth = fields.quantity('bandwidth', { dimension: 'bandwidth', least: 1, most: 1e15 }) ?? 0;
    const efficiency = fields.quantity('efficiency', { dimension: 'share', least: 0, most: 1 }) ?? 1;
    const latency = fields.quantity('latency', { dimension: 'time', least: 0, most: 1 });
    const die = this.dies(fields, dies)[0] ?? dies[0];
    fields.finish();
    if (!name) return [];
    this.part('link', name, item, `${Math.max(1, ports)} × ${formatQuantity(bandwidth, 'bandwidth')}`);
    const more = { ...(latency === undefined ? {} : { latency }), ...(die === undefined ? {} : { die }) };
    return [{ name: name.text, ports: Math.max(1, ports), bandwidth, efficiency, ...more }];
  }

  private crossing(item: tree.SheetItem, dies: string[]): Device['crossings'] {
    const [from, to] = item.names ?? [];
    const fields = new Fields(item.items ?? [], this.env);
    const wires = fields.quantity('wires', COUNT) ?? 0;
    const plan = fields.quantity('plan', COUNT) ?? wires;
    fields.finish();
    if (!from || !to) {
      this.env.report.missing(this.env.file, item.key, 'crossing', 'the two dies it joins');
      return [];
    }
    return this.known(from, dies) && this.known(to, dies) ? [{ between: [from.text, to.text], wires, plan }] : [];
  }

  private shell(item: tree.SheetItem, dies: string[]): NonNullable<Device['shell']> {
    const fields = new Fields(item.items ?? [], this.env);
    const own = resources(fields);
    const die = this.dies(fields, dies)[0] ?? dies[0] ?? '';
    fields.finish();
    return { die, resources: own };
  }

  /** `energy { dsp: 5 pJ, byte: 40 pJ }` */
  private energy(item: tree.SheetItem): Device['energy'] {
    const fields = new Fields(item.items ?? [], this.env);
    const keys = { dsp: 'dsp', bram: 'bram36', uram: 'uram', lut: 'lut', ff: 'ff', byte: 'byte' } as const;
    const known = Object.entries(keys).flatMap(([key, name]) => {
      const joules = fields.quantity(key, { dimension: 'energy', least: 0, most: 1 });
      return joules === undefined ? [] : [[name, joules] as const];
    });
    fields.finish();
    return Object.fromEntries(known);
  }

  private engines(item: tree.SheetItem): NonNullable<Device['engines']>[] {
    const fields = new Fields(item.items ?? [], this.env);
    const count = fields.quantity('count', COUNT);
    const macsPerCycle = fields.quantity('macs', COUNT);
    const clock = fields.quantity('clock', CLOCK);
    fields.finish();
    if (count === undefined || macsPerCycle === undefined || clock === undefined) {
      this.env.report.missing(this.env.file, item.key, 'engines', 'count, macs and clock');
      return [];
    }
    return [{ count, macsPerCycle, clock }];
  }

  private dies(fields: Fields, dies: string[]): string[] {
    return fields
      .words('on')
      .filter((name) => this.known(name, dies))
      .map((name) => name.text);
  }

  private known(name: tree.Name, dies: string[]): boolean {
    if (this.parts.get(name.text)?.sort === 'die') this.bind(name);
    if (dies.includes(name.text)) return true;
    this.env.report.unknown(this.env.file, name, 'die', dies);
    return false;
  }

  private bind(name: tree.Name): void {
    const target = this.parts.get(name.text);
    if (target) this.env.report.bind(this.env.file, name, target);
  }

  private named(item: tree.SheetItem, sort: string): tree.Name | undefined {
    const name = item.names?.[0];
    if (!name) this.env.report.missing(this.env.file, item.key, sort, 'a name');
    const earlier = name && this.parts.get(name.text);
    if (!earlier) return name;
    this.env.report.duplicate(this.env.file, name, sort, earlier.span);
    return undefined;
  }

  private part(sort: DefinitionSort, name: tree.Name, item: tree.SheetItem, detail: string): void {
    this.parts.set(name.text, definition(sort, this.env.file, name, item, detail));
  }
}

/** The clock of the curves of arXiv 2312.15159, for a sheet without one. */
const DEFAULT_CLOCK = 250e6;
/** Widest port that kernels get under Vitis (UG1399, m_axi). */
const DEFAULT_PORT = 512;

/** A device of its sheet; problems go to the environment's report. */
export function resolveDevice(sheet: tree.Sheet & { name: tree.Name }, env: Environment): ResolvedDevice {
  return new DeviceReader(env).read(sheet);
}

/** '9,024 DSP · 32 HBM channels' */
function detailOf(device: Device): string {
  const dsp = device.dies.reduce((sum, die) => sum + die.resources.dsp, 0);
  const memories = device.memories.map(({ name, channels }) => {
    const count = channels.last - channels.first + 1;
    return `${count} ${name.toUpperCase()} channel${count > 1 ? 's' : ''}`;
  });
  const dies = device.dies.length > 1 ? [`${device.dies.length} dies`] : [];
  return [...dies, `${formatNumber(dsp)} DSP`, ...memories].join(' · ');
}
