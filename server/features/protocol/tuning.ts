/** *Weft: Tune*: a run of the tuner beside the server, with progress that can be cancelled; what it finds are read-only documents. */
import {
  type CancellationToken,
  type Connection,
  RequestType,
  type WorkDoneProgressServerReporter,
} from 'vscode-languageserver';
import { URI } from 'vscode-uri';
import { methods, schemes, type TunedText, type TuneParams, type TuneResult } from '../../requests.ts';
import { axesOf } from '../../tune/front.ts';
import type { TuneAnswer, TuneJob } from '../../tuning.ts';
import type { Files, Workspace } from '../../workspace.ts';
import type { Door } from '../door.ts';
import type { Guard } from '../guard.ts';
import { lineEdits } from '../line-edits.ts';

const tune = new RequestType<TuneParams, TuneResult, void>(methods.tune);

/** Proposals that are kept: a person compares a few. */
const MOST_KEPT = 16;

/** Texts that the tuner proposed, by the URI of their document. */
export class Proposals {
  readonly #texts = new Map<string, string>();
  #count = 0;

  /**
   * Those of one run, which stay together.
   * @returns URIs of the documents
   */
  add(spec: string, texts: readonly string[]): string[] {
    const { path } = URI.parse(spec);
    const place = path.startsWith('/') ? path : `/${path}`;
    const uris = texts.map((text) => {
      const fragment = `${++this.#count}`;
      const uri = URI.from({ scheme: schemes.tuned, path: place, query: spec, fragment }).toString();
      this.#texts.set(uri, text);
      return uri;
    });
    for (const old of this.#texts.keys()) {
      if (this.#texts.size <= Math.max(MOST_KEPT, texts.length)) break;
      this.#texts.delete(old);
    }
    return uris;
  }

  text(uri: string): string | undefined {
    return this.#texts.get(URI.parse(uri).toString());
  }

  /** A proposal imports what its spec imports, from where the spec does. */
  importing(files: Files): Files {
    const original = (uri: string): string => {
      const asked = URI.parse(uri);
      if (asked.scheme !== schemes.tuned) return uri;
      const proposals = [...this.#texts.keys()].map((one) => URI.parse(one)).reverse();
      const near = proposals.find(({ path }) => asked.path.startsWith(path.replace(/[^/]*$/, ''))) ?? proposals[0];
      return near ? URI.parse(near.query).with({ path: asked.path, query: '', fragment: '' }).toString() : uri;
    };
    const { read, reason, awaits, forget } = files;
    return {
      ...files,
      read: (uri) => read(original(uri)),
      ...(reason && { reason: (uri: string) => reason(original(uri)) }),
      ...(awaits && { awaits: (uri: string) => awaits(original(uri)) }),
      ...(forget && { forget: (uri: string) => forget(original(uri)) }),
    };
  }
}

interface Room {
  readonly workspace: Workspace;
  readonly door: Door;
  readonly guard: Guard;
  readonly proposals: Proposals;
  /** Of an open document. */
  version(uri: string): number | null;
}

export function registerTuning(connection: Connection, { workspace, door, guard, proposals, version }: Room): void {
  connection.onRequest(tune, (params, token) => guard.answer(methods.tune, token, () => answer(params, token)));

  async function answer({ uri, accelerator, front }: TuneParams, token: CancellationToken): Promise<TuneResult> {
    const axes = front && axesOf(front);
    if (axes && 'wrong' in axes) return { kind: 'none', reasons: [axes.wrong] };
    const texts = workspace.bundle(uri);
    const analysis = workspace.analysis(uri);
    if (!texts || !analysis) return { kind: 'none', reasons: ['The file cannot be read.'] };
    if (!door.tune)
      return { kind: 'none', reasons: ['There is no worker to tune in here: run weft tune on a machine.'] };
    const made = version(uri);
    const asked = { ...(accelerator === undefined ? {} : { accelerator }), ...(axes?.length ? { front: axes } : {}) };
    const progress = await connection.window.createWorkDoneProgress();
    progress.begin(asked.front ? 'Weft: Tune for a Front' : 'Weft: Tune', 0, 'reading the spec', true);
    const found = await run(door.tune, { file: uri, ...texts, ...asked }, progress, token).finally(() =>
      progress.done(),
    );
    if (found === undefined) return { kind: 'cancelled' };
    if (found.kind === 'none') return found;
    const shown = (texts: readonly string[]): TunedText[] =>
      proposals.add(uri, texts).map((proposal, t) => ({ proposal, edits: lineEdits(analysis.text, texts[t]!) }));
    if (found.kind === 'tuned') {
      const { text, reports } = found;
      return { kind: 'tuned', version: made, reports, ...shown([text])[0]! };
    }
    const { accelerator: name, asItStands, points } = found;
    const documents = shown(points.map(({ text }) => text));
    return {
      kind: 'front',
      accelerator: name,
      version: made,
      asItStands,
      points: points.map(({ title, detail }, p) => ({ title, detail, ...documents[p]! })),
    };
  }
}

/** @returns undefined where a person has had enough, by the progress or by the request. */
async function run(
  start: NonNullable<Door['tune']>,
  job: TuneJob,
  progress: WorkDoneProgressServerReporter,
  token: CancellationToken,
): Promise<TuneAnswer | undefined> {
  const working = start(job, ({ done, step }) => progress.report(Math.floor(100 * done), step));
  const parts: { dispose(): void }[] = [];
  const stopped = new Promise<undefined>((resolve) => {
    for (const one of [progress.token, token]) {
      if (one.isCancellationRequested) resolve(undefined);
      parts.push(one.onCancellationRequested(() => resolve(undefined)));
    }
  });
  try {
    const found = await Promise.race([working.answer, stopped]);
    if (found === undefined) working.stop();
    return found;
  } finally {
    for (const part of parts) part.dispose();
  }
}
