/**
 * What was made of an object, made once for as long as the object lives: an edit makes new objects of what it touches and
 * leaves the others, so that everything downstream is remembered by the object that it was made of.
 *
 * @param make depends on its arguments alone; where the others are no longer the same objects, it is made anew
 */
export function remembered<Of extends object, Others extends readonly unknown[], Made>(
  make: (of: Of, ...others: Others) => Made,
): (of: Of, ...others: Others) => Made {
  const made = new WeakMap<Of, { readonly others: Others; readonly value: Made }>();
  return (of, ...others) => {
    const known = made.get(of);
    if (known && others.every((other, index) => other === known.others[index])) return known.value;
    const value = make(of, ...others);
    made.set(of, { others, value });
    return value;
  };
}
