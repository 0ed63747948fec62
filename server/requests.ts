/** What client and server say to each other beyond the protocol's own requests: names and shapes, in one place for both ends. */

export const methods = {
  /** Text of a read-only document: `{ uri }`, of one of the schemes below → text, or null where there is none. */
  text: 'weft/text',
  /** Writes the HLS project, with progress: `ExportParams` → `ExportResult`. */
  exportHls: 'weft/exportHls',
  /** Looks for better hardware, with progress that can be cancelled: `TuneParams` → `TuneResult`. Nothing is changed. */
  tune: 'weft/tune',
  /** Notification: `Status`, what the status bar shows of a document. */
  statusChanged: 'weft/status',
  /** Server → client: `FileRequest` → `FileAnswer`, for folders that only the editor can reach. */
  files: 'weft/files',
} as const;

/** Read-only documents that the server writes. */
export const schemes = {
  /** `weft-library:/devices/u280.weft`, a file of the standard library. */
  library: 'weft-library',
  /** `weft-docs:/dsp-oversubscribed.md`, the page of a diagnostic. */
  docs: 'weft-docs',
  /** The report of a spec, whose URI is the query; the fragment names one accelerator of several. */
  estimate: 'weft-estimate',
  /** A file as the export would write it: its path, the spec as the query, the accelerator as the fragment. */
  exported: 'weft-export',
  /** A spec as the tuner proposes it: its path, the spec as the query, the number of the proposal as the fragment. */
  tuned: 'weft-tuned',
} as const;

/** What the status bar shows of a file. */
export interface Status {
  readonly uri: string;
  /** Empty where the file has no accelerator. */
  readonly text: string;
  /** Markdown */
  readonly tooltip: string;
  readonly severity: 'ok' | 'warning' | 'error';
  /** Names of the file's accelerators: what can be exported. */
  readonly accelerators: readonly string[];
}

export interface ExportParams {
  readonly uri: string;
  readonly accelerator?: string;
  /** Folder to write into, as a URI. */
  readonly folder: string;
  /** Files that a person changed and agreed to lose. */
  readonly overwrite?: readonly string[];
  /** Files that a person changed stay as they are; all others are written. */
  readonly keep?: boolean;
  /** The project may go between files of a folder that no export of Weft's is in. */
  readonly add?: boolean;
}

export type ExportResult =
  | { readonly kind: 'written'; readonly folder: string; readonly files: number; readonly kept: readonly string[] }
  /** Nothing was written: these files were changed by a person; ask, then send them as `overwrite`. */
  | { readonly kind: 'ask'; readonly edited: readonly string[] }
  /** Nothing was written: the folder holds this (`a, b and 3 more`), and no export; ask, then send `add`. */
  | { readonly kind: 'foreign'; readonly holds: string }
  | { readonly kind: 'refused'; readonly reasons: readonly string[] };

export interface TuneParams {
  readonly uri: string;
  /** One of the file's; all of them without it. */
  readonly accelerator?: string;
  /** Designs of which none is beaten in all of these are asked for, of one accelerator; less is better of each. */
  readonly front?: readonly FrontAxis[];
}

/** Of a pass of the layer, of the whole card, and (energy) of a result. */
export type FrontAxis = 'latency' | 'dsp' | 'bram' | 'uram' | 'lut' | 'ff' | 'energy' | 'power';

/** A spec as the tuner would write it. */
export interface TunedText {
  /** Read-only document with the text. */
  readonly proposal: string;
  /** From the document to the proposal, in the protocol's terms. */
  readonly edits: readonly ProposedEdit[];
}

export interface TunedPoint extends TunedText {
  /** '0.64 ms · 4,120 DSP' */
  readonly title: string;
  readonly detail: string;
}

export type TuneResult =
  | ({
      readonly kind: 'tuned';
      /** What the proposal was made of: of another version of the document, the edits mean nothing. Null: it was not open. */
      readonly version: number | null;
      /** What was found, an accelerator each; the first line of each says it in short. */
      readonly reports: readonly string[];
    } & TunedText)
  /** Where a front was asked for: by its first axis, at least one. */
  | {
      readonly kind: 'front';
      readonly accelerator: string;
      readonly version: number | null;
      /** The figures of the spec as it stands, as those in the titles. */
      readonly asItStands: string;
      readonly points: readonly TunedPoint[];
    }
  | { readonly kind: 'none'; readonly reasons: readonly string[] }
  | { readonly kind: 'cancelled' };

/** The protocol's `TextEdit`. */
export interface ProposedEdit {
  readonly range: { readonly start: Place; readonly end: Place };
  readonly newText: string;
}

interface Place {
  readonly line: number;
  readonly character: number;
}

/** What a client says when it starts a server in a browser: where the built files are, a folder's URL with a slash behind it. */
export interface BrowserOptions {
  readonly dist: string;
}

/** What a server asks of the editor's file systems, where it has no disk of its own or the folder is not on it; URIs. */
export type FileRequest =
  | { readonly do: 'read'; readonly uri: string }
  | { readonly do: 'stat'; readonly uri: string }
  | { readonly do: 'list'; readonly uri: string }
  | { readonly do: 'write'; readonly uri: string; readonly base64: string }
  | { readonly do: 'rename'; readonly uri: string; readonly to: string }
  | { readonly do: 'make-folder'; readonly uri: string }
  /** `whole`: a folder with all that is in it; without it, only an empty one. */
  | { readonly do: 'remove'; readonly uri: string; readonly whole: boolean };

export type FileAnswer =
  | { readonly kind: 'done' }
  | { readonly kind: 'content'; readonly base64: string }
  | { readonly kind: 'listed'; readonly names: readonly string[] }
  | { readonly kind: 'found'; readonly type: 'file' | 'folder' | 'other'; readonly size: number }
  | { readonly kind: 'not-found' }
  | { readonly kind: 'failed'; readonly reason: string };

export function toBase64(bytes: Uint8Array): string {
  // A call takes some ten thousand arguments at most.
  const parts = Array.from({ length: Math.ceil(bytes.length / 8192) }, (_, i) =>
    String.fromCharCode(...bytes.subarray(8192 * i, 8192 * (i + 1))),
  );
  return btoa(parts.join(''));
}

export function fromBase64(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
