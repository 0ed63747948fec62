/** What a run has come to, and how late it must end. */
import type { FlowRun, ProcessRun, Stuck } from './result.ts';
import { done } from './state.ts';
import { FlowStuck } from './stuck.ts';

/** Jobs of a process that show how it goes. */
const SHOWING_JOBS = 4;

export class FlowOutcome extends FlowStuck {
  protected budget = Number.POSITIVE_INFINITY;
  /** Waits of turns that are over: those of a channel are of the process that is at its end now. */
  protected readonly handedOver: (ProcessRun['waits'][number] & { readonly process: number })[] = [];

  /** The earliest cycle in which it can end: nobody waits any more. */
  protected leastEnd(): number {
    const { jobs, cycles, pace, skew } = this.layout;
    let least = 0;
    for (let p = 0; p < this.processes; p++) {
      if (this.state[p] === done) continue;
      // The last job may be a shorter one.
      const left = (jobs[p]! - 1 - this.job[p]!) * cycles[p]! - this.place[p]!;
      least = Math.max(least, Math.max(0, this.now + skew[p]!) + left / pace[p]!);
    }
    return least;
  }

  /** Whether all have gone round a few times. */
  protected showsAll(): boolean {
    const { jobs } = this.layout;
    for (let p = 0; p < this.processes; p++) {
      if (this.state[p] !== done && this.job[p]! < Math.min(SHOWING_JOBS, jobs[p]! - 1)) return false;
      if (this.started[p]! < 0 && this.state[p] !== done) return false;
    }
    return true;
  }

  soFar(): FlowRun {
    const { processes, layout } = this;
    const next = this.earliest();
    const going = this.events >= this.budget || (next >= 0 && this.next[next]! < Number.POSITIVE_INFINITY);
    const { skew, tail } = layout;
    for (let p = 0; p < processes; p++) this.advance(p);
    const waits = this.waits();
    const stuck: Stuck[] = [];
    const runs: ProcessRun[] = [];
    let end = 0;
    for (let p = 0; p < processes; p++) {
      if (this.state[p] === done) end = Math.max(end, this.ended[p]! + skew[p]! + tail[p]!);
      else stuck.push(this.stuckAt(p));
      const at = (time: number): number => Math.max(0, (time < 0 ? this.now : time) + skew[p]!);
      runs.push({
        start: at(this.started[p]!),
        end: at(this.ended[p]!) + tail[p]!,
        jobsDone: this.job[p]!,
        barrier: this.barrier[p]!,
        waits: waits[p]!,
        slowed: this.slowed[p]!,
      });
    }
    return {
      status: stuck.length === 0 ? 'finished' : going ? 'too-long' : 'deadlock',
      end: stuck.length === 0 ? end : going ? Math.max(end, this.leastEnd()) : this.now,
      events: this.events,
      processes: runs,
      depths: [...layout.depth],
      peaks: Array.from(this.peak, (peak, c) => peak + (layout.writer[c]! >= 0 ? 1 : 0)),
      stuck,
      circle: stuck.length > 0 ? this.circle(stuck[0]!.process) : [],
    };
  }

  private waits(): ProcessRun['waits'][] {
    const { writer, reader } = this.layout;
    const waits = Array.from({ length: this.processes }, (): ProcessRun['waits'][number][] => []);
    for (const { process, ...wait } of this.handedOver) waits[process]!.push(wait);
    for (let channel = 0; channel < this.channels; channel++) {
      const input = this.inputWait[channel]!;
      const room = this.roomWait[channel]!;
      if (input > 0) waits[reader[channel]!]?.push({ channel, kind: 'input', cycles: input });
      if (room > 0) waits[writer[channel]!]?.push({ channel, kind: 'room', cycles: room });
    }
    return waits;
  }
}
