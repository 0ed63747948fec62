/** The resolution of one declaration: its files, its report, and what others were found to mean, each read once. */
import type * as tree from '../../../grammar/tree.ts';
import { isLibrary } from '../../library/index.ts';
import type { Baseline } from '../design.ts';
import type { Definition } from '../problem.ts';
import { baselineDetail, resolveBaseline } from '../sheets/baseline.ts';
import { type ResolvedDevice, resolveDevice } from '../sheets/device.ts';
import { builtInPrecision, PRECISION_NAMES, precisionDetail, resolvePrecision } from '../sheets/precision.ts';
import { provenance } from '../sheets/sheet.ts';
import type { Chosen } from '../terms/choices.ts';
import { Constants } from '../terms/constants.ts';
import type { Constant } from '../terms/expression.ts';
import { definition, type Report } from '../terms/report.ts';
import type { FileScope, Files, Found } from '../terms/scope.ts';
import type { Precision } from '../workload.ts';
import { type Configuration, isProblem, readConfiguration } from './configuration.ts';

type Named<T extends { name?: tree.Name }> = T & { name: tree.Name };

/** A sheet's meaning with the definition of its name. */
interface Resolved<T> {
  readonly value: T;
  readonly target: Definition;
}

/** A sheet of the library means the same to whoever does not read the library itself. */
const ofLibrary = new WeakMap<tree.Sheet, ResolvedDevice | Resolved<Baseline> | Resolved<Precision>>();

/** A longer chain of instances of instances is not followed. */
export const MAX_CHAIN = 16;

export class Context {
  readonly report: Report;
  readonly files: Files;
  readonly constants: Constants;
  private readonly sheets = new WeakMap<tree.Sheet, ResolvedDevice | Resolved<Baseline> | Resolved<Precision>>();
  private readonly models = new Map<tree.Model, Definition>();
  private readonly configurations = new Map<tree.StringLiteral, Configuration | undefined>();

  /** Values of `choose` by name; the first of each where it is not here. */
  readonly chosen: Chosen;

  constructor(files: Files, report: Report, chosen: Chosen, known: (node: tree.Let) => Constant | undefined) {
    this.chosen = chosen;
    this.report = report;
    this.files = files;
    this.constants = new Constants(files, report, known);
  }

  /** The device of a name used in `file`; unknown names are reported. */
  device(name: tree.Name, file: FileScope): ResolvedDevice | undefined {
    const found = this.files.find('device', name.text, file);
    if (!found) {
      this.report.unknown(file, name, 'device', this.files.names('device', file));
      return undefined;
    }
    const resolved = this.deviceOf(found);
    this.report.bind(file, name, resolved.target);
    return resolved;
  }

  deviceOf({ node, file }: Found<tree.Sheet>): ResolvedDevice {
    return this.once(node, file, () => resolveDevice(node as Named<tree.Sheet>, this.constants.environment(file)));
  }

  baselineOf({ node, file }: Found<tree.Sheet>): Resolved<Baseline> {
    return this.once(node, file, () => {
      const sheet = node as Named<tree.Sheet>;
      const value = resolveBaseline(sheet, this.constants.environment(file), (name) => this.timed(name, file));
      const target = definition('baseline', file, sheet.name, sheet, baselineDetail(value));
      return { value, target: { ...target, notes: provenance(value) } };
    });
  }

  /** A model that was timed may be one that nobody has written down: its name is then only a name. */
  private timed(name: tree.Name, file: FileScope): void {
    const found = this.files.find('model', name.text, file);
    if (found) this.report.bind(file, name, this.modelDefinition(found.node, found.file));
  }

  precisionOf({ node, file }: Found<tree.Sheet>): Resolved<Precision> {
    return this.once(node, file, () => {
      const sheet = node as Named<tree.Sheet>;
      const value = resolvePrecision(sheet, this.constants.environment(file));
      return { value, target: definition('precision', file, sheet.name, sheet, precisionDetail(value)) };
    });
  }

  /** A declared precision, or one that needs no declaration; unknown names are reported. */
  precision(name: tree.Name, file: FileScope): Precision | undefined {
    const found = this.files.find('precision', name.text, file);
    if (found) {
      const { value, target } = this.precisionOf(found);
      this.report.bind(file, name, target);
      return value;
    }
    const known = builtInPrecision(name.text);
    if (!known)
      this.report.unknown(file, name, 'precision', [...this.files.names('precision', file), ...PRECISION_NAMES]);
    return known;
  }

