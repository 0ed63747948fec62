/** *Weft: Tune* over the protocol: with a door of this process, and with the thread of the shipped server. */
import loadHighs from 'highs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Diagnostic,
  DiagnosticSeverity,
  WorkDoneProgressCancelNotification,
} from 'vscode-languageserver-protocol';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Door } from '../../../server/features/door.ts';
import { Proposals } from '../../../server/features/protocol/tuning.ts';
import { methods, type TuneResult } from '../../../server/requests.ts';
import type { Solver } from '../../../server/tune/integer-program.ts';
import { runTuneJob } from '../../../server/tuning.ts';
import { type Client, spawnServer } from '../../kit/client.ts';
import { openArray } from '../../kit/open-array.ts';
import { opened, URI } from '../opened.ts';

const spec = (imports = '') => `${imports}${openArray}`;

/** A design may well wait for a channel that the spec ties its kernel to: that is a warning. */
const errorsOf = (diagnostics: readonly Diagnostic[]) =>
  diagnostics.filter(({ severity }) => severity === DiagnosticSeverity.Error);

let solver: Solver;
beforeAll(async () => {
  solver = await loadHighs();
});

const here: NonNullable<Door['tune']> = (job, onProgress) => ({
  answer: Promise.resolve().then(() => runTuneJob(job, solver, onProgress)),
  stop() {},
});

const tuned = (client: Client, accelerator?: string) =>
  client.connection.sendRequest<TuneResult>(methods.tune, { uri: URI, ...(accelerator && { accelerator }) });

const front = (client: Client, ...axes: string[]) =>
  client.connection.sendRequest<TuneResult>(methods.tune, { uri: URI, front: axes });

describe('the request', () => {
  test('answers a proposal that the server reads out, prices, and that applies to the spec', async () => {
    const { client, text } = await opened(spec(), { door: { tune: here } });
    const result = await tuned(client);
    if (result.kind !== 'tuned') throw new Error(JSON.stringify(result));
    expect(result.version).toBe(1);
    expect(result.reports[0]).toMatch(/^small: .* a layer/);
    const proposal = await client.connection.sendRequest<string>(methods.text, { uri: result.proposal });
    expect(proposal).toMatch(/kernel up +array \d+ x \d+/);
    expect(errorsOf(await client.open(result.proposal, proposal))).toEqual([]);
    // The edits lead from the document to the proposal.
    await client.change(URI, ...[...result.edits].reverse().map(({ range, newText }) => ({ range, text: newText })));
    expect(client.document(URI).getText()).toBe(proposal);
    expect(proposal).not.toBe(text);
    expect(client.progress[0]).toMatchObject({ kind: 'begin', cancellable: true });
    const reports = client.progress.flatMap((one) => (one.kind === 'report' ? [one] : []));
    expect(reports.map(({ message }) => message)).toContain('options with 8 rows side by side');
    const shares = reports.map(({ percentage }) => percentage!);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(client.progress.at(-1)).toMatchObject({ kind: 'end' });
  });

  test('a proposal imports from where its spec does', async () => {
    const files = { 'file:///workspace/sub/numbers.weft': 'let rows = 8\n' };
    const { client } = await opened(spec('import "sub/numbers.weft"\n\n'), { files, door: { tune: here } });
    const result = await tuned(client, 'small');
    if (result.kind !== 'tuned') throw new Error(JSON.stringify(result));
    const proposal = await client.connection.sendRequest<string>(methods.text, { uri: result.proposal });
    expect(errorsOf(await client.open(result.proposal, proposal))).toEqual([]);
  });

  test.each([
    ['a spec with holes', spec().replace('u280', 'u208'), undefined, /unknown-name: /],
    ['another accelerator', spec(), 'other', /no accelerator ‘other’/],
    ['no accelerator', 'let a = 8\n', undefined, /no accelerator in the file/],
  ])('says why not: %s', async (_, text, name, reason) => {
    const { client } = await opened(text, { door: { tune: here } });
    const result = await tuned(client, name);
    expect(result.kind === 'none' ? result.reasons.join() : result.kind).toMatch(reason);
  });

  test('without a worker it says where to go', async () => {
    const { client } = await opened(spec());
    expect(await tuned(client)).toEqual({ kind: 'none', reasons: [expect.stringMatching(/weft tune/)] });
  });

  test('cancelled in the progress, the run is stopped, and the server answers on', async () => {
    let stopped = 0;
    const { client } = await opened(spec(), {
      door: { tune: () => ({ answer: new Promise(() => undefined), stop: () => void stopped++ }) },
    });
    const waiting = tuned(client);
    const token = await client.progressToken();
    await client.connection.sendNotification(WorkDoneProgressCancelNotification.type, { token });
    expect(await waiting).toEqual({ kind: 'cancelled' });
    expect(stopped).toBe(1);
    expect((await client.hints(URI)).length).toBeGreaterThan(0);
  });

  test('a run in a thread ends with its progress', async () => {
    const client = await spawnServer(process.execPath, ['dist/server.cjs', '--stdio']);
    // Nothing but the head: the search takes seconds, and is called off.
    await client.open(
      URI,
      spec()
        .replace(/ {2}kernel.*\n/g, '')
        .replaceAll('64', '768'),
    );
    const waiting = tuned(client);
    const token = await client.progressToken();
    await client.connection.sendNotification(WorkDoneProgressCancelNotification.type, { token });
    expect(await waiting).toEqual({ kind: 'cancelled' });
    await client.stop(); // the process ends: no thread keeps it
  });

  test('a run that dies is an error of the request, said in the log', async () => {
    const tune = () => ({ answer: Promise.reject(new Error('out of memory')), stop() {} });
    const { client } = await opened(spec(), { door: { tune } });
    await expect(tuned(client)).rejects.toThrow('weft/tune failed: out of memory');
    expect(client.log.join()).toContain('out of memory');
  });
});

