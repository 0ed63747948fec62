/**
 * Files of trained values in the safetensors format: eight bytes with the length of a header, the header in JSON (name → type,
 * shape, place), then the values, little endian and row by row. A file is read by ranges: its header when it is opened, a
 * tensor when it is asked for.
 */

/** A file as the doors give it: they know disks. */
export interface Bytes {
  readonly size: number;
  /** Exactly `length` bytes from `offset` on, both inside of the file. */
  read(offset: number, length: number): Uint8Array;
}

export interface TensorEntry {
  readonly name: string;
  /** As the file says it: 'F32', 'BF16', … */
  readonly type: string;
  readonly shape: readonly number[];
  /** First byte and length, from the beginning of the file. */
  readonly offset: number;
  readonly bytes: number;
}

export interface Safetensors {
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly bytes: Bytes;
}

/** Bits of an element of each type that the format knows; which of them are weights, values.ts says. */
const typeBits: Readonly<Record<string, number>> = {
  BOOL: 8,
  U8: 8,
  I8: 8,
  F8_E4M3: 8,
  F8_E5M2: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  I64: 64,
  U64: 64,
  F64: 64,
};

/** The reference implementation's own limit. */
const greatestHeader = 100_000_000;

/** The tensors of a file, or what is wrong with it, in words. */
export function openSafetensors(bytes: Bytes): Safetensors | { readonly problem: string } {
  const { size } = bytes;
  if (size < 8) return problem(`it has ${size} bytes; the length of its header alone takes 8`);
  const prefix = view(bytes.read(0, 8));
  const length = prefix.getUint32(0, true) + 2 ** 32 * prefix.getUint32(4, true);
  if (length > greatestHeader)
    return problem(
      `its first 8 bytes say that the header has ${length} bytes, and ${greatestHeader} are the most there can be: is it a safetensors file?`,
    );
  if (8 + length > size)
    return problem(
      `its header is cut off: ${length} bytes are announced, ${size - 8} are there (is the download whole?)`,
    );
  const header = parse(bytes.read(8, length));
  if (!header) return problem('its header is not a JSON object: is it a safetensors file?');
  return tensorsOf(header, bytes, 8 + length);
}

function parse(text: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function tensorsOf(
  header: Record<string, unknown>,
  bytes: Bytes,
  start: number,
): Safetensors | { readonly problem: string } {
  const tensors = new Map<string, TensorEntry>();
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const entry = entryOf(name, value, start);
    if ('problem' in entry) return entry;
    if (entry.offset + entry.bytes > bytes.size)
      return problem(
        `tensor ‘${name}’ ends at byte ${entry.offset + entry.bytes} of a file of ${bytes.size} (is the download whole?)`,
      );
    tensors.set(name, entry);
  }
  const inOrder = [...tensors.values()].filter((entry) => entry.bytes > 0).sort((a, b) => a.offset - b.offset);
  for (const [index, entry] of inOrder.entries()) {
    const before = inOrder[index - 1];
    if (before && before.offset + before.bytes > entry.offset)
      return problem(`tensors ‘${before.name}’ and ‘${entry.name}’ overlap at byte ${entry.offset}`);
  }
  return { tensors, bytes };
}

function entryOf(name: string, value: unknown, start: number): TensorEntry | { readonly problem: string } {
  if (!isRecord(value)) return problem(`the header’s entry for tensor ‘${name}’ is not an object`);
  const { dtype: type, shape, data_offsets: offsets } = value;
  const bits = typeof type === 'string' && Object.hasOwn(typeBits, type) ? typeBits[type] : undefined;
  if (typeof type !== 'string' || bits === undefined)
    return problem(
      `tensor ‘${name}’ is of type ${JSON.stringify(type)}; known are ${Object.keys(typeBits).join(', ')}`,
    );
  if (!isCounts(shape))
    return problem(`tensor ‘${name}’ has the shape ${JSON.stringify(shape)}; expected whole numbers`);
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!)
    return problem(`tensor ‘${name}’ has the offsets ${JSON.stringify(offsets)}; expected a beginning and an end`);
  const count = shape.reduce((product, extent) => product * extent, 1);
  const [begin, end] = offsets as [number, number];
  if (end - begin !== (count * bits) / 8)
    return problem(
      `tensor ‘${name}’, ${type} [${shape.join(', ')}], takes ${(count * bits) / 8} bytes; its offsets give it ${end - begin}`,
    );
  return { name, type, shape, offset: start + begin, bytes: end - begin };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => Number.isSafeInteger(one) && one >= 0);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Of exactly these bytes, wherever they lie in a larger buffer. */
export function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const problem = (words: string): { readonly problem: string } => ({ problem: words });