  /** What `bert_base` or `gpt2` names. */
  modelDefinition(node: tree.Model, file: FileScope): Definition {
    const known = this.models.get(node);
    if (known) return known;
    const name = (node as Named<tree.Model>).name;
    const target = definition('model', file, name, node, this.modelDetail(node, file));
    this.models.set(node, target);
    return target;
  }

  /** Binds the names of `model m = gpt2(layers: 24)` and reads configurations, used or not. */
  checkInstance(reference: tree.ModelReference, file: FileScope): void {
    const { name, importPath } = reference;
    if (importPath) this.configuration(importPath, file);
    const found = name && this.files.find('model', name.text, file);
    if (found) this.report.bind(file, name, this.modelDefinition(found.node, found.file));
    else if (name) this.report.unknown(file, name, 'model', this.files.names('model', file));
    if (found) this.checkLabels(reference, found, file);
  }

  /** The parameters that labels of `gpt2(layers: 24)` name are those of the model with a body, behind whatever instances. */
  private checkLabels(
    reference: tree.ModelReference,
    found: { node: tree.Model; file: FileScope },
    file: FileScope,
  ): void {
    let model = found;
    for (let depth = 0; depth < MAX_CHAIN && !model.node.body && model.node.instance?.name; depth++) {
      const next = this.files.find('model', model.node.instance.name.text, model.file);
      if (!next) return;
      model = next;
    }
    if (!model.node.body) return;
    const named = (model.node.parameters ?? []).flatMap((one) => (one.name ? [{ node: one, name: one.name }] : []));
    for (const { label } of reference.arguments ?? []) {
      const known = label && named.find(({ name }) => name.text === label.text);
      if (known) this.report.bind(file, label, definition('parameter', model.file, known.name, known.node));
      else if (label)
        this.report.unknown(
          file,
          label,
          'parameter',
          named.map(({ name }) => name.text),
        );
    }
  }

  /** The configuration that `import "config.json"` names; undefined, reported, where it says nothing usable. */
  configuration(path: tree.StringLiteral, file: FileScope): Configuration | undefined {
    if (!this.configurations.has(path)) this.configurations.set(path, this.readConfiguration(path, file));
    return this.configurations.get(path);
  }

  private readConfiguration(path: tree.StringLiteral, file: FileScope): Configuration | undefined {
    const { report, files } = this;
    if (!path.value.endsWith('.json')) {
      report.invalid(file, path, 'the path of a model', `‘${path.value}’`, 'that of a Hugging Face ‘config.json’');
      return undefined;
    }
    const text = files.data(file, path);
    const found = text === undefined ? undefined : readConfiguration(text);
    if (!found) return undefined;
    if (!isProblem(found)) {
      for (const { subject, consequence } of found.leftOut) report.notModelled(file, path, subject, consequence);
      return found;
    }
    const owner = `‘${path.value}’`;
    if (found.code === 'missing-part') report.missing(file, path, owner, found.part);
    else report.invalid(file, path, `${found.subject} of ${owner}`, found.found, found.expected);
    return undefined;
  }

  /** 'bert(layers: 12, hidden: 768, heads: 12, ffn: 3072)', '(layers, hidden, heads, ffn)' */
  private modelDetail({ instance, parameters = [] }: tree.Model, file: FileScope): string {
    const configured = instance?.importPath && this.configuration(instance.importPath, file);
    if (configured) {
      const values = [...configured.arguments].map(([name, value]) => `${name}: ${value}`);
      return `${configured.model}(${values.join(', ')})`;
    }
    if (instance) return file.text.slice(instance.range.start, instance.range.end);
    return `(${parameters.map((parameter) => parameter.name?.text ?? '').join(', ')})`;
  }

  private once<T extends ResolvedDevice | Resolved<Baseline> | Resolved<Precision>>(
    node: tree.Sheet,
    file: FileScope,
    make: () => T,
  ): T {
    const sheets = isLibrary(file.uri) && file.uri !== this.report.uri ? ofLibrary : this.sheets;
    const known = sheets.get(node);
    if (known) return known as T;
    const made = make();
    sheets.set(node, made);
    return made;
  }
}
