import { posix } from 'node:path';
import { parseSync } from 'oxc-parser';

const { dirname } = posix;

/** What the files of one layer may import, beside each other and the layers above it in the table. */
interface Layer {
  /**
   * The folders and files that the layer is made of; none of them imports another. `a/` is all below that folder that no layer
   * above names, `a/*` the files right in it.
   */
  readonly of: readonly string[];
  /** npm packages, without the path inside the package. */
  readonly packages?: readonly string[];
  /** Whether it may use Node's own modules: only where files, processes or connections are, at the edge. */
  readonly node?: true;
}

/** What only those know who speak the protocol. */
const protocol = [
  'vscode-uri',
  'vscode-languageserver',
  'vscode-languageserver-protocol',
  'vscode-languageserver-textdocument',
];

/** ARCHITECTURE.md's picture: a file imports from its own room and from layers above its own, never from one below. */
const layers: readonly Layer[] = [
  { of: ['package.json'] },
  { of: ['grammar/'], packages: ['chevrotain'] },
  {
    of: [
      'server/diagnostic.ts',
      'server/grouped.ts',
      'server/library/',
      'server/remembered.ts',
      'server/requests.ts',
      'server/version.ts',
    ],
  },
  { of: ['server/design/hardware.ts', 'server/design/problem.ts', 'server/design/workload.ts'] },
  { of: ['server/design/design.ts'] },
  { of: ['server/design/operators.ts', 'server/design/terms/'] },
  { of: ['server/design/sheets/'] },
  { of: ['server/design/model/'] },
  { of: ['server/design/mapping/'] },
  { of: ['server/design/defaults/'] },
  { of: ['server/design/'] },
  { of: ['server/kernels/'] },
  { of: ['server/weights/'] },
  { of: ['server/format.ts'] },
  {
    of: [
      'server/estimate/amounts.ts',
      'server/estimate/closed-form.ts',
      'server/estimate/flow/',
      'server/estimate/loops/',
      'server/estimate/netlist.ts',
      'server/estimate/remember.ts',
    ],
  },
  { of: ['server/estimate/estimate.ts'] },
  { of: ['server/estimate/lower/'] },
  { of: ['server/estimate/cost/'] },
  { of: ['server/estimate/time/'] },
  { of: ['server/estimate/whole/'] },
  { of: ['server/estimate/'] },
  { of: ['server/tune/'] },
  { of: ['server/rules/', 'server/report/'] },
  { of: ['server/emit/'] },
  { of: ['server/sources.ts'] },
  { of: ['server/analysis.ts'] },
  { of: ['server/exporting.ts', 'server/comparing.ts', 'server/tuning.ts'] },
  { of: ['server/export-words.ts'], packages: ['diff'] },
  { of: ['server/export-files.ts'] },
  { of: ['server/disk.ts', 'server/parameter-files.ts'], node: true },
  { of: ['server/documents.ts'], packages: ['vscode-languageserver-textdocument'] },
  { of: ['server/workspace.ts'], packages: ['vscode-uri', 'vscode-languageserver-textdocument'], node: true },
  { of: ['server/folders.ts'] },
  { of: ['server/features/*'], packages: protocol },
  { of: ['server/features/names/'], packages: protocol },
  { of: ['server/features/refactorings/'], packages: protocol },
  {
    of: ['server/features/completion/', 'server/features/hover/', 'server/features/structure/'],
    packages: protocol,
  },
  { of: ['server/features/protocol/'], packages: protocol },
  { of: ['server/solver.ts'], packages: ['highs'], node: true },
  { of: ['server/tune-thread.ts'], node: true },
  { of: ['server/tune-worker.ts'], packages: ['highs'] },
  { of: ['server/main.ts'], packages: ['vscode-uri', 'vscode-languageserver'], node: true },
  { of: ['server/browser.ts'], packages: ['vscode-languageserver'] },
  { of: ['server/usage.ts'], node: true },
  { of: ['server/spec-files.ts'], packages: ['vscode-uri'], node: true },
  { of: ['server/sweep/'], node: true },
  { of: ['server/tune-cores.ts'], node: true },
  { of: ['server/tune-command.ts'], node: true },
  { of: ['server/command-line.ts'], node: true },
  { of: ['server/cli.ts'], node: true },
  { of: ['server/start.ts'], node: true },
];

