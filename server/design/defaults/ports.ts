/** Memory ports that have equal shares of the columns of a tile of weights: how many there can be, on how many channels. */

/** Ports of a memory, and the channels that they lie on: as many each. */
export interface Shares {
  readonly ports: number;
  readonly channels: number;
}

/** Columns of a tile that any power of two of ports has equal shares of. */
const WIDE_TILE = 1024;

/**
 * Most ports, of at most `channels`, that can have equal shares of the columns of a tile, and the channels that each of them
 * spans. `need`: channels that hold what lies behind all ports. Where a port a channel has not the room, fewer ports span
 * several channels, one behind the other; where nothing has, it stays a port a channel.
 */
export function weightPorts(tileColumns: number, channels: number, need = 1): { ports: number; span: number } {
  const shares = (most: number): number => {
    let ports = Math.max(1, Math.min(most, tileColumns));
    while (tileColumns % ports !== 0) ports--;
    return ports;
  };
  for (let ports = shares(channels); ports > 0; ports = ports > 1 ? shares(ports - 1) : 0) {
    const span = Math.max(1, Math.ceil(need / ports));
    if (ports * span <= channels) return { ports, span };
  }
  return { ports: shares(channels), span: 1 };
}

/** The fewest channels that hold what fills `need` of them, with as many ports as a tile of a power of two of columns gives them. */
export function fewestPorts(need: number): Shares {
  return { ports: weightPorts(WIDE_TILE, need, need).ports, channels: need };
}

/**
 * The next number of ports: a power of two, or as many as there are channels that are filled anyhow. Of three channels a tile of
 * twelve columns has a port each, one of sixteen has a single port for all three.
 */
export function morePorts({ ports, channels }: Shares, need: number): Shares {
  for (let more = channels; more <= 2 * (channels + ports); more++) {
    const tile = more === need ? oddOf(need) * WIDE_TILE : WIDE_TILE;
    const shares = weightPorts(tile, more, need);
    if (shares.ports > ports && shares.ports * shares.span === more) return { ports: shares.ports, channels: more };
  }
  return { ports: 2 * ports, channels: 2 * ports };
}

/** What is left of a number when it is halved as long as it is even. */
export function oddOf(value: number): number {
  let odd = Math.max(1, Math.floor(value));
  while (odd % 2 === 0) odd /= 2;
  return odd;
}
