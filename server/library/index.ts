/**
 * The standard library: devices, baselines and models, written in Weft. Nothing here is special: what a library file can
 * say, a person's own file can say. Its names are known everywhere without an import.
 */
import a100 from './baselines/a100.weft';
import a10040g from './baselines/a100_40g.weft';
import a100Sxm from './baselines/a100_sxm.weft';
import h100 from './baselines/h100.weft';
import rtx2080ti from './baselines/rtx2080ti.weft';
import t4 from './baselines/t4.weft';
import v100 from './baselines/v100.weft';
import agm039 from './devices/agm039.weft';
import kv260 from './devices/kv260.weft';
import pynqZ2 from './devices/pynq_z2.weft';
import s10Mx1650 from './devices/s10_mx1650.weft';
import s10Nx2100 from './devices/s10_nx2100.weft';
import s10Sx2800 from './devices/s10_sx2800.weft';
import u50 from './devices/u50.weft';
import u55c from './devices/u55c.weft';
import u200 from './devices/u200.weft';
import u250 from './devices/u250.weft';
import u280 from './devices/u280.weft';
import ultra96 from './devices/ultra96.weft';
import v80 from './devices/v80.weft';
import vck190 from './devices/vck190.weft';
import vck5000 from './devices/vck5000.weft';
import vhk158 from './devices/vhk158.weft';
import vu11p from './devices/vu11p.weft';
import zcu102 from './devices/zcu102.weft';
import zcu104 from './devices/zcu104.weft';
import zcu111 from './devices/zcu111.weft';
import alexnet from './models/alexnet.weft';
import bert from './models/bert.weft';
import gemma2 from './models/gemma2.weft';
import gpt2 from './models/gpt2.weft';
import llama from './models/llama.weft';
import opt from './models/opt.weft';
import qwen from './models/qwen.weft';
import resnet50 from './models/resnet50.weft';
import vgg16 from './models/vgg16.weft';
import vit from './models/vit.weft';

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
  file('devices/u200.weft', u200),
  file('devices/u55c.weft', u55c),
  file('devices/u50.weft', u50),
  file('devices/v80.weft', v80),
  file('devices/vck5000.weft', vck5000),
  file('devices/vck190.weft', vck190),
  file('devices/vhk158.weft', vhk158),
  file('devices/zcu102.weft', zcu102),
  file('devices/zcu104.weft', zcu104),
  file('devices/zcu111.weft', zcu111),
  file('devices/kv260.weft', kv260),
  file('devices/ultra96.weft', ultra96),
  file('devices/pynq_z2.weft', pynqZ2),
  file('devices/vu11p.weft', vu11p),
  file('devices/s10_nx2100.weft', s10Nx2100),
  file('devices/s10_mx1650.weft', s10Mx1650),
  file('devices/s10_sx2800.weft', s10Sx2800),
  file('devices/agm039.weft', agm039),
  file('baselines/a100.weft', a100),
  file('baselines/a100_sxm.weft', a100Sxm),
  file('baselines/a100_40g.weft', a10040g),
  file('baselines/h100.weft', h100),
  file('baselines/v100.weft', v100),
  file('baselines/t4.weft', t4),
  file('baselines/rtx2080ti.weft', rtx2080ti),
  file('models/bert.weft', bert),
  file('models/gpt2.weft', gpt2),
  file('models/llama.weft', llama),
  file('models/qwen.weft', qwen),
  file('models/gemma2.weft', gemma2),
  file('models/opt.weft', opt),
  file('models/vit.weft', vit),
  file('models/alexnet.weft', alexnet),
  file('models/vgg16.weft', vgg16),
  file('models/resnet50.weft', resnet50),
];

const byUri = new Map(library.map((entry) => [entry.uri, entry]));

/** The library file of that URI, if there is one. */
export function libraryFile(uri: string): LibraryFile | undefined {
  return byUri.get(uri);
}

export function isLibrary(uri: string): boolean {
  return uri.startsWith(`${LIBRARY_SCHEME}:`);
}

/**
 * Declarations begin a line in the one layout, which library files have; so their names are found without parsing them.
 */
const DECLARATION = /^(let|model|device|baseline|precision) (\w+)/gm;

/** URI of the file that declares a name, by what is declared and the name. Made where a name is first asked for. */
let declaring: Map<string, Map<string, string>> | undefined;

function index(): Map<string, Map<string, string>> {
  if (declaring) return declaring;
  declaring = new Map();
  for (const { uri, text } of library) {
    for (const [, sort = '', name = ''] of text.matchAll(DECLARATION)) {
      const names = declaring.get(sort) ?? new Map<string, string>();
      declaring.set(sort, names.set(name, uri));
    }
  }
  return declaring;
}

/** The library file that declares a model, device, baseline, precision or constant of that name. */
export function libraryDeclares(sort: string, name: string): string | undefined {
  return index().get(sort)?.get(name);
}

/** The names of all models, devices, … of the library. */
export function libraryNames(sort: string): string[] {
  return [...(index().get(sort)?.keys() ?? [])];
}