describe('the request for a front', () => {
  test('answers designs, each of them slower and leaner than the one before, as proposals that apply', async () => {
    const { client, text } = await opened(spec(), { door: { tune: here } });
    const result = await front(client, 'latency', 'dsp');
    if (result.kind !== 'front') throw new Error(JSON.stringify(result));
    expect(result).toMatchObject({ accelerator: 'small', version: 1 });
    const { points, asItStands } = result;
    expect(points.length).toBeGreaterThan(2);
    expect(asItStands).toMatch(/^[\d.]+ .s · [\d,]+ DSP$/);
    expect(points.map(({ title }) => title)).not.toContain(asItStands);
    const figures = points.map(({ title }) => {
      const [, time, dsp] = title.match(/^([\d.]+) µs · ([\d,]+) DSP$/) ?? [];
      return { time: Number(time), dsp: Number(dsp?.replaceAll(',', '')) };
    });
    for (const [index, { time, dsp }] of figures.slice(1).entries()) {
      expect(time).toBeGreaterThan(figures[index]!.time);
      expect(dsp).toBeLessThan(figures[index]!.dsp);
    }
    expect(points[0]!.detail).toMatch(/^(one row|\d+ rows) side by side$/);
    expect(points[1]!.detail).toMatch(/ side by side; \d+% of the latency and \d+% of the DSP of the first$/);
    expect(new Set(points.map(({ proposal }) => proposal)).size).toBe(points.length);
    // Every one is a document, and what its edits leave of the spec.
    for (const { proposal, edits } of points) {
      const written = await client.connection.sendRequest<string>(methods.text, { uri: proposal });
      expect(written).toMatch(/kernel up +array \d+ x \d+/);
      expect(TextDocument.applyEdits(TextDocument.create(URI, 'weft', 1, text), [...edits])).toBe(written);
    }
    // The server prices the last one as its line says.
    const { proposal } = points.at(-1)!;
    const written = await client.connection.sendRequest<string>(methods.text, { uri: proposal });
    expect(await client.open(proposal, written)).toEqual([]);
    const { time, dsp } = figures.at(-1)!;
    expect(client.statuses.get(proposal)?.tooltip).toMatch(new RegExp(`\\n${time} µs per layer[^]*\\n${dsp} DSP `));
    expect(client.progress[0]).toMatchObject({ kind: 'begin', title: 'Weft: Tune for a Front', cancellable: true });
    const shares = client.progress.flatMap((one) => (one.kind === 'report' ? [one.percentage!] : []));
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBeLessThanOrEqual(100);
  });

  test.each([
    ['no axis of that name', spec(), ['latency', 'dps'], /‘dps’ is no axis of a front. There are latency, dsp, /],
    [
      'several accelerators',
      `${spec()}accelerator other {\n  device u280\n  model ffn\n  phase forward(tokens: 16)\n}\n`,
      ['latency', 'dsp'],
      /name one of small and other/,
    ],
    ['nothing open', spec().replace('array auto', 'array 8 x 8'), ['latency', 'dsp'], /small: nothing is left open/],
    [
      'no power in the sheet',
      spec()
        .replace('u280', 'pynq_z2')
        .replace(/hbm\[\d]/g, 'ddr[0]'),
      ['latency', 'energy'],
      /no front by energy: the sheet of pynq_z2/,
    ],
  ])('says why not: %s', async (_, text, axes, reason) => {
    const { client } = await opened(text, { door: { tune: here } });
    const result = await front(client, ...axes);
    expect(result.kind === 'none' ? result.reasons.join() : result.kind).toMatch(reason);
  });

  test('documents of one run stay together, however many', () => {
    const proposals = new Proposals();
    const early = proposals.add(URI, ['early']);
    const texts = Array.from({ length: 20 }, (_, index) => `text ${index}`);
    expect(proposals.add(URI, texts).map((uri) => proposals.text(uri))).toEqual(texts);
    expect(proposals.text(early[0]!)).toBeUndefined();
    const [late] = proposals.add(URI, ['late']);
    expect(proposals.text(late!)).toBe('late');
  });
});

