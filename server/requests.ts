/** What client and server say to each other beyond the protocol's own requests: names and shapes, in one place for both ends. */

export const methods = {
  /** Text of a read-only document: `{ uri }`, of one of the schemes below → text, or null where there is none. */
  text: 'weft/text',
  /** Writes the HLS project, with progress: `ExportParams` → `ExportResult`. */
  exportHls: 'weft/exportHls',
  /** Notification: `Status`, what the status bar shows of a document. */
  statusChanged: 'weft/status',
} as const;

/** Read-only documents that the server writes. */
export const schemes = {
  /** `weft-library:/devices/u280.weft`, a file of the standard library. */
  library: 'weft-library',
  /** `weft-docs:/dsp-oversubscribed.md`, the page of a diagnostic. */
  docs: 'weft-docs',
  /** The report of a spec, whose URI is the query; the fragment names one accelerator of several. */
  estimate: 'weft-estimate',
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
}

export type ExportResult =
  | { readonly kind: 'written'; readonly folder: string; readonly files: number; readonly kept: readonly string[] }
  /** Nothing was written: these files were changed by a person; ask, then send them as `overwrite`. */
  | { readonly kind: 'ask'; readonly edited: readonly string[] }
  | { readonly kind: 'refused'; readonly reasons: readonly string[] };
