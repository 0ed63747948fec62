/** Estimates after which what none of them needed is forgotten: an undo or the trial of a quick fix finds it still there. */
const LIFETIME = 64;
/** Values after which all are forgotten, where nobody says that time passes: a search over designs. */
const MOST = 4096;

/**
 * Values by key that live as long as they are needed: those that the last estimates asked for, however many they are, and
 * no others.
 */
export interface Remembered<Value> {
  get(key: string, make: () => Value): Value;
  /** A further estimate begins. */
  age(): void;
}

export function rememberer<Value>(): Remembered<Value> {
  const values = new Map<string, { readonly value: Value; used: number }>();
  let now = 0;
  return {
    get(key, make) {
      const known = values.get(key);
      if (known) {
        known.used = now;
        return known.value;
      }
      if (values.size >= MOST) values.clear();
      const value = make();
      values.set(key, { value, used: now });
      return value;
    },
    age() {
      now++;
      if (now % LIFETIME !== 0) return;
      for (const [key, { used }] of values) if (used < now - LIFETIME) values.delete(key);
    },
  };
}