test('offered where something is open: a lens, and an action on the accelerator’s head and on the open kernel', async () => {
  const { client, text } = await opened(spec());
  expect((await client.lenses(URI)).map(({ command }) => command?.title)).toContain('Tune');
  const at = async (word: string) => {
    const { position } = client.at(URI, text.indexOf(word));
    const actions = await client.actions(URI, { start: position, end: position });
    return actions.flatMap(({ title, command }) =>
      command?.command === 'weft.tune' ? [[title, command.arguments]] : [],
    );
  };
  expect(await at('small {')).toEqual([['Tune small', [URI, 'small']]]);
  expect(await at('up    array')).toEqual([['Tune small', [URI, 'small']]]);
  expect(await at('down  array')).toEqual([]);
  await client.replace(URI, 'array auto ', 'array 8 x 8');
  expect((await client.lenses(URI)).map(({ command }) => command?.title)).not.toContain('Tune');
  expect(await at('small {')).toEqual([]);
});

/** Built by `npm test` before its unit tests. */
test.each([
  ['weft lsp', ['dist/cli.cjs', 'lsp', '--stdio']],
  ['the server of the extension', ['dist/server.cjs', '--stdio']],
])('%s tunes in a thread, and answers meanwhile', async (_, args) => {
  const client = await spawnServer(process.execPath, args);
  await client.open(URI, spec());
  const order: string[] = [];
  const run = tuned(client).then((result) => {
    order.push(result.kind);
    return result;
  });
  await client.progressToken(); // the run has begun
  await client.hints(URI).then(() => order.push('hints'));
  const result = await run;
  expect(result).toMatchObject({ kind: 'tuned' });
  expect(order).toEqual(['hints', 'tuned']);
  await client.stop();
});
