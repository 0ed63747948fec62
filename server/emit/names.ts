/** Names of the spec as C++ identifiers: the same wherever C++ allows it. */

/** Keywords, alternative tokens and the names that the exported sources themselves use at the outermost level. */
const taken = new Set(
  `alignas alignof and and_eq asm auto bitand bitor bool break case catch char class compl const constexpr const_cast continue
   decltype default delete do double dynamic_cast else enum explicit export extern false float for friend goto if inline int long
   mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register reinterpret_cast return
   short signed sizeof static static_assert static_cast struct switch template this thread_local throw true try typedef typeid
   typename union unsigned using virtual void volatile wchar_t while xor xor_eq
   main weft hls std reference layer tokens`.split(/\s+/),
);

/** `name` where C++ lets it stand, otherwise with what is needed to make it an identifier. */
export function identifier(name: string): string {
  const legal = name
    .replace(/[^A-Za-z0-9_]/g, '_')
    .replace(/__+/g, '_')
    .replace(/^(?=[0-9])/, '_');
  return taken.has(legal) ? `${legal}_` : legal;
}

/** Text as it may stand in a // comment: on one line, and not ending in a backslash that would swallow the next. */
export function commentText(text: string): string {
  return text.replace(/[\r\n\\]+/g, ' ').trim();
}
