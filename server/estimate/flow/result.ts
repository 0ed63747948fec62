/** What a run of a dataflow graph tells. */
export interface FlowRun {
  readonly status: 'finished' | 'deadlock' | 'too-long';
  /**
   * Cycle in which everything has left the last pipeline. Of a deadlock: in which nothing moved any more; of a run that was
   * too long: the earliest at which the process with most left could end.
   */
  readonly end: number;
  readonly events: number;
  readonly processes: readonly ProcessRun[];
  /** Most words in each channel at once, pipelines in front of it and late room included. */
  readonly peaks: readonly number[];
  /** Words that each channel holds at most; Infinity where it had to grow, see `FlowOptions`. */
  readonly depths: readonly number[];
  /** Where each process stands that has not ended, and who of them wait for each other in a circle. */
  readonly stuck: readonly Stuck[];
  readonly circle: readonly Stuck[];
}

export interface ProcessRun {
  readonly start: number;
  readonly end: number;
  readonly jobsDone: number;
  /** Cycles lost to a process that had to end first. */
  readonly barrier: number;
  /** Cycles lost, by channel: waiting for words to read, and for room to write. */
  readonly waits: readonly { readonly channel: number; readonly kind: 'input' | 'room'; readonly cycles: number }[];
  /** Cycles lost to its own pace. */
  readonly slowed: number;
}

export interface Stuck {
  readonly process: number;
  /** What it waits for: a channel, or the end of a process. */
  readonly channel?: number;
  readonly kind: 'empty' | 'full' | 'barrier';
  readonly on: number;
}
