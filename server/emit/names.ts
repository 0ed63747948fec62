/** Names of the spec as C++ identifiers: the same wherever C++ allows it. */

/** Keywords, alternative tokens and the names that the exported sources themselves use at the outermost level. */
const taken = new Set(
  `alignas alignof and and_eq asm auto bitand bitor bool break case catch char class compl const constexpr const_cast continue
   decltype default delete do double dynamic_cast else enum explicit export extern false float for friend goto if inline int long
   mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register reinterpret_cast return
   short signed sizeof static static_assert static_cast struct switch template this thread_local throw true try typedef typeid
   typename union unsigned using virtual void volatile wchar_t while xor xor_eq
   main weft hls std layer tokens`.split(/\s+/),
);

/** Tops are functions with C linkage: they must not replace one of the C library, or hide what the test bench calls by name. */
const takenByLibraries = new Set(
  `abort abs accept access acos alarm asin atan bind ceil close connect cos div dup erf exit exp fabs floor fork free gamma index j0
   j1 kill link listen log malloc open pause pipe poll pow printf puts raise rand random read recv remove rename round select send
   signal sin sleep sqrt stat sync system tan tgamma time truncate unlink wait write y0 y1
   all beats behind_others check_units checks dump found golden hash_of input integers layers layout m network p prng quantise
   quantised real record reference result s seed tape x`.split(/\s+/),
);

/** `name` where C++ lets it stand, otherwise with what is needed to make it an identifier. */
export function identifier(name: string): string {
  const legal = name
    .replace(/[^A-Za-z0-9_]/g, '_')
    .replace(/__+/g, '_')
    .replace(/^(?=[0-9])/, '_');
  return taken.has(legal) ? `${legal}_` : legal;
}

/** The same for a top, which also has to differ from the names in `others`. */
export function topIdentifier(name: string, others: ReadonlySet<string>): string {
  const plain = identifier(name);
  return others.has(plain) || takenByLibraries.has(plain) ? `${plain}_top` : plain;
}

/** Text as it may stand in a // comment: on one line, and not ending in a backslash that would swallow the next. */
export function commentText(text: string): string {
  return text.replace(/[\r\n\\]+/g, ' ').trim();
}
