/** Paths of all numbers in a value that no figure may have: NaN, infinite, below zero. */
export function impossible(value: unknown, path: string, found: string[]): string[] {
  if (typeof value === 'number') {
    if (!(Number.isFinite(value) && value >= 0)) found.push(`${path} = ${value}`);
  } else if (value && typeof value === 'object') {
    for (const [key, inner] of Object.entries(value)) impossible(inner, `${path}.${key}`, found);
  }
  return found;
}
