// Bundles the doors of the house into dist/: the editor's client, the language server, and the command line; client and
// server twice, for Node and for a browser.
//   node esbuild.mjs            what is shipped: minified, no source maps
//   node esbuild.mjs --watch    for work on Weft: source maps, rebuilt at every save
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as esbuild from 'esbuild';

const watch = process.argv.includes('--watch');
const outdir = 'dist';

/** @type {esbuild.BuildOptions} */
const shared = {
  outdir,
  external: ['vscode'],
  loader: { '.weft': 'text', '.h': 'text', '.cpp': 'text', '.py': 'text' }, // vitest.config.ts has the same list
  // The solver’s module build finds its WebAssembly by import.meta, which our bundles do not have; this one by its folder.
  alias: { highs: './node_modules/highs/build/highs.js' },
  bundle: true,
  minify: !watch,
  sourcemap: watch,
  metafile: true,
  logLevel: watch ? 'info' : 'warning',
  legalComments: 'none', // the licences of what is bundled are in dist/THIRD-PARTY.txt
};

/** @type {esbuild.BuildOptions} */
const forNode = {
  ...shared,
  entryPoints: {
    extension: 'client/extension.ts',
    'language-server': 'server/main.ts',
    'command-line': 'server/cli.ts',
  },
  // package.json says "type": "module"; the ending tells VS Code and Node that these files are CommonJS, in which
  // `require('vscode')` works in every version that engines.vscode admits.
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  platform: 'node',
  target: 'node22', // Node of VS Code 1.101, the oldest that package.json admits
  mainFields: ['module', 'main'], // `main` of some of the language server's packages is UMD, which cannot be bundled
};

/** @type {esbuild.BuildOptions} */
const forBrowsers = {
  ...shared,
  platform: 'browser',
  external: ['vscode', 'node:*'], // asked for by the solver where it finds itself in Node, which it is not here
  target: 'es2022',
  mainFields: ['browser', 'module', 'main'],
};

const builds = [
  forNode,
  {
    ...forBrowsers,
    entryPoints: { browser: 'client/browser.ts' },
    format: /** @type {const} */ ('cjs'),
    outExtension: { '.js': '.cjs' },
  },
  { ...forBrowsers, entryPoints: { 'server.browser': 'server/browser.ts' }, format: /** @type {const} */ ('iife') },
];

/**
 * The licence texts of the packages whose code went into the bundles, as those licences ask.
 * @param {Pick<esbuild.Metafile, 'inputs'>} metafile
 */
function licences(metafile) {
  const bundled = Object.keys(metafile.inputs).map(
    (file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0],
  );
  return [...new Set(bundled)].sort().flatMap((folder) => {
    if (folder === undefined) return [];
    const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    const texts = readdirSync(folder).filter((file) => /^(licen[cs]e|notice)/i.test(file));
    return [
      `${name} ${version} (${license})`,
      ...texts.map((file) => readFileSync(`${folder}/${file}`, 'utf8').trim()),
      '',
    ];
  });
}

/** What starts a bundle (server/start.ts): the command line's and the server's, by the names that people and editors know. */
const starters = { cli: 'command-line', server: 'language-server' };

/** @type {(name: string, bundle: string) => Promise<unknown>} */
const start = (name, bundle) =>
  esbuild.build({
    ...forNode,
    entryPoints: { [name]: 'server/start.ts' },
    metafile: false,
    banner: name === 'cli' ? { js: '#!/usr/bin/env node' } : {},
    define: {
      BUNDLE: JSON.stringify(bundle),
      HASH: JSON.stringify(
        createHash('sha256')
          .update(readFileSync(`${outdir}/${bundle}.cjs`))
          .digest('hex')
          .slice(0, 16),
      ),
    },
  });

mkdirSync(outdir, { recursive: true });
copyFileSync('node_modules/highs/build/highs.wasm', `${outdir}/highs.wasm`);
if (watch) {
  for (const [name, bundle] of Object.entries(starters))
    writeFileSync(`${outdir}/${name}.cjs`, `require('./${bundle}.cjs');\n`); // no hash holds while it is being edited
  for (const options of builds) await (await esbuild.context(options)).watch();
} else {
  const made = await Promise.all(builds.map((options) => esbuild.build(options)));
  for (const [name, bundle] of Object.entries(starters)) await start(name, bundle);
  chmodSync(`${outdir}/cli.cjs`, 0o755);
  const metafile = {
    inputs: Object.assign({}, ...made.map((one) => one.metafile?.inputs)),
    outputs: Object.assign({}, ...made.map((one) => one.metafile?.outputs)),
  };
  writeFileSync(`${outdir}/meta.json`, JSON.stringify(metafile)); // for test/check
  writeFileSync(`${outdir}/THIRD-PARTY.txt`, licences(metafile).join('\n\n'));
}