/** What the client may know of the server: the names and shapes of its own requests. */
const sharedWithClient = 'server/requests.ts';

/** The client speaks with the server by the protocol alone, and is the only one that knows VS Code. */
const client: Layer = { of: ['client/'], packages: ['vscode', 'vscode-languageclient', 'vscode-uri'], node: true };

/** The modules that a source imports, `import type` and re-exports included. */
function imports(path: string, text: string): string[] {
  const { module, errors } = parseSync(path, text);
  if (errors.length > 0) return []; // the compiler reports them
  return [
    ...module.staticImports.map((item) => item.moduleRequest.value),
    ...module.staticExports.flatMap((item) => item.entries.flatMap((entry) => entry.moduleRequest?.value ?? [])),
    ...module.dynamicImports.map((item) => text.slice(item.moduleRequest.start + 1, item.moduleRequest.end - 1)),
  ];
}

interface Place {
  readonly rank: number;
  readonly room: string;
  readonly layer: Layer;
}

function place(path: string): Place | undefined {
  for (const [rank, layer] of [...layers, client].entries()) {
    const room = layer.of.find((name) => {
      if (name.endsWith('/*')) return dirname(path) === dirname(name);
      return name.endsWith('/') ? path.startsWith(name) : path === name;
    });
    if (room !== undefined) return { rank, room, layer };
  }
  return undefined;
}

function complaint(path: string, target: string): string | undefined {
  const from = place(path);
  if (!from) return undefined; // said once for the file
  if (target.startsWith('.')) {
    const to = place(new URL(target, `file:///${path}`).pathname.slice(1));
    if (!to) return `${path} imports ${target}, which is in no layer of test/check/layers.ts`;
    const upwards = from.layer !== client && to.layer !== client && to.rank < from.rank;
    return from.room === to.room || upwards || (from.layer === client && to.room === sharedWithClient)
      ? undefined
      : `${path} (${from.room}) may not import ${target} (${to.room})`;
  }
  if (target.startsWith('node:'))
    return from.layer.node ? undefined : `${path} may not import ${target}: only doors use Node`;
  const name = target.split('/', target.startsWith('@') ? 2 : 1).join('/');
  return from.layer.packages?.includes(name) ? undefined : `${path} (${from.room}) may not import the package ${name}`;
}

/** The first cycle of imports that is found from each file, as the files along it. */
function cycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    if (trail.includes(path)) {
      found.push(`a cycle of imports: ${[...trail.slice(trail.indexOf(path)), path].join(' → ')}`);
      return;
    }
    if (done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}

/**
 * Checks who imports whom.
 * @param sources paths from the repository's root, with their texts
 * @returns one sentence for each import that breaks the table, and for each cycle
 */
export function checkLayers(sources: ReadonlyMap<string, string>): string[] {
  const graph = new Map([...sources].map(([path, text]) => [path, imports(path, text)] as const));
  const inside = new Map(
    [...graph].map(([path, targets]) => [
      path,
      targets
        .filter((target) => target.startsWith('.'))
        .map((target) => new URL(target, `file:///${path}`).pathname.slice(1)),
    ]),
  );
  return [
    ...[...sources.keys()]
      .filter((path) => !place(path))
      .map((path) => `${path} is in no layer of test/check/layers.ts`),
    ...[...graph].flatMap(([path, targets]) => targets.flatMap((target) => complaint(path, target) ?? [])),
    ...cycles(inside),
  ];
}
