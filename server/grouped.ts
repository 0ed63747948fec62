/** Lists by key, in the order of the items; an empty list where nothing has the key. */
export interface Grouped<Key, Item> {
  of(key: Key): readonly Item[];
}

/** Items looked up many times: a search through all of them each time costs the square of what there is. */
export function grouped<Key, Item>(items: Iterable<Item>, keyOf: (item: Item) => Key | undefined): Grouped<Key, Item> {
  const lists = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined) continue;
    const list = lists.get(key);
    if (list) list.push(item);
    else lists.set(key, [item]);
  }
  const none: readonly Item[] = [];
  return { of: (key) => lists.get(key) ?? none };
}
