/** Smaller arrays, as text. */

/** 'array 8 x 16 x 2' with half of its greatest side; the first side, the rows, stays. Undefined where no other one has a half. */
export function halved(array: string): string | undefined {
  const sides = [...array.matchAll(/\d[\d_]*/g)].slice(1);
  const [largest] = sides
    .map((side) => ({ at: side.index, text: side[0], value: Number(side[0].replaceAll('_', '')) }))
    .filter(({ value }) => value % 2 === 0)
    .sort((a, b) => b.value - a.value);
  if (!largest) return undefined;
  return array.slice(0, largest.at) + String(largest.value / 2) + array.slice(largest.at + largest.text.length);
}
