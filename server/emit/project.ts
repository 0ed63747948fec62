/** An HLS project as a value: what the export would write. The doors (CLI, server) write it, all or nothing. */
export interface Project {
  /** Folder name that suits the accelerator. */
  readonly name: string;
  /** Sorted by path; same spec, same bytes. */
  readonly files: readonly ProjectFile[];
  /** What quantising a checkpoint's weights lost, layer by layer; absent where there is no checkpoint. */
  readonly losses?: readonly LayerLoss[];
}

export interface LayerLoss {
  readonly layer: number;
  /** Root of the mean square of what is lost, relative to that of the weights. */
  readonly relative: number;
  readonly operators: readonly { readonly name: string; readonly relative: number; readonly greatest: number }[];
}

export interface ProjectFile {
  /** Relative, forward slashes. */
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly executable?: boolean;
}
