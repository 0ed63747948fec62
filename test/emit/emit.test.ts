import { describe, expect, test } from 'vitest';
import { lintSources } from '../../server/emit/lint.ts';
import { manifestOf, manifestPath, parseManifest } from '../../server/emit/manifest.ts';
import type { Project } from '../../server/emit/project.ts';
import { headers } from '../../server/kernels/index.ts';
import { emitted, exampleOf, exampleText, fileOf, folders, generatingText, projectOf } from './projects.ts';

const example = projectOf(exampleText);
const golden = (name: string) => new URL(`../golden/emit/${name}`, import.meta.url).pathname;

/** The texts that a synthesis tool reads. */
const sourcesOf = (project: Project) =>
  project.files
    .filter((file) => file.path.startsWith('src/'))
    .map(({ path, content }) => ({ path, text: String(content) }));

describe('the project of the example', () => {
  test('has these files', async () => {
    const list = `${example.files.map((file) => file.path).join('\n')}\n`;
    await expect(list).toMatchFileSnapshot(golden('files.txt'));
  });

  test('has a top a die, and reads like this', async () => {
    await expect(fileOf(example, 'src/attend.cpp')).toMatchFileSnapshot(golden('attend.cpp'));
    await expect(fileOf(example, 'link/u280.cfg')).toMatchFileSnapshot(golden('u280.cfg'));
    await expect(fileOf(example, 'hls/attend.cfg')).toMatchFileSnapshot(golden('attend.cfg'));
  });

  test('is the same, byte for byte, every time', () => {
    expect(projectOf(exampleText)).toEqual(example);
  });

  test('has the hash of every file in its manifest', () => {
    const manifest = parseManifest(fileOf(example, manifestPath));
    expect(manifest).toEqual(manifestOf(example.files.filter((file) => file.path !== manifestPath)));
  });

  test('names no path of a machine, no time and no person', () => {
    for (const { path, content } of example.files)
      expect(String(content), path).not.toMatch(/\/home\/|\/tmp\/|\/work\/|file:\/\//);
  });

  test('ties each port to one channel and each stream between dies to one port on either side', () => {
    const link = fileOf(example, 'link/u280.cfg');
    const ports = [...link.matchAll(/^sp=(\w+)_1\.(\w+):HBM\[\d+\]$/gm)];
    for (const [, top, port] of ports) expect(fileOf(example, `src/${top}.h`)).toContain(`*${port}`);
    const streams = [...link.matchAll(/^stream_connect=(\w+)_1\.(\w+):(\w+)_1\.(\w+):\d+$/gm)];
    expect(streams.length).toBeGreaterThan(3);
    for (const [, from, out, to, into] of streams) {
      expect(fileOf(example, `src/${from}.cpp`)).toContain(`INTERFACE axis port=${out}\n`);
      expect(fileOf(example, `src/${to}.cpp`)).toContain(`INTERFACE axis port=${into}\n`);
    }
  });

  test('gives every stream one constant for the depth of the type and of the pragma, and a storage', () => {
    for (const { path, text } of sourcesOf(example).filter((source) => source.path.endsWith('.cpp'))) {
      const locals = [...text.matchAll(/^ {2}hls::stream<.*, (\w+)> (\w+)\("\2"\);$/gm)];
      expect(locals.length, path).toBeGreaterThan(3);
      for (const [, depth, name] of locals) {
        expect(text).toMatch(new RegExp(`^constexpr int ${depth} = \\d+;$`, 'm'));
        expect(text).toContain(`#pragma HLS STREAM variable=${name} depth=${depth} type=fifo\n`);
        expect(text).toMatch(
          new RegExp(`#pragma HLS BIND_STORAGE variable=${name} type=fifo impl=(srl|lutram|bram|uram)\\n`),
        );
      }
    }
  });

  test('uses documented pragmas and names only', () => {
    expect(lintSources(sourcesOf(example))).toEqual([]);
  });
});

test('the whole kernel library uses documented pragmas and names only', () => {
  expect(lintSources(Object.entries(headers).map(([path, text]) => ({ path, text })))).toEqual([]);
});

describe('what cannot be exported is refused with what to change', () => {
  const refusalOf = (text: string): string => {
    const project = emitted(text);
    return 'refused' in project ? project.refused.join('\n') : 'exported';
  };

  test.each([
    ['device    u280 at', 'device    2 x u280 at', /2 cards.*write ‘device u280’/],
    [
      'phase     forward(tokens: 64)',
      'phase     decode(past: 64)',
      /kernel scores: .*64 of them from earlier passes.*‘cache hbm\[8\]’/,
    ],
    ['copies    1 ', 'copies    2 ', /copies 2.*write ‘copies 1’/],
    ['kernel norm1   lanes 8 ', 'kernel norm1   lanes 8  on slr0 ', /dies: two of them feed each other.*move a kernel/],
    ['kernel act     lanes 8', 'kernel act     lanes 8  on host', /operator act: it is not on the FPGA/],
    [
      'kernel down    array 8 x 16 ',
      'kernel fast : down  array 8 x 16  for block[0..3]\n    kernel down    array 8 x 16  for block[4..11]',
      /layer block: its passes 4 to 11 have kernels of their own.*leave ‘for block\[…\]’ out/,
    ],
  ])('%s → %s', (from, to, reason) => {
    const text = exampleOf(64);
    expect(text).toContain(from);
    expect(refusalOf(text.replace(from, to))).toMatch(reason);
  });
});

test('what is outside of the repeated layer is not left out in silence, in a phase of two kinds of passes neither', () => {
  const [head, generate] = ['prefill(tokens: 32)', 'generate(prompt: 32, output: 8)'].map((phase) => {
    const project = emitted(`accelerator a {
      device u280
      model  gpt2(layers: 2, hidden: 64, heads: 2, ffn: 128)
      phase  ${phase}
      precision W8A8
      kernel lm_head  array 8 x 8
    }`);
    return 'refused' in project ? project.refused : [];
  });
  const outside = expect.stringMatching(/^kernel lm_head: lm_head is outside of the layer that repeats.*on host’$/);
  expect(head).toEqual([outside]);
  expect(generate).toEqual([outside]);
});

test('a prompt and the tokens behind it are a project each, and K and V lie alike in both', () => {
  const project = projectOf(generatingText);
  const paths = project.files.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining(['Makefile', 'README.md', 'prompt/Makefile', 'token/Makefile']));
  expect(paths.filter((path) => path.endsWith(manifestPath))).toEqual([manifestPath]);
  const [prompt, token] = ['prompt', 'token'].map((pass) => fileOf(project, `${pass}/host/layer.h`));
  const kept = (text: string) => [...text.matchAll(/(\w+)_bytes = (\d+);\n.*\n {2}return layout::cache\{(.*)\}/g)];
  expect(kept(prompt!)).toHaveLength(2);
  expect(kept(token!).map(([text]) => text)).toEqual(kept(prompt!).map(([text]) => text));
  expect(token).toContain('constexpr int past = 11;'); // 9 rows of the prompt, and the 2 tokens that the last one looks back on
  expect(fileOf(project, 'token/link/u280.cfg')).toContain('sp=');
});

describe('the host programs', () => {
  const disk = folders();

  test('compile with the headers of XRT (Debian: libxrt-dev)', async () => {
    const folder = await disk.write(projectOf(exampleOf(32)));
    const flags = ['-std=c++17', '-fsyntax-only', '-Wall', '-Wextra', '-Werror', '-isystem', '/usr/include/xrt'];
    expect(await folder.run('g++', [...flags, 'host/host.cpp'])).toEqual({ code: 0, output: '' });
  });

  test('the script is Python', async () => {
    const folder = await disk.write(projectOf(exampleOf(32)));
    expect(await folder.run('python3', ['-c', 'compile(open("host/host.py").read(), "host.py", "exec")'])).toEqual({
      code: 0,
      output: '',
    });
  });
});
