/** Units between a kernel and memory where there are several ports: a loader or a cache each, joined to the words of the array. */

import { join, takeTurns } from '../../kernels/join/index.ts';
import type { Instance } from '../../kernels/kernel.ts';
import { weights as weightsKernel } from '../../kernels/weights/index.ts';
import { loaderLayout } from '../../kernels/weights/layout.ts';
import type { WeightsParameters } from '../../kernels/weights/parameters.ts';
import type { ChannelRef, Unit } from '../netlist.ts';
import type { Caches } from './caches.ts';
import type { Surroundings } from './shapes.ts';
import type { Weaver } from './weave.ts';

/** A unit without instance and channels: where it stands, and who pays for it. */
export type Place = Omit<Unit, 'id' | 'role' | 'instance' | 'channels' | 'operators'>;

/** What a loader keeps from pass to pass bears its name. */
const ownedBy = (unit: string, parameters: WeightsParameters): WeightsParameters =>
  parameters.ahead ? { ...parameters, owner: `${unit}_kept` } : parameters;

export class Ports {
  private readonly around: Surroundings;
  private readonly weaver: Weaver;

  constructor(around: Surroundings, weaver: Weaver) {
    this.around = around;
    this.weaver = weaver;
  }

  /**
   * Loaders of the weights of a linear, or of all that an array takes in turn: a port a channel, each with its share of the
   * columns of every tile.
   */
  weights(
    piece: string,
    whole: WeightsParameters,
    /** Of every port. */
    channels: readonly (readonly ChannelRef[])[],
    place: Place,
  ): void {
    const { array, pack, matrices, blocks } = whole;
    const wide = array.outputs * pack;
    const ports = channels.length;
    if (ports === 1) {
      const name = `${piece}_weights`;
      const loader = this.around.instance(weightsKernel, ownedBy(name, whole));
      const id = this.add(name, 'weights', loader, place, { memory: channels[0]! });
      this.weaver.tie(id, 'weights', piece, 'weights');
      this.weaver.tie(id, 'scales', piece, 'scales');
      return;
    }
    const lanes = wide / ports;
    const { parts, words } = loaderLayout(whole);
    const tiles = parts.reduce((sum, part) => sum + part.tiles, 0);
    // A block of rows of one matrix is not a block of the next.
    const rounds = matrices.length > 1 ? 1 : blocks;
    const joined = { words: blocks * words, rounds, ports, lanes, dot: array.dot, element: whole.weights };
    const wordsId = this.add(`${piece}_weights`, 'join', this.around.instance(join, joined), place);
    const turns = { turns: blocks * tiles, rounds, ports, run: lanes };
    const scalesId = this.add(`${piece}_scales`, 'join', this.around.instance(takeTurns, turns), place);
    channels.forEach((memory, port) => {
      const share: WeightsParameters = {
        ...whole,
        array: { ...array, outputs: lanes },
        pack: 1,
        matrices: matrices.map(({ reduction }, m) => ({ reduction, columns: parts[m]!.tiles * lanes })),
        content: `${whole.content}, share ${port + 1} of ${ports}`,
      };
      const name = `${piece}_weights${port}`;
      const loader = this.around.instance(weightsKernel, ownedBy(name, share));
      const id = this.add(name, 'weights', loader, place, { memory });
      this.weaver.tie(id, 'weights', wordsId, `in${port}`);
      this.weaver.tie(id, 'scales', scalesId, `in${port}`);
    });
    this.weaver.tie(wordsId, 'out', piece, 'weights');
    this.weaver.tie(scalesId, 'out', piece, 'scales');
  }

  /** Caches of a product of attention; the rows of the pass go to each of them instead of to the product. */
  caches(piece: string, caches: Caches, channels: readonly ChannelRef[], place: Place): void {
    const { row, to, ports, tileColumns, dot, rounds } = caches;
    const name = `${piece}_${to}`;
    const units = Array.from({ length: ports }, (_, port) => {
      const channel = [channels[port]!];
      const id = ports === 1 ? name : `${name}${port}`;
      return this.add(id, 'cache', caches.instance(port), place, { memory: channel, grown: channel });
    });
    this.weaver.redirect(
      piece,
      row,
      units.map((unit) => ({ unit, port: 'row' })),
    );
    if (ports === 1) {
      this.weaver.tie(units[0]!, 'out', piece, to);
      return;
    }
    const words = this.weaver.wordsOf(units[0]!, 'out');
    const { cache: element } = this.around.accelerator.precision;
    const joined = { words, rounds, ports, lanes: tileColumns / ports, dot, element };
    const id = this.add(name, 'join', this.around.instance(join, joined), place);
    units.forEach((unit, port) => {
      this.weaver.tie(unit, 'out', id, `in${port}`);
    });
    this.weaver.tie(id, 'out', piece, to);
  }

  private add(
    id: string,
    role: Unit['role'],
    instance: Instance,
    place: Place,
    channels: Unit['channels'] = {},
  ): string {
    this.weaver.add({ ...place, id, role, operators: [], instance, channels });
    return id;
  }
}
