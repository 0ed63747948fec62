/** Who waits for whom for good, and which FIFO is deepened to let them go on. */
import type { Stuck } from './result.ts';
import { FlowSettle } from './settle.ts';
import { barrierReason, done, moving } from './state.ts';

export class FlowStuck extends FlowSettle {
  protected closes(first: number): boolean {
    let p = first;
    for (let steps = 0; steps <= this.processes && p >= 0; steps++) {
      if (!this.waitsForGood(p)) return false;
      p = this.waitsOn(p);
      if (p === first) return true;
    }
    return false;
  }

  /** It stands, and nothing that is to happen will let it go. */
  protected waitsForGood(p: number): boolean {
    if (this.state[p] === done || this.next[p] !== Number.POSITIVE_INFINITY) return false;
    if (this.state[p] === moving && this.speed[p]! > 1e-9) return false;
    const reason = this.reason[p]!;
    if (reason >= 0) return this.next[this.processes + reason] === Number.POSITIVE_INFINITY;
    return reason === barrierReason;
  }

  /** Who waits for whom, until it closes. */
  protected circle(from: number): Stuck[] {
    const way: Stuck[] = [];
    const place = new Map<number, number>();
    for (let p = from; p >= 0; ) {
      const met = place.get(p);
      if (met !== undefined) return way.slice(met);
      place.set(p, way.length);
      const stuck = this.stuckAt(p);
      way.push(stuck);
      p = stuck.on;
    }
    return way;
  }

  protected waitsOn(p: number): number {
    const reason = this.reason[p]!;
    if (reason < 0) return this.layout.after[p]!;
    return this.layout.reader[reason] === p ? this.layout.writer[reason]! : this.layout.reader[reason]!;
  }

  protected stuckAt(p: number): Stuck {
    const on = this.waitsOn(p);
    const channel = this.reason[p]!;
    if (channel < 0) return { process: p, kind: 'barrier', on };
    return { process: p, channel, kind: this.layout.reader[channel] === p ? 'empty' : 'full', on };
  }

  /**
   * Everything waits in a circle: one full FIFO of it is given room without bound. The one furthest downstream among the
   * most willing, so that as much as possible is computed before the words are put aside.
   */
  protected grow(circle: readonly Stuck[], growable: readonly number[]): boolean {
    // Rotated to begin behind one that waits for words: a row of full FIFOs then ends with the one that holds up the rest.
    const turn = circle.findIndex(({ kind }) => kind !== 'full') + 1;
    let chosen = -1;
    for (const { kind, channel } of [...circle.slice(turn), ...circle.slice(0, turn)]) {
      if (kind !== 'full' || channel === undefined || this.layout.depth[channel] === Number.POSITIVE_INFINITY) continue;
      const will = growable[channel] ?? 0;
      if (will > 0 && will >= (growable[chosen] ?? 0)) chosen = channel;
    }
    if (chosen < 0) return false;
    this.layout.depth[chosen] = Number.POSITIVE_INFINITY;
    this.touched[chosen] = 1;
    this.at(this.processes + chosen, this.now);
    return true;
  }
}
