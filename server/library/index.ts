/**
 * The standard library: devices, baselines and models, written in Weft. Nothing here is special: what a library file can
 * say, a person's own file can say. Its names are known everywhere without an import.
 */
import a100 from './baselines/a100.weft';
import rtx2080ti from './baselines/rtx2080ti.weft';
import v100 from './baselines/v100.weft';
import u55c from './devices/u55c.weft';
import u250 from './devices/u250.weft';
import u280 from './devices/u280.weft';
import v80 from './devices/v80.weft';
import vck5000 from './devices/vck5000.weft';
import vhk158 from './devices/vhk158.weft';
import zcu102 from './devices/zcu102.weft';
import bert from './models/bert.weft';
import gpt2 from './models/gpt2.weft';

export interface LibraryFile {
  /** 'weft-library:/devices/u280.weft' */
  readonly uri: string;
  readonly text: string;
}

export const LIBRARY_SCHEME = 'weft-library';

const file = (path: string, text: string): LibraryFile => ({ uri: `${LIBRARY_SCHEME}:/${path}`, text });

export const library: readonly LibraryFile[] = [
  file('devices/u280.weft', u280),
  file('devices/u250.weft', u250),
  file('devices/u55c.weft', u55c),
  file('devices/zcu102.weft', zcu102),
  file('devices/vck5000.weft', vck5000),
  file('devices/vhk158.weft', vhk158),
  file('devices/v80.weft', v80),
  file('baselines/a100.weft', a100),
  file('baselines/rtx2080ti.weft', rtx2080ti),
  file('baselines/v100.weft', v100),
  file('models/bert.weft', bert),
  file('models/gpt2.weft', gpt2),
];

const byUri = new Map(library.map((entry) => [entry.uri, entry]));

/** The library file of that URI, if there is one. */
export function libraryFile(uri: string): LibraryFile | undefined {
  return byUri.get(uri);
}

export function isLibrary(uri: string): boolean {
  return uri.startsWith(`${LIBRARY_SCHEME}:`);
}
