/** An HLS project as a value: what the export would write. The doors (CLI, server) write it, all or nothing. */
export interface Project {
  /** Folder name that suits the accelerator. */
  readonly name: string;
  /** Sorted by path; same spec, same bytes. */
  readonly files: readonly ProjectFile[];
}

export interface ProjectFile {
  /** Relative, forward slashes. */
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly executable?: boolean;
}
