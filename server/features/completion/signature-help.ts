import type { SignatureHelp, SignatureInformation } from 'vscode-languageserver-protocol';
import { type Expectation, expectedAt } from '../../../grammar/expect.ts';
import type * as tree from '../../../grammar/tree.ts';
import { signature as operatorSignature } from '../../design/model/graph.ts';
import { isOperatorKind, OPERATORS } from '../../design/operators.ts';
import type { Source } from '../../design/terms/scope.ts';
import { libraryDeclares } from '../../library/index.ts';
import { librarySource } from '../../sources.ts';
import type { Snapshot } from '../snapshot.ts';
import { functionSignatures, metricSignatures, phaseLabels } from '../vocabulary.ts';
import { words } from '../words.ts';

/** Something with arguments, as help shows it. */
interface Callable {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly doc?: string | undefined;
  /** The last parameter takes every argument that is left. */
  readonly open?: boolean;
}

interface Parameter {
  /** What stands before the colon of an argument; absent where an argument is known by its position alone. */
  readonly label?: string;
  /** 'layers: 12' */
  readonly text: string;
}

/** A longer chain of instances of instances is not followed, as in the resolver. */
const MAX_CHAIN = 16;

/** The arguments of the phase, model, operator or function whose brackets are open, and which one is being typed. */
export function signatureHelp(snapshot: Snapshot, offset: number): SignatureHelp | null {
  const expected = expectedAt(snapshot.analysis.text, offset);
  const { call } = expected;
  const callable = call && callableOf(snapshot, expected, call.callee);
  if (!call || !callable) return null;
  return {
    signatures: [information(callable)],
    activeSignature: 0,
    activeParameter: activeParameter(callable, call),
  };
}

/** An index behind the last parameter where the argument is none of them: then none is marked. */
function activeParameter(
  { parameters, open }: Callable,
  { argument, label }: NonNullable<Expectation['call']>,
): number {
  const none = parameters.length;
  if (label !== undefined) {
    const index = parameters.findIndex((one) => one.label === label);
    return index < 0 ? none : index;
  }
  return open ? Math.min(argument, none - 1) : Math.min(argument, none);
}

function information({ name, parameters, doc }: Callable): SignatureInformation {
  let label = `${name}(`;
  const spans = parameters.map(({ text }, index): [number, number] => {
    if (index > 0) label += ', ';
    label += text;
    return [label.length - text.length, label.length];
  });
  return {
    label: `${label})`,
    parameters: spans.map((span) => ({ label: span })),
    ...(doc && { documentation: { kind: 'markdown', value: doc } }),
  };
}

function callableOf(snapshot: Snapshot, { within, start }: Expectation, name: string): Callable | undefined {
  if (Object.hasOwn(functionSignatures, name)) return named(name, functionSignatures[name]!);
  switch (within) {
    case 'phase':
      return phase(name);
    case 'require':
    case 'objective':
      return Object.hasOwn(metricSignatures, name) ? named(name, metricSignatures[name]!) : undefined;
    case 'operation':
      return isOperatorKind(name) ? operator(name) : undefined;
    case 'model':
      // `model m(`: here the parameters are made, not given.
      return /\bmodel\s+\w+\s*\([^()]*$/.test(snapshot.analysis.text.slice(0, start))
        ? undefined
        : model(snapshot, name);
    case 'use-model':
      return model(snapshot, name);
    default:
      return undefined;
  }
}

function named(name: string, parameters: readonly string[]): Callable {
  return { name, parameters: parameters.map((text) => ({ text })), open: parameters.at(-1)?.endsWith('…') === true };
}

function phase(name: string): Callable | undefined {
  const labels = Object.hasOwn(phaseLabels, name) ? phaseLabels[name] : undefined;
  return labels && { name, parameters: labels.map((label) => ({ label, text: `${label}:` })), doc: words[name] };
}

function operator(kind: keyof typeof OPERATORS): Callable {
  const { inputs, options } = OPERATORS[kind];
  const texts = operatorSignature(kind)
    .slice(kind.length + 1, -1)
    .split(', ')
    .filter((text) => text !== '');
  const first = texts.length - options.length;
  const parameters = texts.map((text, index) => (index < first ? { text } : { label: text, text }));
  return { name: kind, parameters, open: inputs === Infinity };
}

/** A model with the parameters of the model that it is an instance of, and what they are where nothing is said. */
function model(snapshot: Snapshot, name: string): Callable | undefined {
  const defaults = new Map<string, string>();
  const [own] = modelsOf(snapshot, name);
  let found = own;
  for (let depth = 0; found?.node.instance?.name && depth < MAX_CHAIN; depth++) {
    const { node, source } = found;
    for (const { label, value } of node.instance?.arguments ?? []) {
      // The nearest instance has the last word.
      if (label && value && !defaults.has(label.text)) defaults.set(label.text, textOf(source, value));
    }
    found = modelsOf(snapshot, found.node.instance.name.text)[0];
  }
  if (!own || !found?.node.parameters) return undefined;
  const { node, source } = found;
  const parameters = (node.parameters ?? []).flatMap((parameter): Parameter[] => {
    const label = parameter.name?.text;
    if (label === undefined) return [];
    const written = parameter.default && textOf(source, parameter.default);
    const value = defaults.get(label) ?? written;
    return [{ label, text: value === undefined ? `${label}:` : `${label}: ${value}` }];
  });
  return { name, parameters, doc: own.node.doc ?? node.doc };
}

/** Models of a name: this file's, those of the files that are known, the library's. */
function modelsOf({ analysis, known }: Snapshot, name: string): { node: tree.Model; source: Source }[] {
  const uri = libraryDeclares('model', name);
  const standard = uri === undefined ? undefined : librarySource(uri);
  return [analysis, ...known(), ...(standard ? [standard] : [])].flatMap((source) =>
    source.parsed.tree.declarations.flatMap((node) =>
      node.kind === 'model' && node.name?.text === name ? [{ node, source }] : [],
    ),
  );
}

function textOf({ text }: Source, { range }: tree.Node): string {
  return text.slice(range.start, range.end).replace(/\s+/g, ' ');
}
