/** What the client asks beyond the protocol's own requests. Shapes of parameters and results, in one place for both ends. */

export const methods = {
  /** Text of a library file, for a read-only editor: `{ uri }` → text, or null. */
  libraryText: 'weft/libraryText',
  /** The estimate as text, the whole file or one accelerator: `EstimateParams` → text, or null. */
  showEstimate: 'weft/showEstimate',
  /** Writes the HLS project, with progress: `ExportParams` → `ExportResult`. */
  exportHls: 'weft/exportHls',
  /** Notification: `Status`, what the status bar shows of a document. */
  statusChanged: 'weft/status',
} as const;

/** What the status bar shows of a file. */
export interface Status {
  readonly uri: string;
  /** Empty where the file has no accelerator. */
  readonly text: string;
  /** Markdown */
  readonly tooltip: string;
  readonly severity: 'ok' | 'warning' | 'error';
}

export interface EstimateParams {
  readonly uri: string;
  readonly accelerator?: string;
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
